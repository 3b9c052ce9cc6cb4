"""The record of one visit: what holds it, what it proposes, and the day by which it is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapter.coding.record import Judgement, build_record, hold_second_places
from adapter.fhir.refill import read_refills
from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Told
from tests.bundles import clean_visit, render
from tests.coding.decisions import context, site

SITE, TABLES, AS_OF = site("practice"), context().rule_book.tables, date(2026, 4, 1)
((FACTS,), _) = read_refills(render(clean_visit()), TABLES, SITE)


def build(facts=FACTS, **judged):
    return build_record(facts, Judgement(**{"site": SITE, "tables": TABLES, "as_of": AS_OF, **judged}), "R1")


def errors(record):
    return {issue.rule for issue in record.issues if issue.is_error}


def test_the_clean_visit_is_coded_under_its_number():
    record = build()
    assert (record.status, record.code, record.claim.identifier) == ("coded", "96522", "R1")
    assert [line.control_number for line in record.lines] == ["R1L1", "R1L2"]


# Each fact of the visit taken away by itself, and what must come of it.
TAKEN = {
    "service_dates": {"service-date.missing"}, "patient": {"patient.missing"}, "devices": None, "diagnoses": {"diagnosis.missing"}, "places": {"place.missing"},
    "coverages": {"coverage.missing"}, "practitioners": {"performer.missing"}, "drugs": set(), "providers": set(), "observations": set(), "consents": set(),
    "facilities": set(), "services": set(), "charges": set(), "authorisations": set(),
}


@pytest.mark.parametrize("name", [name for name, rules in TAKEN.items() if rules is not None])
def test_a_fact_taken_away_holds_the_record_by_its_own_rule_or_changes_no_code(name):
    facts = replace(FACTS, **{name: None if name == "patient" else ()})
    if name == "drugs":  # the route stood on the administration
        facts = replace(facts, acts=(replace(FACTS.acts[0], routes=(Told("intravenous", "Procedure.extension"),)),))
    record = build(facts)
    assert TAKEN[name] <= errors(record)
    assert record.status == ("held" if TAKEN[name] else "coded")
    if name != "service_dates":
        assert record.code == "96522" or record.proposed == ("96522",)


def test_an_error_known_before_holds_the_record_and_a_warning_does_not():
    issue = Issue(Severity.ERROR, IssueType.STRUCTURE, "base.shape", "Wrong shape.", ("Bundle",))
    assert (build(issues=(issue,)).status, build(issues=(issue,)).proposed) == ("held", ("96522",))
    assert build(issues=(replace(issue, severity=Severity.WARNING),)).status == "coded"
    assert build(replace(FACTS, issues=(issue,))).status == "held"


@pytest.mark.parametrize("status", ["not-done", "entered-in-error"])
def test_what_was_not_done_bills_nothing_and_holds_nothing(status):
    act = replace(FACTS.acts[0], is_active=False, status=Told(status, "Procedure.status"))
    issue = Issue(Severity.ERROR, IssueType.STRUCTURE, "base.shape", "Wrong shape.", ("Bundle",))
    record = build(replace(FACTS, acts=(act,), issues=(issue,)))
    assert (record.status, record.lines, record.proposed, errors(record)) == ("nothing-to-bill", (), (), set())
    assert "base.shape" in {one.rule for one in record.issues}


@pytest.mark.parametrize("status", ["preparation", "in-progress", "on-hold", "unknown", "", "Completed"])
def test_a_status_that_is_neither_completed_nor_stopped_holds(status):
    record = build(replace(FACTS, acts=(replace(FACTS.acts[0], status=Told(status, "Procedure.status")),)))
    assert (record.status, errors(record)) == ("held", {"procedure.not-completed"})


def test_two_days_are_no_day():
    record = build(replace(FACTS, service_dates=(*FACTS.service_dates, Told(date(2026, 3, 3), "Procedure.performed.end"))))
    assert (record.status, record.service_date) == ("held", None)
    assert "service-date.contradiction" in errors(record)


def test_a_replay_takes_the_tables_of_another_day_and_bills_the_day_of_service():
    later, before = build(on=date(2026, 12, 31)), build(on=date(2005, 12, 31))
    assert (later.status, later.service_date) == ("coded", date(2026, 3, 2))
    assert (before.status, before.service_date, before.proposed) == ("held", date(2026, 3, 2), ())
    assert "act.no-code" in errors(before)


def test_a_second_refill_of_the_day_is_dropped_with_a_warning():
    second = replace(FACTS.acts[0], source="Second")
    record = build(replace(FACTS, acts=(*FACTS.acts, second)))
    assert [line.code for line in record.lines].count("96522") == 1
    assert [(one.code, one.rule) for one in record.dropped] == [("96522", "unit-limit.one-refill")]


@pytest.mark.parametrize(("patient", "day", "statuses"), [
    ("Same", date(2026, 3, 2), ["held", "held"]), ("Other", date(2026, 3, 2), ["coded", "coded"]), ("Same", date(2026, 3, 3), ["coded", "coded"]),
])
def test_two_refills_are_held_for_each_other_only_where_patient_and_day_are_one(patient, day, statuses):
    facts = (replace(FACTS, patient_source="Same"), replace(FACTS, patient_source=patient))
    records = (build(), replace(build(), service_date=day))
    held = hold_second_places(facts, records, TABLES)
    assert [one.status for one in held] == statuses
    assert [{"unit-limit.two-places"} <= errors(one) for one in held] == [status == "held" for status in statuses]


@pytest.mark.parametrize(("change", "rule"), [({"birth_date": None}, "patient.incomplete"), ({"gender": None}, "patient.incomplete"), ({"address": None}, "patient.incomplete"),
    ({"birth_date": date(2026, 3, 3)}, "patient.born-after-service"), ({"birth_date": date(2026, 3, 2)}, None)])
def test_a_claim_asks_of_its_patient_what_it_needs(change, rule):
    assert errors(build(replace(FACTS, patient=replace(FACTS.patient, **change)))) == ({rule} if rule else set())


def test_the_same_facts_give_the_same_record():
    assert build() == build()
