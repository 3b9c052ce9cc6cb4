"""Amounts with a unit: equal, ordered, added and multiplied exactly, through UCUM where the units allow it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

from adapter.fhirpath.nodes import Node
from adapter.fhirpath.temporal import CALENDAR
from adapter.fhirpath.ucum import UCUM, Scale, scale_of

__all__ = [
    "EXACT", "Quantity", "compare_quantities", "divide_quantities", "is_like", "multiply_quantities", "parse_quantity",
    "read_quantity", "round_half_up", "scale",
]

#: Sums and products of the numbers that FHIR JSON may hold (40 digits, exponent 307) lose no digit in it.
EXACT: Final = Context(prec=700)
_QUOTIENT: Final = Context(prec=28)
_TEXT: Final = re.compile(r"(?P<value>[+-]?\d+(?:\.\d+)?)\s*(?:'(?P<unit>[^']+)'|(?P<word>[a-z]+))?")
# Calendar words in UCUM; year and month are no UCUM unit, because theirs have a fixed length.
_CODES: Final = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}
_NEARLY: Final = {"year": "a", "month": "mo"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount and its unit: a UCUM code, or a calendar word (`days`) where `is_calendar`."""

    value: Decimal
    unit: str
    is_calendar: bool = False

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}" if self.is_calendar else f"{self.value:f} '{self.unit}'"

    @property
    def word(self) -> str:
        """Give a calendar unit in the singular."""
        return self.unit.removesuffix("s")

    @property
    def identity(self) -> tuple[Any, ...]:
        """Give what equal quantities have in common: the powers of the base units and the amount in them."""
        found = scale(self)
        if found is None:
            return ("Quantity", self.unit, self.value)
        return ("Quantity", found.powers, Fraction(self.value) * found.factor)


def read_quantity(node: Node) -> Quantity | None:
    """Read a FHIR Quantity; None when it has no value, or a comparator (it is then no amount).

    The unit is the code in UCUM; in another system the code with its system; without a code the text of the unit. The
    last two are equal only to themselves.
    """
    told = node.fields
    value = told.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or "comparator" in told:
        return None
    code = told.get("code")
    if isinstance(code, str):
        unit = code if told.get("system", UCUM) == UCUM else f"{told['system']}|{code}"
    else:
        unit = f"unit:{told['unit']}" if "unit" in told else "1"
    return Quantity(Decimal(value), unit)


def parse_quantity(text: str) -> Quantity | None:
    """Read the text form: a number, and then nothing, a UCUM code in quotes, or a calendar word.

    >>> parse_quantity("4 days"), parse_quantity("1 wk")
    (Quantity(value=Decimal('4'), unit='days', is_calendar=True), None)
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    word = found["word"]
    if word is None:
        return Quantity(Decimal(found["value"]), found["unit"] or "1")
    return Quantity(Decimal(found["value"]), word, True) if word.removesuffix("s") in CALENDAR else None


def scale(quantity: Quantity, nearly: bool = False) -> Scale | None:
    """Give the unit in base units; a calendar year or month stands for itself unless `nearly`."""
    if not quantity.is_calendar:
        return scale_of(quantity.unit)
    word = quantity.word
    if nearly and word in _NEARLY:
        return scale_of(_NEARLY[word])
    if word in _NEARLY:
        return Scale(Fraction(12 if word == "year" else 1), (("calendar month", 1),))
    return scale_of(_CODES[word])


def compare_quantities(left: Quantity, right: Quantity) -> int | None:
    """Give -1, 0 or 1; None where the units cannot be converted into each other."""
    if left.unit == right.unit and left.is_calendar == right.is_calendar:
        ours, theirs = Fraction(left.value), Fraction(right.value)
    else:
        one, other = scale(left), scale(right)
        if one is None or other is None or one.powers != other.powers:
            return None
        ours, theirs = Fraction(left.value) * one.factor, Fraction(right.value) * other.factor
    return (ours > theirs) - (ours < theirs)


def is_like(left: Quantity, right: Quantity) -> bool:
    """Say whether two quantities are equivalent: equal in the coarser unit, at the lesser precision."""
    one, other = scale(left, nearly=True), scale(right, nearly=True)
    if one is None or other is None or one.powers != other.powers:
        return left.unit == right.unit and left.value == right.value
    coarse = max(one.factor, other.factor)
    places = min(_places(left.value), _places(right.value))
    ours = Fraction(left.value) * one.factor / coarse
    theirs = Fraction(right.value) * other.factor / coarse
    return round_half_up(ours, places) == round_half_up(theirs, places)


def _places(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def round_half_up(value: Fraction, places: int) -> Fraction:
    """Round away from zero at the half, exactly."""
    shifted = abs(value) * 10**places
    whole = int(shifted + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places)


def multiply_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """Multiply: units that cannot be written together give None."""
    value = EXACT.multiply(left.value, right.value)
    return _with_units(value, left, right, ".")


def divide_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """Divide; None by zero and for units that cannot be written together."""
    if not right.value:
        return None
    return _with_units(_QUOTIENT.divide(left.value, right.value), left, right, "/")


def _with_units(value: Decimal, left: Quantity, right: Quantity, sign: str) -> Quantity | None:
    if right.unit == "1":
        return Quantity(value, left.unit, left.is_calendar)
    if left.is_calendar or right.is_calendar:
        return None
    if sign == "/" and left.unit == right.unit:
        return Quantity(value, "1")
    unit = f"({left.unit}){sign}({right.unit})" if left.unit != "1" or sign == "/" else right.unit
    return Quantity(value, unit) if scale_of(unit) is not None else None
