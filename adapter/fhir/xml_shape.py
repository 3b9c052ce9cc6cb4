"""What FHIR XML leaves to the definitions: which element repeats, is a number or a resource, and in what order all stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["FHIR", "XHTML", "Member", "Shape", "Shapes"]

FHIR: Final = "http://hl7.org/fhir"
"""The namespace of every element but those of the narrative."""

XHTML: Final = "http://www.w3.org/1999/xhtml"
"""The namespace of the narrative."""

_NAMED: Final = "#/$defs/"
_PRIMITIVES: Final = {"boolean": "boolean", "integer": "number", "number": "number"}


@dataclass(frozen=True, slots=True)
class Member:
    """One element of a type: its JSON name, place in the order, and what stands in it.

    `kind` is `string`, `number`, `boolean`, `xhtml`, `resource` or `complex`; `type` names the shape of its children:
    Element for a primitive. `levels` are those of JSON nesting that it adds.
    """

    name: str
    rank: int
    is_list: bool
    kind: str
    type: str
    levels: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One type: its members by XML name (`namespace name`) and by JSON name, all JSON names, those that are attributes.

    The `resourceType` of a resource, which the name of its element says, is none of its members.
    """

    members: Mapping[str, Member]
    by_name: Mapping[str, Member]
    attributes: frozenset[str]
    names: frozenset[str]


_UNKNOWN: Final = Shape({}, {}, frozenset({"id"}), frozenset({"resourceType"}))


class Shapes(dict[str, Shape]):
    """The shapes of all types of R4 by name, each read from the compiled base facts when it is first met.

    A name that is no type has a shape without members.

    >>> codes = {"type": "array", "items": {"$ref": "#/$defs/id"}}
    >>> flag = {"properties": {"resourceType": {"const": "Flag"}, "code": codes}}
    >>> Shapes({"$defs": {"Flag": flag, "id": {"type": "string"}}})["Flag"].by_name["code"]
    Member(name='code', rank=0, is_list=True, kind='string', type='Element', levels=1)
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Take the facts: profiles/base/r4.schema.json, decoded."""
        super().__init__()
        self._definitions: Mapping[str, Any] = schema["$defs"]
        self.choices: Mapping[str, str] = schema.get("x-choices", {})
        """The element that a variant of a choice is one of, by its JSON name: `performedDateTime` is `performed`."""

    def __missing__(self, name: str) -> Shape:
        properties = self._definitions.get(name, {}).get("properties")
        if properties is None:  # kept nowhere: it may be any name that somebody sends
            return _UNKNOWN
        shape = self[name] = self._read_shape(properties)
        return shape

    def is_resource(self, name: object) -> bool:
        """Tell whether this is the name of a type of resource."""
        return isinstance(name, str) and _is_resource(self._definitions.get(name, {}).get("properties", {}))

    def _read_shape(self, properties: Mapping[str, Any]) -> Shape:
        """Read a type. FHIR R4 writes Element.id and Extension.url as attributes, and Resource.id as an element."""
        attributes: set[str] = set()
        if not _is_resource(properties):
            attributes = {name for name in ("id", "url") if name in properties and f"_{name}" not in properties}
        no_elements = attributes or {"resourceType"}
        written = [name for name in properties if name[0] != "_" and name not in no_elements]
        found = [self._read_member(name, rank, properties[name]) for rank, name in enumerate(written)]
        by_name = {member.name: member for member in found}
        members = {f"{XHTML if member.kind == 'xhtml' else FHIR} {member.name}": member for member in found}
        return Shape(members, by_name, frozenset(attributes), frozenset(properties))

    def _read_member(self, name: str, rank: int, schema: Any) -> Member:
        is_list = isinstance(schema, dict) and schema.get("type") == "array"
        item: Any = schema["items"] if is_list else schema
        target = str(item["$ref"]).removeprefix(_NAMED) if isinstance(item, dict) and "$ref" in item else ""
        definition = self._definitions.get(target, item)
        told = definition.get("type") if isinstance(definition, dict) else None
        kind = _PRIMITIVES.get(told[0] if isinstance(told, list) else str(told), "string")
        if target in ("Resource", "xhtml"):
            kind = target.lower()
        elif isinstance(definition, dict) and "properties" in definition:
            kind = "complex"
        is_primitive = kind not in ("complex", "resource")
        return Member(name, rank, is_list, kind, "Element" if is_primitive else target, is_list + (not is_primitive))


def _is_resource(properties: Mapping[str, Any]) -> bool:
    """Tell a type of resource from one with an element named so (ExampleScenario.instance.resourceType)."""
    return "const" in properties.get("resourceType", {})
