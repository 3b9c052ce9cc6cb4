"""Invariants of base R4: which types and elements have which, and whether an element meets them, asked of FHIRPath.

Those that rules.py looks at are not among them, and narratives are looked at by narrative.py. An invariant that R4 marks as
best practice (elementdefinition-bestpractice: dom-6, con-3) is advice and asked of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from adapter.conformance.base import BASE_URL, BaseFacts, ElementFacts
from adapter.conformance.finding import Finding
from adapter.conformance.rules import Link
from adapter.conformance.walk import Spot
from adapter.fhirpath import CannotRun, CompiledPath, Environment, Node, PathError, Types, compile_path
from adapter.fhirpath.errata import correct_invariant
from adapter.issues import IssueType, Severity

__all__ = ["BaseInvariants", "Invariant", "read_invariants"]

_BY_HAND: Final = frozenset({
    "bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-5", "bdl-7", "bdl-8", "dom-2", "ext-1", "mad-1", "ele-1", "txt-1", "txt-2",
})
_ADVICE: Final = f"{BASE_URL}elementdefinition-bestpractice"
_ELE_1: Final = "ele-1"
_DOM_3: Final = "dom-3"
# Invariants on what is contained, and what they bar in its meta.
_OF_CONTAINED: Final[dict[str, tuple[str, ...]]] = {
    _DOM_3: (), "dom-4": ("versionId", "lastUpdated"), "dom-5": ("security",),
}
_EMPTY: Final = "is empty; a value or an element was expected in it (invariant ele-1). Fill it or leave it out"
_CONTEXT: Final = "is an extension that its definition allows only on an element with {}. Move it, or correct the element"


class Invariant(NamedTuple):
    """One invariant of base R4: its key, its sentence, its expression as it should read, and how much it weighs."""

    key: str
    human: str
    expression: str
    severity: Severity = Severity.ERROR


def read_invariants(element: ElementFacts) -> tuple[Invariant, ...]:
    """Give the invariants of an element that an issue comes of and that nothing else looks at.

    FHIR: ElementDefinition.constraint.severity, error or warning.
    """
    return tuple(
        Invariant(told["key"], told["human"], correct_invariant(told["expression"]), Severity(told["severity"]))
        for told in element.definition.get("constraint", ())
        if told["key"] not in _BY_HAND and "expression" in told and not _is_advice(told)
    )


def _is_advice(constraint: Mapping[str, Any]) -> bool:
    """Tell whether a constraint is best practice: R4 leaves it to each validator whether to tell of it."""
    return any(one["url"] == _ADVICE and one.get("valueBoolean") for one in constraint.get("extension", ()))


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
        environment = scene.environment(self.types, spot.link)
        for one in found:
            if self._holds(one.expression, spot, environment) is False:
                text = f"breaks the invariant {one.key}: {one.human.rstrip('. ')}. Correct it"
                code, name = IssueType.INVARIANT, spot.key or spot.type.name
                for link in _broken_at(one.key, fields, spot.link):
                    element = name if link is spot.link else str(link[1])
                    yield Finding(f"base.invariant.{one.key}", code, text, link, element, one.severity)

    def _of(self, spot: Spot) -> tuple[Invariant, ...]:
        """Give what is asked of an element by its type and by its place; there are as many of these as R4 defines."""
        key = (spot.type.name, spot.holder.type.name if spot.holder else "", spot.key)
        known = self._asked.get(key)
        if known is None:
            of_place = self.at(spot.place) if spot.place != spot.type.name else ()
            known = self._asked[key] = (*self.at(spot.type.name), *of_place)
        return known

    def check_context(self, spot: Spot, definition: Mapping[str, Any], scene: Any) -> Iterator[Finding]:
        """Check what the definition of an extension asks of the element that has it.

        FHIR: StructureDefinition.contextInvariant; `%extension` is the extension.
        """
        holder, told = spot.holder, definition.get("contextInvariant", ())
        if holder is None or not told:
            return
        extension = Node(spot.value, spot.type, spot.value)
        environment = replace(scene.environment(self.types, holder.link), extension=extension)
        for expression in told:
            if self._holds(correct_invariant(expression), holder, environment) is False:
                text = _CONTEXT.format(expression)
                yield Finding("base.extension-invariant", IssueType.INVARIANT, text, spot.link, spot.key)

    def _holds(self, expression: str, spot: Spot, environment: Environment) -> bool | None:
        """Ask FHIRPath of an element; None where a value is of a wrong type: the schema says so."""
        if expression not in self._paths:
            self._paths[expression] = compile_path(expression, self.types)
        fields = spot.sibling if spot.value is None else spot.value
        node = Node(spot.value, spot.type, fields if isinstance(fields, dict) else spot.sibling or {})
        try:
            return self._paths[expression].holds(node, environment)
        except (CannotRun, PathError):
            return None


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
