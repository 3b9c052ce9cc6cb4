"""Codes of systems that are known whole, whatever the binding; and units of measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from adapter.conformance.base import BaseFacts
from adapter.conformance.finding import Finding
from adapter.conformance.form import FORMS
from adapter.conformance.unit import is_unit
from adapter.conformance.walk import Spot
from adapter.issues import IssueType

__all__ = ["UCUM", "check_binding", "check_coding", "check_unit", "is_known_code"]

UCUM: Final = "http://unitsofmeasure.org"

_CODE: Final = "is no code of its code system; one of {} was expected. Correct code or system"
_BOUND: Final = "has no code of the value set {}; one was expected (binding required). Use one"
_UNIT: Final = "is no unit of UCUM; a code such as mg, mL or ug/d was expected. Correct code or system"


def is_known_code(coding: Mapping[str, Any], codes_of: Callable[[str], frozenset[str] | None]) -> bool:
    """Tell whether a code is one of its system; True where it has none, names a version, or the system is not here.

    FHIR: Coding.system, .code. A version may have more codes than the one that is here.

    >>> codes = {"urn:s": frozenset("a")}
    >>> [is_known_code({"system": one, "code": "b"}, codes.get) for one in ("urn:s", "http://snomed.info/sct")]
    [False, True]
    """
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str) or "version" in coding:
        return True
    if system in FORMS:
        return FORMS[system](code)
    known = codes_of(system)
    return known is None or code in known


def check_coding(spot: Spot, codes_of: Callable[[str], frozenset[str] | None]) -> Iterator[Finding]:
    """Check a Coding: its code is one of the system that it names, where that is here whole."""
    if not is_known_code(spot.value, codes_of):
        if spot.value["system"] == UCUM:
            yield from _unit(spot)
            return
        name = str(spot.value["system"]).rstrip("/").rpartition("/")[2]
        yield Finding("base.unknown-code", IssueType.CODE_INVALID, _CODE.format(name), (spot.link, "code"), "code")


def check_binding(spot: Spot, facts: BaseFacts, codes_of: Callable[[str], frozenset[str] | None]) -> Iterator[Finding]:
    """Check a CodeableConcept that R4 binds as required: one of its codes is of the value set, and it has one.

    http://hl7.org/fhir/R4/terminologies.html#required. One that only extensions tell of is not judged, nor a code of a
    system that is not here; a code that its own system has not is told already.
    """
    element = facts.element(spot.place)
    binding = element.definition.get("binding", {}) if element is not None else {}
    expansion = facts.value_set(binding.get("valueSet", "")) if binding.get("strength") == "required" else None
    if expansion is None or not isinstance(codings := spot.value.get("coding", []), list):
        return
    told = [one for one in codings if isinstance(one, dict) and isinstance(one.get("code"), str)]
    if (not told and "extension" in spot.value) or not all(is_known_code(one, codes_of) for one in told):
        return
    if all(expansion.holds(str(one.get("system", "")), one["code"]) is False for one in told):
        name = str(binding["valueSet"]).partition("|")[0].rpartition("/")[2]
        yield Finding("base.code", IssueType.CODE_INVALID, _BOUND.format(name), spot.link, spot.key)


def check_unit(spot: Spot) -> Iterator[Finding]:
    """Check a Quantity: a code of UCUM is one by the grammar and the atoms of UCUM."""
    code = spot.value.get("code")
    if spot.value.get("system") == UCUM and isinstance(code, str) and not is_unit(code):
        yield from _unit(spot)


def _unit(spot: Spot) -> Iterator[Finding]:
    yield Finding("base.unit", IssueType.CODE_INVALID, _UNIT, (spot.link, "code"), "code")
