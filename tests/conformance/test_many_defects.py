"""Many defects in a large text: all of them told and placed, in time; more than anyone reads are cut, and that is said."""

from __future__ import annotations

import gc
import time
from typing import Any

import pytest

from adapter.conformance.fault import MOST_ISSUES
from adapter.conformance.rules import inspect_tree
from adapter.conformance.validation import validate_resource
from adapter.fhir import position
from adapter.fhir.json import decode_json, encode_json
from adapter.flow import validate_document
from adapter.load import load_rule_book
from tests.conformance import resources
from tests.conformance.written import write_text

Json = dict[str, Any]
LARGE, DEFECTS, SECONDS = 5_000_000, 1_000, 2.0
MAKERS = (resources.observation, resources.procedure, resources.device, resources.administration, resources.coverage, resources.claim_response)


def _large(defects: int) -> tuple[bytes, list[str]]:
    """Give a Bundle of five million bytes with so many defects, and the FHIRPaths of them in their order."""
    parts = [encode_json(make()) for make in MAKERS]
    count = LARGE // (sum(map(len, parts)) // len(parts) + 40) + 1
    entries = [{"fullUrl": f"https://example.org/x/{number}", "resource": decode_json(parts[number % len(parts)]).value} for number in range(count)]
    places = [round(turn * (count - 1) / max(1, defects - 1)) for turn in range(defects)]
    for turn, place in enumerate(places):
        entries[place]["resource"] |= {"status": "zork"} if turn % 2 else {"zork": "é"}
    data = encode_json({"resourceType": "Bundle", "type": "collection", "entry": entries})
    return data, [f"Bundle.entry[{place}].resource.{'status' if turn % 2 else 'zork'}" for turn, place in enumerate(places)]


def _seconds(data: bytes, runs: int = 3) -> tuple[float, Any]:
    """Give the least time of the processor of some runs, and what was told.

    What the suite itself holds in memory is kept from the collector meanwhile: a program that validates holds none of it.
    """
    load_rule_book()
    times = []
    gc.collect()
    gc.freeze()
    try:
        for _ in range(runs):
            started = time.process_time()
            issues = validate_document(data, load_rule_book())
            times.append(time.process_time() - started)
    finally:
        gc.unfreeze()
    return min(times), issues


@pytest.mark.long
def test_a_thousand_defects_in_five_megabytes_are_all_told_and_placed_in_two_seconds() -> None:
    data, places = _large(DEFECTS)
    assert len(data) >= LARGE
    seconds, issues = _seconds(data)
    assert sorted(issue.expression[0] for issue in issues) == sorted(places)
    assert len(issues) == DEFECTS
    text = data.decode()
    for issue in issues:
        assert issue.line == 1
        assert text[(issue.column or 0) - 1 :].startswith('"zork"' if issue.rule == "base.code" else '"é"')
    assert seconds < SECONDS


@pytest.mark.long
def test_five_megabytes_in_which_every_resource_is_wrong_take_no_more_than_five_seconds() -> None:
    every = 5_500
    seconds, issues = _seconds(_large(every)[0], runs=1)
    assert len(issues) == every
    assert seconds < 5.0


@pytest.mark.long
def test_a_planted_second_reading_of_every_line_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(self: Any, offset: int) -> tuple[int, int]:
        ends = time.process_time() + 0.003
        while time.process_time() < ends:
            pass
        return 1, offset + 1

    monkeypatch.setattr(position.Places, "line_column", slow)
    assert _seconds(_large(DEFECTS)[0], runs=1)[0] > SECONDS


def test_an_indented_text_of_many_defects_has_each_in_its_line() -> None:
    tree = {"resourceType": "Patient", "name": [{"family": 5} for _ in range(400)]}
    written = write_text(tree, "indented")
    issues = validate_document(written.data, load_rule_book())
    assert len(issues) == 400
    assert all(written.holds(("name", number, "family"), issue.line, issue.column) for number, issue in enumerate(issues))


@pytest.mark.parametrize("wrong", [
    {"name": [{"family": 5} for _ in range(MOST_ISSUES + 1)]}, {"extension": [{"url": "urn:x"} for _ in range(MOST_ISSUES + 1)]},
    {"name": [{"family": 5} for _ in range(MOST_ISSUES)], "birthDate": "x"},
])
def test_more_issues_than_are_told_are_cut_and_that_is_said(wrong: Json) -> None:
    issues = validate_resource({"resourceType": "Patient", **wrong}, load_rule_book().profiles)
    assert len(issues) == MOST_ISSUES + 1
    assert (issues[-1].rule, issues[-1].is_error) == ("base.too-many-issues", True)
    assert "base.too-many-issues" not in {issue.rule for issue in issues[:-1]}


def test_as_many_issues_as_are_told_are_not_cut() -> None:
    tree = {"resourceType": "Patient", "name": [{"family": 5} for _ in range(MOST_ISSUES)]}
    assert {issue.rule for issue in validate_resource(tree, load_rule_book().profiles)} == {"base.type"}


def test_what_a_resource_claims_is_looked_at_though_issues_were_cut_before_it() -> None:
    lost = {"resourceType": "Patient", "name": [{"extension": [{"url": "urn:x"}]} for _ in range(MOST_ISSUES + 5)]}
    claims = resources.procedure()
    del claims["code"]
    tree = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": claims}, {"resource": lost}]}
    issues = validate_resource(tree, load_rule_book().profiles)
    assert issues[-1].rule == "base.too-many-issues"
    assert len(inspect_tree(tree, "Bundle", load_rule_book().profiles.names).resources) == 3


WIDE = 3_000_000
# Texts that are wrong all over, however wide: only what is told needs a place.
WIDTHS = {
    "numbers": b'{"resourceType":"Patient","name":[' + b",".join([b"5"] * (WIDE // 2)) + b"]}",
    "objects": b'{"resourceType":"Bundle","type":"collection","entry":[' + b",".join([b"[]"] * (WIDE // 3)) + b"]}",
    "arrays": b'{"resourceType":"Patient","name":[' + b",".join([b"[[]]"] * (WIDE // 5)) + b"]}",
    "names": b'{"resourceType":"Patient",' + b",".join(b'"z%d":1' % number for number in range(WIDE // 11)) + b"}",
}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_text_that_is_wrong_all_over_has_places_for_what_is_told_and_no_others(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(position, "_behind", lambda text, place, behind=position._behind: read.append(place) or behind(text, place))
    data = WIDTHS[width]
    issues = validate_document(data, load_rule_book())
    assert len(issues) == MOST_ISSUES + 1
    assert issues[-1].rule.endswith(".too-many-issues")
    assert [issue.column for issue in issues[:-1]] == sorted(issue.column or 0 for issue in issues[:-1])
    assert len({issue.expression for issue in issues}) == MOST_ISSUES + 1
    assert len(read) < (WIDE // 2 if width == "names" else 5 * MOST_ISSUES)  # an object is read whole: a name may stand anywhere in it


def test_places_of_entries_are_those_of_a_whole_reading() -> None:
    text = '{"a": [ 1 , "x,]\\"" ,[2,{"b":[ ]}], {"c":"\u00e9"}, null,true ]}'
    offsets = [text.index(part) for part in ("1 ", '"x', "[2", '{"c', "null", "true")]
    assert position.locate_paths(text.encode(), [["a", index] for index in range(7)]) == [(1, offset + 1) for offset in (*offsets, text.index("["))]
    places = position.read_places(text.encode())
    assert places is not None
    assert len(places.members(places.find(["a"])[0])) == 6

