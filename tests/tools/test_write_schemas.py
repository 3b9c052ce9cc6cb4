"""Published schemas: what the profiles make, byte for byte, and one verdict of every engine that reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource

from adapter.conformance.validation import compile_profiles
from adapter.load import data_folder, load_base_facts, load_profiles
from tests.conformance.mutants import mutants
from tests.conformance.resources import administration, bundle, claim, device, patient, procedure
from tools.write_schemas import main, schema_files

Json = dict[str, Any]

PROFILES = data_folder("profiles")
FOLDER = PROFILES / "schema"
SCHEMAS: dict[str, Json] = {path.name.partition(".")[0]: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in SCHEMAS.values())
FAST = jsonschema_rs.Registry([(one["$id"], one) for one in SCHEMAS.values()])
SAMPLES = sorted([*data_folder("samples").glob("*.json"), *(Path(__file__).parents[1] / "golden").glob("*/claim.json")])


class Pair:
    """One schema in both engines."""

    def __init__(self, name: str) -> None:
        self.plain = jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY)
        self.fast = jsonschema_rs.Draft202012Validator(SCHEMAS[name], registry=FAST)

    def verdict(self, tree: Any) -> bool:
        verdicts = {self.plain.is_valid(tree), self.fast.is_valid(tree)}
        assert len(verdicts) == 1, tree
        return verdicts.pop()


@cache
def _pair(name: str) -> Pair:
    """Compile a schema in both engines once."""
    return Pair(name)


def _told(tree: Any) -> Any:
    """Give a tree as its text is read by everybody: numbers are those of JSON."""
    return json.loads(json.dumps(tree, default=float))


def _of_type(kind: str) -> list[str]:
    return [name for name, one in SCHEMAS.items() if one["$ref"].endswith(f"#/$defs/{kind}")]


def _resources(tree: Any) -> Iterator[Json]:
    yield tree
    for entry in tree.get("entry", ()):
        yield from _resources(entry["resource"])
    yield from tree.get("contained", ())


def test_the_shipped_schemas_are_what_the_profiles_make() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == schema_files(PROFILES)


def test_a_changed_profile_is_seen_and_what_belongs_to_none_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(PROFILES / "base")
    definition = json.loads((PROFILES / "StructureDefinition-refill-encounter.json").read_bytes())
    del definition["snapshot"]
    (period,) = [one for one in definition["differential"]["element"] if one["id"] == "Encounter.period"]
    period["min"] = 1
    (tmp_path / "StructureDefinition-refill-encounter.json").write_text(json.dumps(definition))
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "gone.schema.json").write_text("{}")
    assert main([str(tmp_path)]) == 0
    made = {path.name: json.loads(path.read_bytes()) for path in (tmp_path / "schema").glob("*.json")}
    assert made.keys() == {"r4.schema.json", "refill-encounter.schema.json"}
    assert made["refill-encounter.schema.json"]["allOf"] == [{"required": ["period"]}]
    assert "allOf" not in SCHEMAS["refill-encounter"]


def test_the_product_runs_what_is_published() -> None:
    shipped = load_profiles(PROFILES).definitions
    assert set(shipped.published) == {one["description"] for name, one in SCHEMAS.items() if name != "r4"}
    for name, one in SCHEMAS.items():
        if name != "r4":
            rules = shipped.rules(one["description"])
            assert rules is not None
            assert dict(rules.source.schema) == one.get("allOf", [{}])[0]


@pytest.mark.long
def test_a_published_schema_that_asks_more_is_what_the_product_asks() -> None:
    base = json.loads((PROFILES / "base" / "r4.schema.json").read_bytes())
    definition = json.loads((PROFILES / "StructureDefinition-pump-device.json").read_bytes())
    url = f"{definition['url']}|0.1.0"
    compiled = compile_profiles(base, load_base_facts(PROFILES), [definition], {url: {"required": ["lotNumber"]}})
    rules = compiled.definitions.rules(definition["url"])
    assert rules is not None
    assert rules.source.schema == {"required": ["lotNumber"]}


@pytest.mark.long
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_sample_has_one_verdict_in_both_engines(path: Path) -> None:
    tree, base = json.loads(path.read_bytes()), _pair("r4")
    for resource in _resources(tree):
        assert base.verdict(resource)
        for canonical in resource.get("meta", {}).get("profile", ()):
            assert _pair(canonical.rpartition("/")[2]).verdict(resource), canonical


@pytest.mark.long
@pytest.mark.parametrize("make", [patient, device, procedure, administration, claim, bundle])
def test_every_generated_defect_has_one_verdict_in_both_engines(make: Callable[[], Json]) -> None:
    names = ["r4", *_of_type(make()["resourceType"])]
    pairs, verdicts = [_pair(name) for name in names], set()
    step = 4 if make is bundle else 1  # its resources have their own cases
    for tree in (make(), *list(mutants(make))[::step]):
        told = _told(tree)
        verdicts |= {pair.verdict(told) for pair in pairs}
    assert verdicts == {True, False}


def test_a_line_break_at_the_end_is_one_verdict_and_without_its_bar_would_be_two() -> None:
    tree = {"resourceType": "Patient", "birthDate": "1950-02-28\n"}
    assert _pair("r4").verdict(tree) is False
    bare = json.loads(json.dumps(SCHEMAS["r4"]))
    for one in bare["$defs"].values():
        one.pop("not", None)
    assert jsonschema.Draft202012Validator(bare).is_valid(tree) is not jsonschema_rs.Draft202012Validator(bare).is_valid(tree)


def test_a_schema_says_what_it_leaves_to_others() -> None:
    assert SCHEMAS["refill-location"]["$comment"] == "Not said here: invariant rlo-1."
    assert "extensible binding of Observation.code" in SCHEMAS["refill-observation"]["$comment"]
    assert "$comment" not in SCHEMAS["refill-claim-professional"]
