"""Invariants of a profile: FHIRPath, compiled once, asked of each instance of the element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from adapter.conformance.element_tree import Node
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance
from adapter.conformance.library import Library
from adapter.conformance.proof import missing_element
from adapter.issues import IssueType, Severity

__all__ = ["compile_invariants"]

_SEVERITY: Final = {"error": Severity.ERROR, "warning": Severity.WARNING}


def compile_invariants(node: Node, owner: str, library: Library) -> Iterator[Check]:
    """Compile the invariants that a profile adds to an element.

    FHIR: ElementDefinition.constraint (key, severity, expression, human). Those of the base are looked at with the base.
    One that is broken by the absence of one element alone is an issue at that element.
    """
    base = library.base_element(owner, node.name) or {}
    known = {told["key"] for told in base.get("constraint", ())}
    for told in node.element.get("constraint", ()):
        if "expression" in told and told["key"] not in known:
            yield _compile(node, told, library)


def _compile(node: Node, told: Any, library: Library) -> Check:
    holds = library.holds(told["expression"], str(node.element.get("path", node.name)))
    severity = _SEVERITY[told["severity"]]
    text = f"breaks the invariant {told['key']}: {str(told.get('human', '')).rstrip('.')}"

    missing = missing_element(told["expression"])
    unknown = f"was not checked against the invariant {told['key']}: FHIRPath has no result for what stands here"

    def check(instance: Instance, scene: Any) -> Iterator[Finding]:
        held = holds(instance, scene)
        if held is None:
            yield Finding("profile.not-checked", IssueType.INFORMATIONAL, unknown, instance.link, node.name, Severity.INFORMATION)
        elif not held:
            place = (instance.link, missing) if missing else instance.link
            yield Finding("profile.invariant", IssueType.INVARIANT, text, place, node.name, severity)

    return check
