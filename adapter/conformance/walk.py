"""The walk over a tree by its types: each element with its FHIR type, where it stands and what holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from adapter.conformance.rules import Link
from adapter.fhirpath import Type, Types

__all__ = ["Spot", "walk"]


class Spot(NamedTuple):
    """One element of a tree: its value, what stands in `_x` beside it, its link, type and JSON name, and its holder."""

    value: Any
    sibling: Mapping[str, Any] | None
    link: Link
    type: Type
    key: str
    holder: Spot | None

    @property
    def place(self) -> str:
        """Give the element by the type that it stands in: `Claim.item.net`, `Quantity.unit`; a type alone at the root."""
        return self.type.name if self.holder is None else f"{self.holder.type.name}.{self.key}"


def walk(
    tree: Mapping[str, Any], types: Types, is_passed: Callable[[dict[str, Any]], bool] = lambda _: False,
    is_plain: Callable[[Type], bool] = lambda _: False,
) -> Iterator[Spot]:
    """Give every element of a resource, those that hold others first, in document order.

    The resource of an entry that is passed over is not given, nor what stands in it; nor is the value of a plain type, where
    nothing stands beside it.

    What has no type there, or another JSON type than its own, is left out: the schema says so.

    >>> from adapter.fhirpath import read_types
    >>> schema = {"$defs": {"Flag": {"properties": {"resourceType": {}, "id": {"$ref": "#/$defs/id"}}}}, "x-choices": {}}
    >>> [spot.place for spot in walk({"resourceType": "Flag", "id": "a"}, read_types(schema))]
    ['Flag', 'Flag.id']
    """
    kind = types.by_name.get(str(tree.get("resourceType")))
    ahead = [Spot(tree, None, None, kind, "", None)] if kind is not None else []
    while ahead:
        spot = ahead.pop()
        if spot.key == "resource" and spot.place == "Bundle.entry.resource" and is_passed(spot.value):
            continue
        yield spot
        ahead.extend(reversed(_below(spot, is_plain)))


def _below(spot: Spot, is_plain: Callable[[Type], bool]) -> list[Spot]:
    """Give the elements that one holds, in order."""
    found: list[Spot | None] = []
    fields = spot.sibling if spot.type.system else spot.value
    if not isinstance(fields, Mapping):
        return []
    keys, seen = spot.type.keys, set()
    for name in fields:
        form = keys.get(name)
        if form is None or form.key in seen:
            continue
        seen.add(form.key)
        value, sibling = fields.get(form.key), fields.get(form.sibling) if form.sibling else None
        if sibling is None and is_plain(form.type):
            continue
        if not isinstance(value, list) and not isinstance(sibling, list):
            found.append(_one(value, sibling, (spot, form.key, form.type), (spot.link, form.key)))
            continue
        values, siblings = (one if isinstance(one, list) else () for one in (value, sibling))
        pairs = enumerate(zip_longest(values, siblings))
        found += [_one(one, other, (spot, form.key, form.type), (spot.link, form.key, index)) for index, (one, other) in pairs]
    return [one for one in found if one is not None]


def _one(value: Any, sibling: Any, told: tuple[Spot, str, Type], link: Link) -> Spot | None:
    holder, key, kind = told
    beside = sibling if isinstance(sibling, dict) else None
    if kind.system:
        plain = None if isinstance(value, dict | list) else value
        return Spot(plain, beside, link, kind, key, holder) if plain is not None or beside is not None else None
    if not isinstance(value, dict):
        return None
    real = kind.resources.get(str(value.get("resourceType"))) if kind.resources is not None else kind
    return Spot(value, None, link, real, key, holder) if real is not None else None
