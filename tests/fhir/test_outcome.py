"""Issues as OperationOutcome and back."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given, strategies as st

from adapter.fhir.outcome import read_outcome, write_outcome
from adapter.issues import Issue, IssueType, Severity

_TEXTS = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1)
ISSUES = st.builds(
    Issue, st.sampled_from(Severity), st.sampled_from(IssueType), st.sampled_from(["route.missing", "json.null"]), _TEXTS,
    st.lists(st.sampled_from(["Bundle.entry[3].resource.code", "Claim.item"]), max_size=2).map(tuple),
    st.none() | _TEXTS, st.none() | st.integers(1, 10**6), st.none() | st.integers(1, 10**6),
)


@given(st.lists(ISSUES, min_size=1, max_size=4))
def test_issues_come_back_as_they_were_written(issues: list[Issue]) -> None:
    assert read_outcome(write_outcome(issues)) == tuple(issues)


@given(st.lists(ISSUES, max_size=4))
def test_an_independent_reader_takes_every_outcome(issues: list[Issue]) -> None:
    OperationOutcome.model_validate(write_outcome(issues))


def test_no_issue_is_told_as_all_ok() -> None:
    tree = write_outcome([])
    assert [(part["severity"], part["code"]) for part in tree["issue"]] == [("information", "informational")]


def test_line_and_column_travel_in_the_standard_extensions() -> None:
    issue = Issue(Severity.ERROR, IssueType.VALUE, "a.b", "Wrong.", ("Claim.item",), "A source", 3, 14)
    assert write_outcome([issue])["issue"] == [{
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line", "valueInteger": 3},
            {"url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col", "valueInteger": 14},
        ],
        "severity": "error", "code": "value",
        "details": {
            "coding": [{"system": "https://refill-adapter.example/fhir/CodeSystem/refill-rule", "code": "a.b"}],
            "text": "Wrong.",
        },
        "diagnostics": "A source", "expression": ["Claim.item"],
    }]


@pytest.mark.parametrize(("part", "expected"), [
    ({"severity": "error", "code": "value", "diagnostics": "Bad."}, ("error", "value", "Bad.", ())),
    ({"severity": "success", "code": "brand-new", "details": {"text": "T"}}, ("error", "processing", "T", ())),
    ({"severity": [], "code": {}, "location": ["/f:Claim"]}, ("error", "processing", "The other system gave no text.", ("/f:Claim",))),
    ({"severity": "warning", "code": "value", "details": {"coding": [{"display": "D"}]}}, ("warning", "value", "D", ())),
])
def test_a_foreign_issue_is_read_on_the_safe_side(part: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (issue,) = read_outcome({"resourceType": "OperationOutcome", "issue": [part]})
    assert (issue.severity, issue.code, issue.text, issue.expression) == expected
    assert issue.rule == "outcome.foreign"


@pytest.mark.parametrize("tree", [{}, {"issue": 5}, {"issue": [5, None]}])
def test_what_is_no_outcome_has_no_issues(tree: dict[str, Any]) -> None:
    assert read_outcome(tree) == ()
