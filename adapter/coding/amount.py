"""Amounts: UCUM quantities in one base unit. Ratios are fractions: nothing is rounded before a line is made."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from adapter.coding.decision import Visit
from adapter.tables import Row
from adapter.terms import Quantity

__all__ = ["ratio", "three_places", "whole_cents", "whole_down", "whole_up"]

_EVEN = (1, 1)
_ONE = Decimal(1)


def ratio(visit: Visit, part: Quantity, whole: Quantity) -> Fraction | None:
    """Say exactly how many times `whole` goes into `part`; None where the two are not of one kind."""
    if part.unit == whole.unit:
        row = visit.one("unit", unit=part.unit)
        factors = (_EVEN, _EVEN) if row else None
    else:
        factors = _factors(visit.one("unit", unit=part.unit), visit.one("unit", unit=whole.unit))
    if factors is None or not whole.value:
        return None
    above, below = part.value.as_integer_ratio(), whole.value.as_integer_ratio()
    (first, first_below), (second, second_below) = factors
    return Fraction(above[0] * below[1] * first * second_below, above[1] * below[0] * first_below * second)


def _factors(first: Row | None, second: Row | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Give the factors of two units to the base unit of their kind (ug, mL, USP units); None where the kinds differ."""
    if first is None or second is None or first.text("base") != second.text("base"):
        return None
    return _whole_ratio(first.text("factor")), _whole_ratio(second.text("factor"))


@lru_cache(maxsize=256)
def _whole_ratio(factor: str) -> tuple[int, int]:
    """Give a factor of the table as a ratio of whole numbers."""
    return Fraction(factor).as_integer_ratio()


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


def whole_cents(value: Fraction | Decimal, times: Decimal = _ONE) -> Decimal | None:
    """Give so many times an amount of money in whole cents, None where that has parts of a cent.

    >>> whole_cents(Decimal("13.5")), whole_cents(Decimal("0.005")), whole_cents(Decimal("0.005"), Decimal(2))
    (Decimal('13.50'), None, Decimal('0.01'))
    """
    above, below = value.as_integer_ratio()
    times_above, times_below = times.as_integer_ratio()
    cents, rest = divmod(100 * above * times_above, below * times_below)
    return _scaled(cents, 2) if not rest else None


def three_places(value: Fraction) -> Decimal:
    """Round half up to three places, without trailing zeros: CTP04 holds no more.

    >>> three_places(Fraction(8)), three_places(Fraction(9, 25))
    (Decimal('8'), Decimal('0.36'))
    """
    above, below = value.as_integer_ratio()
    thousandths = (2000 * above + below) // (2 * below)
    places = 3
    while places and thousandths % 10 == 0:
        thousandths, places = thousandths // 10, places - 1
    return _scaled(thousandths, places)


def _scaled(number: int, places: int) -> Decimal:
    """Give a whole number as a decimal with so many places, whatever its length."""
    return Decimal(f"{number}E-{places}")
