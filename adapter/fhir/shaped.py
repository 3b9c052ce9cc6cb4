"""Well-shaped trees: what has not the shape that R4 gives it is left out, so that whoever reads a tree need not look."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from adapter.fhir.references import Tree
from adapter.fhir.xml_shape import Member, Shapes

__all__ = ["keep_shape"]

_PRIMITIVES: Final[dict[str, tuple[type, ...]]] = {
    "boolean": (bool,), "number": (int, Decimal), "string": (str,), "xhtml": (str,),
}


def keep_shape(resource: Any, shapes: Shapes) -> Tree:
    """Give a resource without what is not shaped as R4 says: it reads as absent, and validation has said so.

    An array stays where R4 has one and an object where R4 has one; what else stands there goes, and so does an element that
    the type does not have (an id or an extension of a primitive is read nowhere).
    In an array the place stays, as an empty object or null, so that each index names what it did.
    A resource of no type of R4 is an empty one.

    >>> schema = {"$defs": {"Flag": {"properties": {"resourceType": {"const": "Flag"}, "code": {"$ref": "#/$defs/code"}}},
    ...                     "code": {"type": "string"}}}
    >>> keep_shape({"resourceType": "Flag", "code": ["x"]}, Shapes(schema))
    {'resourceType': 'Flag'}
    """
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return {"resourceType": kind, **_keep_members(resource, str(kind), shapes)} if shapes.is_resource(kind) else {}


def _keep_members(node: Tree, kind: str, shapes: Shapes) -> Tree:
    shape = shapes[kind]
    kept = {name: node[name] for name in shape.attributes if isinstance(node.get(name), str)}
    for name, value in node.items():
        member = shape.by_name.get(name)
        if member is not None and isinstance(value, list) is member.is_list:
            shaped = [_keep(item, member, shapes) for item in value] if member.is_list else _keep(value, member, shapes)
            if shaped is not None:
                kept[name] = shaped
    return kept


def _keep(value: Any, member: Member, shapes: Shapes) -> Any:
    """Give a value as its member says; where it is another, an empty object or None."""
    if member.kind == "resource":
        return keep_shape(value, shapes)
    if member.kind == "complex":
        return _keep_members(value, member.type, shapes) if isinstance(value, dict) else {}
    told = _PRIMITIVES[member.kind]
    is_said = not isinstance(value, str) or bool(value.strip())
    return value if isinstance(value, told) and isinstance(value, bool) is (told == (bool,)) and is_said else None
