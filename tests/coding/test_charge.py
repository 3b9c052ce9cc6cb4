"""Charges are exact cents: the record's own price, else the fee of the day times the units."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from adapter.coding.charge import decide_charges
from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.terms import Act, Charge, Fee, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
ACT = Act("Procedure", Told("completed", "Procedure.status"))


def decide(*lines, charges=(), fees=(), day=DAY):
    where = replace(site("practice"), fees=fees)
    visit = Visit(RefillFacts(acts=(ACT,), charges=charges), where, context().rule_book.tables, day, day, context().as_of)
    return decide_charges(visit, tuple(DraftLine(code, Decimal(units)) for code, units in lines))


def price(amount, units=None, currency="USD", source="Charge"):
    return Charge(source, "J9200", Decimal(amount), currency, None if units is None else Decimal(units))


@given(st.integers(1, 99_999), st.integers(1, 900))
def test_a_fee_times_its_units_is_exact(cents, units):
    decided = decide(("J9200", units), fees=(Fee("J9200", Decimal(cents).scaleb(-2), DAY),))
    assert decided.issues == ()
    assert Fraction(decided.value[0]) == Fraction(cents * units, 100)
    assert decided.value[0].as_tuple().exponent == -2


@given(st.integers(1, 10_000), st.integers(1, 20), st.integers(1, 20))
def test_a_price_is_split_over_lines_only_where_no_cent_is_lost_or_made(cents, given_units, wasted):
    amount = Decimal(cents).scaleb(-2)
    decided = decide(("J9200", given_units), ("J9200", wasted), charges=(price(amount),))
    if None in decided.value:
        assert {issue.rule for issue in decided.issues} == {"charge.not-divisible"}
        assert (cents * given_units) % (given_units + wasted)
    else:
        assert sum(decided.value) == amount
        assert decided.value[0] * wasted == decided.value[1] * given_units


@pytest.mark.parametrize(("days", "charge"), [(-1, "178.00"), (0, "185.00"), (1, "185.00"), (9, "185.00"), (10, None)])
def test_the_fee_is_that_of_the_day_of_service(days, charge):
    fees = (Fee("96522", Decimal("178.00"), date(2025, 1, 1), DAY - timedelta(days=1)), Fee("96522", Decimal("185.00"), DAY, DAY + timedelta(days=9)))
    decided = decide(("96522", 1), fees=fees, day=DAY + timedelta(days=days))
    assert decided.value == (Decimal(charge) if charge else None,)
    assert [issue.rule for issue in decided.issues] == ([] if charge else ["charge.missing"])


def test_two_fees_of_one_day_are_no_fee():
    decided = decide(("96522", 1), fees=(Fee("96522", Decimal(1), DAY), Fee("96522", Decimal(2), DAY)))
    assert decided.value == (None,)


@pytest.mark.parametrize(("charges", "rule"), [
    ((price("1.00"), price("2.00")), "charge.contradiction"), ((price("1.00"), price("1.00", 3)), "charge.contradiction"),
    ((price("1.00", currency="EUR"),), "charge.not-dollars"), ((price("0"),), "charge.not-dollars"), ((price("-1"),), "charge.not-dollars"),
    ((price("100000000"),), "charge.not-dollars"), ((price("1.00", 2),), "charge.units-differ"), ((price("0.005"),), "charge.not-divisible"),
])
def test_a_price_that_cannot_be_taken_is_named_and_no_fee_takes_its_place(charges, rule):
    decided = decide(("J9200", 1), charges=charges, fees=(Fee("J9200", Decimal(5), DAY),))
    assert (decided.value, [issue.rule for issue in decided.issues]) == ((None,), [rule])


@pytest.mark.parametrize("charges", [(price("7.50"),), (price("7.50", 1),)])
def test_a_price_of_the_record_wins_over_the_fee(charges):
    assert decide(("J9200", 1), charges=charges, fees=(Fee("J9200", Decimal(5), DAY),)) == ((Decimal("7.50"),), (), ())


def test_a_price_without_a_currency_is_taken_as_dollars_and_never_in_silence():
    decided = decide(("J9200", 1), charges=(price("7.5", currency=None),))
    assert decided.value == (Decimal("7.50"),)
    assert [(issue.rule, issue.is_error) for issue in decided.issues] == [("charge.currency-missing", False)]


def test_a_fee_with_parts_of_a_cent_is_charged_where_the_line_has_none():
    fees = (Fee("J1642", Decimal("0.005"), DAY),)
    assert decide(("J1642", 200), fees=fees).value == (Decimal("1.00"),)
    assert [issue.rule for issue in decide(("J1642", 3), fees=fees).issues] == ["charge.not-divisible"]


def test_a_charge_that_a_claim_cannot_hold_is_refused():
    assert decide(("96522", 2), fees=(Fee("96522", Decimal(50_000_000), DAY),)).value == (None,)


def test_without_a_day_no_fee_is_looked_up_and_nothing_more_is_said():
    assert decide(("96522", 1), fees=(Fee("96522", Decimal(1), DAY),), day=None) == ((None,), (), ())


@pytest.mark.parametrize(("charge", "rules"), [("0.00", ["charge.missing"]), ("-1.00", ["charge.missing"]), ("0.01", [])])
def test_a_fee_that_is_not_above_zero_is_no_charge(charge, rules):
    decided = decide(("96522", 1), fees=(Fee("96522", Decimal(charge), DAY),))
    assert [issue.rule for issue in decided.issues] == rules


def test_units_that_differ_are_told_at_the_quantity():
    (issue,) = decide(("J9200", 1), charges=(price("10.00", 2, source="ChargeItem.priceOverride"),)).issues
    assert (issue.rule, issue.expression) == ("charge.units-differ", ("ChargeItem.quantity",))


def waste(*charges):
    visit = Visit(RefillFacts(acts=(ACT,), charges=charges), replace(site("practice"), fees=()), context().rule_book.tables, DAY, DAY, context().as_of)
    decided = decide_charges(visit, (DraftLine("J9200", Decimal(3)), DraftLine("J9200", Decimal(2), ("JW",))))
    return decided.value, [issue.rule for issue in decided.issues]


def test_a_price_with_jw_is_that_of_the_waste_and_the_other_that_of_what_was_given():
    given_price, wasted = price("30.00", 3), replace(price("20.00", 2, source="Waste"), is_waste=True)
    assert waste(given_price, wasted) == waste(wasted, given_price) == ((Decimal("30.00"), Decimal("20.00")), [])
    assert waste(given_price, replace(wasted, units=Decimal(3))) == ((Decimal("30.00"), None), ["charge.units-differ"])
    assert waste(wasted) == ((None, Decimal("20.00")), ["charge.missing"])
    assert waste(given_price, replace(wasted, is_waste=False)) == ((None, None), ["charge.contradiction"])


def test_one_price_told_twice_is_not_billed_once_in_silence():
    assert waste(price("50.00", 5), price("50.00", 5, source="Again")) == ((None, None), ["service.repeated"])
