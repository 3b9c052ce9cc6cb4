"""Pieces of a schema: each asks of one node, so that an error holds that node and not all that stands below it.

The library makes all errors of an instance before it gives the first, and a copy of what is wrong in each: of a large text
that is wrong everywhere they would fill the memory. Piece by piece, errors are made when they are asked for, of nodes whose
children are cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import jsonschema_rs

from adapter.conformance.rules import Link

__all__ = ["Fault", "Pieces"]

Json: TypeAlias = dict[str, Any]

_DEFINITIONS: Final = "#/$defs/"
# What asks of a node only which members it has, and how many: its children may be cut off.
_PRESENCE: Final = frozenset({
    "if", "then", "else", "allOf", "anyOf", "required", "type", "additionalProperties", "minItems", "maxItems",
})
_TITLES: Final = frozenset({"$schema", "$id", "$comment", "title", "description"})
# The definition of a resource of any type: it chooses by resourceType.
_ANY: Final = "Resource"


class Fault(NamedTuple):
    """One error of the library, the link of the node that was asked, and the schema that its schema_path leads through."""

    error: Any
    link: Link
    schema: Json


class Pieces:
    """The pieces of one schema, made when they are first asked for.

    >>> schema = {"properties": {"a": {"items": {"required": ["b"]}}}}
    >>> [(fault.error.kind.name, fault.link) for fault in Pieces(schema).find_faults({"a": [{"b": 1}, {}]})]
    [('required', ((None, 'a'), 1))]
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Take a schema whose references lead to its own definitions."""
        self.definitions: Mapping[str, Json] = schema.get("$defs", {})
        self._named: dict[str, _Piece] = {}
        self._root = self.piece({key: value for key, value in schema.items() if key != "$defs" and not key.startswith("x-")})

    def find_faults(self, value: Any, is_right: Callable[[Json], bool] = lambda _: False) -> Iterator[Fault]:
        """Find what is wrong, node by node, each before what stands in it.

        `is_right` tells of a resource inside another one that nothing is wrong with it: it is not looked at.
        """
        ahead: list[Iterator[tuple[_Piece, Any, Link]]] = [iter(((self._root, value, None),))]
        while ahead:
            found = next(ahead[-1], None)
            if found is None:
                ahead.pop()
                continue
            piece, node, link = found
            if piece is self._named.get(_ANY):
                if link is not None and is_right(node):
                    continue
                piece = self._choose(node)
            part = piece.cut(node)
            if not piece.validator.is_valid(part):
                yield from (Fault(error, link, piece.asked) for error in piece.validator.iter_errors(part))
            ahead.append(piece.below(node, link))

    def piece(self, schema: Json) -> _Piece:
        """Give the piece of a schema; one that is named is made once."""
        name = self._name(schema)
        if name is None:
            return _Piece(schema, self)
        if name not in self._named:
            self._named[name] = _Piece(self.definitions[name], self)
        return self._named[name]

    def holds_more(self, schema: Any) -> bool:
        """Tell whether a schema asks anything of children."""
        if not isinstance(schema, dict):
            return False
        told = schema if "$ref" not in schema else self.definitions.get(schema["$ref"].removeprefix(_DEFINITIONS), {})
        return bool({"properties", "items"} & told.keys()) or told is self.definitions.get(_ANY) or any(
            self.holds_more(part) for part in told.get("allOf", ())
        )

    def _name(self, schema: Json) -> str | None:
        name = str(schema.get("$ref", "")).removeprefix(_DEFINITIONS)
        return name if schema.keys() - _TITLES == {"$ref"} and self.holds_more(schema) else None

    def _choose(self, node: Any) -> _Piece:
        """Give the piece that asks of a resource: that of its type."""
        kind = node.get("resourceType") if isinstance(node, dict) else None
        other: Json = self.definitions[_ANY]["else"]
        if not isinstance(kind, str) or kind not in other["properties"]["resourceType"]["enum"]:
            return self.piece(other)
        return self.piece({"$ref": _DEFINITIONS + kind})


class _Piece:
    """What one schema asks of a node itself, and the pieces for its members and entries."""

    def __init__(self, schema: Json, pieces: Pieces) -> None:
        told = {key: value for key, value in schema.items() if key not in ("properties", "items", "allOf") and key not in _TITLES}
        properties = schema.get("properties", {})
        inner = {key for key, value in properties.items() if pieces.holds_more(value)}
        parts = schema.get("allOf", [])
        if properties:
            told["properties"] = {key: True if key in inner else value for key, value in properties.items()}
        if kept := [part for part in parts if not pieces.holds_more(part)]:
            told["allOf"] = kept
        self.asked: Json = told
        self._pieces, self._inner = pieces, {key: properties[key] for key in inner}
        self._items, self._parts = schema.get("items"), [part for part in parts if pieces.holds_more(part)]
        self._kept = properties.keys() - inner
        self._is_whole = any(_looks_inside({key: value}) for key, value in told.items() if key != "properties")

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        schemas = [self.asked, *self.asked.get("properties", {}).values()]
        names = [one["$ref"].removeprefix(_DEFINITIONS) for one in schemas if isinstance(one, dict) and "$ref" in one]
        known = {name: self._pieces.definitions[name] for name in names if name in self._pieces.definitions}
        return jsonschema_rs.Draft202012Validator({**self.asked, "$defs": known}, pattern_options=jsonschema_rs.RegexOptions())

    @cached_property
    def _members(self) -> dict[str, _Piece]:
        return {key: self._pieces.piece(schema) for key, schema in self._inner.items()}

    @cached_property
    def _entries(self) -> _Piece | None:
        return None if self._items is None else self._pieces.piece(self._items)

    @cached_property
    def _others(self) -> list[_Piece]:
        return [self._pieces.piece(part) for part in self._parts]

    def cut(self, node: Any) -> Any:
        """Give a node without what other pieces ask of."""
        if self._is_whole:
            return node
        if isinstance(node, dict):
            return {key: value if key in self._kept else None for key, value in node.items()}
        if isinstance(node, list):
            limit = max(self.asked.get("maxItems", 0), self.asked.get("minItems", 0))
            return [None] * min(len(node), limit + 1)
        return node

    def below(self, node: Any, link: Link) -> Iterator[tuple[_Piece, Any, Link]]:
        """Give the nodes below one with the pieces that ask of them, and the node itself where more is asked of it."""
        for other in self._others:
            yield other, node, link
        if isinstance(node, dict) and self._inner:
            members = self._members
            for key, value in node.items():
                if key in members:
                    yield members[key], value, (link, key)
        elif isinstance(node, list) and self._entries is not None:
            for index, value in enumerate(node):
                yield self._entries, value, (link, index)


def _looks_inside(schema: Any) -> bool:
    """Tell whether a schema asks for values, not only for members: what it is asked of must be whole."""
    if not isinstance(schema, dict):
        return False
    parts = [part for word in ("if", "then", "else", "allOf", "anyOf") for part in _listed(schema.get(word))]
    return bool(schema.keys() - _PRESENCE) or any(map(_looks_inside, parts))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
