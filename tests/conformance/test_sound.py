"""The quick answer and the long one are of one mind: what passes the sound schema has no issue, rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.rules import follow_link, inspect_tree
from adapter.conformance.sound import list_resources
from adapter.conformance.validation import Profiles, is_sound, validate_resource
from adapter.fhir.json import decode_json
from adapter.load import data_folder
from tests.conformance.mutants import mutants, places
from tests.conformance.resources import administration, bundle, claim, device, patient, procedure

Json = dict[str, Any]

SAMPLES = sorted(data_folder("samples").glob("*.json"))
NEVER = jsonschema_rs.Draft202012Validator(False)


@pytest.fixture(scope="module")
def long_way(profiles: Profiles) -> Profiles:
    """Give profiles that never take the quick answer."""
    return replace(profiles, sound=NEVER)


def _doubled(make: Callable[[], Json]) -> list[Json]:
    """Add to each object a second variant of a choice, to each array a null, to each number a fraction of nothing."""
    trees = []
    for number, _ in enumerate(places(make())):
        for more in ("_valueString", "valueInteger", "deceasedDateTime", "multipleBirthBoolean", "contained", "extension"):
            tree = make()
            around, key = list(places(tree))[number]
            inner = around[key]
            if isinstance(inner, dict):
                inner[more] = {"id": "x"} if more[0] == "_" else [{"url": "urn:x", "valueCode": "x"}] if more == "extension" else 1
            elif isinstance(inner, list):
                inner.append(None)
            elif type(inner) is int:
                around[key] = Decimal(f"{inner}.0")
            trees.append(tree)
    return trees


def _without_null(tree: Json) -> Json:
    """Take the nulls out of the names of the patient: an array with a null is never looked at quickly."""
    for resource in [entry["resource"] for entry in tree.get("entry", ())] or [tree]:
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"family": "Example", "given": ["Ann"]}]
    return tree


@pytest.mark.long
@pytest.mark.parametrize("make", [
    lambda: _without_null(patient()), device, procedure, administration, claim, lambda: _without_null(bundle()),
])
def test_what_passes_the_sound_schema_has_no_issue_the_long_way(
    make: Callable[[], Json], profiles: Profiles, long_way: Profiles
) -> None:
    verdicts = []
    for tree in (*mutants(make), *_doubled(make)):
        issues = validate_resource(tree, long_way)
        assert validate_resource(tree, profiles) == issues
        verdicts.append(is_sound(tree, profiles))
        faults = [issue for issue in issues if issue.is_error and issue.rule.startswith("base.")]
        assert not (verdicts[-1] and faults)
    assert {True, False} == set(verdicts)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_takes_the_quick_way_and_shows_the_same_resources(path: Path, profiles: Profiles) -> None:
    tree = decode_json(path.read_bytes()).value
    assert tree is not None
    assert is_sound(tree, profiles)
    gathered = inspect_tree(tree, tree["resourceType"], profiles.names).resources
    assert [(follow_link(link), node) for link, node in list_resources(tree)] == [
        (follow_link(link), node) for link, node in gathered
    ]


def test_the_comparison_catches_a_rule_that_the_sound_schema_lost(profiles: Profiles, long_way: Profiles) -> None:
    blind = replace(profiles, sound=jsonschema_rs.Draft202012Validator({"type": "object"}))
    assert any(validate_resource(tree, blind) != validate_resource(tree, long_way) for tree in mutants(patient))


def test_a_bundle_in_an_entry_is_looked_at_like_one_that_stands_alone(profiles: Profiles) -> None:
    twice = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "urn:x:1", "resource": {"resourceType": "Basic", "code": {"text": "x"}}} for _ in range(2)
    ]}
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:x:2", "resource": twice}]}
    told = [(issue.rule, issue.expression) for issue in validate_resource(outer, profiles)]
    assert told == [("base.bdl-7", ("Bundle.entry[0].resource.entry[1].fullUrl",))]
