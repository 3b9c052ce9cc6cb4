"""A tree is read only in the shape that R4 gives it: whatever else was sent reads as absent, and no reader meets it."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from adapter.fhir.claim import read_claim
from adapter.fhir.json import decode_json
from adapter.fhir.refill import read_refills
from adapter.fhir.shaped import keep_shape
from tests.coding.decisions import context, site
from tests.conformance.mutants import OTHERS, places
from tests.samples import SAMPLES
from tests.trees import resources

RULE_BOOK = context().rule_book
TREES = {path.name: decode_json(path.read_bytes()).value for path in sorted(SAMPLES.glob("*.json"))}
ODD = [*OTHERS, {"resourceType": "Patient"}, [{"resourceType": "Flag"}], [None], {"extension": "x"}]


def keep(tree: Any) -> Any:
    return keep_shape(tree, RULE_BOOK.shapes)


@pytest.mark.parametrize("name", TREES)
def test_a_sound_tree_is_given_as_it_is(name: str) -> None:
    assert keep(TREES[name]) == TREES[name]


@pytest.mark.long
@settings(max_examples=150)
@given(st.data())
def test_every_reader_reads_whatever_stands_in_a_tree(data: st.DataObject) -> None:
    tree = deepcopy(data.draw(st.sampled_from([*TREES.values()])))
    for _ in range(data.draw(st.integers(1, 6))):
        around, key = data.draw(st.sampled_from([*places(tree)]))
        around[key] = deepcopy(data.draw(st.sampled_from(ODD)))
    kept = keep(tree)
    assert keep(kept) == kept
    read_refills(kept, RULE_BOOK.tables, site("practice"))
    read_claim(kept)


@pytest.mark.long
@given(resources(RULE_BOOK.shapes))
def test_what_has_the_shape_of_r4_stays(tree: Any) -> None:
    def without_siblings(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: without_siblings(value) for name, value in node.items() if name[0] != "_" and value != ""}
        return [without_siblings(one) for one in node] if isinstance(node, list) else node

    blank = [value for around, key in places(tree) if isinstance(value := around[key], str) and not value.strip()]
    assert blank or keep(tree) == without_siblings(tree)


@pytest.mark.parametrize(("sent", "kept"), [
    ({"status": ["active"]}, {}), ({"identifier": {"value": "1"}}, {}), ({"identifier": ["x", {"value": "1"}]}, {"identifier": [{}, {"value": "1"}]}),
    ({"code": [{"text": "x"}]}, {}), ({"code": "x"}, {"code": {}}), ({"code": {"text": 5, "id": "a"}}, {"code": {"id": "a"}}), ({"code": {"text": " "}}, {"code": {}}),
    ({"valueBoolean": 1}, {}), ({"valueInteger": True}, {}), ({"valueQuantity": {"value": Decimal("1.0")}}, {"valueQuantity": {"value": Decimal("1.0")}}),
    ({"contained": [{"resourceType": "Nothing", "id": "x"}, 5]}, {"contained": [{}, {}]}), ({"nothing": 1, "_status": {}}, {}),
])
def test_what_has_another_shape_goes_and_every_place_stays(sent: Any, kept: Any) -> None:
    assert keep({"resourceType": "Observation", **sent}) == {"resourceType": "Observation", **kept}


@pytest.mark.parametrize("tree", [None, [], "x", {}, {"resourceType": ["Flag"]}, {"resourceType": "Nothing", "id": "x"}, {"resourceType": "Element", "id": "x"}])
def test_what_is_no_resource_of_r4_is_an_empty_one(tree: Any) -> None:
    assert keep(tree) == {}
