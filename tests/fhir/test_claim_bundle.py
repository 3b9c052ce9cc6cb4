"""A claim Bundle holds the Claim first, all that it refers to, and only codes whose system is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings

from adapter.fhir.claim_bundle import write_claim
from adapter.fhir.references import ReferenceIndex, Tree
from adapter.terms import Claim, CodingRecord, Ndc
from tests.fhir.claim_cases import INSTITUTIONAL, PROFESSIONAL, RECORD, STAMP, record_of
from tests.strategies import wider_claims


def written(claim: Claim) -> Tree:
    outcome = write_claim(record_of(claim), STAMP)
    assert outcome.value is not None, outcome.issues
    return outcome.value


def references(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("reference"), str):
            yield tree["reference"]
        for value in tree.values():
            yield from references(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from references(value)


def closed(tree: Tree) -> bool:
    """Tell whether every reference leads to an entry and every entry but the last is referred to."""
    urls = [entry["fullUrl"] for entry in tree["entry"]]
    return set(references(tree)) == set(urls[:-1]) and len(set(urls)) == len(urls)


def empty(tree: Any) -> bool:
    if isinstance(tree, dict | list):
        values = list(tree.values()) if isinstance(tree, dict) else tree
        return not values or any(empty(value) for value in values)
    return tree is None or tree == ""


@given(wider_claims())
@settings(max_examples=30)
def test_any_claim_bundle_is_closed_and_another_fhir_reader_takes_it(claim: Claim) -> None:
    tree = written(claim)
    assert closed(tree)
    assert not empty(tree)
    assert tree["entry"][0]["resource"]["resourceType"] == "Claim"
    assert tree["entry"][-1]["resource"]["resourceType"] == "Provenance"
    Bundle.model_validate(tree)


def test_a_dangling_reference_and_an_unknown_element_would_be_caught() -> None:
    tree = written(PROFESSIONAL)
    assert not closed({**tree, "entry": [one for one in tree["entry"] if one["resource"]["resourceType"] != "Device"]})
    tree["entry"][0]["resource"]["itemm"] = []
    with pytest.raises(ValueError, match="itemm"):
        Bundle.model_validate(tree)


def test_the_parties_follow_in_the_order_of_the_contract() -> None:
    assert [entry["resource"]["resourceType"] for entry in written(PROFESSIONAL)["entry"]] == [
        "Claim", "Patient", "Coverage", "Organization", "Patient", "Coverage", "Organization", "Organization",
        "Practitioner", "Location", "Device", "Provenance"]


def test_the_same_record_and_stamp_give_the_same_tree_and_another_claim_other_urls() -> None:
    assert written(PROFESSIONAL) == written(PROFESSIONAL)
    urls = [{entry["fullUrl"] for entry in written(one)["entry"]} for one in (PROFESSIONAL, INSTITUTIONAL)]
    assert not urls[0] & urls[1]


def test_each_form_carries_what_is_its_own() -> None:
    office, hospital = (written(claim)["entry"][0]["resource"] for claim in (PROFESSIONAL, INSTITUTIONAL))
    assert office["meta"]["profile"] == [
        "https://refill-adapter.example/fhir/StructureDefinition/refill-claim-professional"]
    assert office["careTeam"][0]["role"]["coding"][0]["code"] == "primary"
    assert hospital["careTeam"][0]["role"]["coding"][0]["code"] == "primary"
    assert "subType" not in office
    assert hospital["subType"]["coding"][0]["code"] == "0131"
    assert {"locationCodeableConcept", "diagnosisSequence"} <= office["item"][0].keys()
    assert not {"locationCodeableConcept", "diagnosisSequence"} & hospital["item"][0].keys()
    assert hospital["related"][0]["relationship"]["coding"][0]["code"] == "replaces"


def test_a_unit_price_is_given_only_where_it_is_whole_cents() -> None:
    items = written(PROFESSIONAL)["entry"][0]["resource"]["item"]
    assert items[0]["unitPrice"] == {"value": Decimal("185.00"), "currency": "USD"}
    assert "unitPrice" not in items[1]
    assert items[3]["unitPrice"]["value"] == Decimal("5.00")


def test_each_line_of_a_pump_leads_to_its_device() -> None:
    tree = written(PROFESSIONAL)
    items = tree["entry"][0]["resource"]["item"]
    assert [("udi" in item) for item in items] == [True, True, True, True]
    found = ReferenceIndex(tree).resolve(items[0]["udi"][0], "Bundle.entry[0].resource.item[0].udi[0]")
    assert found is not None
    assert found[0]["udiCarrier"][0]["carrierHRF"] == "(01)09520000000011(21)S1"


LINE = PROFESSIONAL.lines[1]


@pytest.mark.parametrize(("claim", "rule", "place"), [
    (replace(PROFESSIONAL, lines=(replace(LINE, code="Z1234"),)), "item.code-form", "Claim.item[0].productOrService"),
    (replace(PROFESSIONAL, lines=(replace(LINE, code="96"),)), "item.code-form", "Claim.item[0].productOrService"),
    (replace(PROFESSIONAL, lines=(replace(LINE, modifiers=("JZ", "9")),)), "item.modifier", "Claim.item[0].modifier[1]"),
    (replace(PROFESSIONAL, lines=(replace(LINE, ndc=Ndc("98765432101", Decimal(1), "XX")),)), "item.ndc-unit",
     "Claim.item[0].detail[0].quantity"),
    (replace(PROFESSIONAL, frequency="3"), "claim.frequency", "Claim.related"),
    (replace(PROFESSIONAL, insurance=replace(PROFESSIONAL.insurance, order=2)), "insurance.order", "Claim.insurance"),
])
def test_what_fhir_cannot_carry_truly_is_refused_not_written_otherwise(claim: Claim, rule: str, place: str) -> None:
    outcome = write_claim(record_of(claim), STAMP)
    assert outcome.value is None
    assert [(issue.rule, issue.expression) for issue in outcome.issues] == [(rule, (place,))]


def test_a_held_record_has_no_claim_to_write() -> None:
    outcome = write_claim(CodingRecord("held", proposed=("96522",)), STAMP)
    assert outcome.value is None
    assert [issue.rule for issue in outcome.issues] == ["claim.absent"]


def test_the_record_of_the_cases_is_the_professional_claim() -> None:
    assert RECORD.claim == PROFESSIONAL
