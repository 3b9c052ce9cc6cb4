"""A rule makes an issue with its own severity, code and citation."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.issues import IssueType, Severity
from adapter.load import load_rule_book
from adapter.tables import Rule, Source

RULE = Rule("place.missing", Severity.ERROR, IssueType.REQUIRED, "The place decides.", "Give it.", Source("Invented", "https://example.org", date(2026, 1, 1)))


def test_an_issue_of_a_rule_says_what_is_wrong_and_what_to_do_and_by_whose_word():
    issue = RULE.issue("No place.", "Bundle.entry[0].resource.location", "", "Bundle.entry[0].resource.location")
    assert (issue.severity, issue.code, issue.rule) == (Severity.ERROR, IssueType.REQUIRED, "place.missing")
    assert issue.text == "No place. Give it."
    assert issue.expression == ("Bundle.entry[0].resource.location",)
    assert issue.citation == "Invented (https://example.org, read 2026-01-01)"


def test_a_rule_that_is_not_written_down_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        load_rule_book().tables.issue("nothing.such", "Text.")


def test_a_rule_cites_its_source():
    tables = load_rule_book().tables
    assert tables.citation("route.missing") == str(tables.rules["route.missing"].source)
