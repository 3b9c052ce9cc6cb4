"""What a path walks over: FHIR types as the base schema tells them, and nodes of an instance with their type.

A node carries what a plain tree does not say: the FHIR type, the `_x` sibling of a primitive, the resource's own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final, NamedTuple

__all__ = [
    "CLASS_INFO", "NOTHING", "Form", "Node", "Type", "Types", "children_of", "follow",
    "make_node", "named_children", "read_types", "step",
]

# Types that specialise another one (R4 datatypes.html); every other primitive stands for itself.
_PARENTS: Final = {
    "code": "string", "id": "string", "markdown": "string",
    "url": "uri", "canonical": "uri", "oid": "uri", "uuid": "uri",
    "unsignedInt": "integer", "positiveInt": "integer",
    "Age": "Quantity", "Count": "Quantity", "Distance": "Quantity", "Duration": "Quantity",
    "Dosage": "BackboneElement", "ElementDefinition": "BackboneElement", "Timing": "BackboneElement",
    "Bundle": "Resource", "Binary": "Resource", "Parameters": "Resource", "DomainResource": "Resource",
    "BackboneElement": "Element", "Element": "", "Resource": "",
}
_PROFILES: Final = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}
# Types whose elements are named as if they were forms of a choice, and are not.
_NO_CHOICES: Final = frozenset({"ClinicalImpression.finding"})
# How a primitive is seen by the language: FHIR type to System type (R4 fhirpath.html#types).
_SYSTEM: Final = {
    "boolean": "Boolean", "integer": "Integer", "unsignedInt": "Integer", "positiveInt": "Integer",
    "decimal": "Decimal", "date": "Date", "dateTime": "DateTime", "instant": "DateTime", "time": "Time",
}
_TEXTS: Final = (
    "string", "code", "id", "markdown", "uri", "url", "canonical", "oid", "uuid", "base64Binary", "xhtml",
)
_PRIMITIVES: Final[dict[str, str]] = _SYSTEM | dict.fromkeys(_TEXTS, "String")


class Form(NamedTuple):
    """One JSON name of an element: its key, the key of its sibling ('' for none) and its type."""

    key: str
    sibling: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """One FHIR type: its names upward, its elements, and for a primitive the System type that it converts to.

    `members` goes from element name (`value`) to its forms (`valueQuantity`, ...); `keys` from JSON name to form, in
    the order of the definition; `presence` from element name to every JSON name that makes it exist. `resources` is
    filled where the real type stands in `resourceType`. `lists` are the JSON names that hold arrays. These four are read
    by `read` when one is first asked for: a program meets few of the types of R4.
    """

    name: str
    ancestors: frozenset[str]
    system: str = ""
    resources: Mapping[str, Type] | None = field(default=None, repr=False)
    read: Callable[[Type], _Elements] = field(default=lambda _: _Elements({}, {}, {}, set()), repr=False)
    members: dict[str, tuple[Form, ...]] = field(init=False, repr=False)
    keys: dict[str, Form] = field(init=False, repr=False)
    presence: dict[str, frozenset[str]] = field(init=False, repr=False)
    lists: set[str] = field(init=False, repr=False)

    def __getattr__(self, name: str) -> Any:
        """Read the elements, whole before any is set: another thread may ask meanwhile."""
        if name not in _Elements._fields:
            raise AttributeError(name)
        for one, value in zip(_Elements._fields, self.read(self), strict=True):
            object.__setattr__(self, one, value)
        return getattr(self, name)


class _Elements(NamedTuple):
    """What a type tells of its elements."""

    members: dict[str, tuple[Form, ...]]
    keys: dict[str, Form]
    presence: dict[str, frozenset[str]]
    lists: set[str]


class Node:
    """One element of an instance.

    `value` is the JSON value; of a primitive it may be None, where only an extension stands. `fields` are the JSON
    members that its children come from: the object itself, or a primitive's sibling.
    """

    __slots__ = ("fields", "type", "value")

    def __init__(self, value: Any, type_: Type, fields: Mapping[str, Any]) -> None:
        self.value = value
        self.type = type_
        self.fields = fields

    def __repr__(self) -> str:
        return f"<{self.type.name}>"


_NO_FIELDS: Final[dict[str, Any]] = {}

#: The focus where there is none: what `{}.iif(empty(), ...)` looks at.
NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Types:
    """All types of one FHIR version, by name; backbone elements by path (`Bundle.entry`)."""

    by_name: Mapping[str, Type]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name or name in _PARENTS

    def node(self, tree: Mapping[str, Any], name: str = "") -> Node:
        """Make the node of a whole resource, or of a value of the type named.

        An unknown resourceType gives a node of type Resource without children.

        >>> schema = {"$defs": {"Flag": {"properties": {"resourceType": {}}}}, "x-choices": {}}
        >>> read_types(schema).node({"resourceType": "Flag"})
        <Flag>
        """
        kind = self.by_name.get(name or str(tree.get("resourceType")), self.by_name["Resource"])
        return make_node(tree, None, kind)


def make_node(value: Any, sibling: Any, kind: Type) -> Node:
    """Make the node of one value, with its `_x` sibling where it is a primitive.

    A value of the wrong JSON kind has no children: that it is wrong is said by the schema.
    """
    if kind.system:
        plain = None if isinstance(value, dict | list) else value
        return Node(plain, kind, sibling if isinstance(sibling, dict) else _NO_FIELDS)
    if not isinstance(value, dict):
        return Node(None, kind, _NO_FIELDS)
    if kind.resources is not None:
        kind = kind.resources.get(str(value.get("resourceType")), kind)
    return Node(value, kind, value)


def step(node: Node, name: str, out: list[Any]) -> None:
    """Append the children of one name to `out`: all forms of a choice, each with its sibling."""
    forms = node.type.members.get(name)
    if forms is None:
        return
    fields = node.fields
    if len(forms) == 1:
        _append(fields, forms[0], out)
        return
    found = {form.key: form for key in fields if (form := node.type.keys.get(key)) in forms}
    for form in found.values():
        _append(fields, form, out)


def follow(node: Node, names: Sequence[str]) -> list[Node]:
    """Go down by several names, one after the other."""
    items = [node]
    for name in names:
        out: list[Node] = []
        for item in items:
            forms = item.type.members.get(name)
            if forms is None:
                continue
            if len(forms) == 1:
                form = forms[0]
                if form.key in item.fields or form.sibling in item.fields:
                    _append(item.fields, form, out)
            else:
                step(item, name, out)
        if not out:
            return out
        items = out
    return items


def named_children(node: Node) -> Iterator[tuple[str, list[Node]]]:
    """Go through the JSON names of a node in the order of the text, each with its children."""
    seen: set[str] = set()
    for key in node.fields:
        form = node.type.keys.get(key)
        if form is not None and form.key not in seen:
            seen.add(form.key)
            out: list[Node] = []
            _append(node.fields, form, out)
            yield form.key, out


def children_of(node: Node) -> list[Node]:
    """Give all children in the order of the text, extensions and `id` of primitives included."""
    return [child for _, children in named_children(node) for child in children]


def _append(fields: Mapping[str, Any], form: Form, out: list[Any]) -> None:
    key, sibling_key, kind = form
    value = fields.get(key)
    sibling = fields.get(sibling_key) if sibling_key else None
    if type(value) is list or type(sibling) is list:
        values = value if isinstance(value, list) else ()
        siblings = sibling if isinstance(sibling, list) else ()
        out.extend(
            make_node(one, other, kind)
            for one, other in zip_longest(values, siblings) if one is not None or other is not None
        )
    elif value is not None or sibling is not None:
        out.append(make_node(value, sibling, kind))


def read_types(schema: Mapping[str, Any]) -> Types:
    """Read the types out of the base schema (profiles/base/r4.schema.json): `$defs` and `x-choices`.

    >>> schema = {"$defs": {"Age": {"properties": {"value": {"$ref": "#/$defs/decimal"}}}}, "x-choices": {}}
    >>> age = read_types(schema).by_name["Age"]
    >>> age.members["value"][0].type.system, "Quantity" in age.ancestors
    ('Decimal', True)
    """
    definitions: Mapping[str, Any] = schema["$defs"]
    types: dict[str, Type] = {}

    def read(kind: Type) -> _Elements:
        properties = {"id": {}, "extension": {}} if kind.system else definitions.get(kind.name, {}).get("properties", {})
        return _read_elements(kind, properties, types, schema["x-choices"])

    for name, system in _PRIMITIVES.items():
        types[name] = Type(name, _ancestors(name, ()), system, read=read)
    resources: dict[str, Type] = {}
    for name, definition in definitions.items():
        if "properties" in definition and name.removesuffix("?") == name:
            types[name] = Type(name, _ancestors(name, definition["properties"]), read=read)
            if "resourceType" in definition["properties"] and "." not in name:
                resources[name] = types[name]
    types["Resource"] = Type("Resource", frozenset({"Resource"}), resources=resources, read=read)
    return Types(types)


def _ancestors(name: str, properties: Any) -> frozenset[str]:
    """Give the name of a type and those that it specialises."""
    names = [name]
    if "." in name:
        names.append("BackboneElement" if "modifierExtension" in properties else "Element")
    while (parent := _PARENTS.get(names[-1], "DomainResource" if "resourceType" in properties else "Element")):
        names.append(parent)
    return frozenset(names)


def _read_elements(
    kind: Type, properties: Mapping[str, Any], types: Mapping[str, Type], choices: Mapping[str, str]
) -> _Elements:
    """Read the elements of a type out of its definition."""
    found = _Elements({}, {}, {}, set())
    members: dict[str, list[Form]] = {}
    for key, told in properties.items():
        if key.startswith("_") or not isinstance(told, dict) or "const" in told:
            continue
        target = types.get(_type_name(key, told))
        if target is None:
            continue
        sibling = f"_{key}" if target.system and not kind.system and f"_{key}" in properties else ""
        form = Form(key, sibling, target)
        is_plain = told.get("type") == "array" or kind.name in _NO_CHOICES  # no choice repeats
        members.setdefault(key if is_plain else choices.get(key, key), []).append(form)
        found.keys[key] = form
        if told.get("type") == "array":
            found.lists.add(key)
        if sibling:
            found.keys[sibling] = form
    for stem, forms in members.items():
        name = stem if len(forms) > 1 else forms[0].key  # `doseQuantity` alone is an element, not a choice of one
        found.members[name] = tuple(forms)
        found.presence[name] = frozenset({form.key for form in forms} | {form.sibling for form in forms} - {""})
    return found


def _type_name(key: str, told: Mapping[str, Any]) -> str:
    reference = str(told.get("items", told).get("$ref", {"id": "string", "extension": "Extension"}.get(key, "")))
    name = reference.rpartition("/")[2].removesuffix("?")
    return "code" if name.startswith("codes:") else _PROFILES.get(name, name)


_TEXT: Final = Type("String", frozenset({"String"}), "String")
#: What `type()` gives: `namespace` and `name`.
CLASS_INFO: Final = Type(
    "ClassInfo", frozenset({"ClassInfo"}), read=lambda _: _Elements(
        {name: (Form(name, "", _TEXT),) for name in ("namespace", "name")}, {},
        {name: frozenset({name}) for name in ("namespace", "name")}, set(),
    ),
)
