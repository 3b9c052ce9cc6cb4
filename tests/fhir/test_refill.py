"""From a Bundle to the facts of each visit: what is read, from where, and that nothing in the tree is changed."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from adapter.fhir.refill import READ_TYPES, read_refills
from tests.bundles import Shape, change_visit, clean_visit, render
from tests.coding.decisions import context, site

TABLES, SITE = context().rule_book.tables, site("practice")


def read(change=None, shape=None):
    return read_refills(render(change_visit(clean_visit(), change or {}), shape or Shape()), TABLES, SITE)


def test_the_clean_visit_is_one_set_of_facts():
    (facts,), issues = read()
    assert issues == ()
    assert ([told.value for told in facts.service_dates], [told.value for told in facts.places]) == ([date(2026, 3, 2)] * 2, ["11"])
    assert [one.code for one in facts.diagnoses] == ["Z51.11", "C78.7", "C18.9"]
    assert (len(facts.acts), len(facts.drugs), len(facts.devices), len(facts.coverages), len(facts.consents)) == (1, 1, 1, 1, 1)
    assert facts.acts[0].devices == (0,)


def test_every_place_that_is_named_holds_what_was_read():
    tree = render(clean_visit())
    (facts,), _ = read_refills(tree, TABLES, SITE)
    for source in (facts.patient_source, facts.acts[0].source, facts.devices[0].source, facts.drugs[0].source, facts.coverages[0].source, facts.consents[0]):
        place = int(source.removeprefix("Bundle.entry[").removesuffix("].resource"))
        assert tree["entry"][place]["resource"]["resourceType"] in READ_TYPES


@pytest.mark.parametrize("references", ["urn", "absolute", "relative", "plain", "logical", "contained"])
def test_reading_changes_nothing_in_the_tree(references):
    tree = render(clean_visit(), Shape(references))
    before = deepcopy(tree)
    read_refills(tree, TABLES, SITE)
    assert tree == before


@pytest.mark.parametrize("tree", [{}, {"resourceType": None}, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}, {"resourceType": "Bundle", "entry": [{}, {"resource": {}}]},
    {"resourceType": "Patient"}, {"resourceType": "Procedure"}, {"resourceType": "Procedure", "code": {}}])
def test_a_tree_without_an_act_gives_no_facts_and_says_so(tree):
    facts, issues = read_refills(tree, TABLES, SITE)
    assert facts == ()
    assert "act.missing" in {issue.rule for issue in issues}


def test_two_days_are_two_visits_and_each_has_its_own_drugs():
    visit = clean_visit()
    for key in ("procedure", "administration"):
        visit["other-" + key] = deepcopy(visit[key])
    visit["other-procedure"]["performedPeriod"] = {"start": "2026-03-09T10:15:00-05:00"}
    visit["other-administration"] |= {"effectiveDateTime": "2026-03-09T10:20:00-05:00", "partOf": [{"to": "other-procedure"}]}
    facts, issues = read_refills(render(visit), TABLES, SITE)
    assert [{told.value for told in one.service_dates} for one in facts] == [{date(2026, 3, 2)}, {date(2026, 3, 9)}]
    assert [[drug.act for drug in one.drugs] for one in facts] == [[0], [0]]
    assert len({one.drugs[0].source for one in facts}) == 2
    assert issues == ()


@pytest.mark.parametrize(("change", "count"), [
    ({}, 1), ({"remove": ["administration.partOf"]}, 1), ({"remove": ["administration.partOf", "administration.device"]}, 0),
    ({"remove": ["administration.partOf"], "set": {"administration.effectiveDateTime": "2026-03-03T10:00:00-05:00"}}, 0), ({"set": {"administration.status": "entered-in-error"}}, 0),
    ({"set": {"administration.partOf.0": {"to": "absent"}}}, 0),
])
def test_a_drug_belongs_to_the_act_that_it_names_or_to_its_pump_and_day(change, count):
    (facts,), _ = read(change)
    assert len(facts.drugs) == count


@pytest.mark.parametrize(("path", "value"), [("pump.patient", {"to": "other"}), ("administration.subject", {"to": "other"}), ("dx1.subject", {"to": "other"}), ("encounter.subject", {"to": "other"})])
def test_what_is_of_another_patient_is_said_at_its_place(path, value):
    (facts,), _ = read({"add": {"other": {"resourceType": "Patient", "name": [{"family": "Other"}]}}, "set": {path: value}})
    (issue,) = [issue for issue in facts.issues if issue.rule == "patient.contradiction"]
    assert issue.is_error
    assert issue.expression[0].endswith(path.split(".")[1])
