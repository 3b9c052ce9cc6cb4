"""A claim read back is the claim that was written; a foreign one is read or refused, never completed by guess."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from adapter.fhir.claim import read_claim, write_claim
from adapter.fhir.declared import Declared
from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.references import Tree
from adapter.fhir.systems import CPT, HCPCS, own_structure
from adapter.issues import Severity
from adapter.terms import Claim
from tests.fhir.claim_cases import INSTITUTIONAL, PROFESSIONAL, STAMP, record_of, without
from tests.strategies import claims, for_fhir, wider_claims


def written(claim: Claim) -> Tree:
    outcome = write_claim(record_of(claim), STAMP)
    assert outcome.value is not None, outcome.issues
    return outcome.value


def contained(bundle: Tree) -> Tree:
    """Turn a claim Bundle into one Claim with contained parties, as other writers send it."""
    claim, *others = bundle["entry"]
    for place, entry in enumerate(others):
        claim, *others = replaced([claim, *others], entry["fullUrl"], f"#r{place}")
    parties = [{**entry["resource"], "id": f"r{place}"} for place, entry in enumerate(others)]
    return {**claim["resource"], "contained": [one for one in parties if one["resourceType"] != "Provenance"]}


def rules(tree: Tree) -> dict[str, tuple[str, ...]]:
    outcome = read_claim(tree)
    assert outcome.value is None
    return {issue.rule: issue.expression for issue in outcome.issues if issue.severity is Severity.ERROR}


def changed(claim: Claim, change: Callable[[Tree], object]) -> Tree:
    tree = copy.deepcopy(written(claim))
    change(tree["entry"][0]["resource"])
    return tree


@pytest.mark.parametrize("claim", [PROFESSIONAL, INSTITUTIONAL], ids=["professional", "institutional"])
def test_what_is_written_is_read_back_in_full(claim: Claim) -> None:
    outcome = read_claim(written(claim))
    assert outcome.issues == ()
    assert outcome.value == claim


# What only FHIR can hold: some of the claims that are drawn must hold it.
WIDER: dict[str, Callable[[Claim], object]] = {
    "a revenue code on an institutional line": lambda claim: claim.form == "institutional" and claim.lines[0].revenue_code,
    "three coverages, ours not the first": lambda claim: len(claim.other_insurance) == 2 and claim.insurance.order > 1,
    "a patient without gender and address": lambda claim: claim.patient.gender is None and claim.patient.address is None,
    "a name beyond ASCII and a pump": lambda claim: not claim.patient.family.isascii() and claim.lines[0].pump,
    "three lines or more with an NDC and a description": lambda claim: len(claim.lines) >= 3 and claim.lines[1].ndc and claim.lines[2].description,
}


@pytest.mark.long
def test_any_claim_survives_the_way_there_and_back_and_some_hold_what_only_fhir_can() -> None:
    reached: set[str] = set()

    @given(wider_claims())
    @settings(max_examples=100)
    def survives(claim: Claim) -> None:
        outcome = read_claim(written(claim))
        assert outcome.value == claim, outcome.issues
        reached.update(name for name, holds in WIDER.items() if holds(claim))

    survives()
    assert reached == WIDER.keys()


@pytest.mark.parametrize("claim", [PROFESSIONAL, INSTITUTIONAL], ids=["professional", "institutional"])
def test_the_claim_is_the_same_after_a_way_through_json_text_and_so_are_the_bytes(claim: Claim) -> None:
    data = encode_json(written(claim))
    decoded = decode_json(data).value
    assert decoded is not None
    assert read_claim(decoded).value == claim
    assert data == encode_json(written(claim)) == encode_json(decoded)


def test_a_planted_fault_in_the_writing_is_caught_by_the_way_back() -> None:
    def swap(tree: Tree) -> None:
        tree["item"][1]["diagnosisSequence"] = [1]

    assert read_claim(changed(PROFESSIONAL, swap)).value != PROFESSIONAL


@pytest.mark.parametrize("claim", [PROFESSIONAL, INSTITUTIONAL], ids=["professional", "institutional"])
def test_one_claim_with_contained_parties_says_the_same_as_the_bundle(claim: Claim) -> None:
    assert read_claim(contained(written(claim))).value == claim


def paths(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from paths(value, (*path, name))
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from paths(value, (*path, place))


def invented(before: Any, after: Any) -> bool:
    """Tell whether a value stands in `after` that does not stand in `before` at the same place."""
    if is_dataclass(before) and is_dataclass(after):
        return any(invented(getattr(before, one.name), getattr(after, one.name)) for one in fields(before))
    if isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        return any(invented(*pair) for pair in zip(before, after, strict=True))
    if isinstance(before, tuple) and isinstance(after, tuple):
        return not set(after) <= set(before)
    return after is not None and before != after


def test_a_planted_default_is_seen_as_invented_and_an_absence_is_not() -> None:
    filled = replace(PROFESSIONAL.lines[0], diagnosis_pointers=(3,))
    assert invented(PROFESSIONAL, replace(PROFESSIONAL, place_of_service="12"))
    assert invented(PROFESSIONAL, replace(PROFESSIONAL, lines=(filled, *PROFESSIONAL.lines[1:])))
    assert not invented(PROFESSIONAL, replace(PROFESSIONAL, place_of_service=None, authorisation=None))


# Two things fall back on a rule of the standard when they are gone, and are compared apart: the line's sequence stands for
# its control number, and a claim that names no earlier one is an original.
@pytest.mark.parametrize("claim", [PROFESSIONAL, INSTITUTIONAL], ids=["professional", "institutional"])
def test_whatever_one_element_is_taken_away_nothing_is_invented_in_its_place(claim: Claim) -> None:
    tree = written(claim)
    seen = refused = 0
    for path in paths(tree):
        outcome = read_claim(without(tree, path))
        seen += 1
        if outcome.value is None:
            assert any(issue.is_error and issue.expression for issue in outcome.issues), path
            refused += 1
            continue
        kept = {name: getattr(claim, name) for name in ("frequency", "original_reference")}
        numbers = [line.control_number for line in claim.lines]
        value = replace(outcome.value, **kept)
        if len(value.lines) == len(claim.lines):
            value = replace(value, lines=tuple(
                replace(line, control_number=number) for line, number in zip(value.lines, numbers, strict=True)))
        assert not invented(claim, value), path
    assert seen > 300
    assert refused > 100


@pytest.mark.parametrize(("name", "rule", "place"), [
    ("net", "money.missing", "Bundle.entry[0].resource.item[1].net"),
    ("quantity", "item.quantity-missing", "Bundle.entry[0].resource.item[1].quantity.value"),
    ("productOrService", "item.code", "Bundle.entry[0].resource.item[1].productOrService"),
    ("diagnosisSequence", "item.diagnosis-missing", "Bundle.entry[0].resource.item[1].diagnosisSequence"),
    ("locationCodeableConcept", "item.place-missing", "Bundle.entry[0].resource.item[1].location"),
    ("servicedDate", "item.service-date-missing", "Bundle.entry[0].resource.item[1].serviced"),
    ("sequence", "item.sequence-missing", "Bundle.entry[0].resource.item[1].sequence"),
])
def test_a_billed_fact_that_is_missing_is_an_error_at_its_place(name: str, rule: str, place: str) -> None:
    assert rules(changed(PROFESSIONAL, lambda tree: tree["item"][1].pop(name)))[rule] == (place,)


@pytest.mark.parametrize(("change", "rule"), [
    (lambda tree: tree.update(status="draft"), "claim.not-active"),
    (lambda tree: tree.update(use="preauthorization"), "claim.use"),
    (lambda tree: tree["type"]["coding"][0].update(code="pharmacy"), "claim.type"),
    (lambda tree: tree["total"].update(value=Decimal(1)), "claim.total-differs"),
    (lambda tree: tree["item"][0]["net"].update(currency="EUR"), "money.currency"),
    (lambda tree: tree["item"][0]["net"].update(value=185.5), "money.missing"),
    (lambda tree: tree["item"][0]["unitPrice"].update(value=Decimal(5)), "item.net-differs"),
    (lambda tree: tree["item"][0].update(diagnosisSequence=[9]), "item.diagnosis-unknown"),
    (lambda tree: tree["item"][0].update(careTeamSequence=[9]), "item.care-team-unknown"),
    (lambda tree: tree["item"][1].update(sequence=1), "item.sequence-twice"),
    (lambda tree: tree["item"][0]["locationCodeableConcept"]["coding"][0].update(code="22"), "claim.several-places"),
    (lambda tree: tree["item"][0]["productOrService"]["coding"][0].update(system="urn:x"), "item.code"),
    (lambda tree: tree["item"][0]["productOrService"]["coding"][0].update(code="9652"), "item.code-form"),
    (lambda tree: tree["item"][1]["modifier"][0]["coding"][0].update(code="J"), "item.modifier"),
    (lambda tree: tree["item"][1]["detail"][0]["quantity"].update(code="L"), "item.ndc-unit"),
    (lambda tree: tree["item"][1]["detail"].append(tree["item"][1]["detail"][0]), "item.ndc-several"),
    (lambda tree: tree["insurance"][0].update(focal=False), "insurance.focal"),
    (lambda tree: tree["insurance"][0].update(sequence=2), "insurance.order-differs"),
    (lambda tree: tree["insurance"][0].update(preAuthRef=["A", "B"]), "insurance.authorisations"),
    (lambda tree: tree["insurance"][0]["coverage"].update(reference="urn:uuid:gone"), "reference.not-found"),
    (lambda tree: tree.update(insurer=tree["provider"]), "claim.insurer-differs"),
    (lambda tree: tree.update(provider=tree["patient"]), "provider.not-an-organization"),
    (lambda tree: tree["diagnosis"][1].update(sequence=1), "diagnosis.sequence"),
    (lambda tree: tree["identifier"].append({**tree["identifier"][0], "value": "Z"}), "claim.identifier"),
    (lambda tree: tree["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0].update(system="urn:x"), "diagnosis.code"),
    (lambda tree: tree["item"][0].update(servicedPeriod={"start": "2026-03-02", "end": "2026-03-03"}), "item.service-date"),
    (lambda tree: tree["item"][0].update(revenue={"coding": [{"system": "urn:x", "code": "0335"}]}), "item.revenue"),
    (lambda tree: tree["item"][1]["detail"][0]["productOrService"]["coding"][0].update(code="123"), "item.ndc"),
    (lambda tree: tree["item"][1]["detail"][0]["quantity"].pop("value"), "item.ndc-quantity-missing"),
    (lambda tree: (tree.pop("billablePeriod"), tree["item"][0].update(servicedDate="2026-03-03")), "claim.several-days"),
    (lambda tree: tree["insurance"][0].pop("sequence"), "insurance.sequence-missing"),
    (lambda tree: tree["insurance"][0].pop("coverage"), "insurance.coverage-missing"),
    (lambda tree: tree.update(insurer=tree["patient"]), "payer.not-an-organization"),
    (lambda tree: tree.update(patient=tree["insurer"]), "reference.type"),
    (lambda tree: tree["insurance"][0].update(coverage=tree["patient"]), "reference.type"),
    (lambda tree: tree["item"][0].update(udi=[tree["patient"]]), "reference.type"),
    (lambda tree: tree["careTeam"][0].pop("role"), "care-team.role"),
    (lambda tree: tree["careTeam"][0].update(sequence=0), "care-team.sequence"),
    (lambda tree: tree["careTeam"][0].pop("provider"), "care-team.provider-missing"),
    (lambda tree: tree.pop("patient"), "claim.patient-missing"),
    (lambda tree: tree.pop("provider"), "claim.provider-missing"),
    (lambda tree: tree.pop("item"), "claim.item-missing"),
    (lambda tree: tree.pop("diagnosis"), "claim.diagnosis-missing"),
])
def test_a_contradiction_or_a_wrong_code_is_refused_by_its_own_rule(change: Callable[[Tree], Any], rule: str) -> None:
    tree = changed(PROFESSIONAL, change)
    if rule == "claim.insurer-differs":
        provider = next(entry["resource"] for entry in tree["entry"] if "telecom" in entry["resource"])
        provider["identifier"] = provider["identifier"][:1]
    assert rule in rules(tree)


def test_two_claims_or_none_are_refused() -> None:
    tree = written(PROFESSIONAL)
    assert "claim.one" in rules({**tree, "entry": [*tree["entry"], *written(INSTITUTIONAL)["entry"]]})
    assert "claim.one" in rules({"resourceType": "Bundle"})
    assert "claim.one" in rules({})


ALIASES = (
    (CPT, "urn:oid:2.16.840.1.113883.6.12"),
    (HCPCS, "https://bluebutton.cms.gov/resources/codesystem/hcpcs"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"),
    ("http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6"),
    ("https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
     "http://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set.html"),
)


def replaced(tree: Any, old: str, new: str) -> Any:
    if isinstance(tree, dict):
        return {name: replaced(value, old, new) for name, value in tree.items()}
    if isinstance(tree, list):
        return [replaced(one, old, new) for one in tree]
    return new if tree == old else tree


@pytest.mark.parametrize(("canonical", "alias"), ALIASES)
def test_a_known_alias_of_a_code_system_reads_like_the_canonical_one(canonical: str, alias: str) -> None:
    tree = replaced(written(PROFESSIONAL), canonical, alias)
    assert alias in json.dumps(tree, default=str)
    assert read_claim(tree).value == PROFESSIONAL


def test_a_cpt_code_under_the_hcpcs_system_is_still_that_code() -> None:
    assert read_claim(replaced(written(PROFESSIONAL), CPT, HCPCS)).value == PROFESSIONAL


DECLARED = Declared(True, True, True, True, {"60054": "CI", "00401": "BL"})
ANSWERS = ("accept_assignment", "benefits_assignment", "provider_signature", "release_of_information")


def foreign(tree: Tree) -> Tree:
    """Take away what only this product writes, and write the rest as others do."""
    own = [entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Coverage"]
    claim = tree["entry"][0]["resource"]
    del claim["extension"], claim["billablePeriod"], claim["meta"], claim["total"]
    for coverage in own:
        del coverage["type"], coverage["order"]
    for item in claim["item"]:
        del item["extension"]
        item["servicedPeriod"] = {"start": f"{item.pop('servicedDate')}T09:00:00-05:00", "end": "2026-03-02T10:00:00-05:00"}
    claim["diagnosis"].reverse()
    claim["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] = "C787"
    claim["careTeam"][0]["role"]["coding"][0]["code"] = "primary"
    return tree


def test_a_claim_of_another_writer_is_read_where_the_site_answers_what_fhir_has_no_place_for() -> None:
    outcome = read_claim(foreign(written(PROFESSIONAL)), {PROFESSIONAL.billing_provider.npi: DECLARED})
    assert outcome.value == replace(PROFESSIONAL, lines=tuple(
        replace(line, control_number=str(line.sequence), authorisation=None) for line in PROFESSIONAL.lines))
    assert {issue.rule for issue in outcome.issues} == {"item.control-number-absent"}


@pytest.mark.parametrize("declared", [None, {}, {"1882999901": DECLARED}], ids=["no site", "none", "another provider's"])
def test_what_only_the_provider_s_own_site_could_answer_stays_absent_with_a_warning_each(declared: Any) -> None:
    outcome = read_claim(foreign(written(PROFESSIONAL)), declared)
    found = [issue.rule for issue in outcome.issues if issue.severity is Severity.WARNING]
    claim = outcome.value
    assert claim is not None
    assert sorted(found) == ["claim.answer-missing"] * 4 + ["coverage.filing-indicator"] * 2
    assert [getattr(claim, name) for name in ANSWERS] == [None] * 4
    assert [one.filing_indicator for one in (claim.insurance, *claim.other_insurance)] == [None, None]
    again = written(claim)
    assert read_claim(again).value == claim
    assert "extension" not in again["entry"][0]["resource"]
    assert not any("type" in entry["resource"] for entry in again["entry"] if entry["resource"]["resourceType"] == "Coverage")


def test_two_filing_indicators_are_a_contradiction_that_no_site_settles() -> None:
    tree = written(PROFESSIONAL)
    coverage = next(entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Coverage")
    coverage["type"]["coding"].append({**coverage["type"]["coding"][0], "code": "MB"})
    outcome = read_claim(tree, {PROFESSIONAL.billing_provider.npi: DECLARED})
    assert outcome.value is None
    assert [issue.rule for issue in outcome.issues if issue.is_error] == ["coverage.filing-indicator"]


def test_a_prior_claim_alone_does_not_tell_whether_it_is_replaced_or_voided() -> None:
    tree = changed(INSTITUTIONAL, lambda claim: claim["related"][0]["relationship"]["coding"].pop(0))
    assert "claim.relationship" in rules(tree)


def test_a_line_dated_outside_the_period_is_a_warning_that_travels_with_the_claim() -> None:
    outcome = read_claim(changed(PROFESSIONAL, lambda tree: tree["item"][0].update(servicedDate="2026-03-03")))
    assert outcome.value is not None
    assert [issue.rule for issue in outcome.issues] == ["claim.dates-differ"]


@pytest.mark.parametrize(("change", "rule"), [
    (lambda tree: tree["item"][0]["net"].pop("currency"), "money.currency-missing"),
    (lambda tree: tree["diagnosis"][1].update(type=tree["diagnosis"][0]["type"]), "diagnosis.principal-several"),
    (lambda tree: tree["item"][0].update(udi=[*tree["item"][0]["udi"], tree["item"][1]["udi"][0]]), "item.devices-several"),
])
def test_what_is_doubtful_and_not_billed_is_said_and_stops_nothing(change: Callable[[Tree], Any], rule: str) -> None:
    claim = replace(PROFESSIONAL, lines=tuple(
        replace(line, pump=replace(line.pump, serial_number=f"S{line.sequence}")) for line in PROFESSIONAL.lines))
    outcome = read_claim(changed(claim, change))
    assert outcome.value is not None
    assert rule in {issue.rule for issue in outcome.issues}


@pytest.mark.parametrize(("change", "rule"), [
    (lambda tree: tree["subType"]["coding"][0].update(system="urn:x"), "claim.bill-type"),
    (lambda tree: tree["related"].append(tree["related"][0]), "claim.related-several"),
])
def test_an_institutional_claim_is_refused_by_its_own_rule(change: Callable[[Tree], Any], rule: str) -> None:
    assert rule in rules(changed(INSTITUTIONAL, change))


def test_own_extensions_are_named_in_the_issue_that_misses_them() -> None:
    outcome = read_claim(changed(PROFESSIONAL, lambda tree: tree.pop("extension")))
    assert any(own_structure("provider-signature") in issue.text for issue in outcome.issues)


def test_no_issue_shows_who_the_patient_is() -> None:
    secrets = ("Sample", "Ada", "W123", "M-1", "1950", "2 Sample Street", "PCN1")
    tree = written(PROFESSIONAL)
    for path in paths(tree):
        for issue in read_claim(without(tree, path)).issues:
            assert not any(secret in issue.text for secret in secrets), issue.text


@given(claims().map(for_fhir))
@settings(max_examples=40)
def test_any_claim_that_x12_can_carry_survives_the_way_there_and_back(claim: Claim) -> None:
    outcome = read_claim(written(claim))
    assert outcome.value == claim, outcome.issues
