"""A flat snapshot as a tree, and what a new slice is."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import BASE_URL, BaseFacts, DefinitionError
from adapter.conformance.element_tree import Node, choice_of, flatten_tree, grow_tree, hold_to_types, slice_node
from adapter.conformance.snapshot import base_snapshot, find_base, make_snapshot

Json = dict[str, Any]


def _node(name: str, **more: Any) -> Node:
    return Node(name, {"path": name, "min": 1, "max": "*", **more}, [Node("code", {"path": f"{name}.code"})])


def test_growing_and_flattening_gives_the_snapshot_back(base_facts: BaseFacts) -> None:
    bp = make_snapshot(base_facts.profiles[f"{BASE_URL}bp"], lambda canonical: find_base(base_facts, canonical))
    for snapshot in (base_snapshot(base_facts, "Claim"), bp):
        assert list(flatten_tree(grow_tree(snapshot))) == snapshot


def test_an_element_without_its_parent_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"Flag\.a\.b: its parent does not stand before it"):
        grow_tree([{"path": "Flag"}, {"path": "Flag.a.b"}])


def test_a_new_slice_is_an_optional_copy_with_children_of_its_own() -> None:
    whole = _node("item", slicing={"rules": "open"})
    made = slice_node(whole, "a")
    assert made.element == {"path": "item", "min": 0, "max": "*", "sliceName": "a"}
    assert made.children == whole.children
    assert made.children[0] is not whole.children[0]
    assert slice_node(whole, "a") is made


def test_a_slice_of_a_slice_is_cut_from_it_where_it_is_there() -> None:
    whole = _node("item", slicing={"rules": "open"})
    first = slice_node(whole, "a")
    first.element["slicing"] = {"rules": "open"}
    assert slice_node(whole, "a/b") in first.slices
    assert slice_node(whole, "us-core/x") in whole.slices
    assert whole.slice("a/b") is first.slices[0]


def test_slicing_of_extensions_and_choices_goes_without_saying_and_other_names_name_the_element() -> None:
    extension, choice, plain = _node("extension"), _node("value[x]", type=[{"code": "string"}, {"code": "Quantity"}]), _node("item")
    slice_node(extension, "a")
    assert extension.element["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
    assert slice_node(choice, "valueQuantity").element["type"] == [{"code": "Quantity"}]
    assert choice.element["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]
    assert slice_node(plain, "a") is plain
    hold_to_types(choice)
    assert (choice.element["slicing"]["rules"], choice.element["type"]) == ("closed", [{"code": "Quantity"}])


def test_a_variant_names_its_choice_and_a_path_its_node(base_facts: BaseFacts) -> None:
    root = grow_tree(base_snapshot(base_facts, "Observation"))
    choice = choice_of("valueQuantity", root)
    assert choice is not None
    assert choice.name == "value[x]"
    assert choice_of("valueMoney", root) is None
    found = root.below("Observation.component.code")
    assert found is not None
    assert found.element["id"] == "Observation.component.code"
    assert [root.below(path) for path in ("Observation.x", "Observation.component:a.code", "Observation.x.y")] == [None] * 3
