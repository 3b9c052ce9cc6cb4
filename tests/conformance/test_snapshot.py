"""The snapshot of a type of R4, and of a profile made from its differential."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import BASE_URL, BaseFacts, DefinitionError
from adapter.conformance.snapshot import Snapshots, base_snapshot, find_base, make_snapshot

Json = dict[str, Any]
BY_CODE = {"discriminator": [{"type": "pattern", "path": "$this"}], "rules": "open"}


def _profile(*elements: Json, kind: str = "Observation", url: str = "urn:p", base: str | None = None, **more: Any) -> Json:
    told = [{"path": kind}, *({**each, "path": f"{kind}.{each['path']}"} for each in elements)]
    return {"url": url, "type": kind, "baseDefinition": base or BASE_URL + kind, "differential": {"element": told}, **more}


def _snapshot(facts: BaseFacts, profile: Json, *others: Json) -> dict[str, Json]:
    here = {f"{each['url']}{version}": each for each in others for version in ("", f"|{each.get('version')}")}
    made = make_snapshot(profile, lambda canonical: here.get(canonical) or find_base(facts, canonical))
    assert len({each["id"] for each in made}) == len(made)
    return {each["id"]: each for each in made}


def test_a_type_has_a_snapshot_in_the_shape_of_r4(base_facts: BaseFacts) -> None:
    snapshot = base_snapshot(base_facts, "Flag")
    assert [each["path"] for each in snapshot][:3] == ["Flag", "Flag.id", "Flag.meta"]
    language = next(each for each in snapshot if each["path"] == "Flag.language")
    assert language["base"] == {"path": "Resource.language", "min": 0, "max": "1"}
    assert language["type"] == [{"code": "code"}]
    assert language["constraint"][0]["key"] == "ele-1"


def test_r4_has_its_types_and_its_own_profiles_by_canonical(base_facts: BaseFacts) -> None:
    claim, bmi = find_base(base_facts, f"{BASE_URL}Claim|4.0.1"), find_base(base_facts, f"{BASE_URL}bmi|4.0.1")
    assert claim
    assert bmi
    assert claim["snapshot"]["element"] == base_snapshot(base_facts, "Claim")
    assert (claim["baseDefinition"], bmi["baseDefinition"]) == (f"{BASE_URL}DomainResource", f"{BASE_URL}vitalsigns")
    resource = find_base(base_facts, f"{BASE_URL}Resource")
    assert resource is not None
    assert "baseDefinition" not in resource
    assert [find_base(base_facts, name) for name in ("urn:other", f"{BASE_URL}bmi|9", f"{BASE_URL}Claim|9")] == [None] * 3


def test_a_differential_changes_its_elements_and_the_rest_stays_the_bases(base_facts: BaseFacts) -> None:
    made = _snapshot(base_facts, _profile({"path": "status", "patternCode": "final"}, {"path": "subject", "min": 1}))
    base = {each["id"]: each for each in base_snapshot(base_facts, "Observation")}
    assert list(made) == list(base)
    assert [name for name in made if made[name] != base[name]] == ["Observation.status", "Observation.subject"]
    assert made["Observation.status"]["patternCode"] == "final"


def test_a_snapshot_that_is_there_is_taken(base_facts: BaseFacts) -> None:
    own = [{"id": "Observation", "path": "Observation"}]
    assert make_snapshot(_profile({"path": "nowhere"}, snapshot={"element": own}), lambda _: None) is own


def test_a_walk_into_a_data_type_unrolls_it_once(base_facts: BaseFacts) -> None:
    made = _snapshot(base_facts, _profile({"path": "code.coding.system", "min": 1}, {"path": "code.coding.code", "min": 1}))
    below = [name.removeprefix("Observation.code.") for name in made if name.startswith("Observation.code.")]
    assert below == ["id", "extension", "coding", "coding.id", "coding.extension", "coding.system", "coding.version", "coding.code", "coding.display", "coding.userSelected", "text"]
    assert made["Observation.code.coding.system"]["min"] == 1
    assert made["Observation.code.coding.system"]["base"]["path"] == "Coding.system"
    assert "Observation.category.coding" not in made


def test_a_slice_has_the_children_of_its_element_with_what_was_said_of_them(base_facts: BaseFacts) -> None:
    made = _snapshot(base_facts, _profile(
        {"path": "component", "slicing": BY_CODE, "min": 1}, {"path": "component.code", "patternCodeableConcept": {"text": "any"}},
        {"path": "component", "sliceName": "systolic", "max": "1"}, {"path": "component.interpretation", "max": "0"},
        {"path": "component", "sliceName": "systolic/left", "min": 1},
    ))
    whole, systolic, left = (made[f"Observation.component{name}"] for name in ("", ":systolic", ":systolic/left"))
    assert [(each["min"], each["max"]) for each in (whole, systolic, left)] == [(1, "*"), (0, "1"), (1, "1")]
    assert whole["slicing"] == systolic["slicing"] == BY_CODE
    assert "slicing" not in left
    assert made["Observation.component:systolic.code"]["patternCodeableConcept"] == {"text": "any"}
    assert [made[f"Observation.component{name}.interpretation"]["max"] for name in ("", ":systolic")] == ["*", "0"]
    assert made["Observation.component:systolic/left.code"]["path"] == "Observation.component.code"
    names = [name for name in made if name.count(".") == 1]
    assert names[-3:] == ["Observation.component", "Observation.component:systolic", "Observation.component:systolic/left"]


def test_the_short_form_of_a_choice_is_a_slice_by_type(base_facts: BaseFacts) -> None:
    made = _snapshot(base_facts, _profile({"path": "valueQuantity", "min": 1}, {"path": "valueQuantity.code", "fixedCode": "mg"}))
    choice, quantity = made["Observation.value[x]"], made["Observation.value[x]:valueQuantity"]
    assert choice["slicing"] == {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "closed"}
    assert choice["type"] == quantity["type"] == [{"code": "Quantity"}]
    assert (choice["min"], quantity["min"], quantity["path"]) == (0, 1, "Observation.value[x]")
    assert made["Observation.value[x]:valueQuantity.code"]["fixedCode"] == "mg"


def test_a_choice_that_the_differential_speaks_of_keeps_the_types_it_says(base_facts: BaseFacts) -> None:
    types = [{"code": "Quantity"}, {"code": "string"}]
    made = _snapshot(base_facts, _profile({"path": "value[x]", "type": types}, {"path": "valueQuantity", "min": 1}))
    assert made["Observation.value[x]"]["type"] == types
    assert made["Observation.value[x]"]["slicing"]["rules"] == "open"


def test_a_walk_into_an_extension_follows_the_profile_of_its_type(base_facts: BaseFacts) -> None:
    extension = _profile({"path": "url", "fixedUri": "urn:e"}, {"path": "value[x]", "type": [{"code": "string"}]}, kind="Extension", url="urn:e")
    made = _snapshot(base_facts, _profile(
        {"path": "extension", "sliceName": "e", "type": [{"code": "Extension", "profile": ["urn:e"]}]},
        {"id": "Observation.extension:e.value[x]", "path": "extension.value[x]", "min": 1},
    ), extension)
    assert made["Observation.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
    assert made["Observation.extension:e.url"]["fixedUri"] == "urn:e"
    assert made["Observation.extension:e.value[x]"]["type"] == [{"code": "string"}]


def test_a_walk_over_a_content_reference_gives_the_children_of_what_it_refers_to(base_facts: BaseFacts) -> None:
    made = _snapshot(base_facts, _profile({"path": "item.item.item.linkId", "maxLength": 3}, kind="Questionnaire"))
    assert made["Questionnaire.item.item.item.linkId"]["maxLength"] == 3
    assert "maxLength" not in made["Questionnaire.item.linkId"]
    inside = _snapshot(base_facts, _profile({"path": "entry.resource", "type": [{"code": "Questionnaire"}]}, {"path": "entry.resource.item.item.text", "min": 1}, kind="Bundle"))
    assert inside["Bundle.entry.resource.item.item.text"]["min"] == 1


def test_a_chain_of_profiles_adds_up_and_a_version_is_followed(base_facts: BaseFacts) -> None:
    first = _profile({"path": "subject", "min": 1}, {"path": "category", "slicing": BY_CODE}, {"path": "category", "sliceName": "a", "min": 1}, url="urn:1", version="2")
    second = _profile({"path": "subject", "mustSupport": True}, {"path": "category", "sliceName": "a", "max": "1"}, {"path": "category", "sliceName": "b"}, url="urn:2", base="urn:1|2")
    made = _snapshot(base_facts, second, first)
    assert (made["Observation.subject"]["min"], made["Observation.subject"]["mustSupport"]) == (1, True)
    assert [(made[f"Observation.category:{name}"]["min"], made[f"Observation.category:{name}"]["max"]) for name in "ab"] == [(1, "1"), (0, "*")]
    assert "mustSupport" not in _snapshot(base_facts, first)["Observation.subject"]


def test_many_snapshots_share_their_bases_and_do_not_change_them(base_facts: BaseFacts) -> None:
    snapshots = Snapshots(lambda canonical: find_base(base_facts, canonical))
    made = [snapshots.of(_profile({"path": "status", "patternCode": code}, url=f"urn:{code}")) for code in ("final", "amended")]
    assert [next(each for each in one if each["id"] == "Observation.status")["patternCode"] for one in made] == ["final", "amended"]


@pytest.mark.parametrize(("profile", "why"), [
    (_profile({"path": "nothing"}), r"urn:p, Observation\.nothing: there is no element nothing"),
    (_profile({"path": "code.nothing"}), r"urn:p, Observation\.code\.nothing: there is no element nothing"),
    (_profile({"path": "valueMoney"}), "there is no element valueMoney"),
    (_profile({"path": "value[x].unit"}), "has more than one type"),
    (_profile({"path": "status", "min": 0}), r"urn:p, Observation\.status: min 0 is less"),
    (_profile({"id": "Patient.x", "path": "x"}), "does not begin with Observation"),
    (_profile({"path": "category", "slicing": BY_CODE}, {"path": "category", "sliceName": "a", "type": [{"code": "Coding"}]}), "type Coding is none"),
    (_profile(base="urn:nowhere|1"), r"urn:p: urn:nowhere\|1 is not here"),
    (_profile(base="urn:p"), "urn:p: it is based on itself"),
    (_profile(derivation="specialization"), "a new type needs its snapshot"),
    ({"url": "urn:p", "type": "Observation"}, "urn:p: baseDefinition is missing"),
    ({"url": "urn:p", "type": "Flag", "baseDefinition": f"{BASE_URL}Flag", "differential": {"element": [{"id": "Flag.x"}]}}, r"urn:p, Flag\.x: the path is missing"),
])
def test_what_cannot_be_laid_names_the_definition_the_element_and_the_reason(profile: Json, why: str, base_facts: BaseFacts) -> None:
    with pytest.raises(DefinitionError, match=why):
        _snapshot(base_facts, profile, profile)
