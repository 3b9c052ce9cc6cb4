"""The chart follows references to what is in force, and says once what it could not follow."""

from __future__ import annotations

import pytest

from adapter.fhir.chart import Chart
from tests.coding.decisions import context, site

PATIENT = {"resourceType": "Patient", "id": "p"}
DEVICE = {"resourceType": "Device", "id": "d"}
OLD = {"resourceType": "Device", "id": "old", "status": "entered-in-error"}


def chart(*resources):
    return Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}, context().rule_book.tables, site("practice"))


def to(*names):
    found = [{"reference": name} for name in names]
    return {"device": found[0] if len(found) == 1 else found}


def rules(known):
    return [issue.rule for issue in known.issues]


def test_a_reference_leads_to_a_resource_of_its_types_in_force():
    known = chart(PATIENT, DEVICE)
    assert [where for _, where in known.follow(to("Device/d"), "device", "X", "Device")] == ["Bundle.entry[1].resource"]
    assert known.follow(to("Device/d"), "device", "X", "Patient") == []
    assert [len(known.follow(tree, "device", "X")) for tree in ({}, {"device": None}, {"device": []}, {"device": {}})] == [0] * 4
    assert known.issues == []


def test_what_counts_as_absent_is_said_once():
    known = chart(OLD)
    assert [known.follow(to("Device/old"), "device", "X", "Device") for _ in range(3)] == [[]] * 3
    assert known.all("Device") == []
    assert rules(known) == ["resource.inactive"]


@pytest.mark.parametrize("name", ["Device/none", "urn:uuid:none", "#none", "https://ehr.example/Device/none"])
def test_a_reference_that_leads_nowhere_is_said_at_its_place(name):
    known = chart(DEVICE)
    assert known.follow(to(name), "device", "X", "Device") == []
    assert [(issue.rule, issue.expression) for issue in known.issues] == [("reference.not-found", ("X.device",))]


def test_a_reference_in_words_alone_is_no_broken_one():
    known = chart(DEVICE)
    assert known.follow({"device": {"display": "the pump"}}, "device", "X") == []
    assert known.issues == []


def test_two_answers_are_none():
    known = chart(DEVICE, {**DEVICE, "serialNumber": "2"})
    assert known.follow(to("Device/d"), "device", "X", "Device") == []
    assert rules(known) == ["reference.ambiguous"]


def test_one_rule_at_one_place_is_said_once_and_at_two_places_twice():
    known = chart()
    for place in ("A", "A", "B"):
        known.say("route.missing", "No route.", place)
    assert [issue.expression for issue in known.issues] == [("A",), ("B",)]


def test_issues_of_a_visit_are_taken_and_those_before_it_stay():
    known = chart()
    known.say("route.missing", "No route.", "before")
    known.say("route.missing", "No route.", "visit")
    assert [issue.expression for issue in known.take(1)] == [("visit",)]
    known.say("route.missing", "No route.", "visit")
    assert [issue.expression for issue in known.issues] == [("before",), ("visit",)], "the next visit says it again"


def test_another_patient_is_a_contradiction_and_the_same_is_none():
    known = chart(PATIENT, {**PATIENT, "id": "q"}, DEVICE)
    known.patient = "Bundle.entry[0].resource"
    for name in ("Patient/p", "Patient/q"):
        known.check_patient(({"subject": {"reference": name}}, name))
    assert [(issue.rule, issue.expression) for issue in known.issues] == [("patient.contradiction", ("Patient/q.subject",))]
