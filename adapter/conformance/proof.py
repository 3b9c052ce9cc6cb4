"""Proofs: what a schema can show of an invariant, so that a tree without fault needs no FHIRPath."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from adapter.conformance.element_tree import Node

__all__ = ["missing_element", "prove", "prove_parts"]

Json: TypeAlias = dict[str, Any]

_EXISTS: Final = re.compile(r"([a-z][A-Za-z]*)\.exists\(\)")
_EQUALS: Final = re.compile(r"[a-z][A-Za-z.]* = '[^']*'")


def prove(expression: str, owner: str, base: Mapping[str, Any]) -> Json | None:
    """Give a schema that only instances pass for which an invariant holds; None where none is known.

    An invariant `a or b.exists()`, or `a implies b.exists()`, holds wherever there is a `b`. An instance that does not pass
    may keep it all the same: then the FHIRPath is asked.

    >>> base = {"x-choices": {"onsetAge": "onset"}, "$defs": {"Flag": {"properties": {"onsetAge": {}, "code": {}}}}}
    >>> prove("code = 'x' implies onset.exists()", "Flag", base)
    {'anyOf': [{'required': ['onsetAge']}]}
    >>> prove("(code.exists() or onset.exists()) and id.exists()", "Flag", base) is None
    True
    """
    properties = base["$defs"][owner]["properties"]
    told = _asked(expression)
    names = [name for name in properties if name in told or base["x-choices"].get(name) in told]
    return {"anyOf": [{"required": [name]} for name in names]} if names else None


def missing_element(expression: str) -> str | None:
    """Give the one element that is missing wherever an invariant is broken, None where it is none or one of several.

    >>> missing_element("status = 'not-done' or performed.exists()"), missing_element("a.exists() or b.exists()")
    ('performed', None)
    """
    told = _asked(expression)
    return told.pop() if len(told) == 1 else None


def _asked(expression: str) -> set[str]:
    """Give the elements of which each is enough to keep an invariant; none where its form is another."""
    terms = expression.rpartition(" implies ")[2].split(" or ")
    if not all(_EXISTS.fullmatch(term) or _EQUALS.fullmatch(term) for term in terms):
        return set()
    return {match[1] for term in terms if (match := _EXISTS.fullmatch(term))}


def prove_parts(tree: Node) -> Json | None:
    """Give a schema that only extensions pass whose parts are those of the slices; None where those ask for more.

    FHIR: Extension.extension, sliced by url; each slice with one type of value and how often it stands.
    """
    whole = tree.child("extension")
    kinds = [_type_of_part(piece) for piece in whole.slices] if whole is not None else []
    if whole is None or not kinds or None in kinds:
        return None
    told = [(piece, {"required": ["url"], "properties": {"url": {"const": _url_of(piece)}}}) for piece in whole.slices]
    items = [{**named, "required": ["url", f"value{kind}"]} for (_, named), kind in zip(told, kinds, strict=True)]
    counted = [
        {"contains": named, "minContains": piece.least, **({} if piece.most is None else {"maxContains": piece.most})}
        for piece, named in told
    ]
    return {"required": ["extension"], "properties": {"extension": {"items": {"anyOf": items}, "allOf": counted}}}


def _url_of(piece: Node) -> str | None:
    url = piece.child("url")
    told = url.value("fixed") if url is not None else None
    return told if isinstance(told, str) else None


def _type_of_part(piece: Node) -> str | None:
    """Give the type of the value of a part as it ends its name, where its url and that type are all that is asked of it."""
    value = piece.child("value[x]")
    if value is None or _url_of(piece) is None or piece.slices or value.children or value.slices or len(value.types) != 1:
        return None
    if any(key.startswith(("fixed", "pattern", "binding", "minValue", "maxValue", "maxLength")) for key in value.element):
        return None
    code = str(value.types[0]["code"])
    return code[0].upper() + code[1:] if not value.types[0].keys() & {"profile", "targetProfile"} else None
