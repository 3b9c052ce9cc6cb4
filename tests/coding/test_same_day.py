"""What else was done that day: every code of the table at every kind of provider, with and without its proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.coding.pair import drop_paired
from adapter.coding.pump import PumpKind
from adapter.coding.same_day import SameDay, decide_same_day, is_charged_only
from adapter.terms import Act, Device, Pump, Reason, RefillFacts, Service, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
TABLES = context().rule_book.tables
ACT = Act("Procedure", Told("completed", "status"), acts=(Told("refill", "code"),), devices=(0,))
KIT_PAYER = next(payer for payer in site("practice").payers if payer.kit_a4220)
PUMP, ACCESS = (Device(name, Pump("port"), kinds=(Told("port", name),)) for name in ("Pump", "Access"))
SPINAL = Device("Spinal", Pump(None), kinds=(Told("implanted-programmable", "Spinal.type"),), routes=(Told("intrathecal", "Spinal.extension"),))
PORTABLE = Device("Portable", Pump(None), kinds=(Told("portable", "Portable.type"),))
PROOF = {"visit": (("25",), ACCESS), "separate": (("XU",), ACCESS), "second": (("XU",), SPINAL), "absorbs": (("XU",), ACCESS)}
BRAIN = Device("Brain", Pump(None), kinds=(Told("implanted-reservoir", "Brain.type"),), routes=(Told("intraventricular", "Brain.extension"),))
PUMP_OF = {"96521": PORTABLE, "96542": BRAIN, "62367": SPINAL, "62368": SPINAL, "62370": SPINAL}
ASKED = [(code, kind, row) for row in TABLES["same-day"].rows for code in row.when["code"] for kind in row.when.get("kind", ("practice", "hospital", "asc"))]


def decide(*services, kind="practice", devices=(PUMP,), payer=None, settled=(), others=()):
    facts = RefillFacts(acts=(ACT,), services=services, devices=devices)
    visit = Visit(facts, replace(site("practice"), kind=kind), TABLES, DAY, DAY, DAY)
    refill = ActCode(ACT, "refill", "96522", ("96522",), PumpKind(PUMP.pump, "implanted", source="Pump"))
    return decide_same_day(visit, refill, others, (payer, frozenset(settled)))


def service(code, *modifiers, note=None, **more):
    return Service(f"Service {code}", code, tuple(Told(one, "modifier") for one in modifiers), note=note, **more)


def result(decided):
    value = decided.value
    return ([(line.code, line.modifiers) for line in value.lines], [one.code for one in value.dropped], value.refill_modifier, value.absorbed_by)


@pytest.mark.parametrize(("code", "kind", "row"), ASKED, ids=[f"{code} at {kind}" for code, kind, _ in ASKED])
def test_a_service_without_any_proof_is_what_its_row_says(code, kind, row):
    relation = row.text("relation")
    decided = decide(service(code), kind=kind, payer=KIT_PAYER)
    lines, dropped, modifier, absorbed = result(decided)
    assert lines == ([(code, ())] if relation in ("beside", "kit") else [])
    assert dropped == ([code] if relation in ("drop", "visit", "separate") else [])
    is_spinal = row.id == "same-day-spinal-programming"
    assert absorbed == ((code,) if relation in ("absorbs", "second") and not is_spinal else ())
    assert modifier is None
    assert any(issue.is_error for issue in decided.issues) == (relation in ("absorbs", "second"))


@pytest.mark.parametrize(("code", "kind", "row"), ASKED, ids=[f"{code} at {kind}" for code, kind, _ in ASKED])
def test_a_service_with_every_proof_stands_only_where_its_row_lets_it(code, kind, row):
    relation = row.text("relation")
    modifiers, device = PROOF.get(relation, ((), ACCESS))
    device = PUMP_OF.get(code, device)
    lines, dropped, modifier, absorbed = result(decide(service(code, *modifiers, note="Note"), kind=kind, devices=(PUMP, device)))
    can_part = relation == "absorbs" and row.then["separable"] is True
    expected = {"visit": [(code, ("25",))], "separate": [(code, ("XU",))], "second": [(code, ("XU",))], "beside": [(code, ())]}
    assert lines == expected.get(relation, [(code, ())] if can_part else [])
    assert modifier == ("XU" if can_part else None)
    assert (code in absorbed) == (relation == "absorbs" and not can_part)
    assert (code in dropped) == (relation in ("drop", "kit"))


@pytest.mark.parametrize(("modifiers", "note", "stands"), [(("25",), "Note", True), (("25",), None, False), ((), "Note", False), (("59",), "Note", False)])
def test_a_visit_needs_both_25_and_a_note(modifiers, note, stands):
    decided = decide(service("99213", *modifiers, note=note))
    assert result(decided)[:2] == (([("99213", ("25",))], []) if stands else ([], ["99213"]))
    assert [issue.rule for issue in decided.issues] == ([] if stands else ["visit.not-separate"])


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XU"])
def test_a_modifier_and_a_second_device_prove_a_separate_access_and_neither_does_alone(modifier):
    assert result(decide(service("96413", modifier), devices=(PUMP, ACCESS))) == ([("96413", ())], [], modifier, ())
    assert result(decide(service("96413", modifier)))[3] == ("96413",)
    assert result(decide(service("96413"), devices=(PUMP, ACCESS)))[3] == ("96413",)
    assert result(decide(service("96413", modifier, devices=(0,)), devices=(PUMP, ACCESS)))[3] == ("96413",), "its own device is the pump"


@pytest.mark.parametrize(("kind", "route", "proves"), [
    ("implanted-programmable", "intrathecal", True), ("implanted-constant-flow", None, True), ("implanted-programmable", "intravenous", False),
    ("portable", None, False), ("portable", "intrathecal", False), ("port", None, False), ("unheard-of", None, False),
])
def test_only_an_implanted_pump_that_may_be_spinal_proves_a_second_refill(kind, route, proves):
    routes = (Told(route, "Second.extension"),) if route else ()
    second = Device("Second", Pump(None), kinds=(Told(kind, "Second.type"),), routes=routes)
    decided = decide(service("95990", "XS"), devices=(PUMP, second))
    assert result(decided) == (([("95990", ("XS",))], [], None, ()) if proves else ([], [], None, ("95990",)))
    assert [issue.rule for issue in decided.issues] == ([] if proves else ["same-day.second-pump-unproved"])


@pytest.mark.parametrize(("code", "kind"), [("99213", "practice"), ("99213", "hospital"), ("A4220", "practice")])
@pytest.mark.parametrize("units", [1, 2, 3])
def test_a_visit_and_a_kit_are_billed_once_a_day(code, kind, units):
    decided = decide(service(code, *["25"] * (code != "A4220"), note="Note", units=Decimal(units)), kind=kind, payer=KIT_PAYER)
    assert [issue.rule for issue in decided.issues] == ([] if units == 1 else ["service.units-invalid"])
    assert [line.code for line in decided.value.lines] == ([code] if units == 1 else [])


@pytest.mark.parametrize(("kind", "modifier"), [("practice", "53"), ("hospital", "52"), ("asc", "53")])
@pytest.mark.parametrize("status", ["completed", "stopped"])
def test_a_stopped_act_beside_the_refill_says_so_in_the_modifier_of_its_kind_of_provider(kind, modifier, status):
    act = replace(ACT, source="Second", acts=(), asserted=(Told("36593", "Second.code"),), status=Told(status, "Second.status"))
    decided = decide(kind=kind, others=(ActCode(act, None, None),))
    (line,) = decided.value.lines
    assert (line.code, line.modifiers) == ("36593", (modifier,) if status == "stopped" else ())
    assert [reason.source for reason in line.because if reason.rule == "modifier.stopped"] == ["Second.status"] * (status == "stopped")


@pytest.mark.parametrize(("code", "device", "stands"), [
    ("62369", SPINAL, True), ("62369", PORTABLE, False), ("62369", ACCESS, False), ("96521", PORTABLE, True), ("96521", SPINAL, False),
    ("62369", replace(SPINAL, routes=(Told("intra-arterial", "Spinal.extension"),)), False),
    ("62369", replace(SPINAL, kinds=(Told("implanted-constant-flow", "Spinal.type"),)), False),
    ("95990", replace(SPINAL, kinds=(Told("implanted-constant-flow", "Spinal.type"),)), True),
    ("62368", ACCESS, False), ("62368", SPINAL, True),
])
def test_the_second_device_is_of_the_pump_that_the_code_is_for(code, device, stands):
    assert (result(decide(service(code, "XS"), devices=(PUMP, device)))[0] != []) is stands


@pytest.mark.parametrize(("code", "device"), [("62369", SPINAL), ("96521", PORTABLE)])
def test_a_second_pump_without_a_pair_needs_no_modifier_but_its_device(code, device):
    assert result(decide(service(code), devices=(PUMP, device)))[0] == [(code, ())]
    assert result(decide(service(code)))[3] == (code,)


def test_a_kit_is_the_payers_own_rule():
    assert result(decide(service("A4220"), payer=KIT_PAYER))[0] == [("A4220", ())]
    assert result(decide(service("A4220"), payer=None))[1] == ["A4220"]


def test_a_code_that_no_table_has_is_held_and_not_passed_on():
    decided = decide(service("12345"))
    assert (decided.value, [issue.rule for issue in decided.issues]) == (SameDay(), ["same-day.unknown"])


def test_what_is_a_line_already_is_not_asked_about():
    assert decide(service("J9200"), service("96522"), settled=["J9200"]) == (SameDay(), (), ())


@pytest.mark.parametrize("units", ["0", "0.5", "-1", "1.5"])
def test_parts_of_a_unit_are_held(units):
    assert [issue.rule for issue in decide(service("36593", units=Decimal(units))).issues] == ["service.units-invalid"]


def test_charted_and_charged_is_one_service_with_the_words_of_both():
    decided = decide(service("99213", "25"), service("99213", note="Note", is_charge=True, units=Decimal(1)))
    assert result(decided)[0] == [("99213", ("25",))]
    assert "service.repeated" in [issue.rule for issue in decide(service("36593", is_charge=True), service("36593", is_charge=True)).issues]


def test_the_order_of_services_changes_nothing():
    services = [service("36593"), service("99211"), service("96365")]
    assert result(decide(*services)) == result(decide(*services[::-1]))


def test_only_an_act_known_by_a_code_alone_is_like_a_charge():
    bare = replace(ACT, acts=(), asserted=(Told("96523", "code"),))
    assert is_charged_only(ActCode(bare, "flush", "96523"))
    assert not is_charged_only(ActCode(ACT, "refill", "96521"))
    assert not is_charged_only(ActCode(bare, "refill", "96522"))


def test_what_another_service_excludes_is_dropped_by_its_own_code():
    lines, dropped = drop_paired(Visit(RefillFacts(acts=(ACT,)), site("practice"), TABLES, DAY, DAY, DAY),
        tuple(DraftLine(code, Decimal(1), because=(Reason("rule", f"At {code}", ""),)) for code in ("95991", "95990"))).value
    assert ([line.code for line in lines], [(one.code, one.source) for one in dropped]) == (["95991"], [("95990", "At 95990")])
