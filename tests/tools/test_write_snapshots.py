"""Snapshots of the shipped profiles: made from their differentials alone, the same bytes each time, and lawful themselves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.conformance.base import BaseFacts
from adapter.conformance.definitions import Definitions
from adapter.conformance.scene import Scene
from adapter.fhirpath import compile_path
from adapter.fhirpath.errata import correct_invariant
from adapter.load import data_folder, load_base_facts, load_profiles
from tools.write_snapshots import main, write_snapshots

Json = dict[str, Any]

PROFILES = data_folder("profiles")
STRUCTURES = sorted(PROFILES.glob("StructureDefinition-*.json"))


@pytest.fixture(scope="module")
def facts() -> BaseFacts:
    return load_base_facts(PROFILES)


def test_every_shipped_snapshot_is_what_its_differential_makes() -> None:
    assert {path: path.read_text() for path in STRUCTURES} == write_snapshots(PROFILES)


def test_a_changed_differential_is_seen_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(PROFILES / "base")
    path = Path(shutil.copy(PROFILES / "StructureDefinition-pump-device.json", tmp_path))
    path.write_text(path.read_text().replace('"path": "Device.patient",\n', '"path": "Device.patient",\n        "min": 1,\n'))
    assert {path: path.read_text()} != write_snapshots(tmp_path)
    assert main([str(tmp_path)]) == 0
    assert {path: path.read_text()} == write_snapshots(tmp_path)
    (told,) = [one for one in json.loads(path.read_bytes())["snapshot"]["element"] if one["id"] == "Device.patient"]
    assert told["min"] == 1


@pytest.mark.long
def test_profiles_read_from_their_snapshots_ask_what_their_differentials_ask(tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(PROFILES / "base")
    for path in PROFILES.glob("*.json"):
        told = json.loads(path.read_bytes())
        told.pop("snapshot", None)
        (tmp_path / path.name).write_text(json.dumps(told))
    shipped, bare = load_profiles(PROFILES).definitions, load_profiles(tmp_path).definitions
    for path in STRUCTURES:
        url = json.loads(path.read_bytes())["url"]
        one, other = shipped.rules(url), bare.rules(url)
        assert one is not None
        assert other is not None
        assert one.source == other.source
        assert [len(one.checks), len(one.slicings)] == [len(other.checks), len(other.slicings)]


def _broken(definition: Json, facts: BaseFacts, library: Definitions) -> Iterator[str]:
    """Give the invariants of ElementDefinition that an element breaks, and of StructureDefinition that it itself breaks."""
    scene = Scene(definition, "StructureDefinition")
    elements = [each for part in ("snapshot", "differential") for each in definition[part]["element"]]
    subjects = [
        ("StructureDefinition", [definition]), ("StructureDefinition.snapshot", [definition["snapshot"]]),
        ("StructureDefinition.differential", [definition["differential"]]), ("ElementDefinition", elements),
    ]
    for kind, nodes in subjects:
        name = kind.partition(".")[0]
        for told in facts.type(name).elements[kind].definition.get("constraint", ()):
            if told["severity"] == "error" and told["key"][:3] in ("sdf", "eld"):
                path = compile_path(correct_invariant(told["expression"]), library.types)
                for node in nodes:
                    if not path.holds(library.types.node(node, kind), scene.environment(library.types, None)):
                        yield told["key"]


@pytest.mark.long
def test_every_shipped_definition_keeps_the_invariants_of_definitions(facts: BaseFacts) -> None:
    library = load_profiles(PROFILES).definitions
    assert len(STRUCTURES) == 31
    for path in STRUCTURES:
        assert list(_broken(json.loads(path.read_bytes()), facts, library)) == [], path.name


@pytest.mark.long
def test_a_planted_snapshot_without_definitions_is_seen(facts: BaseFacts) -> None:
    told = json.loads((PROFILES / "StructureDefinition-pump-device.json").read_bytes())
    del told["snapshot"]["element"][3]["definition"]
    assert list(_broken(told, facts, load_profiles(PROFILES).definitions)) == ["sdf-3"]
