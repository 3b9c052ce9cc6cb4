"""What the note shows: refill observations of this act or its visit, and consents in force."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.observation import read_consents, read_observations
from adapter.terms import Quantity
from tests.bundles import concept
from tests.coding.decisions import context, site

PATIENT = {"resourceType": "Patient", "id": "p"}
ACT = {"resourceType": "Procedure", "id": "a"}
OTHER = {"resourceType": "Procedure", "id": "b"}
VISIT = {"resourceType": "Encounter", "id": "e"}
BASE = (PATIENT, ACT, OTHER, VISIT)
WHERE = [f"Bundle.entry[{place}].resource" for place in range(4)]


def to(name):
    return {"reference": name}


def chart(*resources):
    return Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in (*BASE, *resources)]}, context().rule_book.tables, site("practice"))


def observation(name="o", **more):
    return {"resourceType": "Observation", "id": name, "status": "final", "code": concept("observation residual-aspirated"), **more}


def read(*resources):
    return [one.code for one in read_observations(chart(*resources), [WHERE[1]], {WHERE[3]})]


@pytest.mark.parametrize(("link", "is_ours"), [
    ({"partOf": [to("Procedure/a")]}, True), ({"partOf": [to("Procedure/b")]}, False), ({"encounter": to("Encounter/e")}, True), ({"derivedFrom": [to("Procedure/a")]}, True),
    ({"partOf": [to("Procedure/b")], "encounter": to("Encounter/e")}, False), ({}, False), ({"encounter": to("Encounter/x")}, False),
    ({"partOf": [to("Procedure/a")], "status": "entered-in-error"}, False), ({"partOf": [to("Procedure/a")], "code": concept("http://loinc.org 1-8")}, False),
])
def test_an_observation_is_ours_by_what_it_is_part_of_else_by_its_visit(link, is_ours):
    assert read(observation(**link)) == ["residual-aspirated"] * is_ours


def test_an_observation_derived_from_one_of_ours_is_ours():
    assert len(read(observation("o", partOf=[to("Procedure/a")]), observation("n", derivedFrom=[to("Observation/o")]))) == 2


def test_an_amount_is_kept_exactly():
    amount = {"value": Decimal("3.10"), "system": "http://unitsofmeasure.org", "code": "mL"}
    (found,) = read_observations(chart(observation(encounter=to("Encounter/e"), valueQuantity=amount)), [], {WHERE[3]})
    assert found.quantity == Quantity(Decimal("3.10"), "mL")


@pytest.mark.parametrize(("change", "counts"), [({}, True), ({"status": "inactive"}, False), ({"status": "proposed"}, False), ({"status": None}, False), ({"patient": to("Patient/q")}, False), ({"patient": None}, False)])
def test_a_consent_is_active_and_the_patients(change, counts):
    consent = {"resourceType": "Consent", "status": "active", "patient": to("Patient/p"), **change}
    assert len(read_consents(chart(consent), (PATIENT, WHERE[0]))) == counts
