"""When two things are equal, equivalent, the same, or one before the other: FHIRPath N1, sections 6.1 and 6.2."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.nodes import Node, named_children
from adapter.fhirpath.quantity import Quantity, compare_quantities, is_like, read_quantity, round_half_up
from adapter.fhirpath.temporal import Temporal, compare_temporals, parse_temporal

__all__ = ["compare", "equal", "equal_lists", "equivalent_lists", "identity", "name_type", "plain", "single", "truth_of"]


def plain(item: Any) -> Any:
    """Give the System value of an item; a complex element stays as it is; None for a primitive without a value.

    Quantities and their kinds become System.Quantity. A date that is no date stays a string: the schema says so.
    """
    if type(item) is not Node:
        return item
    system = item.type.system
    if not system:
        return (read_quantity(item) or item) if "Quantity" in item.type.ancestors else item
    value = item.value
    if system in ("Date", "DateTime", "Time") and isinstance(value, str):
        return parse_temporal(system, value) or value
    return Decimal(value) if system == "Decimal" and type(value) is int else value


def single(items: Sequence[Any], where: str) -> Any:
    """Give the System value of the only item; None when there is none or it has no value."""
    if len(items) > 1:
        raise PathError(f"{where} takes one item, and there are several")
    return plain(items[0]) if items else None


def truth_of(items: Sequence[Any]) -> bool | None:
    """Evaluate a collection as a Boolean: empty is unknown, a single item that is no Boolean is true (N1, 4.5)."""
    if not items:
        return None
    if len(items) > 1:
        raise PathError("A Boolean was expected, and there are several items")
    value = items[0]
    if type(value) is bool:
        return value
    if type(value) is Node and value.type.system == "Boolean":
        return value.value if isinstance(value.value, bool) else None
    return True


def name_type(item: Any) -> tuple[str, str]:
    """Give namespace and name of an item's type: ('FHIR', 'code'), ('System', 'Integer')."""
    if isinstance(item, Node):
        name = item.type.name
        told = ("BackboneElement" if "BackboneElement" in item.type.ancestors else "Element") if "." in name else name
        return ("System" if name == "String" else "FHIR", told)
    if isinstance(item, Temporal):
        return ("System", item.kind)
    names = {bool: "Boolean", int: "Integer", Decimal: "Decimal", str: "String", Quantity: "Quantity"}
    return ("System", names[type(item)])


def equal(left: Any, right: Any) -> bool | None:
    """Say whether two items are equal; None where it cannot be known (a precision, a unit, a missing value)."""
    one, other = plain(left), plain(right)
    if one is None or other is None:
        return None
    kind, kind_of_other = type(one), type(other)
    if kind is kind_of_other and kind in (str, bool, int):
        return bool(one == other)
    if kind is bool or kind_of_other is bool:
        return kind is kind_of_other and one is other
    if kind in (int, Decimal) and kind_of_other in (int, Decimal):
        return bool(one == other)
    if Quantity in (kind, kind_of_other):
        ours, theirs = _as_quantity(one), _as_quantity(other)
        order = None if ours is None or theirs is None else compare_quantities(ours, theirs)
        return (False if ours is None or theirs is None else None) if order is None else order == 0
    if Temporal in (kind, kind_of_other):
        return _equal_times(one, other)
    if kind is Node and kind_of_other is Node:
        return one.value is other.value or (one.fields.keys() == other.fields.keys() and identity(one) == identity(other))
    return False


def _as_quantity(value: Any) -> Quantity | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Quantity(Decimal(value), "1")
    return value if isinstance(value, Quantity) else None


def _equal_times(one: Any, other: Any) -> bool | None:
    """Compare times; a string against a time by its text, for FHIR tells dates as strings."""
    one, other = _as_time(one, other), _as_time(other, one)
    if not isinstance(one, Temporal) or not isinstance(other, Temporal):
        return False
    if (one.kind == "Time") != (other.kind == "Time"):
        return False
    order = compare_temporals(one, other)
    return None if order is None else order == 0


def _as_time(value: Any, model: Any) -> Any:
    if isinstance(value, str) and isinstance(model, Temporal):
        return parse_temporal("Time" if model.kind == "Time" else "DateTime", value) or value
    return value


def equal_lists(left: Sequence[Any], right: Sequence[Any]) -> bool | None:
    """Say whether two collections are equal, item by item in order; None when one is empty."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    verdicts = [equal(one, other) for one, other in zip(left, right, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


def identity(item: Any) -> Hashable:
    """Give a key that two items share when they are equal: what distinct, union, in and the like go by.

    Numbers by amount, times in UTC, quantities in base units, elements by all that they hold in any order of names.
    """
    value = plain(item)
    if isinstance(value, Node) or (value is None and isinstance(item, Node)):
        return ("Element", frozenset(
            (name, tuple(map(identity, children))) for name, children in named_children(item)
        ))
    if isinstance(value, Temporal | Quantity):
        return value.identity
    if isinstance(value, bool):
        return ("Boolean", value)
    return ("Number", value) if isinstance(value, int | Decimal) else str(value)


def equivalent_lists(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Say whether two collections are equivalent: the same items in any order, alike but not equal to the letter."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for one in left:
        found = next((index for index, other in enumerate(rest) if _alike(one, other)), None)
        if found is None:
            return False
        del rest[found]
    return True


def _alike(left: Any, right: Any) -> bool:
    one, other = plain(left), plain(right)
    if isinstance(one, str) and isinstance(other, str):
        return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
    if type(one) in (int, Decimal) and type(other) in (int, Decimal):
        places = min(max(0, -int(Decimal(number).as_tuple().exponent)) for number in (one, other))
        return round_half_up(Fraction(one), places) == round_half_up(Fraction(other), places)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return is_like(one, other)
    if isinstance(one, Node) and isinstance(other, Node) and not one.type.system and not other.type.system:
        ours, theirs = dict(named_children(one)), dict(named_children(other))
        return ours.keys() == theirs.keys() and all(equivalent_lists(ours[name], theirs[name]) for name in ours)
    return equal(left, right) is True


def compare(left: Any, right: Any, sign: str) -> int | None:
    """Give -1, 0 or 1; None where a precision or unit leaves it open; what cannot be ordered raises PathError."""
    one, other = _as_time(left, right), _as_time(right, left)
    kinds = (type(one), type(other))
    if kinds == (str, str) or all(kind in (int, Decimal) for kind in kinds):
        return int(one > other) - int(one < other)
    if kinds == (Temporal, Temporal) and (one.kind == "Time") == (other.kind == "Time"):
        return compare_temporals(one, other)
    ours, theirs = _as_quantity(one), _as_quantity(other)
    if Quantity in kinds and ours is not None and theirs is not None:
        return compare_quantities(ours, theirs)
    names = [".".join(name_type(item)) for item in (left, right)]
    raise PathError(f"{sign} cannot order {names[0]} and {names[1]}")
