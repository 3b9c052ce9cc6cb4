"""A resource that says of itself that it is no fact counts as absent; no other word of a status does."""

from __future__ import annotations

import pytest

from adapter.fhir.inactive import is_inactive

IN_ERROR = ("ChargeItem", "Claim", "ClaimResponse", "Consent", "Coverage", "Device", "DocumentReference", "Encounter", "ExplanationOfBenefit", "Medication",
    "MedicationAdministration", "Observation", "Procedure")
OTHER_WORDS = {"Procedure": ["not-done"], "MedicationAdministration": ["not-done"], "Encounter": ["cancelled"], "Coverage": ["cancelled"], "Claim": ["cancelled"],
    "ClaimResponse": ["cancelled"], "ExplanationOfBenefit": ["cancelled"], "Observation": ["cancelled"], "Device": ["inactive"], "Medication": ["inactive"],
    "Location": ["inactive"], "Consent": ["inactive", "rejected"], "ChargeItem": ["aborted", "not-billable"]}
IN_FORCE = {"Procedure": ["completed", "stopped", "in-progress", "preparation", "on-hold", "unknown"], "MedicationAdministration": ["completed", "stopped", "in-progress", "on-hold", "unknown"],
    "Encounter": ["planned", "arrived", "in-progress", "finished", "unknown"], "Coverage": ["active"], "Device": ["active", "unknown"], "Observation": ["final", "amended", "preliminary", "corrected"],
    "ChargeItem": ["billable", "billed", "unknown"], "Location": ["active"], "Consent": ["active"], "DocumentReference": ["current"], "ClaimResponse": ["active"]}


@pytest.mark.parametrize("kind", IN_ERROR)
def test_what_was_entered_in_error_is_absent(kind):
    assert is_inactive({"resourceType": kind, "status": "entered-in-error"})


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind, words in OTHER_WORDS.items() for status in words])
def test_what_was_not_done_or_is_cancelled_or_inactive_is_absent(kind, status):
    assert is_inactive({"resourceType": kind, "status": status})


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind, words in IN_FORCE.items() for status in words])
def test_any_other_status_is_in_force(kind, status):
    assert not is_inactive({"resourceType": kind, "status": status})


@pytest.mark.parametrize("kind", ["Organization", "Patient", "Practitioner", "PractitionerRole"])
def test_active_false_is_absent_and_nothing_else_is(kind):
    assert is_inactive({"resourceType": kind, "active": False})
    assert not any(is_inactive({"resourceType": kind, **more}) for more in ({}, {"active": True}, {"active": None}, {"active": 0}, {"active": "false"}))


@pytest.mark.parametrize(("element", "code", "absent"), [("verificationStatus", "entered-in-error", True), ("verificationStatus", "refuted", True), ("verificationStatus", "confirmed", False),
    ("clinicalStatus", "inactive", True), ("clinicalStatus", "active", False), ("verificationStatus", "inactive", False)])
def test_a_condition_says_it_by_its_two_statuses(element, code, absent):
    assert is_inactive({"resourceType": "Condition", element: {"coding": [{"code": code}]}}) == absent


@pytest.mark.parametrize("resource", [{}, {"resourceType": "Device"}, {"resourceType": "Binary", "status": "inactive"}, {"resourceType": "Condition"},
    {"resourceType": "Condition", "verificationStatus": {"text": "refuted"}}, {"resourceType": "Patient"}])
def test_what_says_nothing_of_its_status_is_in_force(resource):
    assert not is_inactive(resource)
