"""The losses: one table, complete, in step with the fold and with what readers are told."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from adapter.issues import Outcome, Severity
from adapter.terms import Admission, Identifier, LineDecision, PayerDecision, Pump, Referral, StatedCode
from adapter.x12 import LOSSES, complete_claim, fold_claim
from adapter.x12.syntax import fold_text
from tests.strategies import claims
from tests.x12.examples import DEPENDENT, OWN, written_claim

PAGE = Path(__file__).parents[2] / "docs" / "losses.md"
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def lost_fields(claim, folded, path=""):
    """Name the fields in which two values differ, down to the field that the table may name."""
    if claim == folded:
        return set()
    if isinstance(claim, str) and isinstance(folded, str) and fold_text(claim) == folded:
        return {"*"}
    if path in LOSSES:
        return {path}
    if is_dataclass(claim) and type(claim) is type(folded):
        return set().union(*(lost_fields(getattr(claim, each.name), getattr(folded, each.name), f"{path}.{each.name}".lstrip("."))
                             for each in fields(claim)))
    if isinstance(claim, tuple) and len(claim) == len(folded):
        return set().union(*(lost_fields(one, two, path) for one, two in zip(claim, folded, strict=True)))
    return {f"not in the table: {path}"}


PUMP = Pump("implanted-programmable", serial_number="SN1")


def with_pump(claim):
    return replace(claim, lines=tuple(replace(line, pump=PUMP) for line in claim.lines))


def richest_claim():
    claim = written_claim(DEPENDENT)
    person = replace(claim.patient, given=("A", "B", "C"), gender="other", record_number=Identifier("urn:x", "1"))
    line = replace(claim.lines[0], revenue_code="0335", sequence=7, pump=PUMP)
    doctor = replace(written_claim(OWN).treating_provider, given=("A", "B", "C"))
    return replace(
        claim, bill_type="0131", service_date=claim.service_date.replace(day=28), patient=person,
        billing_provider=replace(claim.billing_provider, phone="5555550100", name="Praxis Ä"),
        insurance=replace(claim.insurance, subscriber=person, group_number="G", group_name="N"),
        diagnoses=("C787",), lines=(line,), admission=Admission("3", "1", "01"), stated_codes=(StatedCode("condition", "09"),),
        other_insurance=(replace(claim.insurance, order=2, group_number="G", group_name="N", subscriber=person, decision=UNEVEN),),
        treating_provider=doctor, supervising_provider=doctor, referral=Referral("R1", doctor),
    )


UNEVEN = PayerDecision(date(2026, 3, 3), Decimal("1.00"), None, (), (LineDecision(7, Decimal("1.00"), Decimal(1)),))


def richest_hospital_claim():
    claim = richest_claim()
    line = replace(claim.lines[0], note="N", authorisation="A1")
    insurance = replace(claim.insurance, decision=UNEVEN)
    return replace(claim, form="institutional", place_of_service="22", lines=(line,), insurance=insurance)


@SLOW
@given(claims())
def test_every_field_that_does_not_come_back_is_in_the_table(claim):
    assert lost_fields(claim, fold_claim(claim)) <= set(LOSSES)


def test_every_row_of_the_table_is_a_real_loss():
    assert {one for claim in (richest_claim(), richest_hospital_claim()) for one in lost_fields(claim, fold_claim(claim))} == set(LOSSES)


def test_a_loss_that_the_table_does_not_name_is_caught():
    claim = written_claim()
    assert lost_fields(claim, replace(claim, authorisation=None)) == {"not in the table: authorisation"}


@SLOW
@given(claims())
def test_folding_twice_is_folding_once(claim):
    folded = fold_claim(claim)
    assert fold_claim(folded) == folded


def test_the_page_says_what_the_table_says():
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == dict(LOSSES)
    assert len(rows) == len(LOSSES)


@SLOW
@given(claims())
def test_a_kept_claim_gives_back_all_that_was_lost(claim):
    assert complete_claim(fold_claim(claim), claim) == Outcome(claim)
    assert complete_claim(claim, claim) == Outcome(claim)


@pytest.mark.parametrize("change", [{"place_of_service": "49"}, {"identifier": "ANOTHER"}, {"provider_signature": None}, {"diagnoses": ()}])
def test_of_a_claim_that_differs_from_the_kept_one_nothing_is_mixed_in_and_the_place_is_named(change):
    kept = with_pump(replace(written_claim(), place_of_service="11"))
    read = replace(fold_claim(kept), **change)
    completed = complete_claim(read, kept)
    assert completed.value == read
    assert completed.value.pumps == ()
    (issue,) = completed.issues
    (name,) = change
    assert (issue.rule, issue.severity) == ("claim.kept-differs", Severity.WARNING)
    assert name.replace("_", " ") in issue.text


def test_a_difference_is_told_without_a_word_of_the_data():
    kept = written_claim()
    read = replace(fold_claim(kept), patient=replace(kept.patient, family="Synthetic"))
    (issue,) = complete_claim(read, kept).issues
    assert "patient" in issue.text
    assert "Synthetic" not in issue.text
