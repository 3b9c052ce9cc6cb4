"""Each party is read from where another writer may put it, and refused where it is not clear who it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter.fhir.claim import read_claim, write_claim
from adapter.fhir.declared import Declared
from adapter.fhir.references import Tree
from adapter.fhir.systems import NPI, NUCC
from adapter.issues import Severity
from adapter.terms import Claim
from tests.fhir.claim_cases import PROFESSIONAL, STAMP, record_of


class Parts:
    """One written claim Bundle, its resources by type in order, to be changed and read."""

    def __init__(self) -> None:
        tree = write_claim(record_of(PROFESSIONAL), STAMP).value
        assert tree is not None
        self.tree = tree

    def of(self, name: str, place: int = 0) -> Tree:
        found: list[Tree] = [one["resource"] for one in self.tree["entry"] if one["resource"]["resourceType"] == name]
        return found[place]

    def add(self, url: str, resource: Tree) -> dict[str, str]:
        self.tree["entry"].append({"fullUrl": url, "resource": resource})
        return {"reference": url}

    def url(self, resource: Tree) -> str:
        return next(str(one["fullUrl"]) for one in self.tree["entry"] if one["resource"] is resource)

    def read(self) -> Claim | None:
        return read_claim(self.tree).value

    def errors(self) -> list[str]:
        return [issue.rule for issue in read_claim(self.tree).issues if issue.severity is Severity.ERROR]


def test_a_practitioner_role_gives_the_practitioner_and_the_taxonomy() -> None:
    parts = Parts()
    member = parts.of("Claim")["careTeam"][0]
    del member["qualification"]
    specialty = [{"coding": [{"system": NUCC, "code": "207RX0202X"}]}]
    role = {"resourceType": "PractitionerRole", "practitioner": member["provider"], "specialty": specialty}
    member["provider"] = parts.add("urn:uuid:role", role)
    assert parts.read() == PROFESSIONAL


def test_a_practitioner_role_as_provider_leads_to_the_organization_that_bills() -> None:
    parts = Parts()
    claim, organization = parts.of("Claim"), parts.of("Organization", 2)
    taxonomy = organization.pop("type")
    role = {"resourceType": "PractitionerRole", "organization": claim["provider"], "specialty": taxonomy}
    claim["provider"] = parts.add("urn:uuid:role", role)
    assert parts.read() == PROFESSIONAL
    del role["organization"]
    assert "provider.organization-missing" in parts.errors()


def test_a_subscriber_may_be_a_related_person() -> None:
    parts = Parts()
    parts.of("Patient", 1).update(resourceType="RelatedPerson", patient={"reference": "urn:x"})
    assert parts.read() == PROFESSIONAL


def test_a_subscriber_who_is_the_patient_is_self_also_where_the_relationship_is_not_told() -> None:
    parts = Parts()
    del parts.of("Coverage")["relationship"]
    assert parts.read() == PROFESSIONAL


def test_a_payer_with_one_identifier_of_any_system_is_known_by_it() -> None:
    parts = Parts()
    parts.of("Organization")["identifier"] = [{"system": "urn:clearinghouse", "value": "60054"}]
    assert parts.read() == PROFESSIONAL


def test_a_member_with_another_role_is_a_warning_and_two_renderers_are_an_error() -> None:
    parts = Parts()
    team = parts.of("Claim")["careTeam"]
    other = {**team[0], "sequence": 2, "role": {"coding": [{**team[0]["role"]["coding"][0], "code": "assist"}]}}
    team.append(other)
    outcome = read_claim(parts.tree)
    assert outcome.value == PROFESSIONAL
    assert [issue.rule for issue in outcome.issues] == ["care-team.not-carried"]
    other["role"] = team[0]["role"]
    assert "care-team.several" in parts.errors()


def test_without_a_care_team_the_billing_provider_rendered() -> None:
    parts = Parts()
    claim = parts.of("Claim")
    del claim["careTeam"]
    for item in claim["item"]:
        del item["careTeamSequence"]
    assert parts.read() == replace(PROFESSIONAL, treating_provider=None)


def first(name: str, place: int = 0) -> Callable[[Parts], Tree]:
    return lambda parts: parts.of(name, place)


@pytest.mark.parametrize(("where", "change", "rule"), [
    (first("Patient"), lambda one: one.update(birthDate="1950"), "person.birth-date"),
    (first("Patient"), lambda one: one.update(name=[]), "name.missing"),
    (first("Organization"), lambda one: one["identifier"].append({"system": "urn:x", "value": "1"}), None),
    (first("Organization"), lambda one: one.update(identifier=[{"value": "1"}, {"value": "2"}]), "payer.id"),
    (first("Organization"), lambda one: one.pop("name"), "payer.name-missing"),
    (first("Organization", 2), lambda one: one["identifier"].pop(0), "provider.npi"),
    (first("Organization", 2), lambda one: one["identifier"].pop(1), "provider.tax-id"),
    (first("Organization", 2), lambda one: one.pop("type"), "provider.taxonomy"),
    (first("Organization", 2), lambda one: one.pop("address"), "provider.address-missing"),
    (first("Organization", 2), lambda one: one.pop("name"), "provider.name-missing"),
    (first("Coverage"), lambda one: one.pop("subscriberId"), "coverage.member-id-missing"),
    (first("Coverage"), lambda one: one.update(payor=one["payor"] * 2), "coverage.payor"),
    (first("Coverage"), lambda one: one.update({"class": one["class"] * 2}), "coverage.groups"),
    (first("Coverage", 1), lambda one: one.pop("subscriber"), "coverage.subscriber-missing"),
    (first("Coverage", 1), lambda one: one.pop("relationship"), "coverage.relationship"),
    (first("Practitioner"), lambda one: one["identifier"].append({"system": NPI, "value": "1"}), "care-team.identity"),
    (first("Practitioner"), lambda one: one.update(resourceType="Patient"), "care-team.not-a-practitioner"),
    (first("Location"), lambda one: one.pop("name"), "facility.name-missing"),
    (first("Location"), lambda one: one.pop("address"), "facility.address-missing"),
    (first("Location"), lambda one: one["identifier"].append({"system": NPI, "value": "1"}), "facility.npi"),
    (first("Device"), lambda one: one["udiCarrier"].append({"carrierHRF": "x"}), "pump.several"),
])
def test_a_party_that_is_not_clear_is_refused_by_its_own_rule(
    where: Callable[[Parts], Tree], change: Callable[[Tree], Any], rule: str | None
) -> None:
    parts = Parts()
    change(where(parts))
    assert (rule in parts.errors()) if rule else (parts.read() == PROFESSIONAL)


def test_a_relationship_that_contradicts_the_subscriber_is_refused() -> None:
    parts = Parts()
    parts.of("Coverage")["relationship"]["coding"][0]["code"] = "spouse"
    assert "coverage.relationship-differs" in parts.errors()


def test_several_record_numbers_are_a_warning_and_none_is_taken() -> None:
    parts = Parts()
    known = parts.of("Patient")["identifier"]
    known.append({**known[0], "value": "M-2"})
    outcome = read_claim(parts.tree)
    assert outcome.value is not None
    assert outcome.value.patient.record_number is None
    assert [issue.rule for issue in outcome.issues] == ["person.record-number"]


def test_a_udi_in_machine_form_only_is_said_and_not_read() -> None:
    parts = Parts()
    parts.of("Device")["udiCarrier"] = [{"carrierAIDC": "AAAA"}]
    outcome = read_claim(parts.tree)
    assert outcome.value is not None
    assert outcome.value.pumps[0].udi is None
    assert [issue.rule for issue in outcome.issues] == ["pump.udi-not-read"]


def test_the_claim_itself_wins_over_what_the_site_declares() -> None:
    declared = {PROFESSIONAL.billing_provider.npi: Declared(False, False, False, False, {"60054": "MB"})}
    assert read_claim(Parts().tree, declared).value == PROFESSIONAL
