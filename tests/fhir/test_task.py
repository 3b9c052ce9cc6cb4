"""A held record is a Task that our own validator takes, and a decision leaves its trace."""

from datetime import UTC, datetime

from adapter.fhir.amendment import Amendment
from adapter.fhir.json import encode_json
from adapter.fhir.task import complete_task, decision_provenance, read_held_issues, write_task
from adapter.flow import validate_document
from adapter.issues import Issue, IssueType, Severity
from adapter.load import load_rule_book

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ISSUES = (
    Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route is told.", ("Bundle.entry[2].resource.extension",)),
    Issue(Severity.WARNING, IssueType.REQUIRED, "consent.missing", "No consent.", ()),
)


def valid(tree):
    return [issue for issue in validate_document(encode_json(tree), load_rule_book()) if issue.is_error] == []


def test_a_task_names_the_bundle_the_rules_of_its_errors_and_every_issue():
    task = write_task("t1", "Bundle/b1", ISSUES, NOW)
    assert valid(task)
    assert (task["focus"], task["status"]) == ({"reference": "Bundle/b1"}, "requested")
    assert [coding["code"] for coding in task["reasonCode"]["coding"]] == ["route.missing"]
    assert [(issue.rule, issue.expression, issue.severity) for issue in read_held_issues(task)] == [(one.rule, one.expression, one.severity) for one in ISSUES]


def test_a_task_that_is_decided_says_what_came_of_it():
    task = complete_task(write_task("t1", "Bundle/b1", ISSUES, NOW), ["Claim/c1"], NOW)
    assert valid(task)
    assert (task["status"], task["output"][0]["valueReference"]) == ("completed", {"reference": "Claim/c1"})


def test_a_decision_leaves_who_why_and_what_stood_before():
    decided = ("coder-7", [Amendment("route.missing", "Asked the ward.", "Bundle.type", ("Code", "collection"))])
    provenance = decision_provenance(["Claim/c1", "Bundle/b1/_history/2"], "Bundle/b1/_history/1", decided, NOW)
    assert valid(provenance)
    assert provenance["agent"][0]["who"]["identifier"]["value"] == "coder-7"
    assert (provenance["reason"][0]["coding"][0]["code"], provenance["reason"][0]["text"]) == ("route.missing", "Asked the ward.")
    assert provenance["entity"][0]["what"] == {"reference": "Bundle/b1/_history/1"}
