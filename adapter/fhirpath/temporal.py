"""Dates, times and instants of any precision: read, compared, counted on. A missing part is unknown, never zero.

FHIRPath N1, sections Date, DateTime, Time, Date/Time Arithmetic; http://hl7.org/fhir/R4/datatypes.html#dateTime.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import floor
from typing import Any, Final, Literal

__all__ = ["CALENDAR", "Temporal", "add_to", "compare_temporals", "days_of", "parse_temporal"]

_DATE: Final = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
_CLOCK: Final = r"(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)?"
_OFFSET: Final = r"(Z|[+-]\d{2}:\d{2})?"
_FORMS: Final = {
    "Date": re.compile(_DATE),
    "DateTime": re.compile(rf"{_DATE}(?:T(?:{_CLOCK})?{_OFFSET})?"),
    "Time": re.compile(rf"T?{_CLOCK}"),
}
_LEAST: Final = {"Date": 0, "DateTime": 0, "Time": 3}
_LIMITS: Final = ((1, 9999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 60))

# Calendar words to the part they count, how many of that part, and whether UCUM has the same unit under a code.
CALENDAR: Final[dict[str, tuple[int, int]]] = {
    "year": (0, 1), "month": (1, 1), "week": (2, 7), "day": (2, 1),
    "hour": (3, 1), "minute": (4, 1), "second": (5, 1), "millisecond": (6, 1),
}
_UCUM: Final = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
_SECONDS: Final = (0, 0, 86_400, 3_600, 60, 1)


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date, a time, or both, as far as it is known.

    `parts` are year, month, day, hour, minute, second (a Decimal); a Time holds hour and after. `offset` is minutes
    east of UTC, None where the text has none.
    """

    kind: Literal["Date", "DateTime", "Time"]
    parts: tuple[Any, ...]
    offset: int | None = None

    def __str__(self) -> str:
        names = ("{:04}", "-{:02}", "-{:02}", "T{:02}", ":{:02}", ":{}")[_LEAST[self.kind] :]
        shown = [_second(part) if isinstance(part, Decimal) else part for part in self.parts]
        text = "".join(name.format(part) for name, part in zip(names, shown, strict=False)).removeprefix("T")
        if self.offset is None or self.kind != "DateTime":
            return text
        hours, minutes = divmod(abs(self.offset), 60)
        return text + ("Z" if not self.offset else f"{'-' if self.offset < 0 else '+'}{hours:02}:{minutes:02}")

    @property
    def identity(self) -> tuple[Any, ...]:
        """Give what two equal values have in common: the parts, in UTC where an offset is told."""
        kind = "Time" if self.kind == "Time" else "Date"
        return (kind, *_in_utc(self), self.offset is not None)


def _second(value: Decimal) -> str:
    whole, _, fraction = format(value, "f").partition(".")
    return whole.zfill(2) + ("." + fraction if fraction else "")


def parse_temporal(kind: str, text: str) -> Temporal | None:
    """Read a Date, DateTime or Time; None when it is none.

    >>> str(parse_temporal("DateTime", "2026-03-01T10:30:00.50-05:00"))
    '2026-03-01T10:30:00.50-05:00'
    >>> parse_temporal("Date", "2026-02-30") is None
    True
    """
    found = _FORMS[kind].fullmatch(text)
    if found is None:
        return None
    groups = found.groups()
    offset = groups[6] if kind == "DateTime" else None
    told = [part for part in groups[:6] if part is not None]
    parts: tuple[Any, ...] = tuple(Decimal(part) if index + _LEAST[kind] == 5 else int(part) for index, part in enumerate(told))
    if not all(low <= part <= high for part, (low, high) in zip(parts, _LIMITS[_LEAST[kind] :], strict=False)):
        return None
    if kind != "Time" and len(parts) > 2 and parts[2] > days_of(parts[0], parts[1]):
        return None
    return Temporal(kind, parts, _minutes(offset))  # type: ignore[arg-type]  # the keys of _FORMS


def _minutes(offset: str | None) -> int | None:
    if offset is None or offset == "Z":
        return None if offset is None else 0
    minutes = int(offset[1:3]) * 60 + int(offset[4:])
    return -minutes if offset[0] == "-" else minutes


def days_of(year: int, month: int) -> int:
    """Count the days of a month."""
    return monthrange(year, month)[1]


def _in_utc(value: Temporal) -> tuple[Any, ...]:
    if not value.offset or len(value.parts) < 4:
        return value.parts
    filled = value.parts + (0, 0, 0)[: max(0, 5 - len(value.parts))]
    try:
        moved = datetime(*filled[:5]) - timedelta(minutes=value.offset)  # noqa: DTZ001 - the offset is being applied
    except OverflowError:
        return value.parts
    return (moved.year, moved.month, moved.day, moved.hour, moved.minute, *value.parts[5:])[: len(value.parts)]


def compare_temporals(left: Temporal, right: Temporal) -> int | None:
    """Give -1, 0 or 1; None where a part that decides is unknown on one side.

    Seconds and their fractions are one part. A value with and one without an offset are not comparable, once both
    tell the hour.

    >>> day, month = parse_temporal("Date", "2026-03-01"), parse_temporal("Date", "2026-03")
    >>> compare_temporals(day, month) is None
    True
    """
    ours, theirs = left.parts, right.parts
    if left.kind != "Time" and len(ours) > 3 and len(theirs) > 3:
        if (left.offset is None) != (right.offset is None):
            return None
        ours, theirs = _in_utc(left), _in_utc(right)
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(ours) == len(theirs) else None


def add_to(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """Add an amount of a calendar unit; None when the unit is no time, or the result no date.

    A unit finer than the value is converted down to the value's precision; above seconds a fraction is dropped.

    >>> str(add_to(parse_temporal("Date", "2024-02-29"), Decimal(1), "year"))
    '2025-02-28'
    >>> str(add_to(parse_temporal("Date", "2026-12"), Decimal(60), "days"))
    '2027-02'
    """
    word = _UCUM.get(unit, unit.removesuffix("s") if unit not in _UCUM else unit)
    if word not in CALENDAR:
        return None
    part, factor = CALENDAR[word]
    if value.kind == "Time" and part < 3:
        return None
    exact = amount * factor if part == 2 or part > 4 else Decimal(int(amount))
    count = Decimal(int(amount) * factor) if part == 2 else exact
    if part == 6:
        part, count = 5, count / 1000
    last = len(value.parts) + _LEAST[value.kind] - 1
    while part > last:
        count, part = Decimal(int(count / (12, 30, 24, 60, 60)[part - 1])), part - 1
    try:
        return _move(value, part, count)
    except (ArithmeticError, ValueError):  # a year beyond 9999, or a second of more digits than can be counted
        return None


def _move(value: Temporal, part: int, count: Decimal) -> Temporal:
    parts = value.parts
    if value.kind == "Time":
        hour, minute, second = (*parts, 0, Decimal(0))[:3] if len(parts) < 3 else parts
        total = (hour * 3600 + minute * 60 + second + count * _SECONDS[part]) % 86_400
        total += 86_400 if total < 0 else 0
        moment = (int(total // 3600), int(total // 60 % 60), _like(total % 60, parts[2:]))
        return Temporal("Time", moment[: len(parts)])
    if part < 2:
        months = parts[0] * 12 + (parts[1] - 1 if len(parts) > 1 else 0) + int(count) * (12 if part == 0 else 1)
        year, month = months // 12, months % 12 + 1
        date(year, month, 1)
        day = (min(parts[2], days_of(year, month)),) if len(parts) > 2 else ()
        return Temporal(value.kind, ((year, month)[: len(parts)] + day + parts[3:]), value.offset)
    second = parts[5] if len(parts) > 5 else Decimal(0)
    filled = (*parts[:5], 0, 0)[:5] if len(parts) > 3 else (*parts[:3], 0, 0)
    total = second + count * _SECONDS[part]
    whole = floor(total)
    moved = datetime(*filled) + timedelta(seconds=whole)  # noqa: DTZ001 - counted as written
    clock = (moved.year, moved.month, moved.day, moved.hour, moved.minute, _like(moved.second + total - whole, parts[5:]))
    return Temporal(value.kind, clock[: len(parts)], value.offset)


def _like(second: Decimal, model: tuple[Decimal, ...]) -> Decimal:
    """Give the second at least the decimal places of the one that it came from."""
    places = max([-int(one.as_tuple().exponent) for one in (second.normalize(), *model)] + [0])
    return second.quantize(Decimal(1).scaleb(-places))
