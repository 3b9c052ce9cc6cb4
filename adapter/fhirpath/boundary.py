"""The least and greatest value that a stated precision allows, and that precision: lowBoundary, highBoundary, precision.

FHIRPath 2.1 draft, section Boundary Functions; R5's per-1 asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.quantity import EXACT, Quantity, scale
from adapter.fhirpath.temporal import Temporal, days_of
from adapter.fhirpath.values import single

__all__ = ["BOUNDARIES"]

_MAX_PLACES: Final = 31
_USUAL_PLACES: Final = 8
# Digits of a date and time up to each part: 2014, 2014-01, ..., with milliseconds.
_DIGITS: Final = {"Time": (2, 4, 9), "Date": (4, 6, 8), "DateTime": (4, 6, 8, 10, 12, 17)}
_LEAST: Final = (1, 1, 1, 0, 0, Decimal("0.000"))
_MOST: Final = (9999, 12, 31, 23, 59, Decimal("59.999"))
# Where no offset is told: the places on earth whose clocks run most ahead, and most behind.
_AHEAD, _BEHIND = 14 * 60, -12 * 60


def _boundary(is_high: bool) -> Callable[..., list[Any]]:
    name = "highBoundary()" if is_high else "lowBoundary()"

    def run(items: list[Any], *arguments: list[Any]) -> list[Any]:
        value = single(items, name)
        digits = single(arguments[0], name) if arguments else None
        if value is None:
            return []
        if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int)):
            raise PathError(f"{name} takes an integer as its argument")
        found = _of(value, digits, is_high)
        return [] if found is None else [found]

    return run


def _of(value: Any, digits: int | None, is_high: bool) -> Any:
    if isinstance(value, Quantity):
        amount = _of_number(value.value, digits, is_high)
        return None if amount is None else Quantity(amount, value.unit, value.is_calendar)
    if isinstance(value, Temporal):
        return _of_time(value, digits, is_high)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PathError("A boundary is asked of what has none")
    return _of_number(Decimal(value), digits, is_high)


def _of_number(value: Decimal, digits: int | None, is_high: bool) -> Decimal | None:
    places = _USUAL_PLACES if digits is None else digits
    if not 0 <= places <= _MAX_PLACES:
        return None
    half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1)
    edge = EXACT.add(value, half if is_high else -half)
    return edge.quantize(Decimal(1).scaleb(-places), ROUND_CEILING if is_high else ROUND_FLOOR, EXACT)


def _of_time(value: Temporal, digits: int | None, is_high: bool) -> Temporal | None:
    steps = _DIGITS[value.kind]
    wanted = steps[-1] if digits is None else digits
    if wanted not in steps:
        return None
    count = steps.index(wanted) + 1
    first = 3 if value.kind == "Time" else 0
    fill = (_MOST if is_high else _LEAST)[first:]
    parts = [*value.parts, *fill[len(value.parts) :]][: len(steps)]
    if is_high and value.kind != "Time" and len(value.parts) < 3:
        parts[2] = days_of(parts[0], parts[1])
    if len(value.parts) == len(steps) and value.kind != "Date":
        parts[-1] = _to_milliseconds(parts[-1], is_high)
    offset = value.offset
    if value.kind == "DateTime" and offset is None and count > 3:
        offset = _BEHIND if is_high else _AHEAD
    return Temporal(value.kind, tuple(parts[:count]), offset if count > 3 else None)


def _to_milliseconds(second: Decimal, is_high: bool) -> Decimal:
    places = max(0, -int(second.as_tuple().exponent))
    thousandth = Decimal("0.001")
    if places >= 3 or not is_high:
        return second.quantize(thousandth, ROUND_FLOOR)
    return second + Decimal(1).scaleb(-places) - thousandth


def _precision(items: list[Any]) -> list[Any]:
    value = single(items, "precision()")
    if isinstance(value, Temporal):
        return [_DIGITS[value.kind][len(value.parts) - 1]]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return []
    return [max(0, -int(Decimal(value).as_tuple().exponent))]


def _comparable(items: list[Any], other: list[Any]) -> list[Any]:
    left, right = single(items, "comparable()"), single(other, "comparable()")
    if not isinstance(left, Quantity) or not isinstance(right, Quantity):
        return []
    ours, theirs = scale(left), scale(right)
    return [left.unit == right.unit or (ours is not None and theirs is not None and ours.powers == theirs.powers)]


# Name: function, least and most arguments.
BOUNDARIES: Final[dict[str, tuple[Callable[..., list[Any]], int, int]]] = {
    "lowBoundary": (_boundary(is_high=False), 0, 1),
    "highBoundary": (_boundary(is_high=True), 0, 1),
    "precision": (_precision, 0, 0),
    "comparable": (_comparable, 1, 1),
}
