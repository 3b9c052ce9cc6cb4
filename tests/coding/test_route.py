"""All places must tell one route; a class that all share is still known where the routes differ."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest

from adapter.coding.decision import Visit
from adapter.coding.route import decide_route, drugs_of_pump, told_routes
from adapter.terms import Act, Device, Drug, Pump, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
CLASSES = {"intravenous": "systemic", "intra-arterial": "systemic", "intrathecal": "spinal", "epidural": "spinal", "intraventricular": "brain",
    "intraperitoneal": "other", "subcutaneous": "other"}
STATUS = Told("completed", "status")


def routes(place, *names):
    return tuple(Told(name, place) for name in names)


def decide(own=(), device=(), drug=()):
    act = Act("Procedure", STATUS, devices=(0,), routes=routes("Procedure", *own))
    facts = RefillFacts(acts=(act,), devices=(Device("Device", Pump(None), routes=routes("Device", *device)),), drugs=(Drug("Drug", 0, routes=routes("Drug", *drug)),))
    return decide_route(Visit(facts, site("practice"), context().rule_book.tables, DAY, DAY, DAY), 0, act)


@pytest.mark.parametrize("place", ["own", "device", "drug"])
@pytest.mark.parametrize("name", CLASSES)
def test_one_place_is_enough_for_every_route(name, place):
    decided = decide(**{place: [name]})
    assert (decided.value.name, decided.value.branch) == (name, CLASSES[name])
    assert [issue.rule for issue in decided.issues] == (["route.not-covered"] if CLASSES[name] == "other" else [])


@pytest.mark.parametrize(("one", "other"), list(combinations(CLASSES, 2)))
def test_two_routes_are_held_and_their_class_is_known_only_where_they_share_it(one, other):
    decided = decide(own=[one], drug=[other])
    assert decided.value.name is None
    assert decided.value.branch == (CLASSES[one] if CLASSES[one] == CLASSES[other] else None)
    (issue,) = decided.issues
    assert (issue.rule, issue.expression, issue.is_error) == ("route.contradiction", ("Procedure", "Drug"), True)


def test_a_route_told_at_three_places_is_traced_to_each():
    assert [step.source for step in decide(["epidural"], ["epidural"], ["epidural"]).trace] == ["Procedure", "Device", "Drug"]


def test_no_route_names_the_device_where_it_was_expected():
    decided = decide()
    assert (decided.value.name, decided.value.branch, decided.issues[0].rule, decided.issues[0].expression) == (None, None, "route.missing", ("Device",))


def test_the_catheter_is_the_pumps_so_drugs_of_other_acts_on_it_count():
    acts = (Act("A", STATUS, devices=(0,)), Act("B", STATUS, devices=(0,)), Act("C", STATUS, devices=(1,)))
    facts = RefillFacts(acts=acts, devices=(Device("One", Pump(None)), Device("Two", Pump(None))), drugs=tuple(Drug(f"Drug{n}", n, routes=routes(f"Drug{n}", "epidural")) for n in range(3)))
    visit = Visit(facts, site("practice"), context().rule_book.tables, DAY, DAY, DAY)
    assert [drug.source for drug in drugs_of_pump(visit, 0)] == ["Drug0", "Drug1"]
    assert [told.source for told in told_routes(visit, 2, acts[2])] == ["Drug2"]
