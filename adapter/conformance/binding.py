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

__all__ = ["compile_binding", "has_no_code", "is_bound", "same_binding"]

_STRENGTHS: Final = ("example", "preferred", "extensible", "required")
_SEVERITY: Final[Mapping[str, Severity]] = {"required": Severity.ERROR, "extensible": Severity.WARNING}


def same_binding(binding: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Tell whether a binding is the base's own: the same value set, and no stronger.

    >>> base = {"valueSet": "v|4.0.1", "strength": "extensible"}
    >>> [same_binding({"valueSet": "v", "strength": one}, base) for one in _STRENGTHS]
    [True, True, True, False]
    """
    sets = [str(one.get("valueSet")).partition("|")[0] for one in (binding, base)]
    return sets[0] == sets[1] and _strength(binding) <= _strength(base)


def _strength(binding: Mapping[str, Any]) -> int:
    return _STRENGTHS.index(binding["strength"]) if binding.get("strength") in _STRENGTHS else 0


def compile_binding(node: Node, owner: str, library: Library, *, is_slice: bool = False) -> Iterator[Check]:
    """Compile the binding of an element, where it is tighter than the base's and the schema does not say it.

    FHIR: ElementDefinition.binding. A code outside of a required value set is an error, of an extensible one a warning.
    A code of a system that is not here is not checked: nothing is said of it. Of a slice the schema says nothing.
    """
    binding = node.element.get("binding", {})
    strength = binding.get("strength", "")
    base = (library.base_element(owner, node.name) or {}).get("binding", {})
    if strength not in _SEVERITY or "valueSet" not in binding or same_binding(binding, base):
        return
    expansion = library.expansion(binding["valueSet"])
    if strength == "required" and expansion.is_counted and expansion.codes and not is_slice:
        return
    name = str(binding["valueSet"]).partition("|")[0].rpartition("/")[2]
    text = f"has no code of the value set {name} (binding {strength}). Use one"

    def check(instance: Instance, scene: Any) -> Iterator[Finding]:  # noqa: ARG001 # every check takes the scene
        found = is_bound(instance.value, expansion)
        if found is False or (found is None and strength == "required" and has_no_code(instance.value)):
            yield Finding("profile.code", IssueType.CODE_INVALID, text, instance.link, node.name, _SEVERITY[strength])

    yield check


def has_no_code(value: Any) -> bool:
    """Tell whether a CodeableConcept says what it means in words alone: no required value set has that.

    http://hl7.org/fhir/R4/terminologies.html#required. An extension may say why a code is absent.

    >>> [has_no_code(one) for one in ({"text": "a pump"}, {"coding": [{"code": "a"}]}, {"coding": [{"display": "a pump"}]})]
    [True, False, True]
    """
    if not isinstance(value, dict) or "extension" in value:
        return False
    codings = value.get("coding", [] if "text" in value else None)
    told = {"code", "_code", "extension"}
    return isinstance(codings, list) and not any(not isinstance(one, dict) or one.keys() & told for one in codings)


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
    pairs = [(one.get("system", ""), one.get("code")) for one in codings if isinstance(one, dict)]
    known = [expansion.holds(system, code) for system, code in pairs if isinstance(system, str) and isinstance(code, str)]
    if True in known:
        return True
    return False if known and None not in known else None
