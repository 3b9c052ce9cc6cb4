"""The facts of base R4: every type, every element, every bound value set, found by name and by path."""

from __future__ import annotations

import pytest

from adapter.conformance.base import BASE_URL, BaseFacts


def test_every_type_of_r4_can_be_read(base_facts: BaseFacts) -> None:
    kinds = [base_facts.type(name).kind for name in base_facts.names]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"resource": 148, "complex-type": 41, "primitive-type": 20}
    assert sum(len(base_facts.type(name).elements) for name in base_facts.names) == 7675


@pytest.mark.parametrize(("path", "found", "types"), [
    ("Claim.item.productOrService", "Claim.item.productOrService", ("CodeableConcept",)),
    ("Patient.name.given", "HumanName.given", ("string",)),
    ("Patient.contact.name.family", "HumanName.family", ("string",)),
    ("Patient.id", "Patient.id", ("id",)),
    ("Patient.name.id", "HumanName.id", ("string",)),
    ("Observation.valueQuantity.value", "Quantity.value", ("decimal",)),
    ("Observation.effective[x]", "Observation.effective[x]", ("dateTime", "Period", "Timing", "instant")),
    ("Observation.effectivePeriod", "Observation.effective[x]", ("dateTime", "Period", "Timing", "instant")),
    ("Bundle.entry.link.relation", "Bundle.link.relation", ("string",)),
    ("Questionnaire.item.item.item.linkId", "Questionnaire.item.linkId", ("string",)),
    ("Patient.birthDate.extension.url", "Extension.url", ("uri",)),
    ("Claim", "Claim", ()),
])
def test_a_path_leads_to_its_element(path: str, found: str, types: tuple[str, ...], base_facts: BaseFacts) -> None:
    element = base_facts.element(path)
    assert element is not None
    assert (element.path, element.types) == (found, types)


@pytest.mark.parametrize("path", [
    "Zork", "Zork.x", "Patient.x", "Patient.x.y", "Observation.valueMoney", "Observation.value[x].value", "Patient.name.given.x", "",
])
def test_a_path_that_r4_does_not_have_leads_nowhere(path: str, base_facts: BaseFacts) -> None:
    assert base_facts.element(path) is None
    assert base_facts.children(path) == ()


def test_an_element_says_how_often_it_may_stand_and_what_it_may_point_to(base_facts: BaseFacts) -> None:
    item, status, provider = (base_facts.element(f"Claim.{name}") for name in ("item", "status", "provider"))
    assert item
    assert status
    assert provider
    assert [(each.least, each.most) for each in (item, status)] == [(0, None), (1, 1)]
    assert (status.definition["binding"], status.definition["isModifier"]) == (
        {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/fm-status|4.0.1"}, True,
    )
    assert provider.targets == ("Practitioner", "PractitionerRole", "Organization")
    assert [each["key"] for each in base_facts.type("Bundle").elements["Bundle"].definition["constraint"]][:3] == ["bdl-1", "bdl-2", "bdl-3"]


def test_children_stand_in_the_order_of_the_definition(base_facts: BaseFacts) -> None:
    assert [each.name for each in base_facts.children("Claim.insurance")] == [
        "id", "extension", "modifierExtension", "sequence", "focal", "identifier", "coverage", "businessArrangement", "preAuthRef", "claimResponse",
    ]
    assert base_facts.children("Bundle.entry.link") == base_facts.children("Bundle.link")


def test_a_type_names_its_ancestors_and_is_named_by_its_canonical(base_facts: BaseFacts) -> None:
    assert base_facts.ancestors("Claim") == ("Claim", "DomainResource", "Resource")
    assert base_facts.ancestors("positiveInt") == ("positiveInt", "integer", "Element")
    named = [base_facts.type_named(BASE_URL + name) for name in ("Claim", "Claim|4.0.1", "Claim|5.0.0", "bmi")]
    assert named == ["Claim", "Claim", None, None]
    assert base_facts.type_named("Claim") is None
    assert base_facts.profiles[f"{BASE_URL}bmi"]["baseDefinition"] == f"{BASE_URL}vitalsigns"


def test_a_value_set_of_r4_is_counted_or_says_why_not(base_facts: BaseFacts) -> None:
    gender = base_facts.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
    places = base_facts.value_set("http://hl7.org/fhir/ValueSet/jurisdiction")
    assert gender
    assert places
    assert (gender.holds_code("male"), gender.holds_code("m")) == (True, False)
    assert places.holds("urn:iso:std:iso:3166", "US") is None
    assert places.open["urn:iso:std:iso:3166"] == "ISO 3166 is not here"
    assert base_facts.value_set("urn:other") is None
