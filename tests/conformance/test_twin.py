"""An independent validator reads the base schema as the product does: same verdict, same places, on generated faults."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import jsonschema
import pytest

from adapter.conformance.validation import Profiles
from tests.conformance.mutants import mutants
from tests.conformance.resources import administration, bundle, claim, device, patient, procedure

Json = dict[str, Any]
Found = set[tuple[tuple[str | int, ...], str]]


def _for_python(schema: Any) -> Any:
    """End an expression as Python's `re` ends it: `$` also stands before a last line feed there."""
    if isinstance(schema, dict):
        return {
            key: value[:-1] + r"\Z" if key == "pattern" and isinstance(value, str) and value.endswith("$") else _for_python(value)
            for key, value in schema.items()
        }
    return [_for_python(part) for part in schema] if isinstance(schema, list) else schema


@pytest.fixture(scope="module")
def twin(base_schema: Json) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_for_python(base_schema))


def _by_twin(tree: Json, twin: jsonschema.Draft202012Validator) -> Found:
    return {(tuple(error.absolute_path), str(error.validator or "falseSchema")) for error in twin.iter_errors(tree)}


def _by_product(tree: Json, profiles: Profiles) -> Found:
    return {(tuple(error.instance_path), error.kind.name) for error in profiles.base.iter_errors(tree)}


@pytest.mark.long
@pytest.mark.parametrize("make", [patient, device, procedure, administration, claim])
def test_both_validators_find_the_same_faults_at_the_same_places(
    make: Callable[[], Json], profiles: Profiles, twin: jsonschema.Draft202012Validator
) -> None:
    verdicts = []
    for tree in mutants(make):
        found = _by_product(tree, profiles)
        assert found == _by_twin(tree, twin)
        verdicts.append(bool(found))
    assert len(verdicts) > 60
    assert verdicts.count(True) > len(verdicts) // 3
    assert False in verdicts


def test_both_validators_take_the_sound_bundle(profiles: Profiles, twin: jsonschema.Draft202012Validator) -> None:
    assert _by_product(bundle(), profiles) == _by_twin(bundle(), twin) == set()


def test_the_comparison_catches_a_rule_that_one_of_the_two_lost(profiles: Profiles, base_schema: Json) -> None:
    planted = deepcopy(_for_python(base_schema))
    del planted["$defs"]["codes:administrative-gender"]["enum"]
    blind = jsonschema.Draft202012Validator(planted)
    assert any(_by_product(tree, profiles) != _by_twin(tree, blind) for tree in mutants(patient))
