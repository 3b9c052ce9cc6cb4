"""What is restored from a claim is what the claim tells: no route, no dose, no time, and waste is no administration."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings

from adapter.fhir.references import ReferenceIndex, Tree
from adapter.fhir.restored import write_refill
from adapter.fhir.systems import own_code_system
from adapter.terms import Claim, RestoredRefill, RestoredService, ServiceLine
from tests.fhir.claim_cases import DAY, INSTITUTIONAL, PROFESSIONAL, STAMP
from tests.fhir.test_claim_bundle import empty, references
from tests.strategies import wider_claims

VISIT = ServiceLine(5, "99213", ("25",), Decimal(1), Decimal("118.00"), (1,), DAY, "PCN1-5")
KIT = ServiceLine(6, "A4220", (), Decimal(1), Decimal("48.00"), (1,), DAY, "PCN1-6")
OFFICE = replace(PROFESSIONAL, lines=(*PROFESSIONAL.lines, VISIT, KIT))
PUMPLESS = replace(OFFICE, lines=tuple(replace(line, pump=None) for line in OFFICE.lines))


def explained(claim: Claim) -> RestoredRefill:
    def explain(line: ServiceLine) -> RestoredService:
        if line.code.startswith("J"):
            return RestoredService(line, "drug")
        if line.code == "96522":
            return RestoredService(line, "procedure", "refill", "implanted", "systemic")
        return RestoredService(line, {"A": "supply", "9921": "visit"}.get(line.code.rstrip("0123456789") or line.code[:4], "procedure"))

    return RestoredRefill(claim, tuple(explain(line) for line in claim.lines))


def resources(tree: Tree, name: str) -> list[Tree]:
    return [entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == name]


def test_each_line_becomes_what_it_is_and_waste_and_supplies_become_nothing() -> None:
    tree = write_refill(explained(OFFICE), STAMP)
    procedures = resources(tree, "Procedure")
    assert [one["code"]["coding"][0]["code"] for one in procedures] == ["96522", "99213"]
    assert procedures[0]["code"]["coding"][1] == {"system": own_code_system("refill-act"), "code": "refill"}
    assert "focalDevice" not in procedures[1]
    drugs = resources(tree, "MedicationAdministration")
    assert [one["identifier"][0]["value"] for one in drugs] == ["PCN1-2", "PCN1-3"]
    assert [code["code"] for code in drugs[0]["medicationCodeableConcept"]["coding"]] == ["J9200", "98765432101"]
    index = ReferenceIndex(tree)
    parent = index.resolve(drugs[0]["partOf"][0], "Bundle.entry[2].resource")
    device = index.resolve(drugs[0]["device"][0], "Bundle.entry[2].resource")
    assert parent is not None
    assert parent[0] == procedures[0]
    assert device is not None
    assert device[0] == resources(tree, "Device")[0]


@pytest.mark.parametrize("claim", [OFFICE, INSTITUTIONAL], ids=["professional", "institutional"])
def test_route_dose_and_time_are_never_written(claim: Claim) -> None:
    text = json.dumps(write_refill(explained(claim), STAMP)["entry"], default=str)
    assert not any(word in text for word in ('"dosage"', "delivery-route", "systemic", "intra-arterial", "T00:00"))


def test_diagnoses_are_those_of_the_line_and_on_a_form_without_pointers_those_of_the_claim() -> None:
    def reasons(tree: Tree, place: int) -> list[str]:
        return [one["coding"][0]["code"] for one in resources(tree, "Procedure")[place]["reasonCode"]]

    office, hospital = (write_refill(explained(claim), STAMP) for claim in (OFFICE, INSTITUTIONAL))
    assert (reasons(office, 0), reasons(office, 1), reasons(hospital, 0)) == (["Z51.11", "C78.7"], ["Z51.11"], ["C78.7"])
    assert {"diagnosis-pointers", "route"} <= absent(hospital)


def absent(tree: Tree) -> set[str]:
    return {one["extension"][0]["valueString"] for one in resources(tree, "Provenance")[0]["extension"]}


@pytest.mark.parametrize(("claim", "modifier", "status"), [
    (PROFESSIONAL, "53", "stopped"),
    (PROFESSIONAL, "52", "completed"),
    (INSTITUTIONAL, "52", "stopped"),
    (INSTITUTIONAL, "XS", "completed"),
])
def test_a_discontinued_service_is_stopped_as_its_form_says_it(claim: Claim, modifier: str, status: str) -> None:
    line = replace(claim.lines[0], modifiers=(modifier,))
    tree = write_refill(explained(replace(claim, lines=(line,))), STAMP)
    assert resources(tree, "Procedure")[0]["status"] == status


def test_without_a_known_pump_the_device_says_only_what_the_code_tells() -> None:
    tree = write_refill(explained(PUMPLESS), STAMP)
    device = resources(tree, "Device")[0]
    assert device["type"] == {"text": "implanted drug pump"}
    assert device.keys() == {"resourceType", "type", "patient"}


def test_the_device_of_a_flush_is_a_port_and_no_pump() -> None:
    flush = RestoredService(replace(VISIT, code="96523"), "procedure", "flush", "port", "systemic")
    (device,) = resources(write_refill(RestoredRefill(PUMPLESS, (flush,)), STAMP), "Device")
    assert device["type"] == {"text": "venous access port"}


def test_a_systemic_and_a_spinal_refill_are_of_two_devices_and_no_drug_is_given_to_either() -> None:
    spinal = RestoredService(replace(VISIT, code="62370"), "procedure", "refill", "implanted", "spinal")
    restored = explained(PUMPLESS)
    tree = write_refill(replace(restored, services=(*restored.services[:2], spinal)), STAMP)
    pumps = [one["focalDevice"][0]["manipulated"]["reference"] for one in resources(tree, "Procedure")]
    assert len(set(pumps)) == len(resources(tree, "Device")) == 2
    assert not {"partOf", "device"} & resources(tree, "MedicationAdministration")[0].keys()
    assert "part-of" in absent(tree)


def test_each_of_two_refills_keeps_its_own_pump_and_drug() -> None:
    other = replace(OFFICE.pumps[0], serial_number="S2")
    refill, drug = OFFICE.lines[:2]
    second = (replace(refill, sequence=7, control_number="PCN1-7", pump=other), replace(drug, sequence=8, control_number="PCN1-8", pump=other))
    tree = write_refill(explained(replace(OFFICE, lines=(refill, drug, *second))), STAMP)
    pumps = [one["focalDevice"][0]["manipulated"]["reference"] for one in resources(tree, "Procedure")]
    assert len(set(pumps)) == len(resources(tree, "Device")) == 2
    assert [one["device"][0]["reference"] for one in resources(tree, "MedicationAdministration")] == pumps
    assert "part-of" not in absent(tree)


def test_a_refill_whose_pump_is_not_told_is_given_none_of_the_known_ones() -> None:
    lines = (replace(OFFICE.lines[0], pump=None), *OFFICE.lines[1:])
    tree = write_refill(explained(replace(OFFICE, lines=lines)), STAMP)
    assert "focalDevice" not in resources(tree, "Procedure")[0]
    assert "device" in absent(tree)


def test_where_it_was_done_is_told_and_the_claim_is_named_as_the_source() -> None:
    tree = write_refill(explained(OFFICE), STAMP)
    assert resources(tree, "Location")[0]["type"][0]["coding"][0]["code"] == "11"
    alone = write_refill(explained(replace(OFFICE, treating_provider=None, place_of_service=None, facility=None)), STAMP)
    assert resources(alone, "Location") == []
    entity = resources(tree, "Provenance")[0]["entity"][0]
    assert (entity["what"]["identifier"]["value"], entity["role"]) == ("PCN1", "source")


@pytest.mark.parametrize("claim", [OFFICE, INSTITUTIONAL, replace(OFFICE, treating_provider=None)], ids=["professional", "institutional", "nobody"])
def test_whose_hands_did_it_is_not_guessed_from_who_rendered_or_supervised(claim: Claim) -> None:
    tree = write_refill(explained(claim), STAMP)
    assert [one for one in resources(tree, "Procedure") if "performer" in one] == []
    assert "performer" in absent(tree)
    assert len(resources(tree, "Practitioner")) == (claim.treating_provider is not None), "who rendered or supervised is sent all the same"


INFUSION = replace(VISIT, code="96413", modifiers=("59",))


@pytest.mark.parametrize(("services", "linked"), [
    ([("96522", "refill")], True), ([("96416", "infusion-start")], True), ([("96522", "refill"), ("99213", None)], True),
    ([("96522", "refill"), ("62367", "analysis")], True), ([("96522", "refill"), ("96413", None)], False), ([("96522", "refill"), ("96523", "flush")], False),
    ([("62367", "analysis")], False), ([("96523", "flush")], False), ([("96522", "refill"), ("96521", "refill")], False), ([], False),
], ids=str)
def test_a_drug_hangs_on_a_refill_or_start_only_where_no_other_service_can_have_given_it(services, linked) -> None:
    told = [RestoredService(replace(VISIT, code=code, pump=None), "visit" if code == "99213" else "procedure", act, "implanted" if act else None, "systemic" if act else None)
        for code, act in services]
    drug = RestoredService(PUMPLESS.lines[1], "drug")
    tree = write_refill(RestoredRefill(PUMPLESS, (*told, drug)), STAMP)
    (given_drug,) = resources(tree, "MedicationAdministration")
    assert ({"partOf", "device"} <= given_drug.keys()) is linked
    assert ("partOf" in given_drug or "device" in given_drug) is linked
    assert ("part-of" in absent(tree)) is not linked


def test_a_drug_whose_pump_the_claim_tells_hangs_on_the_refill_of_that_pump_beside_an_infusion() -> None:
    restored = explained(OFFICE)
    tree = write_refill(replace(restored, services=(*restored.services[:2], RestoredService(INFUSION, "procedure"))), STAMP)
    assert "partOf" in resources(tree, "MedicationAdministration")[0]


def test_waste_on_the_claim_is_no_administration_and_its_absence_is_said() -> None:
    waste = replace(OFFICE.lines[1], modifiers=("JW",))
    restored = explained(replace(OFFICE, lines=(*OFFICE.lines[:2], waste)))
    tree = write_refill(restored, STAMP)
    assert len(resources(tree, "MedicationAdministration")) == 1
    assert "discarded" in absent(tree)
    assert "discarded" not in absent(write_refill(explained(replace(OFFICE, lines=OFFICE.lines[:2])), STAMP))


@pytest.mark.long
@given(wider_claims())
@settings(max_examples=30)
def test_any_restored_bundle_is_closed_and_another_fhir_reader_takes_it(claim: Claim) -> None:
    tree = write_refill(explained(claim), STAMP)
    urls = {entry["fullUrl"] for entry in tree["entry"]}
    assert set(references(tree)) <= urls
    assert len(urls) == len(tree["entry"])
    assert not empty(tree)
    Bundle.model_validate(tree)
    assert write_refill(explained(claim), STAMP) == tree
