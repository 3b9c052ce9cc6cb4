"""Invariants of base R4: which types and elements have which, and whether an element meets them, asked of FHIRPath.

Those that rules.py looks at are not among them, nor are warnings, and narratives are looked at by narrative.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from adapter.conformance.base import BaseFacts, ElementFacts
from adapter.conformance.finding import Finding
from adapter.conformance.rules import Link
from adapter.conformance.walk import Spot
from adapter.fhirpath import CannotRun, CompiledPath, Node, PathError, Types, compile_path
from adapter.fhirpath.errata import correct_invariant
from adapter.issues import IssueType

__all__ = ["BaseInvariants", "Invariant", "read_invariants"]

_BY_HAND: Final = frozenset({
    "bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-5", "bdl-7", "bdl-8", "dom-2", "ext-1", "mad-1", "ele-1", "txt-1", "txt-2",
})
_ELE_1: Final = "ele-1"
_DOM_3: Final = "dom-3"
# Invariants on what is contained, and what they bar in its meta.
_OF_CONTAINED: Final[dict[str, tuple[str, ...]]] = {
    _DOM_3: (), "dom-4": ("versionId", "lastUpdated"), "dom-5": ("security",),
}
_EMPTY: Final = "is empty; a value or an element was expected in it (invariant ele-1). Fill it or leave it out"


class Invariant(NamedTuple):
    """One invariant of base R4: its key, its sentence, its expression as it should read."""

    key: str
    human: str
    expression: str


def read_invariants(element: ElementFacts) -> tuple[Invariant, ...]:
    """Give the invariants of an element that an error comes of and that nothing else looks at."""
    return tuple(
        Invariant(told["key"], told["human"], correct_invariant(told["expression"]))
        for told in element.definition.get("constraint", ())
        if told["severity"] == "error" and told["key"] not in _BY_HAND and "expression" in told
    )


@dataclass(slots=True)
class BaseInvariants:
    """Hold the invariants by the places that have them: a type, a backbone element, an element of one; compiled when met."""

    facts: BaseFacts
    types: Types
    _places: dict[str, tuple[Invariant, ...]] = field(default_factory=dict)
    _paths: dict[str, CompiledPath] = field(default_factory=dict)
    _asked: dict[tuple[str, str, str], tuple[Invariant, ...]] = field(default_factory=dict)

    def at(self, place: str) -> tuple[Invariant, ...]:
        """Give the invariants of a type or element by its place (`Timing.repeat`, `Organization.telecom`)."""
        if place not in self._places:
            element = self.facts.element(place)
            self._places[place] = read_invariants(element) if element is not None else ()
        return self._places[place]

    def check(self, spot: Spot, scene: Any) -> Iterator[Finding]:
        """Check one element: what its type asks, then what is asked of it at its place."""
        fields = spot.sibling if spot.value is None else spot.value
        if isinstance(fields, dict) and fields.keys() <= {"id"}:
            yield Finding(f"base.invariant.{_ELE_1}", IssueType.INVARIANT, _EMPTY, spot.link, spot.key or spot.type.name)
            return
        found = self._of(spot)
        if not found:
            return
        node = Node(spot.value, spot.type, fields if isinstance(fields, dict) else spot.sibling or {})
        environment = scene.environment(self.types, spot.link)
        for one in found:
            path = self._compiled(one.expression)
            try:
                held = path.holds(node, environment)
            except (CannotRun, PathError):
                continue  # values of wrong types: the schema says so
            if not held:
                text = f"breaks the invariant {one.key}: {one.human.rstrip('. ')}. Correct it"
                code, name = IssueType.INVARIANT, spot.key or spot.type.name
                for link in _broken_at(one.key, fields, spot.link):
                    yield Finding(f"base.invariant.{one.key}", code, text, link, name if link is spot.link else str(link[1]))

    def _of(self, spot: Spot) -> tuple[Invariant, ...]:
        """Give what is asked of an element by its type and by its place; there are as many of these as R4 defines."""
        key = (spot.type.name, spot.holder.type.name if spot.holder else "", spot.key)
        known = self._asked.get(key)
        if known is None:
            of_place = self.at(spot.place) if spot.place != spot.type.name else ()
            known = self._asked[key] = (*self.at(spot.type.name), *of_place)
        return known

    def _compiled(self, expression: str) -> CompiledPath:
        if expression not in self._paths:
            self._paths[expression] = compile_path(expression, self.types)
        return self._paths[expression]


def _broken_at(key: str, node: Any, link: Link) -> list[Link]:
    """Give where an invariant is broken: at each contained resource that breaks it, one of another kind at its own node."""
    inner = node.get("contained", ()) if key in _OF_CONTAINED and isinstance(node, dict) else ()
    found: list[Link] = []
    for index, one in enumerate(inner if isinstance(inner, list) else ()):
        meta = one.get("meta") if isinstance(one, dict) else None
        if key == _DOM_3 and isinstance(one, dict) and not _names(node, f"#{one.get('id')}") and not _names(one, "#"):
            found.append((link, "contained", index))
        elif isinstance(meta, dict) and any(name.removeprefix("_") in _OF_CONTAINED[key] for name in meta):
            found.append((link, "contained", index, "meta"))
    return found or [link]


def _names(value: Any, text: str) -> bool:
    """Tell whether a text stands anywhere in a value."""
    if isinstance(value, dict):
        return any(_names(one, text) for one in value.values())
    return any(_names(one, text) for one in value) if isinstance(value, list) else value == text
