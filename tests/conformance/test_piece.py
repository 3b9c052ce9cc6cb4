"""Pieces of a schema: they find what the library finds at once, and a text that is wrong everywhere does not fill the memory."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.piece import Fault, Pieces
from adapter.conformance.rules import follow_link
from adapter.fhir.json import decode_json
from adapter.flow import validate_document
from adapter.load import load_rule_book
from tests.conformance.catalogue import choose_mutants, load_rules

MEGABYTES = 250

# A text in which each of 28 levels is wrong in 1,600 places: the most memory that its verdicts take beyond what was held before.
_DEEP = """
import json, pathlib, re, sys
from adapter.conformance.piece import Fault, Pieces
from adapter.flow import validate_document
from adapter.load import load_rule_book

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024

def nest(levels):
    return {"url": "urn:x", "zork": 1} | ({"extension": [nest(levels - 1)]} if levels else {})

def at_once(self, value, *_):
    return (Fault(error, None, {}) for error in load_rule_book().profiles.base.iter_errors(value))

if sys.argv[1] == "planted":
    Pieces.find_faults = at_once
data = json.dumps({"resourceType": "Patient", "extension": [nest(27)] * 1_600}).encode()
rules = load_rule_book()
before = most()
issues = validate_document(data, rules)
print(len(issues), most() - before)
"""


def _keys(errors: Any) -> list[tuple[Any, ...]]:
    return sorted((str((*follow_link(link), *error.instance_path)), error.kind.name, str(error.kind.as_dict())) for error, link, _ in errors)


def _differ(mutants: Any, pieces: Pieces) -> list[str]:
    profiles, found = load_rules().profiles, []
    for mutant in mutants:
        tree = decode_json(mutant.written.data).value
        if isinstance(tree, dict) and tree.get("resourceType") in profiles.resources:
            at_once = (Fault(error, None, {}) for error in profiles.base.iter_errors(tree))
            found += [] if _keys(at_once) == _keys(pieces.find_faults(tree)) else [mutant.name]
    return found


def test_piece_by_piece_the_same_is_wrong_as_at_once() -> None:
    assert _differ(choose_mutants(300), load_rules().profiles.pieces) == []


def test_a_planted_piece_that_asks_of_no_entries_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = Pieces(load_rules().profiles.schema)
    assert _differ(choose_mutants(60), pieces) == []
    monkeypatch.setattr("adapter.conformance.piece.enumerate", lambda values: iter(()), raising=False)
    assert _differ(choose_mutants(60), Pieces(load_rules().profiles.schema)) != []


@pytest.mark.parametrize(("schema", "value"), [
    ({"properties": {"a": {"const": {"b": [1]}}}}, {"a": {"b": [2]}}),
    ({"properties": {"a": {"properties": {"b": {"contains": {"const": 1}}}}}}, {"a": {"b": [2, 3]}}),
    ({"properties": {"a": {"items": {"enum": ["x"]}, "minItems": 3, "maxItems": 3}}}, {"a": ["x", "y"]}),
    ({"allOf": [{"properties": {"a": {"type": "array"}}}, {"if": {"required": ["b"]}, "else": {"required": ["c"]}}]}, {"a": 1}),
    ({"allOf": [{"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}}], "properties": {"a": {"items": True}}}, {"a": 1}),
    ({"anyOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}]}, {"a": 2}),
])
def test_whatever_an_overlay_asks_is_found_piece_by_piece(schema: dict[str, Any], value: Any) -> None:
    at_once = [Fault(error, None, {}) for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(value)]
    assert at_once
    assert _keys(at_once) == _keys(Pieces(schema).find_faults(value))


@pytest.mark.program
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is read where Linux tells it")
def test_a_text_that_is_wrong_everywhere_and_deep_takes_bounded_memory_and_a_plant_shows() -> None:
    took = {}
    for how in ("real", "planted"):
        done = subprocess.run([sys.executable, "-c", _DEEP, how], capture_output=True, text=True, check=True)
        issues, took[how] = (float(part) for part in done.stdout.split())
        assert issues > 10_000
    assert took["real"] < MEGABYTES < took["planted"]


@pytest.mark.parametrize(("text", "rule"), [
    (b'{"resourceType":"Patient","name":[%s]}' % b",".join([b"{}"] * 20_000), "json.too-many-issues"),
    (b'{"resourceType":"Patient","name":[{"given":[%s]}]}' % b",".join([b"null"] * 200_000), "base.too-many-issues"),
    (b'{"resourceType":"Patient","name":[{"given":[%s]}]}' % b",".join([b"1"] * 200_000), "base.too-many-issues"),
])
def test_one_wide_array_that_is_wrong_throughout_is_cut_in_time_and_that_is_said(text: bytes, rule: str) -> None:
    issues = validate_document(text, load_rule_book())
    assert (len(issues), issues[-1].rule) == (10_001, rule)
