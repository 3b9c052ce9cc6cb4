"""Beside the lines of a Claim: notes, admission, attachments, and what an earlier payer decided."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.fhir.claim import read_claim, write_claim
from adapter.terms import Adjustment, Admission, Insurance, LineDecision, Payer, PayerDecision
from tests.fhir.claim_cases import INSTITUTIONAL, PROFESSIONAL, STAMP, record_of

DECISION = PayerDecision(date(2026, 3, 4), Decimal("5.00"), "P-1", (), (LineDecision(1, Decimal("5.00"), Decimal(1), (Adjustment("CO", "45", Decimal(1)),)),))
SECOND = Insurance(Payer("77", "Other Payer"), "M-2", "self", "CI", 9, decision=DECISION)
NOTED = replace(PROFESSIONAL, note="A note", other_insurance=(SECOND,))


def written(claim):
    return copy.deepcopy(write_claim(record_of(claim), STAMP).value)


def test_what_stands_beside_the_lines_comes_back():
    assert read_claim(written(NOTED)).value == NOTED
    hospital = replace(INSTITUTIONAL, admission=Admission("3", None, "01"))
    assert read_claim(written(hospital)).value == hospital


@pytest.mark.parametrize(("claim", "rule"), [(NOTED, "claim.notes-several"), (replace(INSTITUTIONAL, admission=Admission("3", "1", "01")), "claim.admission-several")])
def test_two_answers_to_one_question_are_an_error(claim, rule):
    tree = written(claim)
    information = tree["entry"][0]["resource"]["supportingInfo"]
    second = copy.deepcopy(information[0])
    second["sequence"] = 9
    if "code" in second:
        second["code"]["coding"][0]["code"] = "1"
    information.append(second)
    answer = read_claim(tree)
    assert answer.value is None
    assert rule in {issue.rule for issue in answer.issues}


def test_a_decision_without_a_payment_is_told_and_left_out():
    tree = written(NOTED)
    response, = (one["resource"] for one in tree["entry"] if one["resource"]["resourceType"] == "ClaimResponse")
    del response["payment"]
    answer = read_claim(tree)
    assert "insurance.decision-incomplete" in {issue.rule for issue in answer.issues}
    assert answer.value.other_insurance[0].decision is None
