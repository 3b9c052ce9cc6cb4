"""Targets of references in base R4: the types that an element may refer to, and a Reference.type that says another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapter.conformance.base import BaseFacts
from adapter.conformance.finding import Finding
from adapter.conformance.instance import Instance
from adapter.conformance.target import type_of_reference
from adapter.conformance.walk import Spot
from adapter.issues import IssueType

__all__ = ["check_reference"]

_ANY = "Resource"


def check_reference(spot: Spot, facts: BaseFacts, scene: Any) -> Iterator[Finding]:
    """Check where a Reference leads: a resource in the Bundle or contained, else the type that its text shows.

    FHIR: Reference.reference, Reference.type; http://hl7.org/fhir/R4/references.html. A text that shows no type and leads
    to nothing that was sent is not judged.
    """
    element = facts.element(spot.place)
    targets = element.targets if element is not None else ()
    found = scene.resolve(Instance(spot.value, spot.link, "Reference"))
    literal = {"reference": spot.value.get("reference")}
    shown = found.value.get("resourceType") if found is not None else type_of_reference(literal)
    shown = shown if isinstance(shown, str) else None
    told = type_of_reference({"type": spot.value.get("type")})
    if shown in facts.names and told in facts.names and shown != told:
        text = f"says the type {told}, and the reference leads to {shown}; one type was expected. Correct one of the two"
        yield Finding("base.reference-type", IssueType.STRUCTURE, text, spot.link, spot.key)
        return
    kind = shown or told
    if targets and _ANY not in targets and kind in facts.names and kind not in targets:
        text = f"refers to {kind}; {' or '.join(targets)} was expected. Correct it"
        yield Finding("base.target", IssueType.STRUCTURE, text, spot.link, spot.key)
