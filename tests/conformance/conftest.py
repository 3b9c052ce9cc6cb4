"""The shipped definitions, compiled once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.conformance.base import BaseFacts
from adapter.conformance.validation import Profiles, compile_profiles
from adapter.load import load_base_facts

PROFILES = Path(__file__).parents[2] / "profiles"


@pytest.fixture(scope="session")
def base_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((PROFILES / "base" / "r4.schema.json").read_text())
    return schema


@pytest.fixture(scope="session")
def definitions() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(PROFILES.glob("*.json"))]


@pytest.fixture(scope="session")
def profiles(base_schema: dict[str, Any], base_facts: BaseFacts, definitions: list[dict[str, Any]]) -> Profiles:
    return compile_profiles(base_schema, base_facts, definitions)


@pytest.fixture(scope="session")
def base_facts() -> BaseFacts:
    return load_base_facts(PROFILES)
