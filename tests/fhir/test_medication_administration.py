"""One drug put into the pump: what the administration and its Medication tell, each with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.medication_administration import given_on, read_drug, read_routes
from adapter.terms import Identifier, Quantity
from tests.bundles import change_visit, clean_visit, concept, own, render
from tests.coding.decisions import context, site

TABLES = context().rule_book.tables
MG = {"system": "http://unitsofmeasure.org", "code": "mg"}
ML = {**MG, "code": "mL"}


def read(change=None):
    chart = Chart(render(change_visit(clean_visit(), change or {})), TABLES, site("practice"))
    (found,) = chart.index.of_type("MedicationAdministration")
    return read_drug(chart, found, 0), [issue.rule for issue in chart.issues]


def test_the_clean_administration_tells_everything():
    drug, rules = read()
    assert rules == []
    assert [told.value for told in (*drug.hcpcs, *drug.ndc, *drug.containers, *drug.routes)] == ["J9200", "98765-4321-01", "single-dose", "intra-arterial"]
    assert (drug.dose.value, drug.discarded.value) == (Quantity(Decimal(180), "mg"), Quantity(Decimal(320), "mg"))
    assert (drug.lot_number.value, drug.expires_on.value, drug.is_completed) == ("D100", "2027-12-31", True)
    assert drug.given_at == "2026-03-02T10:15:00-05:00"
    assert drug.dose.source.endswith(".dosage.dose")
    assert drug.discarded.source.endswith(".extension[1].value")


@pytest.mark.parametrize(("path", "name"), [("medication.batch.lotNumber", "lot_number"), ("medication.batch.expirationDate", "expires_on"), ("administration.dosage.dose", "dose"),
    ("administration.dosage.route", "routes"), ("administration.extension.1", "discarded"), ("administration.extension.0", "containers"), ("medication.code.text", "name"),
    ("administration.effectiveDateTime", "given_at"), ("administration.medicationReference", "hcpcs"), ("administration.dosage", "dose")])
def test_what_is_taken_away_is_absent_and_nothing_else_is_put_there(path, name):
    drug, _ = read({"remove": [path]})
    assert not getattr(drug, name)


@pytest.mark.parametrize(("path", "name"), [("administration.dosage.dose", "dose"), ("medication.batch", "lot_number"), ("administration.dosage", "dose"),
    ("administration.extension.1.valueQuantity", "discarded")])
def test_an_element_without_its_parts_is_absent(path, name):
    assert not getattr(read({"set": {path: {}}})[0], name)


def test_a_dose_without_a_ucum_code_has_no_unit():
    assert read({"set": {"administration.dosage.dose": {"value": 180, "unit": "mg"}}})[0].dose.value == Quantity(Decimal(180), "")


def test_the_drug_may_stand_in_the_administration():
    drug, _ = read({"remove": ["administration.medicationReference"], "set": {"administration.medicationCodeableConcept": concept(["hcpcs J9200", "rxnorm 4488"], "floxuridine")}})
    assert ([told.value for told in (*drug.hcpcs, *drug.rxnorm)], drug.name, drug.ndc) == (["J9200", "4488"], "floxuridine", ())
    assert drug.hcpcs[0].source.endswith(".medication.coding[0]")


@pytest.mark.parametrize(("status", "is_completed"), [("completed", True), ("stopped", True), ("in-progress", False), ("on-hold", False), ("unknown", False), ("", False)])
def test_only_what_ended_was_given(status, is_completed):
    assert read({"set": {"administration.status": status}})[0].is_completed == is_completed


def ingredient(drug=None, volume=None):
    strength = {key: {"value": value, **unit} for key, value, unit in (("numerator", drug, MG), ("denominator", volume, ML)) if value is not None}
    return {"itemCodeableConcept": concept("rxnorm 4488"), "strength": strength}


@pytest.mark.parametrize(("ingredients", "expected"), [([ingredient(500, 5)], (Quantity(Decimal(500), "mg"), Quantity(Decimal(5), "mL"))), ([ingredient(500, 0)], None), ([ingredient(500)], None),
    ([ingredient(volume=5)], None), ([ingredient(500, 5), ingredient(20, 5)], None), ([{}], None)])
def test_a_concentration_is_of_the_only_ingredient(ingredients, expected):
    drug, _ = read({"set": {"medication.ingredient": ingredients}})
    assert drug.concentration == expected


@pytest.mark.parametrize(("codes", "routes", "rules"), [
    (["snomed 58100008"], ["intra-arterial"], []), (["route epidural", "snomed 404820008"], ["epidural", "epidural"], []), (["snomed 58100008", "route intrathecal"], ["intra-arterial", "intrathecal"], []),
    (["snomed 26643006"], [], ["route.unknown"]), (["route oral"], [], ["route.unknown"]), (["http://other.example IV"], [], ["route.not-understood"]), (["snomed intrathecal"], [], ["route.unknown"]),
    (["route 58100008"], [], ["route.unknown"]),
])
def test_a_route_is_one_of_ours_or_it_is_said(codes, routes, rules):
    chart = Chart({}, TABLES, site("practice"))
    assert [told.value for told in read_routes(chart, {"route": concept(codes)}, "route", "D")] == routes
    assert [issue.rule for issue in chart.issues] == rules


@pytest.mark.parametrize(("tree", "expected"), [({"effectiveDateTime": "2026-03-02"}, "2026-03-02"), ({"effectivePeriod": {"start": "2026-03-02", "end": "2026-03-03"}}, "2026-03-02"),
    ({"effectivePeriod": {"end": "2026-03-02"}}, None), ({}, None), ({"effectivePeriod": {}}, None)])
def test_the_time_is_that_of_the_start_as_it_is_written(tree, expected):
    assert given_on(tree) == expected


def test_identifiers_tell_a_fill_that_was_sent_twice():
    drug, _ = read({"set": {"administration.identifier": [{"system": "urn:x", "value": " 1 "}, {"system": "urn:x"}]}})
    assert drug.identifiers == (Identifier("urn:x", "1"),)


def test_containers_may_be_told_twice():
    drug, _ = read({"set": {"administration.extension.2": own("container", valueCode="multi-dose")}})
    assert [told.value for told in drug.containers] == ["single-dose", "multi-dose"]
