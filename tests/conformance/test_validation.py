"""Base R4, then what is claimed, then what is nominated."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from adapter.conformance.base import BaseFacts, DefinitionError
from adapter.conformance.validation import Profiles, compile_profiles, validate_resource
from adapter.fhir.json import decode_json, encode_json, locate
from adapter.fhir.systems import own_structure
from adapter.issues import Issue, IssueType, Severity
from tests.conformance.resources import administration, bundle, claim, concept, device, patient, procedure

Json = dict[str, Any]
Spoil = Callable[[Json], Any]


def _told(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
    return [(issue.rule, issue.expression[0]) for issue in issues]


@pytest.mark.parametrize("make", [patient, device, procedure, administration, claim, bundle])
def test_a_sound_resource_has_no_issue(make: Callable[[], Json], profiles: Profiles) -> None:
    assert validate_resource(make(), profiles) == ()


def test_a_sound_bundle_is_sound_as_it_comes_from_its_text(profiles: Profiles) -> None:
    assert validate_resource(decode_json(encode_json(bundle())).value or {}, profiles) == ()


def test_every_shipped_definition_is_itself_sound(definitions: list[Json], profiles: Profiles) -> None:
    assert len(definitions) > 70
    for definition in definitions:
        assert validate_resource(definition, profiles) == (), definition["id"]


BASE: list[tuple[Callable[[], Json], Spoil, str, str]] = [
    (procedure, lambda tree: tree.pop("status"), "base.required", "Procedure.status"),
    (procedure, lambda tree: tree.pop("subject"), "base.required", "Procedure.subject"),
    (administration, lambda tree: tree.pop("medicationCodeableConcept"), "base.required", "MedicationAdministration.medication"),
    (claim, lambda tree: tree["item"][0].pop("sequence"), "base.required", "Claim.item[0].sequence"),
    (claim, lambda tree: tree["insurance"][0].pop("focal"), "base.required", "Claim.insurance[0].focal"),
    (claim, lambda tree: tree.pop("insurance"), "base.required", "Claim.insurance"),
    (claim, lambda tree: tree.update(lotNo="x"), "base.unknown-element", "Claim.lotNo"),
    (claim, lambda tree: tree["total"].update(unit="x"), "base.unknown-element", "Claim.total.unit"),
    (patient, lambda tree: tree.update(name={"family": "Example"}), "base.type", "Patient.name"),
    (patient, lambda tree: tree.update(active="true"), "base.type", "Patient.active"),
    (patient, lambda tree: tree.update(multipleBirthInteger="2"), "base.type", "Patient.multipleBirth"),
    (patient, lambda tree: tree.update(multipleBirthInteger=Decimal("2.0")), "base.type", "Patient.multipleBirth"),
    (patient, lambda tree: tree.update(name=[]), "base.cardinality", "Patient.name"),
    (patient, lambda tree: tree.update(gender="f"), "base.code", "Patient.gender"),
    (procedure, lambda tree: tree.update(status="done"), "base.code", "Procedure.status"),
    (claim, lambda tree: tree.update(use="complete"), "base.code", "Claim.use"),
    (patient, lambda tree: tree.update(birthDate="2026-02-29"), "base.value", "Patient.birthDate"),
    (patient, lambda tree: tree.update(birthDate="1900-02-29"), "base.value", "Patient.birthDate"),
    (patient, lambda tree: tree.update(birthDate="1950-2-3"), "base.value", "Patient.birthDate"),
    (patient, lambda tree: tree.update(birthDate="1950-02-28\n"), "base.value", "Patient.birthDate"),
    (patient, lambda tree: tree.update(id="a b"), "base.value", "Patient.id"),
    (procedure, lambda tree: tree.update(performedDateTime="2026-03-02T09:30"), "base.value", "Procedure.performed"),
    (claim, lambda tree: tree["item"][0].update(sequence=0), "base.value", "Claim.item[0].sequence"),
    (claim, lambda tree: tree["item"][0]["diagnosisSequence"].append(-1), "base.value", "Claim.item[0].diagnosisSequence[1]"),
    (device, lambda tree: tree["udiCarrier"][0].update(carrierAIDC="***"), "base.value", "Device.udiCarrier[0].carrierAIDC"),
    (claim, lambda tree: tree["item"][0]["quantity"].update(comparator="<"), "base.not-allowed", "Claim.item[0].quantity.comparator"),
    (procedure, lambda tree: tree.update(performedString="x"), "base.choice", "Procedure.performed"),
    (patient, lambda tree: tree.update(contained=[{"resourceType": "Zork"}]), "base.resource-type", "Patient.contained[0].resourceType"),
    (patient, lambda tree: tree.update(contained=[{"id": "a"}]), "base.resource-type", "Patient.contained[0].resourceType"),
    (patient, lambda tree: tree["_birthDate"].update(value=1), "base.unknown-element", "Patient.birthDate.value"),
]


@pytest.mark.parametrize(("make", "spoil", "rule", "place"), BASE, ids=range(len(BASE)))
def test_one_fault_against_base_r4_is_one_issue_at_its_place(
    make: Callable[[], Json], spoil: Spoil, rule: str, place: str, profiles: Profiles
) -> None:
    tree = make()
    tree.pop("meta", None)
    spoil(tree)
    assert _told(validate_resource(tree, profiles)) == [(rule, place)]


@pytest.mark.parametrize(("make", "spoil", "rule", "place"), BASE, ids=range(len(BASE)))
def test_the_same_fault_in_a_bundle_is_told_from_the_root_of_the_bundle(
    make: Callable[[], Json], spoil: Spoil, rule: str, place: str, profiles: Profiles
) -> None:
    tree = make()
    tree.pop("meta", None)
    spoil(tree)
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient()}, {"resource": tree}]}
    expected = re.sub(r"^\w+", "Bundle.entry[1].resource", place)
    assert _told(validate_resource(whole, profiles)) == [(rule, expected)]
    assert locate(encode_json(whole), expected) is not None


@pytest.mark.parametrize("day", ["2024-02-29", "2000-02-29", "1999-12-31", "2026-02", "2026"])
def test_days_that_the_calendar_has_are_dates(day: str, profiles: Profiles) -> None:
    assert validate_resource(patient() | {"birthDate": day}, profiles) == ()


def test_a_required_primitive_may_stand_as_its_extension_alone(profiles: Profiles) -> None:
    tree = procedure()
    del tree["status"]
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    tree["_status"] = {"extension": [{"url": url, "valueCode": "unknown"}]}
    assert validate_resource(tree, profiles) == ()


@pytest.mark.parametrize(("tree", "code"), [
    ({}, IssueType.REQUIRED), ({"resourceType": "Zork"}, IssueType.STRUCTURE), ({"resourceType": 5}, IssueType.STRUCTURE),
    ({"resourceType": "Element"}, IssueType.STRUCTURE), ([], IssueType.STRUCTURE), (None, IssueType.STRUCTURE),
])
def test_what_is_no_resource_is_told_so(tree: Any, code: IssueType, profiles: Profiles) -> None:
    (issue,) = validate_resource(tree, profiles)
    assert (issue.rule, issue.code, issue.severity) == ("base.resource-type", code, Severity.ERROR)


@pytest.mark.parametrize("kind", ["SubscriptionStatus", "Citation", "NutritionProduct"])
def test_a_resource_type_of_r4b_alone_is_passed_over_and_said(kind: str, profiles: Profiles) -> None:
    tree = bundle()
    tree["entry"].append({"fullUrl": "https://example.org/x", "resource": {"resourceType": kind, "status": "active"}})
    tree["entry"][0]["resource"]["contained"] = [{"resourceType": kind, "id": "inner"}]
    issues = validate_resource(tree, profiles)
    assert [(issue.rule, issue.is_error) for issue in issues] == [("base.r4b-type", False)] * 2
    assert {issue.expression[0] for issue in issues} == {f"Bundle.entry[{len(tree['entry']) - 1}].resource", "Bundle.entry[0].resource.contained[0]"}
    tree["entry"][-1]["resource"]["resourceType"] = "Transport"
    assert any(issue.is_error for issue in validate_resource(tree, profiles))


def test_all_faults_of_one_resource_are_told_at_once(profiles: Profiles) -> None:
    tree = patient() | {"gender": "f", "lotNo": 1, "birthDate": "x", "name": [{"family": 5}]}
    assert len(validate_resource(tree, profiles)) == 4


def test_no_issue_shows_a_value_of_the_resource(profiles: Profiles) -> None:
    secret = "Zebedee"
    tree = patient() | {
        "gender": secret, "birthDate": secret, "id": f"{secret} {secret}", "active": secret, "name": secret,
        f"{secret} x": 1, "meta": {"profile": [f"{secret} {secret}"]}, "contained": [{"resourceType": secret}],
    }
    issues = validate_resource(tree, profiles, f"{secret} nominated")
    assert len(issues) == 10
    assert secret not in repr(issues)


PROFILE: list[tuple[Callable[[], Json], Spoil, str, str]] = [
    (procedure, lambda tree: tree.pop("code"), "profile.required", "Procedure.code"),
    (procedure, lambda tree: tree.pop("performedDateTime"), "profile.invariant", "Procedure.performed"),
    (administration, lambda tree: tree["dosage"]["dose"].pop("code"), "profile.required", "MedicationAdministration.dosage.dose.code"),
    (administration, lambda tree: tree["dosage"]["dose"].update(system="urn:x"), "profile.value", "MedicationAdministration.dosage.dose.system"),
    (claim, lambda tree: tree.pop("insurer"), "profile.required", "Claim.insurer"),
    (claim, lambda tree: tree.update(use="preauthorization"), "profile.value", "Claim.use"),
    (claim, lambda tree: tree.update(type=concept("http://terminology.hl7.org/CodeSystem/claim-type", "oral")), "profile.value", "Claim.type.coding"),
    (claim, lambda tree: tree["item"][0].pop("net"), "profile.required", "Claim.item[0].net"),
    (claim, lambda tree: tree["item"][0].pop("servicedDate"), "profile.required", "Claim.item[0].serviced"),
    (claim, lambda tree: tree["item"][0].pop("locationCodeableConcept"), "profile.required", "Claim.item[0].location"),
    (claim, lambda tree: tree["item"][0].update(diagnosisSequence=[1, 2, 3, 4, 5]), "profile.cardinality", "Claim.item[0].diagnosisSequence"),
    (claim, lambda tree: tree["item"][0].update(modifier=[{"text": "x"}] * 5), "profile.cardinality", "Claim.item[0].modifier"),
    (claim, lambda tree: tree.update(item=tree["item"] * 51), "profile.cardinality", "Claim.item"),
    (claim, lambda tree: tree.update(diagnosis=tree["diagnosis"] * 13), "profile.cardinality", "Claim.diagnosis"),
    (claim, lambda tree: tree["total"].update(currency="EUR"), "profile.value", "Claim.total.currency"),
    (device, lambda tree: tree["extension"][0].update(valueCode="oral"), "profile.code", "Device.extension[0].value"),
    (bundle, lambda tree: tree["entry"][1].pop("fullUrl"), "profile.required", "Bundle.entry[1].fullUrl"),
    (bundle, lambda tree: tree["entry"][0]["resource"].pop("total"), "profile.required", "Bundle.entry[0].resource.total"),
    (bundle, lambda tree: tree["entry"][2]["resource"]["extension"][0].update(valueCode="oral"), "profile.code", "Bundle.entry[2].resource.extension[0].value"),
]


@pytest.mark.parametrize(("make", "spoil", "rule", "place"), PROFILE, ids=range(len(PROFILE)))
def test_one_fault_against_a_claimed_profile_is_one_issue_that_names_the_profile(
    make: Callable[[], Json], spoil: Spoil, rule: str, place: str, profiles: Profiles
) -> None:
    tree = make()
    spoil(tree)
    issues = validate_resource(tree, profiles)
    assert _told(issues) == [(rule, place)]
    assert "(profile " in issues[0].text
    assert str(issues[0].citation).startswith("https://refill-adapter.example/fhir/StructureDefinition/")


def test_a_forbidden_variant_of_a_choice_is_told_and_not_that_another_is_missing(profiles: Profiles) -> None:
    tree = claim()
    tree["item"][0]["servicedPeriod"] = {"start": tree["item"][0].pop("servicedDate")}
    assert _told(validate_resource(tree, profiles)) == [("profile.not-allowed", "Claim.item[0].serviced")]


def test_an_institutional_claim_has_revenue_codes_and_no_place(profiles: Profiles) -> None:
    tree = claim()
    tree["type"]["coding"][0]["code"] = "institutional"
    tree["meta"]["profile"] = [own_structure("refill-claim-institutional")]
    assert {place for _, place in _told(validate_resource(tree, profiles))} == {
        "Claim.subType", "Claim.item[0].revenue", "Claim.item[0].location", "Claim.item[0].diagnosisSequence",
    }
    tree["subType"] = concept("https://www.nubc.org/CodeSystem/TypeOfBill", "0131")
    item = tree["item"][0]
    item["revenue"] = concept("https://www.nubc.org/CodeSystem/RevenueCodes", "0335")
    del item["locationCodeableConcept"], item["diagnosisSequence"]
    assert validate_resource(tree, profiles) == ()


def test_a_claimed_profile_that_is_unknown_is_one_warning_with_all_its_places(profiles: Profiles) -> None:
    whole = bundle()
    for entry in whole["entry"][1:3]:
        entry["resource"]["meta"] = {"profile": ["https://example.org/unknown|2.0"]}
    (issue,) = validate_resource(whole, profiles)
    assert (issue.severity, issue.code, issue.rule) == (Severity.WARNING, IssueType.NOT_FOUND, "profile.unknown")
    assert issue.expression == ("Bundle.entry[1].resource.meta.profile[0]", "Bundle.entry[2].resource.meta.profile[0]")
    assert "https://example.org/unknown|2.0" in issue.text


@pytest.mark.parametrize("nominated", [
    "https://example.org/unknown", own_structure("refill-procedure") + "|9.9.9", own_structure("nothing"),
    "http://hl7.org/fhir/StructureDefinition/Patient", "http://hl7.org/fhir/StructureDefinition/Procedure|5.0.0", "",
])
def test_a_nominated_profile_that_is_unknown_is_an_error(nominated: str, profiles: Profiles) -> None:
    (issue,) = validate_resource(procedure(), profiles, nominated)
    assert (issue.severity, issue.code, issue.rule) == (Severity.ERROR, IssueType.NOT_FOUND, "profile.not-found")


@pytest.mark.parametrize("nominated", [
    own_structure("refill-procedure"), own_structure("refill-procedure") + "|0.1.0",
    "http://hl7.org/fhir/StructureDefinition/Procedure", "http://hl7.org/fhir/StructureDefinition/Procedure|4.0.1",
])
def test_a_nominated_profile_is_found_with_and_without_its_version(nominated: str, profiles: Profiles) -> None:
    assert validate_resource(procedure(), profiles, nominated) == ()


def test_a_nominated_profile_asks_where_nothing_is_claimed(profiles: Profiles) -> None:
    tree = procedure()
    del tree["meta"], tree["code"]
    assert validate_resource(tree, profiles) == ()
    assert _told(validate_resource(tree, profiles, own_structure("refill-procedure"))) == [("profile.required", "Procedure.code")]


def test_a_profile_of_another_type_is_an_error_at_the_claim(profiles: Profiles) -> None:
    tree = patient() | {"meta": {"profile": [own_structure("refill-procedure")]}}
    assert _told(validate_resource(tree, profiles)) == [("profile.resource-type", "Patient.meta.profile[0]")]


def _derived(definitions: list[Json], **changes: Any) -> Json:
    parent = next(tree for tree in definitions if tree["id"] == "refill-procedure")
    child = deepcopy(parent) | {"url": "https://example.org/child", "baseDefinition": parent["url"]} | changes
    child["differential"] = {"element": [{"path": "Procedure.location", "min": 1}]}
    del child["snapshot"]
    return child


def test_a_profile_based_on_another_asks_for_both(base_schema: Json, base_facts: BaseFacts, definitions: list[Json]) -> None:
    compiled = compile_profiles(base_schema, base_facts, [*definitions, _derived(definitions)])
    tree = procedure()
    del tree["meta"], tree["code"]
    assert {place for _, place in _told(validate_resource(tree, compiled, "https://example.org/child"))} == {
        "Procedure.code", "Procedure.location",
    }


def test_the_newest_version_answers_where_none_is_named(base_schema: Json, base_facts: BaseFacts, definitions: list[Json]) -> None:
    versions = [_derived(definitions, version=version) for version in ("1.10.0", "1.9.0", "1.10.0-beta")]
    compiled = compile_profiles(base_schema, base_facts, [*definitions, *versions])
    found = compiled.definitions.find("https://example.org/child")
    assert found is not None
    assert found["version"] == "1.10.0"
    assert compiled.definitions.find("https://example.org/child|1.9.0") is not None
    assert compiled.definitions.find("https://example.org/child|1.8.0") is None


@pytest.mark.parametrize("changes", [
    {"baseDefinition": "https://example.org/nowhere"}, {"baseDefinition": "https://example.org/child"}, {"type": "Zork"},
    {"baseDefinition": None}, {"baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient"},
])
def test_a_definition_that_cannot_be_used_stops_the_start(changes: Json, base_schema: Json, base_facts: BaseFacts, definitions: list[Json]) -> None:
    child = {key: value for key, value in _derived(definitions, **changes).items() if value is not None}
    with pytest.raises(DefinitionError, match=r"https://example\.org/child"):
        compile_profiles(base_schema, base_facts, [*definitions, child])


def test_two_definitions_of_one_name_and_version_stop_the_start(
    base_schema: Json, base_facts: BaseFacts, definitions: list[Json]
) -> None:
    with pytest.raises(DefinitionError, match="twice"):
        compile_profiles(base_schema, base_facts, [*definitions, _derived(definitions), _derived(definitions, title="Another")])


def test_the_same_definition_from_two_folders_is_one(
    base_schema: Json, base_facts: BaseFacts, definitions: list[Json], profiles: Profiles
) -> None:
    twice = compile_profiles(base_schema, base_facts, [*definitions, *deepcopy(definitions)])
    assert twice.proven == profiles.proven


def test_no_name_of_a_profile_that_an_instance_claims_is_remembered(profiles: Profiles) -> None:
    known = profiles.definitions
    before = len(known._trees), len(known._rules)
    for number in range(20):
        claimed = [f"https://example.org/{number}", f"{own_structure('refill-procedure')}|9.{number}"]
        validate_resource(procedure() | {"meta": {"profile": claimed}}, profiles, claimed[0])
    assert (len(known._trees), len(known._rules)) == before
