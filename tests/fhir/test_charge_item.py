"""Other services of the day, their notes, and the prices that the record gives."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapter.fhir.charge_item import read_charge, read_service
from adapter.fhir.chart import Chart
from adapter.terms import Charge
from tests.bundles import concept, own
from tests.coding.decisions import context, site

ITEM = {"resourceType": "ChargeItem", "id": "c", "status": "billable", "code": concept("cpt 99213"), "quantity": {"value": 2}, "priceOverride": {"value": Decimal("118.00"), "currency": "USD"}}


def read(item=ITEM, *others, encounters=("Bundle.entry[1].resource",)):
    visit = {"resourceType": "Encounter", "id": "e"}
    chart = Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in (item, visit, *others)]}, context().rule_book.tables, site("practice"))
    return read_service(chart, (item, "Bundle.entry[0].resource"), list(encounters), (3,)), [issue.rule for issue in chart.issues]


def note(related=None, encounter="Encounter/e", **more):
    context_ = {**({"encounter": [{"reference": encounter}]} if encounter else {}), **({"related": [{"reference": related}]} if related else {})}
    return {"resourceType": "DocumentReference", "id": "n", "status": "current", "context": context_, **more}


def test_a_charge_is_a_service_with_its_code_units_and_modifiers():
    service, rules = read({**ITEM, "extension": [own("modifier", valueCodeableConcept=concept("cpt 25"))]})
    assert (service.code, service.units, service.is_charge, service.note, rules) == ("99213", Decimal(2), True, None, [])
    assert ([told.value for told in service.modifiers], service.devices) == (["25"], (3,))


@pytest.mark.parametrize("code", [{"text": "visit"}, concept("icd C78.7"), concept("http://other.example 99213"), None, {}])
def test_what_has_no_billing_code_is_no_service(code):
    assert read({**ITEM, "code": code})[0] is None
    assert read_charge(({**ITEM, "code": code}, "C")) is None


def test_two_codes_on_one_service_are_said():
    assert read({**ITEM, "code": concept(["cpt 99213", "cpt 99214"])})[1] == ["service.contradiction"]
    assert read({**ITEM, "code": concept(["cpt 99213", "cpt 99213"])})[1] == []


@pytest.mark.parametrize(("quantity", "units"), [({}, None), ({"value": 0}, 0), ({"value": Decimal("0.5")}, Decimal("0.5"))])
def test_units_are_told_or_not_known_and_never_one_for_want_of_a_word(quantity, units):
    service = read({**ITEM, "quantity": quantity})[0]
    assert (service.units, service.counted_at) == (units, "Bundle.entry[0].resource.quantity")


def test_a_procedure_is_one_unit():
    assert read({"resourceType": "Procedure", "id": "p", "code": concept("cpt 99213")})[0].units == 1


@pytest.mark.parametrize(("document", "supports"), [
    (note(), True), (note("ChargeItem/c"), True), (note("ChargeItem/c", None), True), (note("Encounter/e"), False), (note(encounter=None), False),
    (note(encounter="Encounter/other"), False), (note(status="entered-in-error"), False), (note(status="superseded"), False),
])
def test_a_note_supports_the_service_that_it_is_about(document, supports):
    assert (read(ITEM, document)[0].note is not None) == supports


def test_a_note_of_another_visit_supports_nothing():
    assert read(ITEM, note(), encounters=())[0].note is None


def test_a_note_may_be_named_by_the_charge_itself():
    item = {**ITEM, "supportingInformation": [{"reference": "DocumentReference/n"}]}
    assert read(item, note(encounter=None), encounters=())[0].note == "Bundle.entry[2].resource"


def test_a_price_is_exact_with_its_currency_and_units():
    assert read_charge((ITEM, "C")) == Charge("C.priceOverride", "99213", Decimal("118.00"), "USD", Decimal(2))


@pytest.mark.parametrize("price", [{}, {"currency": "USD"}])
def test_a_price_that_is_no_number_is_no_price(price):
    assert read_charge(({**ITEM, "priceOverride": price}, "C")) is None
