"""Every sentence of tests/cases holds; the comparison itself is shown to catch what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.coding.decisions import CHECKS, Decision, answer, compare, load_decisions

DECISIONS = load_decisions()


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
def test_the_biller_is_right(decision):
    assert compare(answer(decision), decision.expect) == []


def test_no_two_cases_say_the_same():
    assert len({str(decision) for decision in DECISIONS}) == len(DECISIONS)


def test_every_case_expects_more_than_nothing():
    assert [str(decision) for decision in DECISIONS if not decision.expect] == []


@pytest.mark.parametrize(("key", "wrong"), [
    ("status", "held"), ("code", "96521"), ("lines", ["96522 x2"]), ("diagnoses", ["C78.7", "Z51.11", "C18.9"]), ("errors", ["route.missing"]),
    ("issues", ["route.missing"]), ("absent", ["route.agreed"]), ("proposed", ["95990"]), ("dropped", ["99211"]), ("form", "institutional"),
    ("lines_include", ["99213-25 x1"]), ("records", 2), ("file_issues", ["act.missing"]), ("ndc", {}), ("follows", ["drug.jw"]), ("treating", None), ("dates", ["2026-03-03"]),
])
def test_a_planted_wrong_expectation_is_caught(key, wrong):
    said = answer(Decision("planted", "the clean visit", {}, {}))
    marked = replace(said, records=tuple(replace(one, issues=(*one.issues, *_mark(one))) for one in said.records))
    assert compare(marked, {key: wrong}) != []
    assert key in CHECKS


def _mark(record):
    from adapter.issues import Issue, IssueType, Severity
    return (Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, "route.agreed", "Planted."),)
