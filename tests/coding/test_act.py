"""Every row of the act table is reached from facts, and what a record asserts is compared with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapter.coding.act import decide_act, name_of_act
from adapter.coding.decision import Visit
from adapter.terms import Act, Device, Drug, Pump, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
TABLES = context().rule_book.tables
ROWS = TABLES["act"].rows
KINDS = {("implanted", "yes"): "implanted-programmable", ("implanted", "no"): "implanted-constant-flow", ("portable", None): "portable", ("port", None): "port"}
ROUTES = {"systemic": "intra-arterial", "spinal": "intrathecal", "brain": "intraventricular"}
DRUGS = {"chemotherapy": "J9200", "other": "J3285"}


def told(*values):
    return tuple(Told(value, f"Place[{number}]") for number, value in enumerate(values))


def visit(acts=("refill",), kind="implanted-constant-flow", route="intra-arterial", day=DAY, **more):
    act = Act("Procedure", Told("completed", "Procedure.status"), acts=told(*acts), asserted=told(*more.pop("asserted", ())),
        devices=(0,), skills=told(*more.pop("skills", ())), routes=told(*([route] if route else [])))
    drugs = tuple(Drug("Drug", 0, hcpcs=told(code)) for code in more.pop("drugs", ()))
    facts = RefillFacts(acts=(act,), drugs=drugs, devices=(Device("Device", Pump(kind), kinds=told(kind)),))
    return Visit(facts, replace(site("practice"), kind=more.pop("site_kind", "practice")), TABLES, day, day, context().as_of)


def decided_act(asked, *, reprogrammed):
    """Decide the only act of a visit."""
    return decide_act(asked, 0, name_of_act(asked, asked.facts.acts[0]), reprogrammed=reprogrammed)


def by_row(row, day):
    """Make the facts that a row asks for; what it leaves open gets some value."""
    when = {key: values[0] for key, values in row.when.items()}
    programmable = when.get("programmable", "no" if when["pump"] == "implanted" else None)
    route = when.get("route") or ROUTES[when.get("route_class", "systemic")]
    return visit((when["act"],), KINDS[when["pump"], programmable], route, day, skills=[when["skill"]] if "skill" in when else (),
        drugs=[DRUGS[when["drug"]]] if when.get("drug") in DRUGS else (), site_kind=when.get("kind", "practice"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_decides_from_its_first_day_and_not_the_day_before(row):
    reprogrammed = row.when.get("reprogrammed") == ("yes",)
    decided = decided_act(by_row(row, row.start), reprogrammed=reprogrammed)
    assert decided.value.candidates == row.texts("code")
    assert decided.value.because[0].rule == row.id
    before = decided_act(by_row(row, row.start - timedelta(days=1)), reprogrammed=reprogrammed)
    assert row.id not in {reason.rule for reason in before.value.because}


@pytest.mark.parametrize("acts", [("refill", "flush"), ("refill", "analysis", "refill")])
def test_acts_that_differ_are_a_contradiction_that_names_every_place(acts):
    named = name_of_act(visit(acts), visit(acts).facts.acts[0])
    assert named.value is None
    assert [issue.rule for issue in named.issues] == ["act.contradiction"]
    assert len(named.issues[0].expression) == len(acts)


@pytest.mark.parametrize("row", TABLES["asserted"].rows, ids=lambda row: row.id)
def test_a_code_of_the_family_alone_names_its_act(row):
    asked = visit((), asserted=row.when["code"])
    named = name_of_act(asked, asked.facts.acts[0])
    assert (named.value, named.trace[0].rule) == (row.text("act"), row.id)


@pytest.mark.parametrize("row", TABLES["asserted"].rows, ids=lambda row: row.id)
def test_an_asserted_code_is_checked_and_an_old_one_stands_for_its_successor(row):
    asked = visit(asserted=row.when["code"])
    rules = {issue.rule for issue in decided_act(asked, reprogrammed=False).issues}
    assert ("asserted.contradicts-facts" in rules) == (row.text("code") != "96522")
    assert ("asserted.retired-code" in rules) == (row.then["retired"] is True)


@pytest.mark.parametrize(("changes", "rule"), [({"route": None}, "route.missing"), ({"kind": "nothing"}, "pump.kind-missing")])
def test_without_pump_or_route_no_code_is_proposed(changes, rule):
    decided = decided_act(visit(**changes), reprogrammed=False)
    assert (decided.value.code, decided.value.candidates) == (None, ())
    assert rule in {issue.rule for issue in decided.issues}


def test_a_spinal_refill_without_a_skill_points_to_both_and_names_none():
    decided = decided_act(visit(route="intrathecal"), reprogrammed=False)
    assert (decided.value.code, set(decided.value.candidates)) == (None, {"95990", "95991"})
    assert "act.skill-missing" in {issue.rule for issue in decided.issues}


def test_the_drug_never_decides_a_refill():
    codes = {decided_act(visit(drugs=drugs), reprogrammed=False).value.code for drugs in ((), ("J9200",), ("J2278",), ("J9200", "J2278"), ("X",))}
    assert codes == {"96522"}


def test_a_planted_other_route_gives_another_code():
    assert decided_act(visit(route="epidural", skills=["clinical-staff"]), reprogrammed=False).value.code == "95990"
