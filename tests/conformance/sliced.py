"""Profiles with slices, invariants, bindings and targets, resources that keep them, and the defects that break one each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapter.conformance.base import BASE_URL
from adapter.fhir.systems import CPT, UCUM, own_code_system, own_structure
from tests.conformance import resources
from tests.conformance.defects import DROP, Defect
from tests.conformance.made import profile
from tests.conformance.resources import concept

__all__ = ["SLICED", "URL", "definitions", "sliced_defects", "sliced_resources"]

Json = dict[str, Any]
URL = "https://example.org/fhir/StructureDefinition/"
_CLASS, _ADJUDICATION = "http://terminology.hl7.org/CodeSystem/coverage-class", "http://terminology.hl7.org/CodeSystem/adjudication"
_PUMP_KIND = "https://refill-adapter.example/fhir/ValueSet/pump-kind"
_RESIDUAL = concept(own_code_system("refill-observation"), "residual-expected")
_CHECK = concept(own_code_system("refill-observation"), "aspiration-check")


def _element(path: str, **told: Any) -> Json:
    """Make an element of a differential; a slice name in a step of the path is written as in an id: `component:check`."""
    plain = ".".join(step.partition(":")[0] for step in path.split("."))
    name = path.rpartition(".")[2].partition(":")[2]
    return {"id": path, "path": plain, **({"sliceName": name} if name else {}), **told}


def _slicing(kind: str, path: str, rules: str, ordered: bool = False) -> Json:
    return {"slicing": {"discriminator": [{"type": kind, "path": path}], "rules": rules, "ordered": ordered}}


def _invariant(key: str, human: str, expression: str) -> Json:
    return {"constraint": [{"key": key, "severity": "error", "human": human, "expression": expression}]}


_ELEMENTS: dict[str, tuple[Json, ...]] = {
    "Observation": (
        _element("Observation", **_invariant("made-1", "A note has an issued instant", "note.exists() implies issued.exists()")),
        _element("Observation.status", fixedCode="final"),
        _element("Observation.category", min=1, **_slicing("pattern", "$this", "open")),
        _element("Observation.category:procedure", min=1, max="1", patternCodeableConcept=resources.observation()["category"][0]),
        _element("Observation.subject", min=1, type=[{"code": "Reference", "targetProfile": [f"{BASE_URL}Patient"]}]),
        _element("Observation.effective[x]", min=1, type=[{"code": "dateTime"}]),
        _element("Observation.performer", min=1, max="2"),
        _element("Observation.method", max="0"),
        _element("Observation.component", min=2, **_slicing("pattern", "code", "closed")),
        _element("Observation.component:residual", min=1, max="1"),
        _element("Observation.component:residual.code", patternCodeableConcept=_RESIDUAL),
        _element("Observation.component:residual.value[x]", min=1, type=[{"code": "Quantity"}]),
        _element("Observation.component:check", min=1, max="1"),
        _element("Observation.component:check.code", patternCodeableConcept=_CHECK),
        _element("Observation.component:check.interpretation", max="0"),
    ),
    "Coverage": (
        _element("Coverage"),
        _element("Coverage.relationship", min=1, binding={"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/subscriber-relationship"}),
        _element("Coverage.payor", max="1"),
        _element("Coverage.class", min=1, **_slicing("value", "type.coding.code", "open")),
        _element("Coverage.class:group", min=1, max="1"),
        _element("Coverage.class:group.type", patternCodeableConcept=concept(_CLASS, "group")),
        _element("Coverage.class:group.type.coding", min=1),
        _element("Coverage.class:group.type.coding.code", min=1, fixedCode="group"),
        _element("Coverage.class:group.name", max="0"),
        _element("Coverage.order", min=1),
    ),
    "ClaimResponse": (
        _element("ClaimResponse", **_invariant("made-2", "A payment has a date", "payment.exists() implies payment.date.exists()")),
        _element("ClaimResponse.use", fixedCode="claim"),
        _element("ClaimResponse.outcome", fixedCode="complete"),
        _element("ClaimResponse.item.adjudication", **_slicing("pattern", "category", "openAtEnd", ordered=True)),
        _element("ClaimResponse.item.adjudication:benefit", min=1, max="1"),
        _element("ClaimResponse.item.adjudication:benefit.category", patternCodeableConcept=concept(_ADJUDICATION, "benefit")),
        _element("ClaimResponse.item.adjudication:benefit.amount", min=1),
        _element("ClaimResponse.item.adjudication:copay", max="1"),
        _element("ClaimResponse.item.adjudication:copay.category", patternCodeableConcept=concept(_ADJUDICATION, "copay")),
        _element("ClaimResponse.total.amount.currency", min=1, fixedCode="USD"),
    ),
    "Device": (
        _element("Device"),
        _element("Device.extension:route", min=1, max="1", type=[{"code": "Extension", "profile": [own_structure("delivery-route")]}]),
        _element("Device.udiCarrier", min=1, max="1"),
        _element("Device.type.coding", min=1, **_slicing("value", "system", "open")),
        _element("Device.type.coding:kind", min=1, max="1", binding={"strength": "required", "valueSet": _PUMP_KIND}),
        _element("Device.type.coding:kind.system", min=1, fixedUri=own_code_system("pump-kind")),
        _element("Device.type.coding:kind.code", min=1),
    ),
    "Procedure": (
        _element("Procedure"),
        _element("Procedure.statusReason", max="0"),
        _element("Procedure.code.coding", min=1, **_slicing("value", "system", "open")),
        _element("Procedure.code.coding:act", min=1, max="1"),
        _element("Procedure.code.coding:act.system", min=1, fixedUri=own_code_system("refill-act")),
        _element("Procedure.code.coding:act.code", min=1, fixedCode="refill"),
        _element("Procedure.code.coding:cpt", max="1"),
        _element("Procedure.code.coding:cpt.system", min=1, fixedUri=CPT),
        _element("Procedure.focalDevice.manipulated", type=[{"code": "Reference", "targetProfile": [f"{BASE_URL}Device"]}]),
    ),
    "MedicationAdministration": (
        _element("MedicationAdministration", **_invariant("made-3", "A dose above zero", "dosage.dose.value.all($this > 0)")),
        _element("MedicationAdministration.medication[x]", type=[{"code": "CodeableConcept"}]),
        _element("MedicationAdministration.dosage", min=1),
        _element("MedicationAdministration.dosage.text", max="0"),
        _element("MedicationAdministration.dosage.dose", min=1, patternQuantity={"system": UCUM}),
    ),
}
SLICED = {kind: f"{URL}sliced-{kind}" for kind in _ELEMENTS}


def definitions() -> list[Json]:
    """Give the profiles as whole StructureDefinitions, as a validator of others takes them too."""
    found = []
    for kind, elements in _ELEMENTS.items():
        made = profile(kind, url=SLICED[kind]) | {"id": f"sliced-{kind}", "name": f"Sliced{kind}", "status": "draft", "fhirVersion": "4.0.1",
                                                  "kind": "resource", "abstract": False, "version": "1.0.0"}
        made["differential"] = {"element": list(elements)}
        found.append(made)
    return found


_MAKERS: dict[str, Callable[[], Json]] = {
    "Observation": resources.observation, "Coverage": resources.coverage, "ClaimResponse": resources.claim_response,
    "Device": resources.device, "Procedure": resources.procedure, "MedicationAdministration": resources.administration,
}


def sliced_resources() -> dict[str, Json]:
    """Give a resource of each type that keeps its profile and claims it."""
    found = {kind: make() | {"meta": {"profile": [SLICED[kind]]}} for kind, make in _MAKERS.items()}
    found["Procedure"]["code"]["coding"].append({"system": CPT, "code": "96522"})
    return found


_OTHER = {"coding": [{"system": "https://example.org/other", "code": "x"}]}
_COMPONENT, _ADJUDICATED, _CODING = ("component", 1), ("item", 0, "adjudication"), ("code", "coding")
_DEFECTS: dict[str, tuple[Defect, ...]] = {
    "Observation": (
        Defect("slice missing", ("component", 0), {"code": {"text": "x"}, "valueBoolean": True}),
        Defect("slice missing", ("category",), [_OTHER]),
        Defect("slice too many", ("component", 2), {"code": _CHECK, "valueBoolean": False}),
        Defect("slice too many", ("component", 2), {"code": _RESIDUAL, "valueQuantity": {"value": 1}}),
        Defect("slice too many", ("category", 1), resources.observation()["category"][0]),
        Defect("slice closed", ("component", 2), {"code": {"text": "x"}, "valueBoolean": True}),
        Defect("slice closed", ("component", 2), {"code": _OTHER, "valueBoolean": True}),
        Defect("slice rule", ("component", 0, "valueQuantity"), missing=True),
        Defect("slice rule", ("component", 0, "valueString"), "x", also=((("component", 0, "valueQuantity"), DROP),)),
        Defect("slice rule", ("component", 1, "interpretation"), [{"text": "x"}]),
        Defect("profile target", ("subject", "reference"), "Device/d1", rule_at=("subject",)),
        Defect("profile invariant", ("issued",), missing=True, rule_at=()),
        Defect("profile forbidden", ("method",), {"text": "x"}),
        Defect("profile choice-type", ("effectivePeriod",), {"start": "2026-03-02"}, also=((("effectiveDateTime",), DROP),)),
    ),
    "Coverage": (
        Defect("slice missing", ("class", 0, "type", "coding", 0, "code"), "plan", rule_at=("class",)),
        Defect("slice too many", ("class", 2), {"type": concept(_CLASS, "group"), "value": "G2"}),
        Defect("slice rule", ("class", 0, "name"), "x"),
        Defect("profile code", ("relationship", "coding", 0, "code"), "zork", rule_at=("relationship",)),
        Defect("profile code", ("relationship", "coding", 0, "system"), "https://example.org/other", rule_at=("relationship",)),
    ),
    "ClaimResponse": (
        Defect("slice missing", (*_ADJUDICATED, 0, "category", "coding", 0, "code"), "deductible", rule_at=_ADJUDICATED),
        Defect("slice too many", (*_ADJUDICATED, 2), {"category": concept(_ADJUDICATION, "copay"), "value": 1}),
        Defect("slice order", (*_ADJUDICATED, 0), {"category": concept(_ADJUDICATION, "copay"), "value": 1}, rule_at=(*_ADJUDICATED, 1),
               also=(((*_ADJUDICATED, 1), {"category": concept(_ADJUDICATION, "benefit"), "amount": {"value": 1}}),)),
        Defect("slice rule", (*_ADJUDICATED, 0, "amount"), missing=True),
        Defect("profile invariant", ("payment", "date"), missing=True, rule_at=()),
    ),
    "Device": (
        Defect("slice missing", ("extension",), [{"url": "https://example.org/x", "valueCode": "x"}]),
        Defect("slice missing", ("extension",), missing=True),
        Defect("slice too many", ("extension", 1), {"url": own_structure("delivery-route"), "valueCode": "epidural"}),
        Defect("slice missing", ("type", "coding", 0, "system"), "https://example.org/other", rule_at=("type", "coding")),
        Defect("slice rule", ("type", "coding", 0, "code"), missing=True),
        Defect("profile code", ("type", "coding", 0, "code"), "zork", rule_at=("type", "coding", 0)),
        Defect("profile code", ("extension", 0, "valueCode"), "oral"),
    ),
    "Procedure": (
        Defect("slice missing", (*_CODING, 0, "system"), "https://example.org/other", rule_at=_CODING),
        Defect("slice too many", (*_CODING, 2), {"system": CPT, "code": "96522"}),
        Defect("slice rule", (*_CODING, 0, "code"), "flush"),
        Defect("slice rule", (*_CODING, 0, "code"), missing=True),
        Defect("reference-type", ("focalDevice", 0, "manipulated", "reference"), "Patient/p1", rule_at=("focalDevice", 0, "manipulated")),
        Defect("profile forbidden", ("statusReason",), {"text": "x"}),
    ),
    "MedicationAdministration": (
        Defect("profile choice-type", ("medicationReference",), {"display": "x"}, also=((("medicationCodeableConcept",), DROP),)),
        Defect("profile invariant", ("dosage", "dose", "value"), 0, rule_at=()),
        Defect("profile invariant", ("dosage", "dose", "value"), -1, rule_at=()),
        Defect("profile value", ("dosage", "dose", "system"), "https://example.org/other", rule_at=("dosage", "dose")),
        Defect("profile forbidden", ("dosage", "text"), "x"),
    ),
}


def sliced_defects(kind: str) -> tuple[Defect, ...]:
    """Give the defects of the resource of a type that only its profile sees."""
    return _DEFECTS.get(kind, ())
