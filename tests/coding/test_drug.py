"""How much of a drug is billed: compared with fractions, on generated doses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings, strategies as st

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.drug import decide_drugs, judge_drug_routes
from adapter.coding.pump import PumpKind
from adapter.coding.route import Route
from adapter.terms import Act, Drug, Identifier, Pump, Quantity, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
ACT = Act("Procedure", Told("completed", "Procedure.status"))
PAYERS = {payer.id: payer for payer in site("practice").payers}
# Billing unit of each code in milligrams, as fractions of our own.
SIZES = {"J9200": Fraction(500), "J3285": Fraction(1), "J9190": Fraction(500), "J9260": Fraction(50), "J2270": Fraction(10), "J1171": Fraction(1, 10), "J2278": Fraction(1, 1000)}
MILLIGRAMS = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), st.integers(1, 99_999), st.integers(0, 3))


def drug(code="J9200", dose="180", discarded=None, unit="mg", name="1", **more):
    def told(value):
        return None if value is None else Told(Quantity(Decimal(value), unit), "dose")

    return Drug(f"Drug{name}", 0, hcpcs=(Told(code, "code"),), dose=told(dose), discarded=told(discarded),
        **{"containers": (Told("single-dose", "container"),), "lot_number": Told(f"L{name}", "lot"), **more})


def decide(*drugs, payer="90001", branch=None):
    facts = RefillFacts(acts=(ACT,), drugs=drugs)
    visit = Visit(facts, site("practice"), context().rule_book.tables, DAY, DAY, context().as_of)
    return decide_drugs(visit, (ActCode(ACT, "refill", "96522", route=Route(None, branch)),), PAYERS.get(payer))


def lines(decided):
    return [(line.code, line.modifiers, int(line.units)) for line in decided.value]


def rules(decided):
    return {issue.rule for issue in decided.issues if issue.is_error}


@given(st.sampled_from(sorted(SIZES)), MILLIGRAMS)
def test_units_are_the_next_whole_number_above_the_dose(code, dose):
    (line,) = decide(drug(code, dose), payer=None).value
    assert line.units == ceil(Fraction(dose) / SIZES[code])


@settings(max_examples=60)
@given(st.sampled_from(sorted(SIZES)), st.lists(MILLIGRAMS, min_size=2, max_size=4), st.randoms())
def test_fills_of_one_drug_are_added_before_they_are_rounded_in_any_order(code, doses, random):
    drugs = [drug(code, dose, name=str(number)) for number, dose in enumerate(doses)]
    (line,) = decide(*drugs, payer=None).value
    assert line.units == ceil(sum(map(Fraction, doses)) / SIZES[code])
    random.shuffle(drugs)
    assert lines(decide(*drugs, payer=None)) == [(code, (), int(line.units))]


@given(st.sampled_from(["J9200", "J3285", "J9260", "J2270"]), MILLIGRAMS, MILLIGRAMS | st.just(Decimal(0)))
def test_waste_is_whole_units_of_what_was_opened_beyond_what_is_billed(code, dose, discarded):
    billed = ceil(Fraction(dose) / SIZES[code])
    wasted = floor((Fraction(dose) + Fraction(discarded)) / SIZES[code]) - billed
    expected = [(code, (), billed), (code, ("JW",), wasted)] if wasted >= 1 else [(code, ("JZ",), billed)]
    assert lines(decide(drug(code, dose, discarded))) == expected


@pytest.mark.parametrize(("serials", "expected"), [(("SN1", "SN1"), [1]), (("SN1", "SN2"), [1, 1])])
@pytest.mark.parametrize("container", ["single-dose", "compounded"])
def test_one_drug_in_one_pump_is_one_line_and_in_two_pumps_is_two(serials, expected, container):
    pumps = [Pump("implanted-programmable", serial_number=serial) for serial in serials]
    acts = tuple(ActCode(replace(ACT, source=f"Act{number}"), "refill", "96522", pump=PumpKind(pump, "implanted")) for number, pump in enumerate(pumps))
    told = drug(containers=(Told(container, "c"),))
    fills = [replace(told, source=f"Drug{act}", act=act, name="invented drug", lot_number=Told(f"L{act}", "lot")) for act in range(2)]
    visit = Visit(RefillFacts(acts=tuple(act.act for act in acts), drugs=tuple(fills)), site("practice"), context().rule_book.tables, DAY, DAY, context().as_of)
    found = decide_drugs(visit, acts, PAYERS["90003"]).value
    assert [int(line.units) for line in found] == expected
    assert [line.pump for line in found] == pumps[:len(expected)]


def test_a_planted_rounding_of_each_fill_is_caught():
    doses = [Decimal(260), Decimal(230)]
    (line,) = decide(*[drug(dose=dose, name=str(dose)) for dose in doses], payer=None).value
    assert line.units == 1
    assert sum(ceil(Fraction(dose) / SIZES["J9200"]) for dose in doses) != line.units


@pytest.mark.parametrize(("payer", "container", "expected"), [
    ("90001", "single-dose", [("J9200", (), 1), ("J9200", ("JW",), 1)]), ("90001", "multi-dose", [("J9200", (), 1)]),
    ("90002", "single-dose", [("J9200", ("KD",), 1), ("J9200", ("KD", "JW"), 1)]), ("90003", "single-dose", [("J9200", (), 1)]),
])
def test_the_payer_and_the_container_decide_which_modifiers_are_wanted(payer, container, expected):
    assert lines(decide(drug(discarded="820", containers=(Told(container, "c"),)), payer=payer)) == expected


@pytest.mark.parametrize(("changes", "rule"), [
    ({"dose": "0"}, "drug.dose-not-countable"), ({"dose": "-1"}, "drug.dose-not-countable"), ({"dose": None}, "drug.dose-not-countable"),
    ({"unit": "mL"}, "drug.dose-not-countable"), ({"unit": ""}, "drug.dose-not-countable"), ({"discarded": "-1"}, "drug.discarded-not-countable"),
    ({"code": "J1170"}, "drug.code-not-in-force"), ({"containers": ()}, "drug.container-missing"), ({"is_completed": False}, "drug.not-completed"),
    ({"containers": (Told("vial", "c"),)}, "drug.container-unknown"), ({"expires_on": Told("2026-03-01", "e")}, "drug.lot-expired"),
])
def test_what_cannot_be_counted_is_named(changes, rule):
    assert rule in {issue.rule for issue in decide(drug(**{"discarded": "0", **changes})).issues}


@pytest.mark.parametrize("expiry", ["2026-03-02", "2026-03-03", "2026-03", "2026"])
def test_a_lot_is_good_on_its_last_day(expiry):
    assert "drug.lot-expired" not in {issue.rule for issue in decide(drug(discarded="0", expires_on=Told(expiry, "e"))).issues}


def test_one_identifier_is_one_fill_and_two_are_asked_about():
    first = drug(identifiers=(Identifier("s", "1"),), discarded="0")
    assert len(decide(first, replace(first, source="Again")).value) == 1
    assert "drug.duplicate" in rules(decide(first, replace(first, source="Again", identifiers=(Identifier("s", "2"),))))
    assert "drug.identifier-contradiction" in rules(decide(first, replace(first, source="Again", given_at="2026-03-02T09:00:00-05:00")))


@pytest.mark.parametrize(("code", "branch", "is_alarm"), [("J9200", "spinal", True), ("J9200", "systemic", False), ("J2278", "systemic", True), ("J2278", "spinal", False),
    ("J0475", "systemic", True), ("J2270", "systemic", False), ("J2270", "spinal", False), ("J2278", None, False)])
def test_a_drug_raises_the_alarm_and_never_decides(code, branch, is_alarm):
    facts = RefillFacts(acts=(ACT,), drugs=(drug(code),))
    visit = Visit(facts, site("practice"), context().rule_book.tables, DAY, DAY, context().as_of)
    issues = judge_drug_routes(visit, (ActCode(ACT, "refill", route=Route(None, branch)),))
    assert [issue.rule for issue in issues] == ["drug.route-contradiction"] * is_alarm


def test_a_compound_is_one_unit_of_the_payers_code_with_its_drugs_named():
    fills = [drug("J2270", name=name, containers=(Told("compounded", "c"),)) for name in ("a", "b")]
    (line,) = decide(*[replace(fill, name=f"drug {fill.source}") for fill in fills]).value
    assert (line.code, line.units, line.description, line.ndc, line.acts) == ("J7999", 1, "drug Druga; drug Drugb", None, (0, 0))
    assert "drug.description-missing" in rules(decide(*fills))
