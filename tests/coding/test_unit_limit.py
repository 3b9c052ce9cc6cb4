"""Unit limits by adjudication indicator, and the denial that each rule leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.coding.decision import Visit
from adapter.coding.denial import expect_denials
from adapter.coding.line import DraftLine
from adapter.coding.unit_limit import judge_unit_limits
from adapter.terms import Act, Dropped, Reason, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
TABLES = context().rule_book.tables
FACTS = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),))
MEDICARE = next(payer for payer in site("practice").payers if payer.kind == "medicare")


def visit(day=DAY, tables=TABLES):
    return Visit(FACTS, site("practice"), tables, day, day, DAY)


def lines(code, *units):
    return tuple(DraftLine(code, Decimal(count)) for count in units)


def limited(most, mai):
    row = replace(TABLES["unit-limit"].rows[0], id="planted", when={"code": ("J9200",)}, then={"most": most, "mai": mai})
    return replace(TABLES, tables={**TABLES.tables, "unit-limit": replace(TABLES["unit-limit"], rows=(row,))})


@pytest.mark.parametrize(("mai", "units", "count"), [("1", (3, 3), 0), ("1", (4, 1), 1), ("2", (3, 3), 1), ("3", (3, 3), 1), ("3", (1, 2), 0), ("2", (3,), 0), ("2", (4,), 1)])
def test_a_limit_of_a_line_is_of_each_line_and_one_of_the_day_of_all_together(mai, units, count):
    found = judge_unit_limits(visit(tables=limited("3", mai)), lines("J9200", *units), MEDICARE)
    assert [issue.rule for issue in found] == ["unit-limit.exceeded"] * count


def test_each_code_is_judged_and_the_place_of_its_lines_is_named():
    told = (*lines("Q0000", 9), *(replace(line, because=(Reason("x", "Drug"),)) for line in lines("J9200", 9)))
    (issue,) = judge_unit_limits(visit(), told, MEDICARE)
    assert (issue.rule, issue.expression) == ("unit-limit.exceeded", ("Drug",))


def test_each_indicator_says_what_is_left_open():
    said = {judge_unit_limits(visit(tables=limited("0", mai)), lines("J9200", 1), MEDICARE)[0].text for mai in "123"}
    assert len(said) == 3


@pytest.mark.parametrize(("payer", "day"), [(None, DAY), (replace(MEDICARE, kind="commercial"), DAY), (replace(MEDICARE, kind="blue"), DAY), (MEDICARE, date(2024, 6, 30))])
def test_no_limit_is_made_up_for_another_payer_or_an_earlier_day(payer, day):
    assert judge_unit_limits(visit(day), lines("J9200", 99), payer) == []
    assert judge_unit_limits(visit(day), lines("Q0000", 99), MEDICARE) == []


def test_a_rule_that_found_something_twice_leads_to_one_denial_and_one_without_numbers_to_none():
    late, unknown = TABLES.issue("filing.late", "Late."), TABLES.issue("route.missing", "No route.")
    found = expect_denials(visit(), (late, unknown, late), (Dropped("A4220", "kit.not-paid-apart"), Dropped("A4220", "same-day-kit")))
    assert found == (("filing.late", ("29",), ()), ("kit.not-paid-apart", ("97", "234"), ("M15", "N390")))
    assert expect_denials(visit(), (), ()) == ()
