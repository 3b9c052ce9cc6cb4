"""Modifiers come from facts; what the record asserts is kept, known already, or refused: never passed on in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.coding.modifier import decide_drug_modifiers, decide_refill_modifiers
from adapter.coding.place import Setting
from adapter.terms import Act, RefillFacts, Service, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
TABLES = context().rule_book.tables
OFFICE, CAMPUS = Setting("11", "professional"), Setting("19", "institutional", "0131")
MEDICARE = site("practice").payers[0]
ROWS = [(modifier, row) for row in TABLES["modifier"].rows for modifier in row.when["modifier"]]


def told(*modifiers):
    return tuple(Told(one, f"modifier[{number}]") for number, one in enumerate(modifiers))


def decide(*asserted, status="completed", setting=OFFICE, separate=None, charged=(), off_campus=None):
    act = Act("Procedure", Told(status, "Procedure.status"), modifiers=told(*asserted))
    services = (Service("ChargeItem", "96522", told(*charged)),) if charged else ()
    facts = RefillFacts(acts=(act,), services=services, places=(Told(setting.place, "Location.type"),))
    visit = Visit(facts, replace(site("practice"), off_campus_modifier=off_campus), TABLES, DAY, DAY, DAY)
    decided = decide_refill_modifiers(visit, ActCode(act, "refill", "96522"), (setting, MEDICARE), separate)
    assert len(decided.value[0]) == len(decided.value[1])
    return decided.value[0], [issue.rule for issue in decided.issues]


@pytest.mark.parametrize(("modifier", "row"), ROWS, ids=[f"{row.id}: {modifier}" for modifier, row in ROWS])
def test_an_asserted_modifier_of_the_table_is_kept_or_holds_the_refill(modifier, row):
    is_kept = row.text("use") == "kept" and row.when.get("on", ("refill",)) == ("refill",)
    assert decide(modifier) == (((modifier,), []) if is_kept else ((), ["modifier.not-allowed"]))
    assert decide(charged=(modifier,)) == decide(modifier)


@pytest.mark.parametrize("modifier", ["", "9", "ZZ", "ga", "GA ", "96522"])
def test_a_modifier_that_the_table_does_not_have_is_refused(modifier):
    assert decide(modifier) == ((), ["modifier.not-allowed"])


@pytest.mark.parametrize(("asked", "modifiers"), [
    ({}, ()), ({"status": "stopped"}, ("53",)), ({"status": "stopped", "setting": CAMPUS}, ("52",)), ({"status": "stopped", "setting": Setting("11")}, ()),
    ({"separate": "XS"}, ("XS",)), ({"setting": CAMPUS, "off_campus": "PO"}, ("PO",)), ({"setting": CAMPUS}, ()), ({"off_campus": "PO"}, ()),
    ({"status": "stopped", "setting": CAMPUS, "off_campus": "PN", "separate": "59"}, ("52", "59", "PN")),
])
def test_facts_give_modifiers_in_their_order(asked, modifiers):
    assert decide(**asked) == (modifiers, [])
    assert decide(*modifiers, **asked) == (modifiers, []), "asserting what the facts give changes nothing"
    assert decide("GA", *modifiers, **asked)[0] == (*modifiers, "GA")


def test_a_modifier_asserted_twice_stands_once():
    assert decide("GA", "GA", charged=("GA",)) == (("GA",), [])


def test_five_do_not_fit():
    assert decide("GA", "GX", "GY", "GZ", "KX")[1] == ["modifier.contradiction", "modifier.too-many"]


def test_ga_and_gz_contradict_each_other_wherever_they_are_asserted():
    assert decide("GA", charged=("GZ",))[1] == ["modifier.contradiction"]
    assert decide("GA", "GX", "GY")[1] == decide("GZ")[1] == []


def drug(*asserted, derived=("JZ",)):
    facts = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), services=(Service("ChargeItem", "J9200", told(*asserted), is_charge=True),))
    lines = (DraftLine("J9200", Decimal(1), derived), DraftLine("J3285", Decimal(1)))
    decided = decide_drug_modifiers(Visit(facts, site("practice"), TABLES, DAY, DAY, DAY), lines)
    return [line.modifiers for line in decided.value], [issue.rule for issue in decided.issues]


@pytest.mark.parametrize(("asserted", "modifiers", "rules"), [
    ((), ("JZ",), []), (("JZ",), ("JZ",), []), (("JW",), ("JZ",), ["drug.modifier-contradiction"]), (("TB",), ("JZ", "TB"), []), (("KX",), ("JZ", "KX"), []),
    (("KD",), ("JZ",), ["drug.modifier-contradiction"]), (("25",), ("JZ",), ["drug.modifier-contradiction"]), (("ZZ",), ("JZ",), ["drug.modifier-contradiction"]),
])
def test_a_drugs_modifiers_are_compared_and_other_drugs_are_left_alone(asserted, modifiers, rules):
    assert drug(*asserted) == ([modifiers, ()], rules)
