"""What the volumes of a refill and of the one before ask an explanation for, exactly to the last place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.interval import judge_interval
from adapter.coding.pump import PumpKind
from adapter.coding.reservoir import gather_measures, judge_reservoir, last_fill, millilitres, millilitres_a_day
from adapter.terms import Act, Device, Drug, Observation, Pump, Quantity, RefillFacts, Told
from tests.coding.decisions import context, site

DAY, BEFORE = date(2026, 3, 12), date(2026, 3, 2)
TABLES = context().rule_book.tables
SITE = site("practice")
PUMP = Pump("implanted-programmable", model_number="8637-20")
ACT = Act("Procedure", Told("completed", "status"), acts=(Told("refill", "code"),), devices=(0,))


def facts(day=DAY, acts=(ACT,), drug="J9200", explained=(), **told):
    seen = tuple(Observation(f"Obs-{name}", name.replace("_", "-"), Quantity(Decimal(str(amount)), unit), is_explained=name in explained)
        for name, (amount, unit) in ((name, value if isinstance(value, tuple) else (value, "mL")) for name, value in told.items()))
    drugs = (Drug("Drug", 0, hcpcs=(Told(drug, "Drug.code"),)),) if drug else ()
    return RefillFacts(acts=acts, service_dates=(Told(day, "Procedure.performed"),), devices=(Device("Pump", PUMP),), drugs=drugs, observations=seen)


def judge(now, *earlier, pump=PUMP):
    visit = Visit(replace(now, earlier=earlier), SITE, TABLES, DAY, DAY, DAY)
    act = ActCode(ACT, "refill", "96522", pump=PumpKind(pump, "implanted", pump.kind == "implanted-programmable", "Pump"))
    measures = gather_measures(visit, 0)
    decided = judge_reservoir(visit, act, measures)
    assert {step.rule for step in decided.trace} <= {"reservoir.flow", "reservoir.residual-differs"}
    return [issue.rule for issue in decided.issues], [(step.fact, step.value) for step in decided.trace], judge_interval(visit, act, measures, SITE.payers[0])


CONSTANT = replace(PUMP, kind="implanted-constant-flow", model_number="3000")


@pytest.mark.parametrize(("left", "rules"), [(10, []), (12, []), ("12.0000000001", ["reservoir.residual-differs"]), (8, []), ("7.9999999999", ["reservoir.residual-differs"])])
def test_what_is_expected_follows_from_the_last_fill_and_its_flow(left, rules):
    assert judge(facts(residual_aspirated=left), facts(BEFORE, volume_injected=20, flow_rate_programmed=(1, "mL/d")))[0] == rules


def test_what_was_measured_after_the_last_fill_counts_before_what_was_injected():
    last = facts(BEFORE, volume_injected=20, volume_measured_after=18, flow_rate_programmed=(1, "mL/d"))
    assert judge(facts(residual_aspirated="10.5"), last)[0] == ["reservoir.residual-differs"]
    assert judge(facts(residual_aspirated="8.5"), last)[0] == []


def test_a_residual_that_is_told_as_expected_counts_before_the_sum():
    last = facts(BEFORE, volume_injected=20, flow_rate_programmed=(1, "mL/d"))
    assert judge(facts(residual_aspirated=5, residual_expected=5), last)[0] == []


def test_nothing_is_expected_below_nothing():
    assert judge(facts(residual_aspirated=2), facts(BEFORE, volume_injected=5, flow_rate_programmed=(1, "mL/d")))[0] == []
    assert judge(facts(residual_aspirated="2.1"), facts(BEFORE, volume_injected=5, flow_rate_programmed=(1, "mL/d")))[0] == ["reservoir.residual-differs"]


def test_more_left_than_was_put_in_asks_for_an_explanation_even_without_a_flow():
    assert judge(facts(residual_aspirated=9), facts(BEFORE, volume_injected=8))[0] == ["reservoir.residual-differs"]
    assert judge(facts(residual_aspirated=9, explained=("residual_aspirated",)), facts(BEFORE, volume_injected=8))[0] == []


@pytest.mark.parametrize(("left", "flow", "rules"), [
    ("8.5", "1.150 mL/d", []), ("8.49", "1.151 mL/d", ["reservoir.flow-differs"]), ("11.5", "0.850 mL/d", []), ("11.51", "0.849 mL/d", ["reservoir.flow-differs"]),
])
def test_the_flow_counted_from_two_fills_may_be_fifteen_percent_off_on_a_constant_flow_pump(left, flow, rules):
    last = facts(BEFORE, volume_injected=20, flow_rate_programmed=(1, "mL/d"))
    found, steps, _ = judge(facts(residual_aspirated=left, residual_expected=left), last, pump=CONSTANT)
    assert (found, steps) == (rules, [("flow", flow)])


def test_a_flow_is_counted_and_shown_where_none_was_told_to_compare_it_with():
    assert judge(facts(residual_aspirated=6), facts(BEFORE, volume_injected=20), pump=CONSTANT)[:2] == ([], [("flow", "1.400 mL/d")])


def test_a_note_on_what_was_found_is_the_explanation_and_a_step_says_so():
    found, steps, _ = judge(facts(residual_aspirated=15, residual_expected=5, explained=("residual_expected",)))
    assert (found, steps) == ([], [("explanation", "residual_expected".replace("_", "-"))])


@pytest.mark.parametrize("change", [{"source": "Other"}, {"status": Told("stopped", "s")}, {"acts": (Told("flush", "c"),)}, {"is_active": False}, {"devices": ()}])
def test_the_last_fill_is_a_completed_refill_of_the_same_pump(change):
    earlier = facts(BEFORE, volume_injected=8)
    earlier = replace(earlier, devices=(Device("Other", PUMP),)) if "source" in change else replace(earlier, acts=(replace(ACT, **change),))
    assert judge(facts(residual_aspirated=9), earlier) == ([], [], [])


def test_the_last_fill_has_the_measures_of_its_own_act_alone():
    earlier = facts(BEFORE, acts=(replace(ACT, source="Other", acts=(Told("flush", "c"),)), ACT), volume_injected=8, volume_measured_after=30)
    told = tuple(replace(one, acts=(1,) if one.code == "volume-injected" else (0,)) for one in earlier.observations)
    assert judge(facts(residual_aspirated=9), replace(earlier, observations=told))[0] == ["reservoir.residual-differs"]


def test_of_two_earlier_fills_the_first_in_the_list_is_the_last_that_was_done():
    visit = Visit(replace(facts(), earlier=(facts(BEFORE), facts(date(2026, 2, 1)))), SITE, TABLES, DAY, DAY, DAY)
    assert last_fill(visit, ActCode(ACT, "refill", pump=PumpKind(PUMP, source="Pump"))).day == BEFORE


@given(st.decimals(0, 40, places=4), st.decimals(0, 40, places=4))
def test_a_residual_is_explained_or_within_two_millilitres_or_twenty_percent(left, expected):
    asked = judge(facts(residual_aspirated=left, residual_expected=expected))[0]
    assert bool(asked) == (abs(left - expected) > max(Decimal(2), expected / 5))


@pytest.mark.parametrize(("amount", "unit", "volume"), [("1", "mL", "1"), ("1", "L", "1000"), ("3100", "uL", "3.1"), ("0", "mL", "0"), ("-1", "mL", None), ("1", "mg", None), ("1", "mL/d", None), ("1e6", "mL", None), ("1e400", "mL", None), ("1e9", "uL", None)])
def test_a_volume_is_zero_or_more_in_a_unit_of_volume(amount, unit, volume):
    visit = Visit(facts(), SITE, TABLES, DAY, DAY, DAY)
    assert millilitres(visit, Observation("O", "residual-aspirated", Quantity(Decimal(amount), unit))) == (None if volume is None else Decimal(volume))


@pytest.mark.parametrize(("amount", "unit", "flow"), [("1", "mL/d", "1"), ("0.05", "mL/h", "1.2"), ("48", "uL/h", "1.152"), ("500", "uL/d", "0.5"), ("0", "mL/d", None), ("-1", "mL/d", None), ("1", "mL", None), ("1e400", "mL/d", None)])
def test_a_flow_is_above_zero_in_a_unit_of_flow(amount, unit, flow):
    visit = Visit(facts(), SITE, TABLES, DAY, DAY, DAY)
    assert millilitres_a_day(visit, Observation("O", "flow-rate-programmed", Quantity(Decimal(amount), unit))) == (None if flow is None else Decimal(flow))


def test_observations_of_another_act_are_not_those_of_this_one_and_the_whole_visits_are_nobodys():
    second = replace(ACT, source="Second")
    told = facts(acts=(ACT, second, replace(ACT, source="Part", part_of=0)), residual_aspirated=1, volume_injected=2, residual_expected=3)
    own, others, whole = (replace(one, acts=acts) for one, acts in zip(told.observations, ((2,), (1,), ()), strict=True))
    visit = Visit(replace(told, observations=(own, others, whole)), SITE, TABLES, DAY, DAY, DAY)
    assert [set(gather_measures(visit, position)) for position in (0, 1)] == [{"residual-aspirated"}, {"volume-injected"}]


@pytest.mark.parametrize(("days", "drug", "rules"), [(13, "J9200", ["interval.too-early"]), (14, "J9200", []), (1, "J3285", []), (1, None, [])])
def test_floxuridine_is_refilled_every_two_weeks_and_sooner_is_too_early(days, drug, rules):
    last = facts(date.fromordinal(DAY.toordinal() - days), volume_injected=20)
    assert [issue.rule for issue in judge(facts(drug=drug), last)[2]] == rules


def test_a_site_or_a_payer_has_an_interval_of_its_own():
    table = TABLES["interval"]
    row = next(row for row in table.rows if "usual" in row.then)
    own = replace(row, id="own", when={"drug": ("J9200",), "payer": (SITE.payers[0].id,)}, then={"usual": "20"}, rank=2)
    planted = replace(TABLES, tables={**TABLES.tables, "interval": replace(table, rows=(*table.rows, own))}, sources={**TABLES.sources, "own": row.source})
    for payer, rules in ((SITE.payers[0], ["interval.too-early"]), (SITE.payers[1], []), (None, [])):
        visit = Visit(replace(facts(), earlier=(facts(date(2026, 2, 22)),)), SITE, planted, DAY, DAY, DAY)
        act = ActCode(ACT, "refill", "96522", pump=PumpKind(PUMP, "implanted", is_programmable=True, source="Pump"))
        assert [issue.rule for issue in judge_interval(visit, act, {}, payer)] == rules


def test_without_a_day_of_service_no_interval_is_counted():
    visit = Visit(replace(facts(), earlier=(facts(BEFORE),)), SITE, TABLES, None, DAY, DAY)
    assert judge_interval(visit, ActCode(ACT, "refill", "96522", pump=PumpKind(PUMP, "implanted", True, "Pump")), {}, SITE.payers[0]) == []


@pytest.mark.parametrize(("measured", "rules"), [(10, ["next-refill.pump-empty"]), (None, [])])
def test_what_was_measured_in_the_pump_lasts_and_not_what_was_injected(measured, rules):
    told = facts(volume_injected=30, flow_rate_programmed=(1, "mL/d"), **({"volume_measured_after": measured} if measured else {}))
    planned = Observation("Obs-next", "next-refill-date", day=date(2026, 4, 1))
    assert [issue.rule for issue in judge(replace(told, observations=(*told.observations, planned)))[2]] == rules
