"""The base schema: made from definitions alone, the same bytes each time, and recorded with its origin."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tools.generate_base import build_schema, main

Json = dict[str, Any]
BASE = Path(__file__).parents[2] / "profiles" / "base"
_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
_SYSTEM = "http://hl7.org/fhirpath/System.String"


def _structure(name: str, kind: str, *elements: Json) -> Json:
    whole = [{"path": name}, *({"min": 0, "max": "1", **element, "path": f"{name}.{element['path']}"} for element in elements)]
    return {"resourceType": "StructureDefinition", "id": name, "kind": kind, "abstract": name == "Element", "snapshot": {"element": whole}}


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
        {"path": "power[x]", "min": 1, "type": _types("integer", "string")},
        {"path": "part", "max": "2", "type": _types("BackboneElement")},
        {"path": "part.name", "min": 1, "type": _types("string")},
        {"path": "part.part", "max": "*", "contentReference": "#Lamp.part"},
    ),
    {"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": [{"system": "urn:cs"}]}},
    {"resourceType": "CodeSystem", "url": "urn:cs", "content": "complete", "concept": [{"code": "on"}, {"code": "off"}]},
]
GOOD: Json = {"resourceType": "Lamp", "status": "on", "powerInteger": 5}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_whole())


def _whole() -> Json:
    schema = build_schema(DEFINITIONS)
    schema["$defs"]["Element?"] = schema["$defs"]["Element"] | {"type": ["object", "null"]}
    return schema


@pytest.mark.parametrize("change", [
    {}, {"powerString": "x"}, {"_powerInteger": {"id": "a"}}, {"colour": ["a", None], "_colour": [None, {"id": "b"}]},
    {"part": [{"name": "a", "part": [{"_name": {"id": "b"}}]}]},
])
def test_what_the_definitions_allow_is_taken(change: Json, validator: jsonschema_rs.Draft202012Validator) -> None:
    assert validator.is_valid(GOOD | change)


@pytest.mark.parametrize("change", [
    {"resourceType": "Zork"}, {"status": "dim"}, {"status": None}, {"powerInteger": "5"}, {"powerBoolean": True}, {"extra": 1},
    {"colour": "a"}, {"colour": []}, {"colour": ["a b"]}, {"part": [{"name": "a"}] * 3}, {"part": [{}]},
    {"part": [{"name": "a", "part": [{}]}]}, {"_power": {}},
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
    made = [(tmp_path / name / "r4.schema.json").read_bytes() for name in ("a", "b")]
    assert made[0] == made[1]
    assert json.loads(made[0]) == _whole()


def test_the_shipped_schema_is_the_one_whose_origin_is_recorded() -> None:
    origin = json.loads((BASE / "ORIGIN.json").read_text())
    data = (BASE / "r4.schema.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == origin["schema_sha256"]
    assert hashlib.sha256(data + b" ").hexdigest() != origin["schema_sha256"]
    assert (origin["package"], origin["version"]) == ("hl7.fhir.r4.core", "4.0.1")
    assert len(data) < 1_500_000


def test_the_shipped_schema_holds_every_resource_type_of_r4() -> None:
    schema = json.loads((BASE / "r4.schema.json").read_text())
    types = schema["$defs"]["Resource"]["else"]["properties"]["resourceType"]["enum"]
    assert len(types) == 146
    assert {"Claim", "Bundle", "Procedure", "Device", "MedicationAdministration", "OperationOutcome"} <= set(types)
