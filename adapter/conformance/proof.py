"""Proofs: what a schema can show of an invariant, so that a tree without fault needs no FHIRPath."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

__all__ = ["missing_element", "prove"]

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
