"""An independent validator reads the base schema as the product does: same verdict, same places, on generated faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from adapter.conformance.validation import Profiles
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


def _places(value: Any) -> Iterator[tuple[Any, str | int]]:
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield value, key
        yield from _places(inner)


OTHERS: list[Any] = [
    "", "x", "x\n", " x", "2026-02-30", "2026-02-28", 0, -1, 2**31, Decimal("1.5"), True, None, [], {}, [{}], ["x"], "a  b", "é",
]


def _mutants(make: Callable[[], Json]) -> Iterator[Json]:
    """Spoil each member of the tree in turn: take it away, rename it, and give it another value of another kind."""
    for number, _ in enumerate(_places(make())):
        for way in range(len(OTHERS) + 2):
            if (number * 7 + way) % 5:
                continue
            tree = make()
            around, key = list(_places(tree))[number]
            if way == len(OTHERS):
                del around[key]
            elif way == len(OTHERS) + 1 and isinstance(around, dict):
                around[f"{key}x"] = around.pop(key)
            elif way < len(OTHERS):
                around[key] = deepcopy(OTHERS[way])
            yield tree


@pytest.mark.parametrize("make", [patient, device, procedure, administration, claim])
def test_both_validators_find_the_same_faults_at_the_same_places(
    make: Callable[[], Json], profiles: Profiles, twin: jsonschema.Draft202012Validator
) -> None:
    verdicts = []
    for tree in _mutants(make):
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
    assert any(_by_product(tree, profiles) != _by_twin(tree, blind) for tree in _mutants(patient))
