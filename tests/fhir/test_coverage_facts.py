"""Coverages of the patient, what a payer authorised, and what a payer decided before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.coverage_facts import read_authorisations, read_coverages, read_decisions
from tests.bundles import concept
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
PATIENT = {"resourceType": "Patient", "id": "p"}
MINE = {"reference": "Patient/p"}
PAYER = {"resourceType": "Organization", "id": "o", "name": "Invented", "identifier": [{"value": " 90001 "}, {"system": "urn:x", "value": "90009"}]}
PARENT = {"resourceType": "RelatedPerson", "id": "r", "patient": MINE, "name": [{"family": "Parent"}]}


def chart(*resources):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (PATIENT, *resources)]}
    return Chart(bundle, context().rule_book.tables, site("practice"))


def coverage(**more):
    return {"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": MINE, "subscriberId": " 1EG4TE5MK73 ", "payor": [{"reference": "Organization/o"}], **more}


def read(*resources, day=DAY):
    return read_coverages(chart(*resources), (PATIENT, "Bundle.entry[0].resource"), day)


def test_a_coverage_tells_payer_member_and_order():
    (found,) = read(coverage(order=1, relationship=concept("relationship self"), subscriber=MINE), PAYER)
    assert [told.value for told in found.payer_identifiers] == ["90001", "90009"]
    assert (found.member_id.value, found.order, [told.value for told in found.relationships]) == ("1EG4TE5MK73", 1, ["self"])
    assert (found.subscriber, found.subscriber_is_patient) == (None, True)


@pytest.mark.parametrize("change", [{"beneficiary": {"reference": "Patient/q"}}, {"beneficiary": None}, {"status": "cancelled"}, {"status": "entered-in-error"}])
def test_a_coverage_of_somebody_else_or_out_of_force_is_none(change):
    assert read(coverage(**change), PAYER) == []


@pytest.mark.parametrize(("period", "day", "holds"), [
    ({}, DAY, True), ({"start": "2026-03-02"}, DAY, True), ({"start": "2026-03-03"}, DAY, False), ({"end": "2026-03-02"}, DAY, True), ({"end": "2026-03-01"}, DAY, False),
    ({"end": "2026-02"}, DAY, True), ({"start": "2026-01-01", "end": "2026-12-31"}, DAY, True), ({"end": "2020-01-01"}, None, True),
])
def test_a_coverage_holds_from_its_first_to_its_last_day(period, day, holds):
    assert read(coverage(period=period), PAYER, day=day)[0].is_in_force == holds


@pytest.mark.parametrize(("order", "expected"), [(2, 2), (None, None), (0, None), (Decimal("1.5"), None)])
def test_an_order_is_a_whole_number(order, expected):
    assert read(coverage(order=order), PAYER)[0].order == expected


def test_a_subscriber_is_another_person():
    (found,) = read(coverage(subscriber={"reference": "RelatedPerson/r"}, relationship=concept("relationship child")), PAYER, PARENT)
    assert (found.subscriber.family, found.subscriber_is_patient) == ("Parent", False)


@pytest.mark.parametrize(("classes", "expected"), [([{"type": concept("urn:x group"), "value": "G1", "name": "Group"}], [("G1", "Group")]), ([{"type": concept("urn:x plan"), "value": "P1"}], []),
    ([{}], [])])
def test_a_group_is_the_class_of_that_type(classes, expected):
    (found,) = read(coverage(**{"class": classes}), PAYER)
    assert [told.value for told in found.groups] == expected


def test_a_payer_may_be_named_by_identifier_alone():
    (found,) = read(coverage(payor=[{"identifier": {"value": "90001"}}]))
    assert [tuple(told) for told in found.payer_identifiers] == [("90001", "Bundle.entry[1].resource.payor[0].identifier")]


def response(**more):
    return {"resourceType": "ClaimResponse", "id": "x", "status": "active", "use": "preauthorization", "outcome": "complete", "patient": MINE, "preAuthRef": "N1", **more}


@pytest.mark.parametrize(("change", "count", "rules"), [
    ({}, 1, []), ({"use": "claim"}, 0, []), ({"preAuthRef": None}, 0, []), ({"preAuthRef": " "}, 0, []), ({"outcome": "error"}, 0, []), ({"status": "cancelled"}, 0, ["resource.inactive"]),
    ({"patient": {"reference": "Patient/q"}}, 0, ["reference.not-found"]), ({"preAuthPeriod": {"end": "2026-03-01"}}, 0, ["authorisation.not-in-force"]),
    ({"preAuthPeriod": {"start": "2026-03-02", "end": "2026-03-02"}}, 1, []),
])
def test_an_authorisation_is_the_patients_and_holds_on_the_day(change, count, rules):
    known = chart(response(**change))
    assert len(read_authorisations(known, (PATIENT, "Bundle.entry[0].resource"), DAY)) == count
    assert [issue.rule for issue in known.issues] == rules


def test_an_authorisation_is_for_the_codes_of_its_request_and_of_its_payer():
    claim = {"resourceType": "Claim", "id": "q", "status": "active", "item": [{"productOrService": concept(["hcpcs J9200", "http://other.example X"])}]}
    known = chart(response(request={"reference": "Claim/q"}, insurer={"reference": "Organization/o"}), claim, PAYER)
    (found,) = read_authorisations(known, (PATIENT, "Bundle.entry[0].resource"), DAY)
    assert (found.number, found.codes, found.payer_identifiers) == ("N1", ("J9200",), ("90001", "90009"))


@pytest.mark.parametrize(("change", "counts"), [
    ({}, True), ({"use": "preauthorization"}, False), ({"item": [{"servicedDate": "2026-03-02"}]}, True), ({"item": [{"servicedDate": "2025-03-02"}]}, False),
    ({"billablePeriod": {"start": "2026-03-01", "end": "2026-03-03"}}, True), ({"billablePeriod": {"end": "2026-03-01"}}, False), ({"created": "2026-03-01"}, False),
    ({"created": "2026-03-02"}, True), ({"status": "cancelled"}, False), ({"patient": {"reference": "Patient/q"}}, False),
])
def test_what_a_payer_decided_counts_where_it_may_be_of_this_day(change, counts):
    decided = response(**{"resourceType": "ExplanationOfBenefit", "use": "claim", **change})
    assert read_decisions(chart(decided), (PATIENT, "Bundle.entry[0].resource"), DAY) == ["Bundle.entry[1].resource"] * counts
