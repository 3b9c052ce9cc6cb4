"""Code lists that the customer brings, by edition: what is in force on a day, what may be billed, what its text is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from adapter.tables.table import Source

__all__ = ["CodeList", "Edition", "LicensedFile", "Listed"]

_NO_DAYS: Mapping[str, tuple[date | None, date | None]] = {}


@dataclass(frozen=True, slots=True)
class LicensedFile:
    """One file that the customer brought: what it is, its edition, how many lines it holds and how many of them are used."""

    kind: str
    file: str
    edition: str
    lines: int
    used: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What an edition says of a code on a day; `is_billable` is False for a heading, and for a code outside its own days."""

    code: str
    is_billable: bool
    is_heading: bool
    text: str | None
    citation: str


@dataclass(frozen=True, eq=False)
class Edition:
    """One edition of a list, the word on the days from `start` to `end` (None: no later one is known).

    `lines` gives the line of each code in its file, below zero for a heading; `days` those codes that have days of their
    own, `texts` those that have a text. ICD-10-CM stands without its dot, as the file has it.
    """

    source: Source
    start: date
    end: date | None
    lines: Mapping[str, int]
    days: Mapping[str, tuple[date | None, date | None]] = field(default_factory=lambda: _NO_DAYS)
    texts: Mapping[str, str] = field(default_factory=dict)

    def holds(self, day: date) -> bool:
        """Tell whether the edition is the word on a day."""
        return self.start <= day and (self.end is None or day <= self.end)

    def find(self, code: str, day: date) -> Listed | None:
        """Give what stands in the edition for a code, None where it is not there.

        >>> source = Source("Invented list, edition 2026", "list_2026.txt", date(2026, 1, 1))
        >>> edition = Edition(source, date(2025, 10, 1), None, {"C18": -4, "C189": 12})
        >>> edition.find("C189", date(2026, 3, 2)).citation
        'Invented list, edition 2026, line 12 (list_2026.txt, read 2026-01-01)'
        >>> edition.find("C18", date(2026, 3, 2)).is_billable
        False
        """
        line = self.lines.get(code)
        if line is None:
            return None
        first, last = self.days.get(code, (None, None))
        in_force = (first is None or first <= day) and (last is None or day <= last)
        told = self.source
        citation = f"{told.title}, line {abs(line)} ({told.url}, read {told.read_on.isoformat()})"
        return Listed(code, line > 0 and in_force, line < 0, self.texts.get(code), citation)


@dataclass(frozen=True, eq=False)
class CodeList:
    """The editions of one list by their days; no two hold on one day."""

    name: str
    editions: tuple[Edition, ...]

    def edition(self, day: date | None) -> Edition | None:
        """Give the edition that is the word on a day; None where none is: then the list says nothing."""
        if day is None:
            return None
        return next((one for one in self.editions if one.holds(day)), None)
