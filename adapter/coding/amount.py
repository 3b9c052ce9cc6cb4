"""Amounts: UCUM quantities in one base unit, by exact decimals."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from adapter.coding.decision import Visit
from adapter.terms import Quantity

__all__ = ["in_base", "ratio", "whole_down", "whole_up"]


def in_base(visit: Visit, quantity: Quantity) -> Quantity | None:
    """Give a quantity in the base unit of its kind (ug, mL, USP units); None where the unit is not of the table."""
    row = visit.tables.one("unit", None, unit=quantity.unit)
    return Quantity(quantity.value * Decimal(row.text("factor")), row.text("base")) if row else None


def ratio(visit: Visit, part: Quantity, whole: Quantity) -> Decimal | None:
    """Say how many times `whole` goes into `part`; None where the two are not of one kind."""
    first, second = in_base(visit, part), in_base(visit, whole)
    if first is None or second is None or first.unit != second.unit or not second.value:
        return None
    return first.value / second.value


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
