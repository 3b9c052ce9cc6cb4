"""The types of R4, read once, and a small record to ask."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapter.fhirpath import Environment, Node, Types, compile_path, read_types
from adapter.fhirpath.conversion import to_text
from adapter.fhirpath.values import name_type, plain

PROFILES = Path(__file__).parents[2] / "profiles"

PUMP = {
    "resourceType": "Observation",
    "id": "pump-1",
    "contained": [{"resourceType": "Device", "id": "d", "status": "active"}],
    "extension": [{"url": "http://example.org/age", "valueAge": {"value": 3, "unit": "years"}}],
    "status": "final",
    "_status": {"id": "s", "extension": [{"url": "http://example.org/why", "valueString": "because"}]},
    "category": [
        {"coding": [{"system": "urn:a", "code": "one"}, {"system": "urn:a", "code": "two"}], "text": "First"},
        {"coding": [{"system": "urn:b", "code": "two"}]},
    ],
    "code": {"text": "Reservoir"},
    "device": {"reference": "#d"},
    "effectivePeriod": {"start": "2026-03-01", "end": "2026-03-02T10:00:00Z"},
    "valueQuantity": {"value": Decimal("18.50"), "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"},
    "note": [{"text": "a"}, {"text": "b"}],
    "component": [
        {"code": {"text": "low"}, "valueInteger": 2},
        {"code": {"text": "high"}, "_valueString": {"extension": [{"url": "http://example.org/x", "valueBoolean": True}]}},
    ],
}


@pytest.fixture(scope="session")
def types() -> Types:
    return read_types(json.loads((PROFILES / "base" / "r4.schema.json").read_bytes()))


@pytest.fixture(scope="session")
def pump(types: Types) -> Node:
    return types.node(PUMP)


def told(items: list[Any]) -> list[str]:
    """Give results as texts a reader can compare: the value, or the name of an element's type."""
    return [text if (text := to_text(plain(item))) is not None else ".".join(name_type(item)) for item in items]


@pytest.fixture(scope="session")
def ask(types: Types, pump: Node):
    environment = Environment(resource=pump, root_resource=pump)

    def run(expression: str, **outside: Any) -> list[str]:
        asked = Environment(resource=pump, root_resource=pump, **outside) if outside else environment
        return told(compile_path(expression, types)(pump, asked))

    return run
