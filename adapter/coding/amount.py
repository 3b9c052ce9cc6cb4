"""Amounts: UCUM quantities in one base unit, by exact decimals: no digit of an amount is lost before it is rounded."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from adapter.coding.decision import Visit
from adapter.terms import Quantity

__all__ = ["add", "in_base", "multiply", "ratio", "three_places", "whole_cents", "whole_down", "whole_up"]

# Wide enough for any two numbers that the decoder lets in (40 digits, exponents to 60), and their product.
_EXACT = Context(prec=320, rounding=ROUND_HALF_UP)
_ONE = Decimal(1)


def in_base(visit: Visit, quantity: Quantity) -> Quantity | None:
    """Give a quantity in the base unit of its kind (ug, mL, USP units); None where the unit is not of the table."""
    row = visit.one("unit", unit=quantity.unit)
    return Quantity(multiply(quantity.value, Decimal(row.text("factor"))), row.text("base")) if row else None


def ratio(visit: Visit, part: Quantity, whole: Quantity) -> Decimal | None:
    """Say how many times `whole` goes into `part`; None where the two are not of one kind."""
    first, second = in_base(visit, part), in_base(visit, whole)
    if first is None or second is None or first.unit != second.unit or not second.value:
        return None
    return _EXACT.divide(first.value, second.value)


def add(one: Decimal, other: Decimal) -> Decimal:
    """Add without rounding."""
    return _EXACT.add(one, other)


def multiply(one: Decimal, other: Decimal) -> Decimal:
    """Multiply without rounding.

    >>> multiply(Decimal("0.45"), Decimal(30))
    Decimal('13.50')
    """
    return _EXACT.multiply(one, other)


def whole_up(value: Decimal) -> Decimal:
    """Round up to a whole number.

    >>> whole_up(Decimal("0.36"))
    Decimal('1')
    """
    return value.to_integral_value(ROUND_CEILING)


def whole_down(value: Decimal) -> Decimal:
    """Round down to a whole number.

    >>> whole_down(Decimal("5.9"))
    Decimal('5')
    """
    return value.to_integral_value(ROUND_FLOOR)


def whole_cents(value: Decimal) -> Decimal | None:
    """Give an amount of money in whole cents, None where it has parts of a cent.

    >>> whole_cents(Decimal("13.5")), whole_cents(Decimal("0.005"))
    (Decimal('13.50'), None)
    """
    cents = value.quantize(Decimal("0.01"), context=_EXACT)
    return cents if cents == value else None


def three_places(value: Decimal) -> Decimal:
    """Round half up to three places, without trailing zeros: CTP04 holds no more.

    >>> three_places(Decimal("8.000")), three_places(Decimal("0.3600"))
    (Decimal('8'), Decimal('0.36'))
    """
    rounded = value.quantize(Decimal("0.001"), context=_EXACT).normalize(_EXACT)
    return rounded.quantize(_ONE, context=_EXACT) if rounded == rounded.to_integral_value() else rounded
