"""The claim of a record: numbered lines, pointers of its form, and no claim where something is not settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from adapter.coding.claim import ClaimParts, build_claim, build_lines
from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.coding.payer import Insured
from adapter.coding.place import Setting
from adapter.terms import Act, Insurance, Payer, Person, Practitioner, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
SITES = {"professional": site("practice"), "institutional": site("hospital")}
SETTINGS = {"professional": Setting("11", "professional"), "institutional": Setting("22", "institutional", "0131")}
INSURANCE = Insurance(Payer("90001", "Invented"), "1EG4TE5MK73", "self", "MB")
PARTS = ClaimParts("R1", SETTINGS["professional"], Insured(INSURANCE), Practitioner("Sample", npi="1882999901"), ("C78.7",), (), (), (None, ()), ())


PATIENT = Person("Placeholder")


def visit(form="professional", day=DAY, patient=PATIENT):
    facts = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), patient=patient)
    return Visit(facts, SITES[form], context().rule_book.tables, day, day, DAY)


def parts(codes=("96522",), diagnoses=1, form="professional", **more):
    lines = tuple(DraftLine(code, Decimal(1)) for code in codes)
    return replace(PARTS, setting=SETTINGS[form], lines=lines, charges=(Decimal("1.00"),) * len(lines), authorisations=(None, (None,) * len(lines)),
        diagnoses=tuple(f"C{number}.0" for number in range(10, 10 + diagnoses)), **more)


@given(st.integers(1, 9), st.integers(0, 25))
def test_lines_are_numbered_and_point_to_at_most_four_diagnoses(count, diagnoses):
    built = build_lines(visit(), parts(("96522",) * count, diagnoses)).value
    assert [line.sequence for line in built] == list(range(1, count + 1))
    assert len({line.control_number for line in built}) == count
    assert {line.diagnosis_pointers for line in built} == {tuple(range(1, min(diagnoses, 4) + 1))}


def test_only_an_institutional_line_has_a_revenue_code_and_it_has_no_pointers():
    (office,) = build_lines(visit(), parts()).value
    (hospital,) = build_lines(visit("institutional"), parts(form="institutional")).value
    assert (office.revenue_code, office.diagnosis_pointers) == (None, (1,))
    assert (hospital.revenue_code, hospital.diagnosis_pointers) == (SITES["institutional"].revenue["96522"], ())


def test_a_code_without_a_revenue_code_is_an_error_and_no_other_is_taken():
    decided = build_lines(visit("institutional"), parts(("00000",), form="institutional"))
    assert (decided.value[0].revenue_code, [issue.rule for issue in decided.issues]) == (None, ["revenue.missing"])


@pytest.mark.parametrize(("changed", "seen"), [
    ({"insured": Insured()}, {}), ({"setting": Setting("21")}, {}), ({}, {"day": None}), ({}, {"patient": None}),
])
def test_without_payer_form_day_or_patient_there_is_no_claim(changed, seen):
    assert build_claim(visit(**seen), replace(parts(), **changed), ()) is None


@pytest.mark.parametrize("form", ["professional", "institutional"])
def test_a_form_holds_its_own_fields_and_not_the_others(form):
    claim = build_claim(visit(form), parts(form=form), ())
    assert (claim.place_of_service, claim.bill_type) == (("11", None) if form == "professional" else (None, "0131"))
    assert claim.billing_provider == SITES[form].billing_provider


def test_a_billing_provider_that_treats_itself_is_not_named_twice_on_a_professional_claim():
    itself = Practitioner("Sample", npi=SITES["professional"].billing_provider.npi)
    assert build_claim(visit(), parts(treating=itself), ()).treating_provider is None
    assert build_claim(visit(), parts(), ()).treating_provider == PARTS.treating


def test_the_total_is_the_exact_sum_of_the_lines():
    built = build_lines(visit(), replace(parts(("96522", "J1644")), charges=(Decimal("185.00"), Decimal("13.50")))).value
    assert build_claim(visit(), parts(), built).total == Decimal("198.50")
