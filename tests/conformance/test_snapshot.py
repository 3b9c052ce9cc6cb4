"""The snapshot of a type of R4, and of a profile made from its differential."""

from __future__ import annotations

from adapter.conformance.base import BASE_URL, BaseFacts
from adapter.conformance.snapshot import base_snapshot, find_base


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
