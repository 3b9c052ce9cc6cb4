"""Whatever is sent, the answer is a list of issues: no tree, no text and no name of a profile makes validation raise."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from adapter.conformance.scene import Scene
from adapter.conformance.validation import validate_resource
from adapter.fhir.json import encode_json
from adapter.flow import validate_document
from tests.conformance import sliced
from tests.conformance.catalogue import list_sources, load_rules
from tests.conformance.defects import look_up
from tests.conformance.mutants import OTHERS, places
from tests.trees import resources

Json = dict[str, Any]

PROFILED = [name for name in list_sources() if name.startswith(("own", "sliced"))]
ODD: list[Any] = [*OTHERS, [[]], {"a": {}}, ["x", {}], {"coding": 1}, {"reference": []}, Decimal("1E+307"), "#", "urn:uuid:x"]
NAMES = st.sampled_from([
    "resourceType", "meta", "profile", "entry", "resource", "fullUrl", "type", "id", "contained", "extension", "url", "valueCode", "coding", "system",
    "code", "reference", "component", "valueQuantity", "item", "adjudication", "category", "class", "period", "start", "end", "text", "div", "_status", "status",
])
LEAVES = st.sampled_from([
    "Bundle", "Observation", "Claim", "Device", "collection", "Zork", "http://hl7.org/fhir/StructureDefinition/Patient", "2026-02-30", "#x", "Patient/1",
    *sliced.SLICED.values(), *ODD, "%resource", "<div", "\u2028",
])
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25)


@pytest.mark.long
@pytest.mark.parametrize("name", PROFILED)
def test_no_odd_value_at_any_place_of_a_profiled_resource_raises(name: str) -> None:
    tree, profiles = list_sources()[name], load_rules().profiles
    found = list(_paths(tree, ()))
    for number, path in enumerate(found):
        for turn in range(3 if len(found) > 200 else 12):
            spoiled = deepcopy(tree)
            look_up(spoiled, path[:-1])[path[-1]] = ODD[(number * 5 + turn) % len(ODD)]
            assert all(issue.text for issue in validate_resource(spoiled, profiles))


def _paths(node: Any, path: tuple[Any, ...]) -> Any:
    for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from _paths(inner, (*path, key))


@given(TREES, st.none() | st.sampled_from([*sliced.SLICED.values(), "", "x|y"]))
def test_no_tree_raises(tree: Any, nominated: str | None) -> None:
    assert isinstance(validate_resource(tree, load_rules().profiles, nominated), tuple)


@pytest.mark.long
@given(st.data())
def test_no_resource_of_any_shape_raises_as_text(data: st.DataObject) -> None:
    tree = data.draw(resources(load_rules().shapes))
    text = encode_json(tree)
    cut = data.draw(st.integers(0, len(text)))
    assert isinstance(validate_document(text, load_rules()), tuple)
    assert validate_document(text[:cut], load_rules()) != () or cut == len(text)


def test_a_planted_crash_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(scene: Scene) -> Any:
        return {entry["fullUrl"]: [] for entry in scene.tree.get("entry", ())}

    monkeypatch.setattr(Scene, "_addresses", addresses)
    with pytest.raises((TypeError, KeyError)):
        test_no_odd_value_at_any_place_of_a_profiled_resource_raises("sliced Bundle")
    assert list(places({})) == []
