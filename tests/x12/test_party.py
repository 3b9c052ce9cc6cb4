"""The parties: what each loop holds, and what a reader will not take for something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.terms import Person
from adapter.x12 import read_837, write_837
from tests.x12.examples import DEPENDENT, OWN, without, written_claim, written_envelope


def test_a_patient_who_is_the_subscriber_stands_in_the_subscriber_loops_alone():
    claim = written_claim(OWN)
    assert claim.insurance.relationship == "self"
    assert claim.insurance.subscriber is None
    assert (claim.patient.family, claim.patient.given) == ("SYNTHETIC", ("PAT", "Q"))
    assert claim.patient.record_number.value == "MRN-0001"


def test_a_child_is_the_patient_and_the_parent_the_subscriber():
    claim = written_claim(DEPENDENT)
    assert claim.insurance.relationship == "child"
    assert claim.insurance.subscriber == Person("SYNTHETIC", ("PARENT",))
    assert (claim.patient.given, claim.patient.suffix, claim.patient.gender) == (("CHILD",), "III", "male")


def test_a_subscriber_who_is_not_the_patient_keeps_what_is_known_of_them():
    claim = written_claim(DEPENDENT)
    parent = replace(claim.patient, family="PARENT", given=("ANN",))
    changed = replace(claim, insurance=replace(claim.insurance, subscriber=parent))
    text = write_837([changed], written_envelope()).value
    assert read_837(text).value.claims[0].insurance.subscriber == parent


@pytest.mark.parametrize(("npi", "place"), [
    ("1993999907", "2010AA/NM1/09"), ("1882999901", "2310B/NM1/09"), ("1992999908", "2310C/NM1/09"),
])
@pytest.mark.parametrize("wrong", [lambda npi: npi[:-1] + "0", lambda npi: npi[:-1], lambda npi: "3" + npi[1:]])
def test_an_npi_whose_check_digit_is_wrong_names_nobody_and_is_refused_at_its_place(npi, place, wrong):
    line = OWN[: OWN.index(npi)].count("\n") + 1
    answer = read_837(OWN.replace(npi, wrong(npi)))
    assert answer.value is None
    assert [(issue.rule, issue.expression, issue.line) for issue in answer.issues] == [("x12.npi-wrong", (place,), line)]
    assert wrong(npi) not in answer.issues[0].text


def test_the_group_number_comes_before_the_group_name():
    claim = written_claim(OWN)
    both = replace(claim, insurance=replace(claim.insurance, group_number="G1", group_name="Employer"))
    name = replace(claim, insurance=replace(claim.insurance, group_number=None, group_name="Employer"))
    assert "SBR*P*18*G1******MB~" in write_837([both], written_envelope()).value
    assert "SBR*P*18**EMPLOYER*****MB~" in write_837([name], written_envelope()).value


@pytest.mark.parametrize(("order", "code"), [(1, "P"), (2, "S"), (3, "T"), (4, "A"), (11, "H")])
def test_the_order_of_the_coverage_is_a_letter(order, code):
    claim = written_claim(OWN)
    text = write_837([replace(claim, insurance=replace(claim.insurance, order=order))], written_envelope()).value
    assert f"SBR*{code}*18*" in text
    assert read_837(text).value.claims[0].insurance.order == order


@pytest.mark.parametrize(("old", "new", "rule"), [
    ("SBR*P*18", "SBR*U*18", "x12.code-not-known"),
    ("SBR*P*18", "SBR*P*19", "x12.code-not-known"),
    ("NM1*85*2", "NM1*85*1", "x12.code-not-known"),
    ("NM1*IL*1", "NM1*IL*2", "x12.code-not-known"),
    ("NM1*82*1", "NM1*82*2", "x12.code-not-known"),
    ("*XX*1993999907", "*24*1993999907", "x12.code-not-known"),
    ("19550102*F", "19550102*X", "x12.code-not-known"),
    ("DMG*D8", "DMG*D6", "x12.code-not-known"),
    ("19550102", "19550132", "x12.date-unreadable"),
    ("N4*EXAMPLEVILLE*OH*44001~", "N4*EXAMPLEVILLE*OH*K1A 0B1~", "x12.postal-code-unreadable"),
    ("NM1*PR*2*EXAMPLE MEDICARE CONTRACTOR", "NM1*PR*2*", "x12.element-missing"),
])
def test_what_a_party_cannot_be_is_an_issue_not_a_guess(old, new, rule):
    assert old in OWN
    answer = read_837(OWN.replace(old, new))
    assert answer.value is None
    assert {issue.rule for issue in answer.issues if issue.is_error} == {rule}


@pytest.mark.parametrize("code", ["20", "21", "39", "40", "53", "18", "ZZ"])
def test_a_relationship_outside_the_table_is_never_taken_for_other(code):
    answer = read_837(DEPENDENT.replace("PAT*19", f"PAT*{code}"))
    assert [issue.rule for issue in answer.issues] == ["x12.code-not-known"]


@pytest.mark.parametrize(("start", "rule"), [
    ("PRV*BI", "x12.taxonomy-missing"), ("REF*EI", "x12.tax-id-missing"),
])
def test_what_a_foreign_file_may_leave_out_is_warned_of(start, rule):
    answer = read_837(without(OWN, start))
    assert [issue.rule for issue in answer.issues] == [rule]
    assert write_837(answer.value.claims, answer.value.envelope).value is None


def test_a_coverage_without_a_filing_indicator_is_read_warned_of_and_not_written():
    answer = read_837(OWN.replace("SBR*P*18*GRP-7******MB~", "SBR*P*18*GRP-7~"))
    assert [issue.rule for issue in answer.issues] == ["x12.filing-indicator-missing"]
    assert write_837(answer.value.claims, answer.value.envelope).value is None


@pytest.mark.parametrize("start", ["NM1*85", "N3*1 BILLING", "NM1*IL", "NM1*PR", "SBR*P"])
def test_a_party_that_has_to_be_there_is_missed(start):
    answer = read_837(without(OWN, start))
    assert answer.value is None
    assert "x12.segment-missing" in {issue.rule for issue in answer.issues}
