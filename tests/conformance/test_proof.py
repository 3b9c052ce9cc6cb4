"""Proofs: where a schema says that an invariant holds, FHIRPath says so too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.element_tree import grow_tree
from adapter.conformance.instance import Instance
from adapter.conformance.proof import prove, prove_parts
from adapter.conformance.scene import Scene
from adapter.conformance.validation import Profiles, is_sound, validate_resource
from adapter.fhir.systems import own_structure
from tests.conformance.made import judge, profile, told
from tests.conformance.mutants import mutants
from tests.conformance.resources import claim, device, procedure

Json = dict[str, Any]

CASES: list[tuple[Callable[[], Json], str]] = [
    (procedure, "status = 'not-done' or status = 'entered-in-error' or performed.exists()"),
    (procedure, "performed.exists()"), (procedure, "status = 'completed' implies code.exists()"),
    (procedure, "(status = 'completed' or status = 'stopped') implies focalDevice.exists() or location.exists()"),
    (device, "type.exists() or udiCarrier.exists()"),
    (claim, "insurer.exists() or facility.exists()"), (claim, "use = 'claim' implies total.exists()"),
]


@pytest.mark.parametrize(("make", "expression"), CASES, ids=range(len(CASES)))
def test_what_a_proof_shows_is_so(make: Callable[[], Json], expression: str, profiles: Profiles) -> None:
    kind = make()["resourceType"]
    proof = prove(expression, kind, profiles.schema)
    assert proof is not None
    shows, holds = jsonschema_rs.Draft202012Validator(proof), profiles.definitions.holds(expression, kind)
    verdicts = set()
    for tree in (make(), *mutants(make)):
        if profiles.sound.is_valid(tree):
            verdicts.add((shows.is_valid(tree), holds(Instance(tree, None, kind), Scene(tree, kind))))
    assert (True, True) in verdicts
    assert (True, False) not in verdicts


@pytest.mark.parametrize("expression", [
    "(a.exists() or performed.exists()) and code.exists()", "code.exists() and performed.exists()", "performed.exists().not()",
    "iif(code.exists(), performed.exists() or location.exists(), false)", "performed.empty()", "nothing.exists()",
    "status = 'a or performed.exists()", "code.coding.exists()",
])
def test_no_other_form_is_proven(expression: str, profiles: Profiles) -> None:
    assert prove(expression, "Procedure", profiles.schema) is None


def test_a_planted_proof_that_shows_too_much_is_seen(profiles: Profiles) -> None:
    holds, tree = profiles.definitions.holds("performed.exists()", "Procedure"), procedure()
    del tree["performedDateTime"]
    assert jsonschema_rs.Draft202012Validator({}).is_valid(tree) is not holds(Instance(tree, None, "Procedure"), Scene(tree, "Procedure"))


def test_a_profile_with_invariants_that_are_proven_needs_no_second_look_and_another_does(profiles: Profiles) -> None:
    assert own_structure("refill-procedure") in profiles.proven
    assert own_structure("refill-location") not in profiles.proven


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "completed", "stopped", "in-progress"])
def test_only_a_refill_that_was_done_must_tell_when(status: str, profiles: Profiles) -> None:
    tree = procedure() | {"status": status}
    assert validate_resource(tree, profiles) == ()
    del tree["performedDateTime"]
    wanted = [] if status in ("not-done", "entered-in-error") else [("profile.invariant", "Procedure.performed")]
    assert told(validate_resource(tree, profiles)) == wanted


def test_an_invariant_that_asks_for_one_of_several_is_an_issue_at_the_resource() -> None:
    rule = {"key": "t-1", "severity": "error", "human": "One of them", "expression": "bodySite.exists() or location.exists()"}
    definition = profile("Procedure")
    definition["differential"]["element"][0]["constraint"] = [rule]
    assert told(judge({key: value for key, value in procedure().items() if key != "meta"}, definition)) == [("profile.invariant", "Procedure")]


def _provenance() -> Json:
    def part(url: str, kind: str, value: Any) -> Json:
        return {"url": url, f"value{kind}": value}

    told = {
        "line-reason": [part("line", "PositiveInt", 1), part("rule", "String", "a.b"), part("citation", "String", "x")],
        "absent-fact": [part("fact", "String", "route"), part("reason", "String", "x")],
    }
    return {
        "resourceType": "Provenance", "target": [{"display": "x"}], "recorded": "2026-03-02T09:00:00Z", "agent": [{"who": {"display": "x"}}],
        "extension": [{"url": own_structure(name), "extension": parts} for name, parts in told.items()],
    }


def test_an_extension_of_parts_takes_the_quick_way_and_its_spoiled_ones_have_the_verdict_of_the_long_one(profiles: Profiles) -> None:
    assert is_sound(_provenance(), profiles)
    long_way = replace(profiles, sound=jsonschema_rs.Draft202012Validator(False))
    verdicts = set()
    for tree in mutants(_provenance):
        issues = validate_resource(tree, long_way)
        assert validate_resource(tree, profiles) == issues
        verdicts.add((is_sound(tree, profiles), any(issue.is_error for issue in issues)))
    assert (True, True) not in verdicts
    assert verdicts >= {(True, False), (False, True)}


@pytest.mark.parametrize(("spoil", "rule"), [
    (lambda parts: parts.pop(0), "profile.slice-missing"), (lambda parts: parts.append({"url": "more", "valueString": "x"}), "profile.slice-closed"),
    (lambda parts: parts.append(dict(parts[0])), "profile.slice-too-many"), (lambda parts: parts[0].update(extension=[{"url": "urn:x", "valueCode": "x"}]), "base.ext-1"),
])
def test_a_part_that_is_missing_more_or_twice_is_an_issue(spoil: Callable[[list[Json]], Any], rule: str, profiles: Profiles) -> None:
    tree = _provenance()
    spoil(tree["extension"][1]["extension"])
    assert not is_sound(tree, profiles)
    assert rule in [issue.rule for issue in validate_resource(tree, profiles)]


@pytest.mark.parametrize("more", [
    {"binding": {"strength": "required", "valueSet": "urn:vs"}}, {"patternString": "x"}, {"type": [{"code": "string"}, {"code": "code"}]},
    {"type": [{"code": "Reference", "targetProfile": ["urn:p"]}]},
])
def test_a_part_that_asks_for_more_than_a_type_is_not_proven(more: Json) -> None:
    def part(**value: Any) -> Json | None:
        return prove_parts(grow_tree([
            {"path": "Extension", "id": "Extension"}, {"path": "Extension.extension", "slicing": {}}, {"path": "Extension.extension", "sliceName": "a", "min": 1, "max": "1"},
            {"path": "Extension.extension.url", "fixedUri": "a"}, {"path": "Extension.extension.value[x]", "type": [{"code": "string"}], **value},
        ]))

    assert part() is not None
    assert part(**more) is None
