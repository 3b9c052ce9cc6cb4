"""Acts of one patient, day and place are one visit, in whatever order they were sent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.procedure import ActSource
from adapter.fhir.visit import group_visits
from adapter.terms import Told
from tests.bundles import concept

DAYS = (date(2026, 3, 2), date(2026, 3, 3), None)


def act(name, patient="p", day=DAYS[0], place="11", **more):
    locations = [({"type": [concept(f"pos {place}")]}, f"Location/{place}")] if place else []
    days = (Told(day, name),) if day else ()
    return ActSource({}, name, (Told("refill", name),), (), ({}, patient) if patient else None, days, tuple(more.get("parents", ())), [], locations, more.get("is_active", True))


def grouped(*acts):
    return sorted(sorted(one.path for one in visit.acts) for visit in group_visits(list(acts)))


@pytest.mark.parametrize(("acts", "visits"), [
    ((), []), ((act("a"),), [["a"]]), ((act("a"), act("b")), [["a", "b"]]), ((act("a"), act("b", patient="q")), [["a"], ["b"]]), ((act("a"), act("b", day=DAYS[1])), [["a"], ["b"]]),
    ((act("a"), act("b", place="22")), [["a"], ["b"]]), ((act("a"), act("b", place=None)), [["a", "b"]]), ((act("a"), act("b", day=None)), [["a"], ["b"]]),
    ((act("a"), act("b", place=None, day=None, parents=["a"])), [["a", "b"]]), ((act("a"), act("b", day=DAYS[1], parents=["a"])), [["a"], ["b"]]),
    ((act("a"), act("b", patient="q", parents=["a"])), [["a"], ["b"]]), ((act("a"), act("b", parents=["not sent"])), [["a", "b"]]),
    ((act("a"), act("b", place="22"), act("c", place="22", parents=["a"])), [["a", "c"], ["b"]]),
])
def test_acts_belong_together_by_patient_day_and_place(acts, visits):
    assert grouped(*acts) == visits
    assert grouped(*acts[::-1]) == visits


@given(st.lists(st.builds(act, st.uuids().map(str), st.sampled_from("pq"), st.sampled_from(DAYS), st.sampled_from(("11", "22"))), max_size=6, unique_by=lambda one: one.path), st.randoms())
def test_every_act_is_of_one_visit_in_any_order(acts, random):
    visits = grouped(*acts)
    assert sorted(path for visit in visits for path in visit) == sorted(one.path for one in acts)
    assert len(visits) == len({(one.patient[1], one.day, one.locations[0][1]) for one in acts})
    shuffled = list(acts)
    random.shuffle(shuffled)
    assert grouped(*shuffled) == visits


def test_a_visit_that_was_not_done_is_kept_only_where_no_other_is():
    done, not_done = act("a"), act("b", day=None, is_active=False)
    assert grouped(done, not_done) == [["a"]]
    assert grouped(not_done) == [["b"]]


def test_acts_that_are_part_of_each_other_do_not_run_forever():
    assert sorted(path for visit in grouped(act("a", parents=["b"]), act("b", parents=["a"])) for path in visit) == ["a", "b"]


def test_encounters_and_locations_are_given_once():
    (visit,) = group_visits([act("a"), act("b")])
    assert ([where for _, where in visit.locations], visit.encounters) == (["Location/11"], [])
