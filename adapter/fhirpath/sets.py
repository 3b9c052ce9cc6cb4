"""Functions on whole collections: existence, subsets and combining (FHIRPath N1, 5.1, 5.3, 5.4)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeAlias

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.nodes import Node, children_of, step
from adapter.fhirpath.values import identity, plain, single

__all__ = ["SET_FUNCTIONS", "Items", "distinct", "sort_key"]

Items: TypeAlias = list[Any]


def distinct(items: Iterable[Any]) -> Items:
    """Give the items without repetition, the first of each kind, in their order."""
    found: dict[Hashable, Any] = {}
    for item in items:
        found.setdefault(identity(item), item)
    return list(found.values())


def _keys(items: Items) -> set[Hashable]:
    return set(map(identity, items))


def _quantified(wanted: bool, for_all: bool) -> Callable[[Items], Items]:
    """Make allTrue, anyTrue, allFalse or anyFalse."""

    def run(items: Items) -> Items:
        values = [plain(item) for item in items]
        if not all(isinstance(value, bool) for value in values):
            raise PathError("Booleans were expected")
        hits = [value is wanted for value in values]
        return [all(hits) if for_all else any(hits)]

    return run


def _single(items: Items) -> Items:
    if len(items) > 1:
        raise PathError("single() takes one item, and there are several")
    return items


def _number(items: Items, function: str) -> int:
    value = single(items, function)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PathError(f"{function}() takes an integer")
    return value


def _skip(items: Items, count: Items) -> Items:
    return items[max(0, _number(count, "skip")) :]


def _take(items: Items, count: Items) -> Items:
    return items[: max(0, _number(count, "take"))]


def _intersect(items: Items, other: Items) -> Items:
    keys = _keys(other)
    return distinct(item for item in items if identity(item) in keys)


def _exclude(items: Items, other: Items) -> Items:
    keys = _keys(other)
    return [item for item in items if identity(item) not in keys]


def _children(items: Items) -> Items:
    return [child for item in items if isinstance(item, Node) for child in children_of(item)]


def _descendants(items: Items) -> Items:
    out: Items = []
    level = _children(items)
    while level:
        out += level
        level = _children(level)
    return out


def _extension(items: Items, url: Items) -> Items:
    """Give the extensions with the url: FHIR's own function, also on primitives."""
    wanted = single(url, "extension")
    found: Items = []
    for item in items:
        if isinstance(item, Node):
            step(item, "extension", found)
    return [one for one in found if one.fields.get("url") == wanted]


def _has_value(items: Items) -> Items:
    return [len(items) == 1 and isinstance(items[0], Node) and bool(items[0].type.system) and items[0].value is not None]


def _get_value(items: Items) -> Items:
    if len(items) != 1 or not isinstance(items[0], Node) or not items[0].type.system or items[0].value is None:
        return []
    return [plain(items[0])]


def sort_key(value: Any) -> tuple[str, Any]:
    """Order numbers, strings and times, each among their like."""
    if isinstance(value, str):
        return ("String", value)
    if isinstance(value, bool) or not hasattr(value, "__lt__"):
        raise PathError("sort() can order numbers and strings")
    return ("Number", value)


# Name: function, and how many arguments it takes.
SET_FUNCTIONS: Final[dict[str, tuple[Callable[..., Items], int]]] = {
    "empty": (lambda items: [not items], 0),
    "count": (lambda items: [len(items)], 0),
    "allTrue": (_quantified(True, for_all=True), 0),
    "anyTrue": (_quantified(True, for_all=False), 0),
    "allFalse": (_quantified(False, for_all=True), 0),
    "anyFalse": (_quantified(False, for_all=False), 0),
    "distinct": (distinct, 0),
    "isDistinct": (lambda items: [len(_keys(items)) == len(items)], 0),
    "subsetOf": (lambda items, other: [_keys(items) <= _keys(other)], 1),
    "supersetOf": (lambda items, other: [_keys(items) >= _keys(other)], 1),
    "single": (_single, 0),
    "first": (lambda items: items[:1], 0),
    "last": (lambda items: items[-1:], 0),
    "tail": (lambda items: items[1:], 0),
    "skip": (_skip, 1),
    "take": (_take, 1),
    "intersect": (_intersect, 1),
    "exclude": (_exclude, 1),
    "union": (lambda items, other: distinct(items + other), 1),
    "combine": (lambda items, other: items + other, 1),
    "children": (_children, 0),
    "descendants": (_descendants, 0),
    "extension": (_extension, 1),
    "hasValue": (_has_value, 0),
    "getValue": (_get_value, 0),
}
