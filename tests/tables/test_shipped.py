"""What the shipped tables say of each other: a word of one that another must know."""

from datetime import date

import pytest

from adapter.load import load_rule_book

TABLES = load_rule_book().tables
DAY = date(2026, 3, 2)
# Causes of denials that no rule finds yet, or that another part of the product does.
WITHOUT_A_RULE = {"duplicate-claim", "claim-malformed"}


def causes():
    return {cause for row in TABLES["denial"].rows for cause in row.when["cause"]}


def test_every_cause_of_a_denial_is_a_documented_rule_or_a_row_or_a_known_word():
    assert causes() - TABLES.sources.keys() == WITHOUT_A_RULE


@pytest.mark.parametrize(("cause", "numbers"), [
    ("place.not-billable", ("58", "5", "97")), ("filing.late", ("29",)), ("authorisation.missing", ("197", "198")),
])
def test_a_rule_leads_to_the_numbers_of_its_denial(cause, numbers):
    assert TABLES.one("denial", DAY, cause=cause).texts("carc") == numbers


@pytest.mark.parametrize(("code", "kind", "most"), [
    ("96522", "practice", "1"), ("96522", "hospital", "1"), ("96523", "practice", "1"), ("96523", "asc", "1"), ("96523", "hospital", "2"),
    ("J9200", "practice", "5"), ("J9200", "hospital", "20"), ("J3285", "practice", "1"), ("J3285", "hospital", "9"),
])
def test_units_are_limited_by_code_and_kind_of_provider(code, kind, most):
    row = TABLES.one("unit-limit", DAY, code=code, kind=kind)
    assert (row.text("most"), row.text("mai")) == (most, "3")


def test_a_day_before_the_edition_that_was_read_has_no_limit_and_none_is_made_up():
    assert TABLES.one("unit-limit", date(2024, 6, 30), code="96522", kind="practice") is None


def test_every_reservoir_that_a_tolerance_names_is_that_of_a_pump_model():
    named = {told for row in TABLES["tolerance"].rows for told in row.when.get("capacity", ())}
    assert named == {row.text("capacity") for row in TABLES["pump-model"].rows if "capacity" in row.then}


@pytest.mark.parametrize(("facts", "expected"), [
    ({"check": "after-refill", "capacity": "20"}, {"volume": "1"}), ({"check": "after-refill", "capacity": "40"}, {"volume": "2"}),
    ({"check": "flow", "kind": "implanted-constant-flow"}, {"percent": "15"}),
    ({"check": "residual", "kind": "implanted-programmable"}, {"percent": "20", "volume": "2"}),
])
def test_each_measure_of_a_refill_has_its_tolerance(facts, expected):
    assert TABLES.one("tolerance", DAY, **facts).then == expected
