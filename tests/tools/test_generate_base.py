"""Base R4: made from definitions alone, the same bytes each time, and recorded with its origin."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tools.base_facts import build_code_systems, build_facts, build_profiles, build_value_sets
from tools.base_schema import build_schema
from tools.generate_base import main

Json = dict[str, Any]
FILES = ("r4.schema.json", "r4.facts.json", "r4.proofs.json", "r4.profiles.json", "r4.valuesets.json", "r4.codesystems.json")
BASE = Path(__file__).parents[2] / "profiles" / "base"
_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
_SYSTEM = "http://hl7.org/fhirpath/System.String"


def _structure(name: str, kind: str, *elements: Json) -> Json:
    whole = [{"path": name, "min": 0, "max": "*"}, *({"min": 0, "max": "1", **element, "path": f"{name}.{element['path']}"} for element in elements)]
    return {"resourceType": "StructureDefinition", "id": name, "url": f"urn:{name}", "kind": kind, "abstract": name == "Element", "snapshot": {"element": whole}}


def _primitive(name: str, pattern: str) -> Json:
    told = [{"url": _TYPE, "valueUrl": "string"}, {"url": _REGEX, "valueString": pattern}]
    return _structure(name, "primitive-type", {"path": "value", "type": [{"code": _SYSTEM, "extension": told}]})


def _types(*codes: str) -> list[Json]:
    return [{"code": code} for code in codes]


DEFINITIONS = [
    _primitive("string", "x"), _primitive("code", r"[^\s]+"), _primitive("integer", "x"),
    _structure("Element", "complex-type", {"path": "id", "type": _types(_SYSTEM)}),
    _structure(
        "Lamp", "resource",
        {"path": "status", "min": 1, "type": _types("code"), "binding": {"strength": "required", "valueSet": "urn:vs|1"}},
        {"path": "colour", "max": "*", "type": _types("code"), "binding": {"strength": "example", "valueSet": "urn:vs"}},
        {"path": "price", "max": "*", "type": _types("code"), "binding": {"strength": "required", "valueSet": "urn:money"}},
        {"path": "power[x]", "min": 1, "type": _types("integer", "string")},
        {"path": "part", "max": "2", "type": _types("BackboneElement")},
        {"path": "part.name", "min": 1, "type": _types("string")},
        {"path": "part.part", "max": "*", "contentReference": "#Lamp.part"},
    ),
    {"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": [{"system": "urn:cs"}]}},
    {"resourceType": "ValueSet", "url": "urn:money", "compose": {"include": [{"system": "urn:iso:std:iso:4217"}]}},
    {"resourceType": "CodeSystem", "url": "urn:cs", "content": "complete", "concept": [{"code": "on"}, {"code": "off"}]},
]
GOOD: Json = {"resourceType": "Lamp", "status": "on", "powerInteger": 5}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(build_schema(DEFINITIONS))


@pytest.mark.parametrize("change", [
    {}, {"powerString": "x"}, {"_powerInteger": {"id": "a"}}, {"colour": ["a", None], "_colour": [None, {"id": "b"}]},
    {"part": [{"name": "a", "part": [{"_name": {"id": "b"}}]}]}, {"price": ["USD", None], "_price": [None, {"id": "b"}]},
])
def test_what_the_definitions_allow_is_taken(change: Json, validator: jsonschema_rs.Draft202012Validator) -> None:
    assert validator.is_valid(GOOD | change)


@pytest.mark.parametrize("change", [
    {"resourceType": "Zork"}, {"status": "dim"}, {"status": None}, {"powerInteger": "5"}, {"powerBoolean": True}, {"extra": 1},
    {"colour": "a"}, {"colour": []}, {"colour": ["a b"]}, {"part": [{"name": "a"}] * 3}, {"part": [{}]},
    {"part": [{"name": "a", "part": [{}]}]}, {"_power": {}}, {"price": ["usd"]}, {"price": ["DOLLAR"]}, {"price": [5]},
])
def test_what_the_definitions_forbid_is_refused(change: Json, validator: jsonschema_rs.Draft202012Validator) -> None:
    assert not validator.is_valid(GOOD | change)


@pytest.mark.parametrize(("name", "missing"), [("status", "status"), ("powerInteger", "power[x]"), ("resourceType", "resourceType")])
def test_a_missing_element_is_named_by_the_error(name: str, missing: str, validator: jsonschema_rs.Draft202012Validator) -> None:
    tree = {key: value for key, value in GOOD.items() if key != name}
    assert [error.kind.as_dict() for error in validator.iter_errors(tree)] == [{"property": missing}]


def test_two_runs_over_one_package_give_the_same_bytes(tmp_path: Path) -> None:
    package = tmp_path / "package.tgz"
    with tarfile.open(package, "w:gz") as file:
        for number, definition in enumerate(DEFINITIONS):
            data = json.dumps(definition).encode()
            entry = tarfile.TarInfo(f"package/{definition['resourceType']}-{number}.json")
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
    for name in ("a", "b"):
        assert main([str(package), str(tmp_path / name)]) == 0
    for name in FILES:
        made = [(tmp_path / run / name).read_bytes() for run in ("a", "b")]
        assert made[0] == made[1]
    assert json.loads((tmp_path / "a" / "r4.schema.json").read_text()) == build_schema(DEFINITIONS)


def test_the_shipped_files_are_those_whose_origin_is_recorded(tmp_path: Path) -> None:
    origin = json.loads((BASE / "ORIGIN.json").read_text())
    assert (origin["package"], origin["version"], tuple(origin["sha256"])) == ("hl7.fhir.r4.core", "4.0.1", FILES)
    for name, digest in origin["sha256"].items():
        data = (BASE / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert hashlib.sha256(data + b" ").hexdigest() != digest
    assert sum(path.stat().st_size for path in BASE.iterdir()) < 3_000_000
    if package := os.environ.get("R4_PACKAGE"):  # the official package is too large to be kept here
        assert main([package, str(tmp_path)]) == 0
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
            path.name: path.read_bytes() for path in BASE.iterdir()
        }


def test_facts_hold_each_shape_and_constraint_once_and_no_prose() -> None:
    whole: list[Json] = [{"key": "ele-1", "severity": "error", "human": "h", "expression": "true", "xpath": "x", "source": "s"}]
    told: Json = {"constraint": whole, "short": "prose", "type": _types("string"), "isModifier": False, "code": [{"code": "c"}]}
    facts = build_facts([_structure("Lamp", "resource", {"path": "a", **told}, {"path": "b", **told, "isModifier": True})])
    lamp = facts["types"]["Lamp"]
    plain = {"min": 0, "max": "1", "constraint": [0], "type": _types("string")}
    assert [facts["shapes"][number] for number in lamp["elements"].values()][1:] == [plain, {**plain, "isModifier": True}]
    assert facts["constraints"] == [{"key": "ele-1", "severity": "error", "human": "h", "expression": "true"}]
    again = build_facts([_structure("Lamp", "resource", {"path": "a", **told}, {"path": "b", **told})])
    assert list(again["types"]["Lamp"]["elements"].values()) == [0, 1, 1]


def test_profiles_are_the_differentials_of_constraints_and_types_are_none() -> None:
    profile = _structure("Lit", "resource") | {"derivation": "constraint", "description": "prose"}
    profile["differential"] = {"element": [{"path": "Lamp", "comment": "prose", "min": 1}]}
    assert build_profiles([profile]) == [{
        "resourceType": "StructureDefinition", "id": "Lit", "url": "urn:Lit", "kind": "resource", "abstract": False,
        "derivation": "constraint", "differential": {"element": [{"path": "Lamp", "min": 1}]},
    }]
    assert "Lit" not in build_facts([*DEFINITIONS, profile])["types"]


def test_value_sets_are_all_that_are_here_or_that_a_binding_holds_a_code_to() -> None:
    bound: Json = {"path": "a", "type": _types("code"), "binding": {"strength": "required", "valueSet": "urn:nowhere|1"}}
    assert build_value_sets([*DEFINITIONS, _structure("Torch", "resource", bound)]) == {
        "urn:nowhere": {"open": {"*": "value set urn:nowhere is not here"}},
        "urn:money": {"forms": {"urn:iso:std:iso:4217": "iso-4217"}}, "urn:vs": {"codes": {"urn:cs": ["off", "on"]}},
    }


def test_code_systems_are_the_codes_of_complete_ones_by_their_hierarchy() -> None:
    concepts = [{"code": "a", "display": "prose", "concept": [{"code": "b"}]}, {"code": "c", "property": [{"code": "child", "valueCode": "b"}]}]
    part: Json = {"resourceType": "CodeSystem", "url": "urn:part", "content": "fragment", "concept": [{"code": "a"}]}
    whole = part | {"url": "urn:whole", "content": "complete", "concept": concepts}
    assert build_code_systems([whole, part, *DEFINITIONS]) == {"urn:cs": ["on", "off"], "urn:whole": [["a", ["b"]], ["c", ["b"]]]}


def test_the_shipped_schema_holds_every_resource_type_of_r4() -> None:
    schema = json.loads((BASE / "r4.schema.json").read_text())
    types = schema["$defs"]["Resource"]["else"]["properties"]["resourceType"]["enum"]
    assert len(types) == 146
    assert {"Claim", "Bundle", "Procedure", "Device", "MedicationAdministration", "OperationOutcome"} <= set(types)
