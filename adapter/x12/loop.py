"""Loops: a transaction cut at the segments that open them, and the reading of elements out of them.

An element is named by a short path, `CLM05-1` or `REF[G1]02`: segment, qualifier in its first element, element,
component. Reading collects issues and goes on, so that one pass tells all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from adapter.issues import Issue, IssueType, Severity
from adapter.terms.npi import is_npi
from adapter.x12.syntax import Segment

__all__ = ["ClaimLoops", "Loop", "Loops", "Reading", "TransactionLoops", "cut_loops", "parse_day", "read_loops"]

T = TypeVar("T")

_PATH = re.compile(r"([A-Z0-9]{2,3})(?:\[(\w+)\])?(\d\d)(?:-(\d))?")
_NUMBER = re.compile(r"-?[0-9]{0,15}(?:[0-9]|\.[0-9]{1,15})")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")

_LEVELS = {"20": "2000A", "22": "2000B", "23": "2000C"}
_DEPTHS = {"ST": 0, "2000A": 1, "2000B": 2, "2000C": 3, "2300": 4, "2320": 5, "2400": 5}
_ABOVE = {
    ("ST", "41"): "1000A", ("ST", "40"): "1000B",
    ("2000A", "85"): "2010AA", ("2000A", "87"): "2010AB", ("2000A", "PE"): "2010AC",
    ("2000B", "IL"): "2010BA", ("2000B", "PR"): "2010BB",
    ("2000C", "QC"): "2010CA",
    ("2320", "IL"): "2330A", ("2320", "PR"): "2330B",
}
_PARTIES = {
    "professional": {
        **_ABOVE, ("2300", "DN"): "2310A", ("2300", "P3"): "2310A", ("2300", "82"): "2310B", ("2300", "77"): "2310C",
        ("2300", "DQ"): "2310D", ("2300", "PW"): "2310E", ("2300", "45"): "2310F",
    },
    "institutional": {
        **_ABOVE, ("2300", "71"): "2310A", ("2300", "72"): "2310B", ("2300", "ZZ"): "2310C", ("2300", "82"): "2310D",
        ("2300", "77"): "2310E", ("2300", "DN"): "2310F",
    },
}


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop: its X12 name and its own segments, without those of the loops inside it."""

    name: str
    segments: tuple[Segment, ...] = ()

    def find(self, name: str, qualifier: str | None = None) -> Segment | None:
        """Find the first segment of this id, and of this qualifier where one is given."""
        for segment in self.segments:
            if segment.id == name and (qualifier is None or segment.get(1).strip() == qualifier):
                return segment
        return None


Loops = Mapping[str, Loop]
"""The loops of one place, by their X12 name."""


@dataclass(frozen=True, slots=True)
class ClaimLoops:
    """All loops that one claim stands on, by their X12 name, those of each other payer and of each of its lines.

    The decisions of a line (2430) may be several: the second is named 2430.2, and so on.
    """

    loops: Loops
    lines: tuple[Loops, ...]
    others: tuple[Loops, ...] = ()

    def get(self, name: str) -> Loop:
        """Give a loop by name; one that is not there is empty."""
        return self.loops.get(name, Loop(name))


@dataclass(frozen=True, slots=True)
class TransactionLoops:
    """A transaction in loops: its header (ST, BHT, 1000A, 1000B) and its claims."""

    header: Mapping[str, Loop]
    claims: tuple[ClaimLoops, ...]


@dataclass(slots=True)
class _Claim:
    above: dict[str, Loop]
    own: dict[str, Loop]
    lines: list[dict[str, Loop]] = field(default_factory=list)
    others: list[dict[str, Loop]] = field(default_factory=list)

    def close(self) -> ClaimLoops:
        return ClaimLoops({**self.above, **self.own}, tuple(self.lines), tuple(self.others))


def read_loops(segments: Iterable[Segment], form: str) -> TransactionLoops:
    """Cut the segments from ST to the one before SE into loops, as the form (professional, institutional) names them.

    The first loop of a name within its parent counts; a second one (another NM1*77, another LIN) is left out,
    and reported by the reader as not kept.
    """
    header: dict[str, Loop] = {}
    claims = tuple(cut_loops(segments, form, header))
    return TransactionLoops(header, claims)


def cut_loops(segments: Iterable[Segment], form: str, header: dict[str, Loop]) -> Iterator[ClaimLoops]:
    """Cut segments into loops and give each claim as soon as the next one, or a level, has passed; `header` takes the rest."""
    scopes: dict[int, dict[str, Loop]] = {0: header}
    claim: _Claim | None = None
    for level, loop in _runs(segments, _PARTIES[form]):
        depth = _DEPTHS.get(level, 0)
        if loop.name == level:
            if claim and 0 < depth <= _DEPTHS["2300"]:
                yield claim.close()
                claim = None
            scopes = {key: scope for key, scope in scopes.items() if key < depth or depth == 0}
            scopes.setdefault(depth, {})
            if level == "2300":
                above = {name: part for key in sorted(scopes) if key for name, part in scopes[key].items()}
                claim = _Claim(above, scopes[depth])
            elif claim and level in ("2400", "2320"):
                (claim.lines if level == "2400" else claim.others).append(scopes[depth])
        scopes[depth].setdefault(_count_decisions(loop.name, scopes[depth]), loop)
    if claim:
        yield claim.close()


def _count_decisions(name: str, scope: Loops) -> str:
    if name != "2430" or name not in scope:
        return name
    return f"{name}.{1 + sum(one.startswith(name) for one in scope)}"


def _runs(segments: Iterable[Segment], parties: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, Loop]]:
    level, name = "ST", ""
    parts: list[Segment] = []
    for segment in segments:
        opened = _opened(level, segment, parties)
        if not opened:
            if parts:
                parts.append(segment)
            continue
        if parts:
            yield level, Loop(name, tuple(parts))
        (level, name), parts = opened, [segment]
    if parts:
        yield level, Loop(name, tuple(parts))


def _opened(level: str, segment: Segment, parties: Mapping[tuple[str, str], str]) -> tuple[str, str] | None:
    """Tell the level and loop that a segment opens, or None where it belongs to the open one."""
    match segment.id:
        case "ST":
            return "ST", "ST"
        case "HL":
            name = _LEVELS.get(segment.get(3), "HL")
            return name, name
        case "CLM":
            return "2300", "2300"
        case "LX":
            return "2400", "2400"
        case "SBR" if level in ("2300", "2320"):
            return "2320", "2320"
        case "NM1":
            return level, parties.get((level, segment.get(1)), f"{level}-NM1")
        case "LIN" if level == "2400":
            return level, "2410"
        case "SVD" if level == "2400":
            return level, "2430"
    return None


@lru_cache(maxsize=256)
def _parse_path(path: str) -> tuple[str, str | None, int, int]:
    match = _PATH.fullmatch(path)
    if not match:
        raise ValueError(f"not an element path: {path}")
    return match[1], match[2], int(match[3]), int(match[4] or 1)


@dataclass(slots=True)
class Reading:
    """Read elements out of loops and collect what is wrong on the way.

    What is missing or unreadable adds an error issue and gives a void value of the right type: the error means that
    no value leaves the reader.
    """

    issues: list[Issue] = field(default_factory=list)

    def report(self, rule: str, text: str, place: str, segment: Segment | None = None) -> None:
        """Add an error of the structure or of a value, once a place."""
        issue = Issue(Severity.ERROR, IssueType.STRUCTURE, rule, text, (place,), line=segment.line if segment else None)
        if issue not in self.issues:
            self.issues.append(issue)

    def warn(self, rule: str, text: str, place: str) -> None:
        """Add a warning: the file may be so, but a claim wants more."""
        self.issues.append(Issue(Severity.WARNING, IssueType.INCOMPLETE, rule, text, (place,)))

    def optional(self, loop: Loop, path: str) -> str | None:
        """Give an element, or None where it is absent or empty."""
        name, qualifier, element, component = _parse_path(path)
        segment = loop.find(name, qualifier)
        value = segment.get(element, component).strip() if segment else ""
        return value or None

    def text(self, loop: Loop, path: str) -> str:
        """Give an element that has to be there."""
        value = self.optional(loop, path)
        if value is not None:
            return value
        name, qualifier, element, component = _parse_path(path)
        segment = loop.find(name, qualifier)
        called = f"{name}*{qualifier}" if qualifier else name
        if segment is None:
            self.report("x12.segment-missing", f"Segment {called} of loop {loop.name} is missing. "
                        "Ask the sender for the whole claim.", f"{loop.name}/{name}", next(iter(loop.segments), None))
        else:
            part = f"{element:02}-{component}" if component > 1 else f"{element:02}"
            self.report("x12.element-missing", f"Segment {segment.number}, {called} of loop {loop.name}, has no "
                        f"element {part}. Ask the sender to fill it.", f"{loop.name}/{name}/{part}", segment)
        return ""

    def code(self, loop: Loop, path: str, table: Mapping[str, T]) -> T:
        """Give the meaning of a code by its table; what is not in the table is an issue."""
        value = self.text(loop, path)
        if value in table:
            return table[value]
        if value:
            self._unreadable(loop, path, "x12.code-not-known", f"holds a code that is not one of {', '.join(table)}")
        return next(iter(table.values()))

    def expect(self, loop: Loop, path: str, *codes: str) -> None:
        """Check that an element holds one of these codes."""
        self.code(loop, path, {code: code for code in codes})

    def npi(self, loop: Loop, path: str) -> str:
        """Give an NPI that has to be there; one whose check digit is wrong is an issue: it names nobody, or another."""
        value = self.text(loop, path)
        if value and not is_npi(value):
            self._unreadable(loop, path, "x12.npi-wrong", "is not an NPI of ten digits whose check digit is right")
        return value

    def number(self, loop: Loop, path: str) -> Decimal:
        """Give a number: X12 type R."""
        value = self.text(loop, path)
        if _NUMBER.fullmatch(value):
            return Decimal(value)
        if value:
            self._unreadable(loop, path, "x12.number-unreadable", "is not a plain decimal number")
        return Decimal(0)

    def day(self, loop: Loop, path: str) -> date:
        """Give a day: X12 format D8."""
        value = self.text(loop, path)
        day = parse_day(value)
        if value and day is None:
            self._unreadable(loop, path, "x12.date-unreadable", "is not a day written CCYYMMDD")
        return day or date.min

    def _unreadable(self, loop: Loop, path: str, rule: str, problem: str) -> None:
        name, qualifier, element, component = _parse_path(path)
        segment = loop.find(name, qualifier)
        number = segment.number if segment else 0
        part = f"{element:02}-{component}" if component > 1 else f"{element:02}"
        self.report(rule, f"Segment {number}, {name} of loop {loop.name}, element {part} {problem}. "
                    "Ask the sender to correct it.", f"{loop.name}/{name}/{part}", segment)


def parse_day(value: str) -> date | None:
    """Read CCYYMMDD, or give None where it is no day.

    >>> parse_day("20260302"), parse_day("20260230")
    (datetime.date(2026, 3, 2), None)
    """
    match = _DAY.fullmatch(value)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
