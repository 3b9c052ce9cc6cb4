"""Arithmetic: + - * / div mod & and the functions on numbers. FHIRPath N1, 6.6 and 5.7; decimals stay exact."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DecimalException
from typing import Any, Final

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.quantity import (
    EXACT,
    Quantity,
    divide_quantities,
    multiply_quantities,
    scale,
)
from adapter.fhirpath.temporal import CALENDAR, Temporal, add_to
from adapter.fhirpath.values import name_type, single

__all__ = ["ARITHMETIC", "NUMBER_FUNCTIONS", "negate"]

_DIVISION: Final = Context(prec=28)
_MAX_EXPONENT: Final = 60


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _refuse(sign: str, left: Any, right: Any) -> PathError:
    return PathError(f"{sign} takes no {name_type(left)[1]} and {name_type(right)[1]}")


def _sum(sign: str) -> Callable[[Any, Any], Any]:
    """Make + or -."""

    def run(left: Any, right: Any) -> Any:
        if _is_number(left) and _is_number(right):
            if isinstance(left, int) and isinstance(right, int):
                return left + right if sign == "+" else left - right
            return EXACT.add(Decimal(left), Decimal(right) if sign == "+" else Decimal(right).copy_negate())
        if isinstance(left, str) and isinstance(right, str) and sign == "+":
            return left + right
        if isinstance(left, Temporal) and isinstance(right, Quantity):
            return _moved(left, right, sign)
        if isinstance(left, Quantity) and isinstance(right, Quantity):
            return _sum_quantities(left, right, sign)
        raise _refuse(sign, left, right)

    return run


def _moved(value: Temporal, step: Quantity, sign: str) -> Temporal | None:
    amount = step.value if sign == "+" else step.value.copy_negate()
    is_word = step.unit.removesuffix("s") in CALENDAR
    if not is_word and step.unit not in ("wk", "d", "h", "min", "s", "ms"):
        raise PathError(f"{sign} takes a duration that a calendar has, such as days or months")
    return add_to(value, amount, step.unit)


def _sum_quantities(left: Quantity, right: Quantity, sign: str) -> Quantity | None:
    one, other = scale(left), scale(right)
    if left.unit != right.unit and (one is None or other is None or one.powers != other.powers):
        return None
    ratio = 1 if left.unit == right.unit or one is None or other is None else other.factor / one.factor
    part = right.value if ratio == 1 else _DIVISION.divide(
        EXACT.multiply(right.value, Decimal(ratio.numerator)), Decimal(ratio.denominator)
    )
    return Quantity(EXACT.add(left.value, part if sign == "+" else part.copy_negate()), left.unit, left.is_calendar)


def _product(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        if isinstance(left, int) and isinstance(right, int):
            return left * right
        return EXACT.multiply(Decimal(left), Decimal(right))
    ours, theirs = _as_quantity(left), _as_quantity(right)
    if ours is None or theirs is None:
        raise _refuse("*", left, right)
    return multiply_quantities(ours, theirs)


def _as_quantity(value: Any) -> Quantity | None:
    return Quantity(Decimal(value), "1") if _is_number(value) else value if isinstance(value, Quantity) else None


def _quotient(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return _DIVISION.divide(Decimal(left), Decimal(right)) if right else None
    ours, theirs = _as_quantity(left), _as_quantity(right)
    if ours is None or theirs is None:
        raise _refuse("/", left, right)
    return divide_quantities(ours, theirs)


def _whole(sign: str) -> Callable[[Any, Any], Any]:
    """Make div or mod: toward zero, the remainder with the sign of the left."""

    def run(left: Any, right: Any) -> Any:
        if not (_is_number(left) and _is_number(right)):
            raise _refuse(sign, left, right)
        if not right:
            return None
        ours, theirs = Decimal(left), Decimal(right)
        if sign == "div":
            return int(EXACT.divide_int(ours, theirs))
        rest = EXACT.remainder(ours, theirs)
        return int(rest) if isinstance(left, int) and isinstance(right, int) else rest

    return run


def _concatenated(left: Any, right: Any) -> str:
    for value in (left, right):
        if value is not None and not isinstance(value, str):
            raise PathError("& takes strings")
    return (left or "") + (right or "")


#: Operators: function on two System values, and whether an empty operand makes the result empty.
ARITHMETIC: Final[dict[str, tuple[Callable[[Any, Any], Any], bool]]] = {
    "+": (_sum("+"), True),
    "-": (_sum("-"), True),
    "*": (_product, True),
    "/": (_quotient, True),
    "div": (_whole("div"), True),
    "mod": (_whole("mod"), True),
    "&": (_concatenated, False),
}


def negate(value: Any) -> Any:
    """Change the sign of a number or quantity."""
    if isinstance(value, Quantity):
        return Quantity(value.value.copy_negate(), value.unit, value.is_calendar)
    if not _is_number(value):
        raise PathError(f"- takes a number, not a {name_type(value)[1]}")
    return -value if isinstance(value, int) else value.copy_negate()


def _rounded(rounding: str) -> Callable[[Any], int]:
    return lambda value: int(Decimal(value).to_integral_value(rounding))


def _round(value: Any, places: int = 0) -> Any:
    if places < 0:
        raise PathError("round() takes no negative precision")
    places = min(places, _MAX_EXPONENT)
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)


def _power(value: Any, exponent: Any) -> Any:
    if value and abs(Decimal(value).adjusted() * Decimal(exponent)) > _MAX_EXPONENT:
        return None
    if isinstance(value, int) and isinstance(exponent, int) and exponent >= 0:
        return value**exponent if exponent <= _MAX_EXPONENT * 4 or value in (-1, 0, 1) else None
    return _DIVISION.power(Decimal(value), Decimal(exponent))


def _log(value: Any, base: Any) -> Any:
    divisor = _DIVISION.ln(Decimal(base))
    return _DIVISION.divide(_DIVISION.ln(Decimal(value)), divisor).quantize(Decimal("1E-20")).normalize()


def _abs(value: Any) -> Any:
    if isinstance(value, Quantity):
        return Quantity(value.value.copy_abs(), value.unit, value.is_calendar)
    return abs(value) if isinstance(value, int) else value.copy_abs()


def _on_number(name: str, function: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Make a function on collections out of one on numbers; a result that is none (the root of -1) is empty."""

    def run(items: list[Any], *arguments: list[Any]) -> list[Any]:
        values = [single(part, f"{name}()") for part in (items, *arguments)]
        if None in values:
            return []
        if not all(_is_number(value) or (name == "abs" and isinstance(value, Quantity)) for value in values):
            raise PathError(f"{name}() takes numbers")
        try:
            result = function(*values)
        except DecimalException:
            return []
        return [] if result is None or (isinstance(result, Decimal) and not result.is_finite()) else [result]

    return run


_NUMBERS: Final[dict[str, tuple[Callable[..., Any], int, int]]] = {
    "abs": (_abs, 0, 0),
    "ceiling": (_rounded(ROUND_CEILING), 0, 0),
    "floor": (_rounded(ROUND_FLOOR), 0, 0),
    "truncate": (int, 0, 0),
    "round": (_round, 0, 1),
    "exp": (lambda value: _DIVISION.exp(Decimal(value)) if value < 140 else None, 0, 0),
    "ln": (lambda value: _DIVISION.ln(Decimal(value)), 0, 0),
    "log": (_log, 1, 1),
    "power": (_power, 1, 1),
    "sqrt": (lambda value: _DIVISION.sqrt(Decimal(value)), 0, 0),
}
# Name: function, least and most arguments.
NUMBER_FUNCTIONS: Final[dict[str, tuple[Callable[..., list[Any]], int, int]]] = {
    name: (_on_number(name, function), least, most) for name, (function, least, most) in _NUMBERS.items()
}
