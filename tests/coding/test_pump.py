"""The kind of pump is told or it is not known: no model and no accessory decides it."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.coding.decision import Visit
from adapter.coding.pump import decide_pump
from adapter.terms import Act, Device, Pump, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
CLASSES = {"implanted-programmable": ("implanted", True), "implanted-constant-flow": ("implanted", False), "implanted-reservoir": ("implanted", False),
    "portable": ("portable", True), "port": ("port", False)}


def device(*kinds, name="0", routes=()):
    return Device(f"Device{name}", Pump(kinds[0] if kinds else None, model_number="ANY"), kinds=tuple(Told(kind, f"Device{name}.type") for kind in kinds),
        routes=tuple(Told(route, "route") for route in routes))


def decide(*devices):
    act = Act("Procedure", Told("completed", "Procedure.status"), devices=tuple(range(len(devices))))
    return decide_pump(Visit(RefillFacts(acts=(act,), devices=devices), site("practice"), context().rule_book.tables, DAY, DAY, DAY), act)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_kind_has_its_class(kind):
    decided = decide(device(kind))
    assert (decided.value.place, decided.value.is_programmable) == CLASSES[kind]
    assert decided.issues == ()


def test_every_kind_of_the_table_is_one_of_these():
    assert {one for row in context().rule_book.tables["pump-kind"].rows for one in row.when["kind"]} == set(CLASSES)


@pytest.mark.parametrize(("devices", "rule", "place"), [
    ((), "pump.missing", "Procedure.focalDevice"), ((device(),), "pump.kind-missing", "Device0.type"),
    ((device("port", "portable"),), "pump.kind-contradiction", "Device0.type"), ((device("port", name="1"), device("portable", name="2")), "pump.contradiction", "Device1"),
    ((device(name="1"), device(name="2")), "pump.contradiction", "Device1"), ((device("unheard-of"),), "pump.kind-missing", "Device0.type"),
])
def test_what_is_not_told_is_an_issue_at_its_place_and_no_class(devices, rule, place):
    decided = decide(*devices)
    assert decided.value.place is None
    assert [issue.rule for issue in decided.issues] == [rule]
    assert decided.issues[0].expression[0] == place


def test_two_kinds_of_one_class_are_held_and_the_class_is_known():
    for devices in ((device("implanted-reservoir", "implanted-programmable"),), (device("implanted-reservoir", name="1"), device("implanted-programmable", name="2"))):
        decided = decide(*devices)
        assert decided.value.place == "implanted"
        assert any(issue.is_error for issue in decided.issues)


def test_a_device_that_tells_nothing_is_an_accessory_of_one_that_tells():
    assert decide(device(name="needle"), device("port", name="pump")).value.source == "Devicepump"
    assert decide(device(name="needle"), device(name="pump", routes=["intrathecal"])).value.source == "Devicepump"


def test_a_kind_told_twice_is_one_kind():
    decided = decide(device("port", "port"))
    assert (decided.value.place, len(decided.trace)) == ("port", 2)
