"""What proves an invariant by schema and FHIRPath are of one mind: no made instance passes the one and breaks the other."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.base import BaseFacts
from adapter.conformance.base_invariant import read_invariants
from adapter.conformance.hardening import ORDERED
from adapter.fhirpath import CannotRun, Environment, PathError, Type, Types, compile_path, read_types
from adapter.load import data_folder, load_base_facts
from tools.base_proofs import build_proofs
from tools.invariant_proof import prove

Json = dict[str, Any]
BASE = Path(data_folder("profiles")) / "base"
PROOFS: dict[str, list[Json]] = json.loads((BASE / "r4.proofs.json").read_text())["invariants"]
# What no schema can prove: such a type is always looked at rule by rule.
NEVER = {"ChargeItemDefinition", "CodeSystem", "ElementDefinition", "Linkage", "MolecularSequence.referenceSeq", "Questionnaire", "StructureDefinition",
         "StructureDefinition.differential", "StructureDefinition.snapshot"}
ROUNDS = 200


@pytest.fixture(scope="module")
def facts() -> BaseFacts:
    return load_base_facts(data_folder("profiles"))


@pytest.fixture(scope="module")
def types() -> Types:
    return read_types(json.loads((BASE / "r4.schema.json").read_text()))


class Maker:
    """Make instances of a type out of the words of its invariants."""

    def __init__(self, seed: str, expressions: list[str]) -> None:
        text = " ".join(expressions)
        self.random = random.Random(seed)  # noqa: S311 # reproducible, and no secret
        self.names = set(re.findall(r"[A-Za-z]+", text))
        self.words = [*re.findall(r"'([^']*)'", text), "x", "1", "http://unitsofmeasure.org"]

    def make(self, kind: Type, depth: int = 0) -> Any:
        if kind.system:
            return self.primitive(kind)
        made: Json = {"resourceType": kind.name} if "DomainResource" in kind.ancestors else {}
        for stem, forms in kind.members.items():
            likely = stem.removesuffix("[x]") in self.names
            if depth > 4 or self.random.random() > (0.6 if likely else 0.03):
                continue
            form = self.random.choice(forms)
            if form.type.resources is None:
                count = self.random.randint(1, 2)
                values = [self.make(form.type, depth + 1) for _ in range(count)]
                made[form.key] = values if form.key in kind.lists else values[0]
        return made

    def primitive(self, kind: Type) -> Any:
        if kind.system == "Boolean":
            return self.random.random() < 0.5
        if kind.system in ("Integer", "Decimal"):
            number = self.random.randint(-1, 2)
            return Decimal(f"{number}.5") if kind.system == "Decimal" and self.random.random() < 0.3 else number
        if kind.system in ("Date", "DateTime"):
            return self.random.choice(["2026-01-02", "2026-01-03", "2025", "2026-01-02T10:00:00Z"][: 3 if kind.system == "Date" else 4])
        return "10:00:00" if kind.system == "Time" else self.random.choice(self.words)


def _validator(schemas: list[Json], types: Types) -> jsonschema_rs.Draft202012Validator:
    class Ordered:
        def __init__(self, parent: Json, value: Any, path: list[object]) -> None:
            self.kind, lesser, greater = value
            self.path = compile_path(f"{lesser} <= {greater}")

        def validate(self, instance: Any) -> None:
            if not self.path.holds(types.node(instance, self.kind), Environment()):
                raise ValueError

    return jsonschema_rs.Draft202012Validator({"allOf": schemas}, keywords={ORDERED: Ordered})


def _breaks(place: str, schemas: list[Json], facts: BaseFacts, types: Types) -> tuple[list[Json], int]:
    """Give the made instances that pass the schemas and break the invariants of their type, and how many passed."""
    element = facts.element(place)
    assert element is not None
    told = [one for one in read_invariants(element) if not one.key.startswith("dom-") and one.key != "ref-1"]
    paths = [compile_path(one.expression, types) for one in told]
    maker, validator, kind = Maker(place, [one.expression for one in told]), _validator(schemas, types), types.by_name[place]
    wrong, passed = [], 0
    for _ in range(ROUNDS):
        made = maker.make(kind)
        if not made or not validator.is_valid(made):
            continue
        passed += 1
        node = types.node(made, place)
        environment = Environment(resource=node, root_resource=node, resolve=lambda _: None)
        try:
            if not all(path.holds(node, environment) for path in paths):
                wrong.append(made)
        except (CannotRun, PathError):
            wrong.append(made)
    return wrong, passed


@pytest.mark.long
@pytest.mark.parametrize("place", sorted(PROOFS))
def test_no_instance_passes_the_schema_and_breaks_the_invariant(place: str, facts: BaseFacts, types: Types) -> None:
    wrong, passed = _breaks(place, PROOFS[place], facts, types)
    assert wrong == []
    assert (passed == 0) == (place in NEVER), "proofs that nothing passes prove nothing"


def test_the_comparison_catches_a_proof_that_says_too_much(facts: BaseFacts, types: Types) -> None:
    assert _breaks("Timing.repeat", [{}], facts, types)[0]
    assert _breaks("Quantity", [{"not": {"required": ["value"]}}], facts, types)[0]


@pytest.mark.parametrize(("expression", "schema"), [
    ("code.empty()", {"properties": {"code": False, "_code": False}}),
    ("code = 'x' or value >= 0", {"anyOf": [
        {"required": ["code"], "properties": {"code": {"const": "x"}}}, {"required": ["value"], "properties": {"value": {"minimum": 0}}}]}),
    ("value.trace('a').exists()", False),
])
def test_a_part_is_proven_as_its_result_says(expression: str, schema: Any, types: Types) -> None:
    assert prove(expression, types.by_name["Quantity"], types) == schema


def test_the_proofs_are_those_of_the_facts_and_the_schema() -> None:
    told = [json.loads((BASE / f"r4.{name}.json").read_text()) for name in ("facts", "schema", "valuesets", "proofs")]
    assert build_proofs(*told[:3]) == told[3]
