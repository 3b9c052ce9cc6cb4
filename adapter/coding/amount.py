"""Amounts: UCUM quantities in one base unit. Ratios are fractions: nothing is rounded before a line is made."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from adapter.coding.decision import Visit
from adapter.terms import Quantity

__all__ = ["ratio", "three_places", "whole_cents", "whole_down", "whole_up"]


def ratio(visit: Visit, part: Quantity, whole: Quantity) -> Fraction | None:
    """Say exactly how many times `whole` goes into `part`; None where the two are not of one kind."""
    first, second = _in_base(visit, part), _in_base(visit, whole)
    if first is None or second is None or first[1] != second[1] or not second[0]:
        return None
    return first[0] / second[0]


def _in_base(visit: Visit, quantity: Quantity) -> tuple[Fraction, str] | None:
    """Give an amount in the base unit of its kind (ug, mL, USP units); None where the unit is not of the table."""
    row = visit.one("unit", unit=quantity.unit)
    return (Fraction(quantity.value) * Fraction(row.text("factor")), row.text("base")) if row else None


def whole_up(value: Fraction) -> Decimal:
    """Round up to a whole number.

    >>> whole_up(Fraction(9, 25))
    Decimal('1')
    """
    return Decimal(math.ceil(value))


def whole_down(value: Fraction) -> Decimal:
    """Round down to a whole number.

    >>> whole_down(Fraction(59, 10))
    Decimal('5')
    """
    return Decimal(math.floor(value))


def whole_cents(value: Fraction | Decimal) -> Decimal | None:
    """Give an amount of money in whole cents, None where it has parts of a cent.

    >>> whole_cents(Decimal("13.5")), whole_cents(Decimal("0.005"))
    (Decimal('13.50'), None)
    """
    cents = Fraction(value) * 100
    return _scaled(cents.numerator, 2) if cents.denominator == 1 else None


def three_places(value: Fraction) -> Decimal:
    """Round half up to three places, without trailing zeros: CTP04 holds no more.

    >>> three_places(Fraction(8)), three_places(Fraction(9, 25))
    (Decimal('8'), Decimal('0.36'))
    """
    thousandths = math.floor(value * 1000 + Fraction(1, 2))
    places = 3
    while places and thousandths % 10 == 0:
        thousandths, places = thousandths // 10, places - 1
    return _scaled(thousandths, places)


def _scaled(number: int, places: int) -> Decimal:
    """Give a whole number as a decimal with so many places, whatever its length."""
    digits = tuple(int(digit) for digit in str(abs(number)))
    return Decimal((int(number < 0), digits, -places))
