"""Issues give one status, and only here."""

import ast
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import adapter
from adapter.http.status import http_issue, status_of, validation_status
from adapter.issues import Issue, IssueType, Severity

ISSUES = st.lists(st.builds(
    Issue, st.sampled_from(Severity), st.sampled_from(IssueType),
    st.sampled_from(["json.syntax", "route.missing", "profile.not-found", "parameters.resource-missing"]), st.just("Text."),
))


@given(ISSUES)
def test_what_is_done_is_200_and_all_else_is_400_or_422(issues):
    assert status_of(issues, is_done=True) == 200
    assert status_of(issues, is_done=False) in (400, 422)


@given(ISSUES)
def test_a_validation_is_200_or_400(issues):
    assert validation_status(issues, None) in (200, 400)
    unread = any(issue.is_error and issue.rule.startswith(("json.", "parameters.")) for issue in issues)
    assert (validation_status(issues, None) == 400) is unread


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_every_error_status_has_an_issue(status):
    issue = http_issue(status)
    assert issue.rule.startswith("http.")
    assert issue.severity is (Severity.FATAL if status >= 500 else Severity.ERROR)


@pytest.mark.parametrize(("status", "rule"), [
    (400, "http.bad-request"), (404, "http.not-found"), (405, "http.method-not-allowed"), (406, "http.not-acceptable"),
    (408, "http.request-timeout"), (411, "http.length-required"), (413, "http.too-large"), (414, "http.uri-too-long"),
    (415, "http.unsupported-media-type"), (417, "http.expectation-failed"), (431, "http.headers-too-large"),
    (500, "http.internal-error"), (501, "http.not-implemented"), (503, "http.not-ready"), (418, "http.bad-request"), (599, "http.internal-error"),
])
def test_each_status_has_the_rule_of_its_name_and_what_has_none_that_of_its_class(status, rule):
    assert http_issue(status).rule == rule


def deciders(folder):
    """Find the modules whose code, not its comments, speaks of 422."""
    return [
        path.name
        for path in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if getattr(node, "value", None) == 422 or getattr(node, "attr", "").startswith("UNPROCESSABLE")
    ]


def test_no_other_module_decides_between_400_and_422(tmp_path):
    shells = [Path(adapter.__file__).parent / room for room in ("http", "web", "payer")]
    assert {name for shell in shells for name in deciders(shell)} == {"status.py"}
    (tmp_path / "planted.py").write_text("x = 422\n")
    assert deciders(tmp_path) == ["planted.py"]
