"""Bindings of a profile that a schema cannot say: extensible ones, and value sets that are known in part only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapter.conformance.element_tree import Node
from adapter.conformance.expansion import Expansion
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance
from adapter.conformance.library import Library
from adapter.issues import IssueType, Severity

__all__ = ["compile_binding", "is_bound"]

_SEVERITY: Final[Mapping[str, Severity]] = {"required": Severity.ERROR, "extensible": Severity.WARNING}


def compile_binding(node: Node, owner: str, library: Library) -> Iterator[Check]:
    """Compile the binding of an element, where it is tighter than the base's and the schema does not say it.

    FHIR: ElementDefinition.binding. A code outside of a required value set is an error, of an extensible one a warning.
    A code of a system that is not here is not checked: nothing is said of it.
    """
    binding = node.element.get("binding", {})
    strength = binding.get("strength", "")
    base = (library.base_element(owner, node.name) or {}).get("binding", {})
    if strength not in _SEVERITY or "valueSet" not in binding or base.get("valueSet") == binding["valueSet"]:
        return
    expansion = library.expansion(binding["valueSet"])
    if strength == "required" and expansion.is_counted and expansion.codes:
        return
    name = str(binding["valueSet"]).partition("|")[0].rpartition("/")[2]
    text = f"has no code of the value set {name} (binding {strength}). Use one"

    def check(instance: Instance, scene: Any) -> Iterator[Finding]:  # noqa: ARG001 # every check takes the scene
        if is_bound(instance.value, expansion) is False:
            yield Finding("profile.code", IssueType.CODE_INVALID, text, instance.link, node.name, _SEVERITY[strength])

    yield check


def is_bound(value: Any, expansion: Expansion) -> bool | None:
    """Tell whether a code, Coding, Quantity or CodeableConcept has a code of a value set; None where that is not known.

    >>> expansion = Expansion({"urn:s": frozenset("a")}, {}, {"http://snomed.info/sct": "SNOMED CT is not here"})
    >>> [is_bound({"coding": [{"system": one, "code": "b"}]}, expansion) for one in ("urn:s", "http://snomed.info/sct")]
    [False, None]
    """
    if isinstance(value, str):
        return expansion.holds_code(value)
    if not isinstance(value, dict):
        return None
    codings = value.get("coding", None if "text" in value else [value])
    if not isinstance(codings, list):
        return None
    known = [expansion.holds(one.get("system", ""), one["code"]) for one in codings if isinstance(one, dict) and "code" in one]
    if True in known:
        return True
    return False if known and None not in known else None
