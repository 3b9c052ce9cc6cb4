"""One dated table: rows that match facts on a day, exactly one or an answer that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeAlias

__all__ = ["Row", "Source", "Table", "Value", "forget_answers", "in_force"]

Value: TypeAlias = str | bool | int | tuple[str, ...]

_UNLISTED = "\0"


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so: a title, where it was read and when; `shown` is all of that in one line."""

    title: str
    url: str
    read_on: date
    shown: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", f"{self.title} ({self.url}, read {self.read_on.isoformat()})")

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class Row:
    """One row: under these facts (`when`), between these days, this is so (`then`).

    A key absent from `when` matches every value. `reverse` says whether the row may be read from its code back to facts,
    `rank` says whose it is: 0 shipped, 1 of a file that the customer licenses, 2 written by the customer. A row of a higher
    rank wins over those of a lower for the facts and days that both fit.
    """

    id: str
    when: Mapping[str, tuple[str, ...]]
    then: Mapping[str, Value]
    start: date
    end: date | None
    reverse: bool
    source: Source
    rank: int = 0

    @property
    def own(self) -> bool:
        """Tell whether the customer brought the row."""
        return self.rank > 0

    def matches(self, facts: Mapping[str, str | None]) -> bool:
        """Tell whether every fact that is known fits the row; a fact of None is unknown and fits."""
        for key, values in self.when.items():
            told = facts.get(key)
            if told is not None and told not in values:
                return False
        return True

    def text(self, key: str) -> str:
        """Give a `then` value that is text."""
        value = self.then[key]
        if not isinstance(value, str):
            raise TypeError(f"{self.id}: {key} is not text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a `then` value that is one text or several."""
        value = self.then[key]
        return value if isinstance(value, tuple) else (self.text(key),)

    def overlaps(self, other: Row) -> bool:
        """Tell whether some facts on some day fit both rows."""
        if (self.end and self.end < other.start) or (other.end and other.end < self.start):
            return False
        shared = self.when.keys() & other.when.keys()
        return all(set(self.when[key]) & set(other.when[key]) for key in shared)


def _overruled(rows: tuple[Row, ...], facts: Mapping[str, str | None]) -> tuple[Row, ...]:
    """Leave out each row whose place one of a higher rank takes, whatever the facts that are not known."""
    own = [row for row in rows if row.rank]
    if not own:
        return rows
    return tuple(row for row in rows if not any(one.rank > row.rank and _covers(one, row, facts) for one in own))


def _covers(own: Row, row: Row, facts: Mapping[str, str | None]) -> bool:
    """Tell whether all that fits the row and the facts, which both rows fit, fits the row of a higher rank too."""
    unknown = [key for key in own.when if facts.get(key) is None]
    return all(key in row.when and set(row.when[key]) <= set(own.when[key]) for key in unknown)


def in_force(row: Row, day: date | None) -> bool:
    """Tell whether a row holds on a day; without a day, whether it holds still."""
    return row.end is None if day is None else row.start <= day and (row.end is None or day <= row.end)


@dataclass(frozen=True, eq=False)
class Table:
    """A named table; `keys` are the facts it asks for, `values` what it answers; `by_first` indexes rows by their first key.

    `listed` are the values that rows name, by key; `only` gives, where the table asks for one fact, the row of each value
    that one row alone can fit.

    >>> source = Source("Example", "https://example.org", date(2026, 1, 1))
    >>> row = Row("iv", {"route": ("intravenous",)}, {"class": "systemic"}, date(2006, 1, 1), None, False, source)
    >>> Table("route", ("route",), ("class",), (row,)).find(date(2026, 1, 1), route="intravenous")[0].text("class")
    'systemic'
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    rows: tuple[Row, ...]
    by_first: Mapping[str | None, tuple[Row, ...]] = field(init=False, repr=False, compare=False)
    listed: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    only: Mapping[str | None, Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str | None, list[Row]] = {}
        for row in self.rows:
            for value in row.when.get(self.keys[0], (None,)):
                index.setdefault(value, []).append(row)
        listed = {key: frozenset(value for row in self.rows for value in row.when.get(key, ())) for key in self.keys}
        object.__setattr__(self, "by_first", {key: tuple(rows) for key, rows in index.items()})
        object.__setattr__(self, "listed", listed)
        is_plain = len(self.keys) == 1 and None not in index
        object.__setattr__(self, "only", {key: rows[0] for key, rows in index.items() if is_plain and len(rows) == 1})

    def find(self, day: date | None, **facts: str | None) -> tuple[Row, ...]:
        """Give the rows that fit the facts on a day: one is the answer, none or several are not.

        A fact left out or None is unknown: rows that differ in it all come back.
        """
        return _find(self, day, self._told(facts))

    def one(self, day: date | None, **facts: str | None) -> Row | None:
        """Give the only row that fits, None where there is none or more than one."""
        if row := self.only.get(facts.get(self.keys[0])):
            return row if in_force(row, day) else None
        rows = _find(self, day, self._told(facts))
        return rows[0] if len(rows) == 1 else None

    def _told(self, facts: Mapping[str, str | None]) -> tuple[tuple[str, str | None], ...]:
        """Put one word for every value that no row names: it fits the same rows, and no text of the input is remembered."""
        listed = self.listed
        return tuple([(key, told if told is None or told in listed[key] else _UNLISTED) for key, told in facts.items()])

    def answering(self, day: date | None, **answer: Value) -> tuple[Row, ...]:
        """Give every row that answers so on a day, also those that may not be read backwards."""
        rows = _overruled(tuple(row for row in self.rows if in_force(row, day)), {})
        return tuple(row for row in rows if all(row.then.get(key) == value for key, value in answer.items()))

    def explain(self, day: date | None, **answer: Value) -> tuple[Row, ...]:
        """Give the rows that answer so on a day and may be read backwards."""
        return tuple(row for row in self.answering(day, **answer) if row.reverse)


@lru_cache(maxsize=8192)
def _find(table: Table, day: date | None, told: tuple[tuple[str, str | None], ...]) -> tuple[Row, ...]:
    """Find rows once for the same question: tables never change, and a day of visits asks the same of them."""
    facts = dict(told)
    first = facts.get(table.keys[0])
    rows = table.rows if first is None else table.by_first.get(first, ()) + table.by_first.get(None, ())
    return _overruled(tuple(row for row in rows if in_force(row, day) and row.matches(facts)), facts)


def forget_answers() -> None:
    """Let go of the answers that were kept: called when tables are read anew, so that the old ones do not stay in memory."""
    _find.cache_clear()
