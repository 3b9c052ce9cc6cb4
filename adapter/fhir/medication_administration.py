"""MedicationAdministration with its Medication: one drug put into the pump."""

from __future__ import annotations

from adapter.fhir.billing_code import CODE, keep_sound
from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import (
    Code,
    children,
    own_extension,
    own_extension_codes,
    read_codes,
    read_identifiers,
    read_quantity,
    text,
)
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import HCPCS, NDC, RXNORM, SNOMED, own_code_system
from adapter.terms import Drug, Quantity, Told

__all__ = ["given_on", "is_coded", "read_drug", "read_routes"]

_GIVEN = {"completed", "stopped"}
_OWN = own_code_system("delivery-route")


def read_drug(chart: Chart, found: Found, act: int) -> Drug:
    """Read one administration that belongs to an act.

    FHIR: .medication[x] with HCPCS, NDC, RxNorm; Medication.batch and .ingredient; .dosage.dose, .dosage.route;
    extensions discarded-amount and container; .identifier, .effective[x].
    """
    resource, path = found
    medications = chart.follow(resource, "medicationReference", path, "Medication")
    concepts = _concepts(found, medications)
    codes = _codes(concepts)
    parts = [(one, "itemCodeableConcept", at) for tree, where in medications for one, at in children(tree, where, "ingredient")]
    batches = [batch for medication, where in medications for batch in children(medication, where, "batch")]
    dosage, where = resource.get("dosage", {}), f"{path}.dosage"
    dose = _told_quantity(chart, dosage.get("dose"), f"{where}.dose")
    discarded = [
        told for extension, where in own_extension(resource, "discarded-amount", path)
        if (told := _told_quantity(chart, extension.get("valueQuantity"), f"{where}.value"))
    ]
    if len({told.value for told in discarded}) > 1:
        text_ = "The administration tells several discarded amounts."
        chart.say("drug.discarded-contradiction", text_, *[told.source for told in discarded])
    return Drug(
        source=path,
        act=act,
        hcpcs=keep_sound(chart, [Told(code.code, code.source) for code in codes if code.system == HCPCS], CODE),
        ndc=tuple(Told(code.code, code.source) for code in codes if code.system == NDC),
        rxnorm=tuple(Told(code.code, code.source) for code in codes if code.system == RXNORM),
        dose=dose,
        discarded=discarded[0] if discarded else None,
        containers=tuple(own_extension_codes(resource, "container", path)),
        routes=tuple(read_routes(chart, dosage, "route", where)),
        lot_number=_told_text(batches, "lotNumber"),
        expires_on=_told_text(batches, "expirationDate"),
        given_at=given_on(resource),
        identifiers=tuple(told.value for told in read_identifiers(resource, path)),
        is_completed=resource.get("status") in _GIVEN,
        concentration=_concentration(medications),
        name=next((name for tree, element, _ in concepts if (name := text(tree.get(element), "text"))), None),
        order=f"{path}.request" if "request" in resource else None,
        ingredients=tuple(Told(one.code, one.source) for one in _codes(parts) if one.system == HCPCS),
        words=tuple(word for tree, element, _ in (*concepts, *parts) for word in _words(tree.get(element, {}))),
    )


def is_coded(chart: Chart, found: Found) -> bool:
    """Tell whether an administration tells a HCPCS or NDC code, and read nothing else of it."""
    concepts = _concepts(found, chart.follow(found[0], "medicationReference", found[1], "Medication"))
    return any(code.system in (HCPCS, NDC) for code in _codes(concepts))


def _concepts(found: Found, medications: list[Found]) -> list[tuple[Tree, str, str]]:
    """Give the elements that code the drug: medicationCodeableConcept, and Medication.code."""
    own = [(found[0], "medicationCodeableConcept", found[1])] if "medicationCodeableConcept" in found[0] else []
    return [*own, *((medication, "code", where) for medication, where in medications)]


def _codes(concepts: list[tuple[Tree, str, str]]) -> list[Code]:
    return [
        Code(system, code, source.replace("medicationCodeableConcept", "medication"))
        for tree, element, where in concepts
        for system, code, source in read_codes(tree, element, where)
    ]


def _words(concept: Tree) -> list[str]:
    """Give the text of a concept and the displays of its codings."""
    told = [concept.get("text"), *[coding.get("display") for coding in concept.get("coding", ())]]
    return [word for word in told if word]


def given_on(resource: Tree) -> str | None:
    """Give the time of an administration as it is written: effectiveDateTime or the start of effectivePeriod."""
    written: str | None = resource.get("effectiveDateTime") or resource.get("effectivePeriod", {}).get("start")
    return written


def read_routes(chart: Chart, tree: Tree, element: str, path: str) -> list[Told[str]]:
    """Read route codings (SNOMED CT or our delivery-route) to routes of ours; an unknown one is an issue, never dropped.

    FHIR: MedicationAdministration.dosage.route.
    """
    told: list[Told[str]] = []
    known = read_codes(tree, element, path)
    if element in tree and not any(code.system in (SNOMED, _OWN) for code in known):
        chart.say("route.not-understood", "The route is told in words or codes that are not read here.", f"{path}.{element}")
    for code in known:
        if code.system not in (SNOMED, _OWN):
            continue
        row = chart.tables.one("route", None, code=code.code)
        if row is None or (code.system == _OWN) != (row.text("route") == code.code):
            chart.say("route.unknown", "This is no route that this product knows.", code.source)
        else:
            told.append(Told(row.text("route"), code.source))
    return told


def _told_quantity(chart: Chart, quantity: Tree | None, where: str) -> Told[Quantity] | None:
    """Read a quantity by its UCUM code; where the unit beside it is another code that the tables know, that is said."""
    told = read_quantity(quantity)
    if quantity is not None and "comparator" in quantity:
        chart.say("drug.amount-inexact", "The amount has a comparator: how much it is, is not told.", f"{where}.comparator")
    if quantity is None or told is None:
        return None
    unit, code = quantity.get("unit"), quantity.get("code")
    if unit and code and unit != code and chart.tables.one("unit", None, unit=unit):
        words = "The unit of the amount is another UCUM code than its code, which is what is counted."
        chart.say("drug.unit-contradiction", words, f"{where}.unit")
    return Told(told, where)


def _told_text(found: list[Found], element: str) -> Told[str] | None:
    return next((Told(value, f"{where}.{element}") for tree, where in found if (value := text(tree, element))), None)


def _concentration(medications: list[Found]) -> tuple[Quantity, Quantity] | None:
    """Give the strength of the only ingredient: so much drug in so much volume."""
    strengths = [
        ingredient["strength"]
        for medication, _ in medications
        for ingredient in medication.get("ingredient", ())
        if "strength" in ingredient
    ]
    if len(strengths) != 1:
        return None
    drug, volume = read_quantity(strengths[0].get("numerator")), read_quantity(strengths[0].get("denominator"))
    return (drug, volume) if drug and volume and volume.value else None
