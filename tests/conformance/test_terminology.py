"""Value sets that can be counted out."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.terminology import collect_value_sets

SYSTEM = {
    "resourceType": "CodeSystem", "url": "urn:cs", "content": "complete",
    "concept": [{"code": "a", "concept": [{"code": "a1"}]}, {"code": "b"}],
}


def _expand(compose: dict[str, Any], *more: dict[str, Any]) -> Any:
    chosen = {"resourceType": "ValueSet", "url": "urn:vs", "compose": compose}
    return collect_value_sets([chosen, SYSTEM, *more]).expand("urn:vs")


def test_a_whole_system_gives_all_its_codes_with_the_nested_ones() -> None:
    assert _expand({"include": [{"system": "urn:cs"}]}) == {("urn:cs", "a"), ("urn:cs", "a1"), ("urn:cs", "b")}


def test_named_codes_need_no_system_at_hand() -> None:
    assert _expand({"include": [{"system": "urn:x", "concept": [{"code": "q"}]}]}) == {("urn:x", "q")}


@pytest.mark.parametrize("compose", [
    {}, {"include": []}, {"include": [{"system": "urn:nowhere"}]}, {"include": [{"valueSet": ["urn:vs2"]}]},
    {"include": [{"system": "urn:cs", "filter": [{"property": "concept", "op": "regex", "value": "a"}]}]},
    {"include": [{"system": "urn:cs"}], "exclude": [{"system": "urn:cs"}]},
])
def test_what_cannot_be_counted_out_gives_nothing(compose: dict[str, Any]) -> None:
    assert _expand(compose) is None


def test_a_filter_and_an_exclude_are_counted() -> None:
    below = {"system": "urn:cs", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}
    assert _expand({"include": [below], "exclude": [{"system": "urn:cs", "concept": [{"code": "a"}]}]}) == {("urn:cs", "a1")}


def test_an_unknown_value_set_gives_nothing() -> None:
    assert collect_value_sets([SYSTEM]).expand("urn:vs") is None
