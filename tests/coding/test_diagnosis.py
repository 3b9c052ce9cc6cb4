"""Diagnoses keep their order but for the two rules that move them, and none is made or lost in silence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from adapter.coding.decision import Visit
from adapter.coding.diagnosis import decide_diagnoses, find_pointers
from adapter.coding.route import Route
from adapter.terms import Act, Diagnosis, RefillFacts, Told
from tests.coding.decisions import context, site

CODES = ("Z51.11", "C78.7", "C18.9", "Z45.1", "Z45.2", "Z45.49", "T82.594A", "T82.7XXA", "E11.9", "M80.08XA", "O09.A1", "G89.3", "I27.0", "C20", "D3A.0", "I10", "K72.90")
COMPLICATIONS = {"T82.594A", "T82.7XXA"}


def decide(*codes, form="professional", branch="systemic", name="intra-arterial", day=date(2026, 3, 2)):
    found = tuple(one if isinstance(one, Diagnosis) else Diagnosis(one, f"Place[{n}]") for n, one in enumerate(codes))
    facts = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), diagnoses=found)
    return decide_diagnoses(Visit(facts, site("practice"), context().rule_book.tables, day, day, day), form, Route(name, branch))


def rules(decided):
    return [issue.rule for issue in decided.issues]


@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=12, unique=True))
def test_order_is_kept_but_for_chemotherapy_first_and_pump_care_out(codes):
    kept = [code for code in codes if not (code.startswith("Z45") and COMPLICATIONS & set(codes))]
    decided = decide(*codes)
    assert list(decided.value) == sorted(kept, key=lambda code: code != "Z51.11")
    assert rules(decided).count("diagnosis.excluded") == len(codes) - len(kept)
    assert ("diagnosis.moved-first" in rules(decided)) == ("Z51.11" in codes[1:])
    assert [step.value for step in decided.trace] == list(decided.value)


@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=12, unique=True))
def test_a_code_without_its_dot_is_the_same_code(codes):
    assert decide(*[code.replace(".", "") for code in codes]).value == decide(*codes).value


@pytest.mark.parametrize("code", ["", "C", "C7", "c78.7", "C78.", "78.7", "C78.70000", "C78 7", " C78.7", "C78.7 ", "1C8.7", "96522", "C78,7", "C78.7\n", "CA8"])
def test_what_has_not_the_form_of_a_code_is_an_error_at_its_place(code):
    (issue,) = [issue for issue in decide(code, "C78.7").issues if issue.is_error]
    assert (issue.rule, issue.expression) == ("diagnosis.malformed", ("Place[0]",))


@pytest.mark.parametrize(("day", "expected"), [(date(2025, 9, 30), []), (date(2025, 10, 1), ["diagnosis.ended"])])
def test_a_code_ends_with_its_last_day(day, expected):
    assert rules(decide("G35", "C78.7", day=day)) == expected
    assert rules(decide("G35.A", "C78.7", day=date(2025, 10, 1))) == []


@pytest.mark.parametrize(("form", "most"), [("professional", 12), ("institutional", 25), (None, 12)])
def test_a_claim_holds_so_many_and_says_what_it_leaves_out(form, most):
    codes = [f"C{number}.0" for number in range(10, 40)]
    decided = decide(*codes, form=form)
    assert list(decided.value) == codes[:most]
    (left,) = [issue for issue in decided.issues if issue.rule == "diagnosis.too-many"]
    assert left.expression == tuple(f"Place[{number}]" for number in range(most, 30))
    assert "diagnosis.too-many" not in rules(decide(*codes[:most], form=form))


@pytest.mark.parametrize(("code", "branch", "is_held"), [("T85.610A", "systemic", True), ("T85.610A", "spinal", False), ("Z46.81", "systemic", True), ("Z96.41", None, True),
    ("T82.594A", "systemic", False)])
def test_a_code_of_another_device_holds_the_record(code, branch, is_held):
    assert rules(decide(code, branch=branch)) == ["diagnosis.contradicts-pump"] * is_held


def test_no_diagnosis_is_an_error_where_it_was_expected():
    (issue,) = decide().issues
    assert (issue.rule, issue.expression, issue.is_error) == ("diagnosis.missing", ("Procedure.reasonCode",), True)


def test_a_rank_given_twice_is_said_and_one_code_ranked_twice_is_not():
    assert rules(decide(Diagnosis("C78.7", "a", 1), Diagnosis("C18.9", "b", 1))) == ["diagnosis.rank-repeated"]
    assert rules(decide(Diagnosis("C78.7", "a", 1), Diagnosis("C78.7", "b", 1))) == []


# ---------------------------------------------------------------- pointers

DAY = date(2026, 3, 2)
TOLD = ("Z51.11", "C78.7", "C18.9", "I10", "G89.3", "R11.0")


def pointed(acts, named, visited=TOLD, parents=(None, None)):
    """Point from a line of these acts: `named` are the reasons of each act, `visited` the diagnoses of the Encounter of both."""
    told = [Diagnosis(code, "P", None, tuple(n for n, own in enumerate(named) if code in own), (0, 1) if code in visited else ()) for code in TOLD]
    facts = RefillFacts(acts=tuple(Act(f"A{n}", Told("completed", "s"), part_of=parent) for n, parent in enumerate(parents)), diagnoses=tuple(told))
    return find_pointers(Visit(facts, site("practice"), context().rule_book.tables, DAY, DAY, DAY), TOLD, acts)


@pytest.mark.parametrize(("acts", "named", "visited", "numbers"), [
    ((0,), ((), ()), TOLD, (1, 2, 3, 4)), ((), ((), ()), TOLD, (1, 2, 3, 4)), ((0,), (("C78.7",), ("G89.3",)), TOLD, (1, 2, 3, 4)), ((1,), (("C78.7",), ("G89.3",)), TOLD, (1, 3, 4, 5)),
    ((1,), (("C78.7",), ("G89.3",)), (), (5,)), ((0,), (("C78.7",), ("G89.3",)), (), (2,)), ((0,), (("R11.0",), ()), TOLD, (1, 2, 3, 6)), ((1,), (("C78.7",), ()), TOLD, (1, 2, 3, 4)),
    ((0, 1), (("C78.7",), ("G89.3",)), (), (2, 5)), ((1,), (("C78.7",), ()), (), ()), ((0,), (("C78.7", "I10"), ("I10",)), (), (2, 4)),
])
def test_a_line_points_to_the_diagnoses_of_its_own_act(acts, named, visited, numbers):
    assert pointed(acts, named, visited) == numbers


def test_what_is_part_of_an_act_tells_for_it_and_a_ring_of_parts_ends():
    assert pointed((0,), ((), ("C78.7",)), (), parents=(None, 0)) == (2,)
    assert pointed((1,), (("G89.3",), ()), (), parents=(None, 0)) == (5,)
    assert pointed((0,), (("C78.7",), ("G89.3",)), (), parents=(1, 0)) in ((2, 5), (2,))
