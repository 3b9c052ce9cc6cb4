"""The rules: each fires on its own fault, none on a good claim, nothing bad is written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from adapter.terms import Address, Adjustment, Admission, Attachment, Identifier, LineDecision, Payer, PayerDecision, StatedCode
from adapter.x12 import guide, validate_837, write_837
from adapter.x12.guide_rules import NUMBER_RULES, RULES
from tests.strategies import claim_files
from tests.x12.examples import DEPENDENT, OWN, written_claim, written_envelope

CLAIM, ENVELOPE = written_claim(OWN), written_envelope(OWN)
PO_BOX = Address(("P.O. Box 12",), "Exampleville", "OH", "440010001")


def line(**changes):
    return {"lines": (replace(CLAIM.lines[0], **changes), *CLAIM.lines[1:])}


def drug(**changes):
    return {"lines": (CLAIM.lines[0], replace(CLAIM.lines[1], ndc=replace(CLAIM.lines[1].ndc, **changes)))}


def party(name, **changes):
    return {name: replace(getattr(CLAIM, name), **changes)}


FAULTS = [
    ("x12.form-not-supported", {"form": "dental"}, "Claim.type"),
    ("x12.1.2400.LX01.1", {"lines": ()}, "Claim.item"),
    ("x12.1.2400.LX01.1", {"lines": tuple(replace(CLAIM.lines[0], control_number=f"L{n}") for n in range(51))}, "Claim.item"),
    ("x12.1.2300.HI01.1", {"diagnoses": ()}, "Claim.diagnosis"),
    ("x12.1.2300.HI01.1", {"diagnoses": tuple(f"C{n:02}" for n in range(13))}, "Claim.diagnosis"),
    ("x12.4.2300.HI01.1", {"diagnoses": ("C78.7", "C787")}, "Claim.diagnosis"),
    ("x12.5.2300.HI01.4", {"diagnoses": ("Z51.11", "7999")}, "Claim.diagnosis[1].diagnosis"),
    ("x12.1.2400.SV101.1", line(modifiers=("59", "XS", "XE", "XU", "25")), "Claim.item[0].modifier"),
    ("x12.5.2400.SV101-3.4", line(modifiers=("5",)), "Claim.item[0].modifier[0]"),
    ("x12.5.2400.SV101-2.4", line(code="9652"), "Claim.item[0].productOrService"),
    ("x12.1.2400.SV101-7.2", line(description="X" * 81), "Claim.item[0].productOrService.text"),
    ("x12.4.2400.SV101.1", line(code="J7999"), "Claim.item[0].productOrService.text"),
    ("x12.1.2400.SV102.1", line(charge=Decimal("1.005")), "Claim.item[0].net"),
    ("x12.1.2400.SV102.1", line(charge=Decimal(-1)), "Claim.item[0].net"),
    ("x12.1.2400.SV102.1", line(charge=Decimal("NaN")), "Claim.item[0].net"),
    ("x12.1.2400.SV102.1", line(charge=Decimal("sNaN")), "Claim.item[0].net"),
    ("x12.1.2400.SV102.1", line(charge=Decimal("1E+99999")), "Claim.item[0].net"),
    ("x12.1.2300.CLM02.1", line(charge=Decimal("99999999.99")), "Claim.total"),
    ("x12.1.2400.SV104.1", line(units=Decimal(0)), "Claim.item[0].quantity"),
    ("x12.1.2400.SV104.1", line(units=Decimal("0.0001")), "Claim.item[0].quantity"),
    ("x12.1.2400.SV107.1", line(diagnosis_pointers=()), "Claim.item[0].diagnosisSequence"),
    ("x12.1.2400.SV107.1", line(diagnosis_pointers=(1, 2, 1, 2, 1)), "Claim.item[0].diagnosisSequence"),
    ("x12.4.2400.SV107.1", line(diagnosis_pointers=(3,)), "Claim.item[0].diagnosisSequence"),
    ("x12.4.2400.SV107.2", line(diagnosis_pointers=(1, 1)), "Claim.item[0].diagnosisSequence"),
    ("x12.4.2400.REF-6R.1", line(control_number=CLAIM.lines[1].control_number), "Claim.item[1].extension"),
    ("x12.1.2400.REF-6R.2", line(control_number="L" * 31), "Claim.item[0].extension"),
    ("x12.2.2400.REF-6R.1", line(control_number=""), "Claim.item[0].extension"),
    ("x12.4.2400.DTP03.1", line(service_date=date(2026, 3, 4)), "Claim.item[0].servicedDate"),
    ("x12.4.2010BA.DMG02.1", party("patient", birth_date=date(2026, 3, 3)), "Claim.item[1].servicedDate"),
    ("x12.5.2410.LIN03.4", drug(code="0000-1111-22"), "Claim.item[1].detail[0].productOrService"),
    ("x12.5.2410.LIN03.4", drug(code="0000111122"), "Claim.item[1].detail[0].productOrService"),
    ("x12.5.2410.CTP05.1", drug(unit="ME"), "Claim.item[1].detail[0].quantity.unit"),
    ("x12.1.2410.CTP04.1", drug(quantity=Decimal(0)), "Claim.item[1].detail[0].quantity"),
    ("x12.1.2300.CLM01.2", {"identifier": "X" * 18}, "Claim.identifier[0].value"),
    ("x12.1.2300.CLM01.3", {"identifier": "VISIT:1"}, "Claim.identifier[0].value"),
    ("x12.1.2300.CLM01.3", {"identifier": "VISIT-1 "}, "Claim.identifier[0].value"),
    ("x12.2.2300.CLM01.1", {"identifier": "~"}, "Claim.identifier[0].value"),
    ("x12.2.2300.CLM05-1.1", {"place_of_service": None}, "Claim.item[0].location"),
    ("x12.5.2300.CLM05-1.4", {"place_of_service": "1"}, "Claim.item[0].location"),
    ("x12.5.2300.CLM05-3.4", {"frequency": "5"}, "Claim.related[0].relationship"),
    ("x12.4.2300.REF-F8.1", {"frequency": "7"}, "Claim.related[0].reference"),
    ("x12.4.2300.REF-F8.1", {"frequency": "8"}, "Claim.related[0].reference"),
    ("x12.4.2300.REF-F8.2", {"original_reference": "P-1"}, "Claim.related[0].reference"),
    ("x12.1.2300.REF-G1.3", {"authorisation": "A*1"}, "Claim.insurance[0].preAuthRef"),
    ("x12.1.2300.REF-EA.2", party("patient", record_number=Identifier(None, "M" * 51)), "Claim.patient.resolve().identifier"),
    ("x12.5.2010AA.NM109.4", party("billing_provider", npi="1993999908"), "Claim.provider.resolve().identifier"),
    ("x12.5.2010AA.REF-EI.4", party("billing_provider", tax_id="98-7000001"), "Claim.provider.resolve().identifier"),
    ("x12.5.2010AA.REF-EI.4", party("billing_provider", tax_id="98700000"), "Claim.provider.resolve().identifier"),
    ("x12.5.2000A.PRV03.4", party("billing_provider", taxonomy="207RX02"), "Claim.provider.resolve().extension"),
    ("x12.5.2010AA.N301.4", party("billing_provider", address=PO_BOX), "Claim.provider.resolve().address.line[0]"),
    ("x12.5.2010AA.N403.4", party("billing_provider", address=replace(PO_BOX, line=("1 Way",), postal_code="44001")),
     "Claim.provider.resolve().address.postalCode"),
    ("x12.5.2310C.N403.4", party("facility", address=replace(PO_BOX, postal_code="44001")),
     "Claim.facility.resolve().address.postalCode"),
    ("x12.5.2310C.NM109.4", party("facility", npi="12"), "Claim.facility.resolve().identifier"),
    ("x12.5.2010BA.N402.4", party("patient", address=replace(PO_BOX, state="ZZ")), "Claim.patient.resolve().address[0].state"),
    ("x12.5.2010BA.N302.4", party("patient", address=replace(PO_BOX, line=("1", "2", "3"))),
     "Claim.patient.resolve().address[0].line[2]"),
    ("x12.2.2010BA.N301.1", party("patient", address=replace(PO_BOX, line=("~",))), "Claim.patient.resolve().address[0].line[0]"),
    ("x12.4.2010BA.N3.1", party("patient", address=None), "Claim.patient.resolve().address"),
    ("x12.4.2010BA.DMG.1", party("patient", gender=None), "Claim.patient.resolve().birthDate"),
    ("x12.5.2010BA.DMG03.1", party("patient", gender="X"), "Claim.patient.resolve().gender"),
    ("x12.1.2010BA.NM103.3", party("patient", family="Ελένη"), "Claim.patient.resolve().name[0].family"),
    ("x12.1.2010BA.NM104.2", party("patient", given=("X" * 36,)), "Claim.patient.resolve().name[0].given[0]"),
    ("x12.1.2010BA.NM105.2", party("patient", given=("X", "Y" * 26)), "Claim.patient.resolve().name[0].given[1]"),
    ("x12.4.2310B.NM109.1", party("treating_provider", npi="1993999907"), "Claim.careTeam[0].provider.resolve().identifier"),
    ("x12.4.2310B.NM109.2", party("treating_provider", npi=None), "Claim.careTeam[0].provider.resolve().identifier"),
    ("x12.5.2000B.SBR01.1", party("insurance", order=12), "Claim.insurance[0].sequence"),
    ("x12.5.2000B.SBR02.1", party("insurance", relationship="parent", subscriber=CLAIM.patient),
     "Claim.insurance[0].coverage.resolve().relationship"),
    ("x12.4.2000B.SBR02.1", party("insurance", relationship="child"), "Claim.insurance[0].coverage.resolve().subscriber"),
    ("x12.4.2000B.SBR02.1", party("insurance", subscriber=CLAIM.patient), "Claim.insurance[0].coverage.resolve().subscriber"),
    *(("x12.4.2300.CLM06.1", {name: None}, "Claim.extension") for name in ("accept_assignment", "benefits_assignment",
       "provider_signature", "release_of_information")),
    ("x12.5.2000B.SBR09.1", party("insurance", filing_indicator=None), "Claim.insurance[0].coverage.resolve().type"),
    ("x12.5.2000B.SBR09.1", party("insurance", filing_indicator="XX"), "Claim.insurance[0].coverage.resolve().type"),
    ("x12.6.2010BA.NM109.1", party("insurance", member_id="1SG4TE5MK73"), "Claim.insurance[0].coverage.resolve().subscriberId"),
    ("x12.1.2010BA.NM109.2", party("insurance", member_id="M"), "Claim.insurance[0].coverage.resolve().subscriberId"),
]
WARNINGS = [
    ("x12.4.2320.SBR01.1", party("insurance", order=2)),
]
SECOND = replace(CLAIM.insurance, order=2, payer=Payer("60054", "EXAMPLE HEALTH PLAN"))
HOSPITAL = replace(
    CLAIM, form="institutional", place_of_service=None, bill_type="0131", admission=Admission("3", "1", "01"),
    lines=tuple(replace(one, revenue_code="0335", diagnosis_pointers=(), authorisation=None) for one in CLAIM.lines),
)


def decided(**changes):
    """Give the claim with a second payer that decided, in balance but for the changes."""
    paid = PayerDecision(date(2026, 3, 3), Decimal("1000.00"), None, (Adjustment("CO", "45", Decimal("310.00")),))
    return {"other_insurance": (replace(SECOND, decision=replace(paid, **changes)),)}


FURTHER = [
    (CLAIM, "x12.4.2320.SBR01.2", {"other_insurance": (replace(SECOND, order=1),)}, "Claim.insurance"),
    (CLAIM, "x12.5.2320.SBR.1", {"other_insurance": (replace(SECOND, filing_indicator="XX"),)}, "Claim.insurance[1].coverage.resolve()"),
    (CLAIM, "x12.5.2320.CAS.1", decided(adjustments=(Adjustment("XX", "45", Decimal("310.00")),)), "Claim.insurance[1].claimResponse.resolve()"),
    (CLAIM, "x12.1.2320.AMT02.1", decided(paid=Decimal("1.005")), "Claim.insurance[1].claimResponse.resolve()"),
    (CLAIM, "x12.3.2320.AMT02.1", decided(paid=Decimal("999.99")), "Claim.insurance[1].claimResponse.resolve()"),
    (CLAIM, "x12.3.2430.SVD02.1", decided(lines=(LineDecision(1, Decimal(1), Decimal(1)),)), "Claim.insurance[1].claimResponse.resolve()"),
    (CLAIM, "x12.4.2300.PWK06.1", {"attachments": (Attachment("OZ", "EL"),)}, "Claim.supportingInfo"),
    (CLAIM, "x12.1.2300.NTE02.2", {"note": "X" * 81}, "Claim.supportingInfo"),
    (CLAIM, "x12.5.2010AB.N402.4", {"pay_to": replace(CLAIM.patient.address, state="QQ")}, "Claim.payee.party.resolve().address.state"),
    (HOSPITAL, "x12.4.2300.CL1.1", {"admission": None}, "Claim.supportingInfo"),
    (HOSPITAL, "x12.4.2300.CL1.1", {"admission": Admission("3", None, "01")}, "Claim.supportingInfo"),
    (HOSPITAL, "x12.4.2310A.NM1.1", {"treating_provider": None}, "Claim.careTeam"),
    (HOSPITAL, "x12.4.2310A.NM109.1", {"treating_provider": replace(CLAIM.treating_provider, npi=None)}, "Claim.careTeam[0].provider.resolve().identifier"),
    (HOSPITAL, "x12.5.2300.HI01.1", {"stated_codes": (StatedCode("value", "80"),)}, "Claim.supportingInfo"),
    (HOSPITAL, "x12.2.2300.CLM05-1.1", {"bill_type": None}, "Claim.subType"),
    (HOSPITAL, "x12.5.2400.SV201.4", {"lines": (replace(HOSPITAL.lines[0], revenue_code="335"),)}, "Claim.item[0].revenue"),
    (HOSPITAL, "x12.1.2400.SV202.1", {"lines": (replace(HOSPITAL.lines[0], modifiers=("59", "XS", "XE", "XU", "25")),)}, "Claim.item[0].modifier"),
    (HOSPITAL, "x12.1.2400.SV203.1", {"lines": (replace(HOSPITAL.lines[0], charge=Decimal(-1)),)}, "Claim.item[0].net"),
    (HOSPITAL, "x12.1.2400.SV205.1", {"lines": (replace(HOSPITAL.lines[0], units=Decimal(0)),)}, "Claim.item[0].quantity"),
    (HOSPITAL, "x12.4.2400.SV202.1", {"lines": (replace(HOSPITAL.lines[0], code="J7999"),)}, "Claim.item[0].productOrService.text"),
]
ENVELOPE_FAULTS = [
    ("x12.5.ISA.ISA13.4", {"interchange_control_number": "42"}),
    ("x12.5.ISA.ISA15.4", {"usage": "I"}),
    ("x12.5.GS.GS06.4", {"group_control_number": "0042"}),
    ("x12.1.ST.ST02.2", {"transaction_control_number": "1"}),
    ("x12.1.ST.BHT03.3", {"batch_id": "A*B"}),
    ("x12.1.ISA.ISA09.1", {"created_at": datetime(2026, 3, 3, 9, 15)}),  # noqa: DTZ001 - the fault itself
    ("x12.5.1000A.NM109.4", {"submitter": replace(ENVELOPE.submitter, id="S" * 16)}),
    ("x12.5.1000A.PER04.4", {"submitter": replace(ENVELOPE.submitter, contact_phone="555-555-0199")}),
    ("x12.2.1000B.NM103.1", {"receiver": replace(ENVELOPE.receiver, name="")}),
]


@pytest.mark.parametrize(("rule", "changes", "expression"), FAULTS)
def test_each_fault_is_seen_by_its_rule_at_its_place_and_is_not_written(rule, changes, expression):
    answer = write_837([replace(CLAIM, **changes)], ENVELOPE)
    assert answer.value is None
    assert (rule, (expression,)) in {(issue.rule, issue.expression) for issue in answer.issues}


@pytest.mark.parametrize(("claim", "rule", "changes", "expression"), FURTHER)
def test_each_fault_of_a_hospital_claim_or_of_another_payer_is_seen_too(claim, rule, changes, expression):
    assert [issue for issue in validate_837([claim], ENVELOPE) if issue.is_error] == []
    answer = write_837([replace(claim, **changes)], ENVELOPE)
    assert answer.value is None
    assert (rule, (expression,)) in {(issue.rule, issue.expression) for issue in answer.issues}


def test_claims_of_two_forms_and_too_many_claims_go_into_no_file():
    assert [issue.rule for issue in validate_837([CLAIM, replace(HOSPITAL, identifier="H")], ENVELOPE)] == ["x12.2.ST.ST03.1"]
    many = [replace(CLAIM, identifier=f"V-{number}") for number in range(guide.MOST_CLAIMS + 1)]
    assert "x12.2.2300.CLM.2" in {issue.rule for issue in validate_837(many[:1] * len(many), ENVELOPE)}


@pytest.mark.parametrize(("rule", "changes"), ENVELOPE_FAULTS)
def test_each_fault_of_the_envelope_is_seen(rule, changes):
    answer = write_837([CLAIM], replace(ENVELOPE, **changes))
    assert answer.value is None
    assert rule in {issue.rule for issue in answer.issues}


@pytest.mark.parametrize(("rule", "changes"), WARNINGS)
def test_what_is_not_written_yet_is_warned_of_and_the_rest_is_written(rule, changes):
    answer = write_837([replace(CLAIM, **changes)], ENVELOPE)
    assert answer.value is not None
    assert [issue.rule for issue in answer.issues] == [rule]


def test_every_rule_of_the_table_is_shown_to_fire():
    shown = {rule for rule, *_ in (*FAULTS, *WARNINGS)} | {rule for _, rule, *_ in FURTHER}
    assert {rule.id for rule in (*RULES, *NUMBER_RULES)} <= shown


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(claim_files())
def test_no_rule_refuses_a_good_claim(file):
    assert [issue for issue in validate_837(*file) if issue.is_error] == []


def test_a_claim_is_named_by_its_place_among_several():
    bad = replace(CLAIM, identifier="B", place_of_service=None)
    issues = validate_837([CLAIM, bad], ENVELOPE)
    assert [issue.expression for issue in issues] == [("Claim[1].item[0].location",)]


def test_one_control_number_twice_in_a_file_is_refused_whatever_its_case():
    issues = validate_837([replace(CLAIM, identifier="a-1"), replace(CLAIM, identifier="A-1")], ENVELOPE)
    assert [issue.rule for issue in issues] == ["x12.4.2300.CLM01.1"] * 2


def test_no_claims_is_no_file():
    assert [issue.rule for issue in validate_837([], ENVELOPE)] == ["x12.2.2300.CLM.1"]


def test_the_rules_name_snip_type_loop_element_and_number():
    shown = {rule for rule, *_ in (*FAULTS, *WARNINGS, *ENVELOPE_FAULTS)} - {"x12.form-not-supported"}
    assert [rule for rule in shown if not re.fullmatch(r"x12\.[1-7]\.[0-9A-Z]{2,6}\.[0-9A-Z]+(-\w+)?\.\d", rule)] == []


def test_no_text_of_an_issue_holds_data_of_the_patient():
    named = replace(CLAIM.patient, family="Whisperman" * 9, given=("Quietina" * 9,),
                    address=Address(("77 Hushed Lane" * 9,), "Z", "QQ", "1"), record_number=Identifier(None, "SECRETMRN:"))
    claim = replace(CLAIM, patient=named, insurance=replace(CLAIM.insurance, member_id="SECRETID^"))
    issues = validate_837([claim], ENVELOPE)
    assert len(issues) >= 8
    said = " ".join(issue.text for issue in issues).lower()
    assert not [word for word in ("whisper", "quiet", "hushed", "secret") if word in said]


def test_a_dependent_is_checked_in_the_loops_of_a_dependent():
    claim = written_claim(DEPENDENT)
    bad = replace(claim, patient=replace(claim.patient, family=""))
    rules = {issue.rule for issue in validate_837([bad], ENVELOPE)}
    assert rules == {"x12.2.2010CA.NM103.1"}
