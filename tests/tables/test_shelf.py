"""The tables by their names."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.issues import Issue, IssueType, Severity
from adapter.load import load_rule_book

TABLES = load_rule_book().tables


def test_a_table_is_asked_by_its_name():
    row = TABLES.one("act", date(2026, 3, 2), act="refill", pump="implanted", route_class="systemic", route="intravenous")
    assert row is not None
    assert (row.id, row.text("code")) == ("implanted-systemic-refill", "96522")


def test_a_table_that_does_not_exist_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        TABLES.one("nothing", None, act="refill")


def test_every_table_stands_under_its_own_name():
    assert all(name == table.name for name, table in TABLES.tables.items())
    assert all(TABLES[name] is table for name, table in TABLES.tables.items())


def issue(rule, citation=None):
    return Issue(Severity.ERROR, IssueType.VALUE, rule, "Wrong.", citation=citation)


def test_an_issue_leaves_with_the_citation_of_its_rule():
    (told,) = TABLES.cited([issue("http.not-found")])
    assert told.citation == "RFC 9110, HTTP semantics, 15.5.5 (https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5, read 2026-11-24)"


def test_an_issue_that_names_its_own_source_keeps_it():
    assert TABLES.cited([issue("profile.code", "https://example.org/profile|1.0")])[0].citation == "https://example.org/profile|1.0"


@pytest.mark.parametrize("rule", ["x12.1.2300.CLM01.2", "x12.5.2010AA.NM109.4", "x12.1.ISA.ISA09.1"])
def test_a_rule_that_the_code_puts_together_has_a_citation(rule):
    assert "45 CFR 162.1102" in TABLES.citation(rule)


@pytest.mark.parametrize("rule", ["nothing.such", "x12.9.2300.CLM01.9", "x12.1.*.9"])
def test_a_rule_without_a_source_is_a_fault_of_the_program(rule):
    with pytest.raises(KeyError):
        TABLES.cited([issue(rule)])
