"""Dated lookup, both ways: on small tables made here, and on every shipped row."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from adapter.load import load_rule_book
from adapter.tables import Row, Source, Table
from adapter.tables.table import _find, in_force

SOURCE = Source("Invented", "https://example.org", date(2026, 1, 1))
CHANGE = date(2024, 10, 1)
ROWS = (
    Row("old", {"drug": ("hydromorphone",)}, {"code": "J1170"}, date(2006, 1, 1), CHANGE - timedelta(days=1), True, SOURCE),
    Row("new", {"drug": ("hydromorphone",)}, {"code": "J1171"}, CHANGE, None, True, SOURCE),
    Row("staff", {"drug": ("baclofen",), "who": ("staff",)}, {"code": "95990"}, date(2006, 1, 1), None, True, SOURCE),
    Row("physician", {"drug": ("baclofen",), "who": ("physician",)}, {"code": "95991"}, date(2006, 1, 1), None, False, SOURCE),
)
OPEN = Table("open", ("drug", "who"), ("code",), (Row("anything", {"who": ("nobody",)}, {"code": "none"}, date(2006, 1, 1), None, False, SOURCE),))
TABLE = Table("invented", ("drug", "who"), ("code",), ROWS)
TABLES = load_rule_book().tables
EVERY_ROW = [(table, row) for table in TABLES.tables.values() for row in table.rows]


@pytest.mark.parametrize(("day", "code"), [
    (CHANGE - timedelta(days=1), "J1170"), (CHANGE, "J1171"), (CHANGE + timedelta(days=1), "J1171"), (date(2006, 1, 1), "J1170"),
])
def test_the_day_of_service_decides_between_rows(day, code):
    row = TABLE.one(day, drug="hydromorphone")
    assert row is not None
    assert row.text("code") == code


def test_a_day_before_the_first_row_finds_nothing():
    assert TABLE.find(date(2005, 12, 31), drug="hydromorphone") == ()


def test_without_a_day_only_the_row_that_holds_still_is_found():
    assert [row.id for row in TABLE.find(None, drug="hydromorphone")] == ["new"]


def test_a_fact_that_is_unknown_gives_every_row_that_it_would_decide_between():
    assert {row.id for row in TABLE.find(CHANGE, drug="baclofen")} == {"staff", "physician"}
    assert TABLE.one(CHANGE, drug="baclofen") is None


def test_a_fact_that_decides_gives_one_row():
    assert [row.id for row in TABLE.find(CHANGE, drug="baclofen", who="staff")] == ["staff"]


def test_a_value_that_no_row_has_finds_nothing_and_is_not_passed_on():
    assert TABLE.one(CHANGE, drug="baclofen", who="somebody") is None


def test_a_key_that_a_row_leaves_out_matches_every_value():
    assert [row.id for row in OPEN.find(CHANGE, drug="morphine", who="nobody")] == ["anything"]
    assert OPEN.find(CHANGE, drug="morphine", who="somebody") == ()


def test_only_rows_that_may_be_read_backwards_are():
    assert [row.id for row in TABLE.explain(CHANGE, code="95990")] == ["staff"]
    assert TABLE.explain(CHANGE, code="95991") == ()
    assert TABLE.explain(CHANGE, code="J1170") == ()
    assert [row.id for row in TABLE.explain(CHANGE - timedelta(days=1), code="J1170")] == ["old"]


def test_a_value_that_is_no_text_is_a_fault_of_the_program():
    row = Row("flag", {}, {"exists": True}, date(2006, 1, 1), None, False, SOURCE)
    with pytest.raises(TypeError, match="flag: exists is not text"):
        row.text("exists")


@pytest.mark.parametrize(("first", "second", "overlaps"), [
    (("2006-01-01", "2024-09-30"), ("2024-10-01", None), False), (("2006-01-01", "2024-10-01"), ("2024-10-01", None), True),
    (("2006-01-01", None), ("2030-01-01", "2030-01-02"), True),
])
def test_rows_overlap_where_one_day_fits_both(first, second, overlaps):
    rows = [Row("a", {"drug": ("x",)}, {"code": "1"}, date.fromisoformat(start), date.fromisoformat(end) if end else None, False, SOURCE)
        for start, end in (first, second)]
    assert rows[0].overlaps(rows[1]) == rows[1].overlaps(rows[0]) == overlaps


@pytest.mark.parametrize(("table", "row"), EVERY_ROW, ids=[f"{table.name}: {row.id}" for table, row in EVERY_ROW])
def test_every_shipped_row_is_found_by_its_facts_from_its_first_to_its_last_day_and_not_around_them(table, row):
    for values in [{key: found[number % len(found)] for key, found in row.when.items()} for number in range(max(map(len, row.when.values()), default=1))]:
        assert row in table.find(row.start, **values)
        assert row not in table.find(row.start - timedelta(days=1), **values)
        if row.end is None:
            assert row in table.find(None, **values)
        else:
            assert row in table.find(row.end, **values)
            assert row not in table.find(row.end + timedelta(days=1), **values)


REVERSIBLE = [(table, row) for table, row in EVERY_ROW if row.reverse]


@pytest.mark.parametrize(("table", "row"), REVERSIBLE, ids=[f"{table.name}: {row.id}" for table, row in REVERSIBLE])
def test_every_row_that_may_be_read_backwards_comes_back_from_its_answer(table, row):
    """Facts to code, and code to the same row alone: nothing is made up on the way back."""
    facts = {key: values[0] for key, values in row.when.items()}
    if table.name == "act":
        assert table.find(row.start, **{key: facts.get(key, "not told") for key in table.keys}) == (row,)
        assert table.explain(row.start, code=row.text("code")) == (row,)
    else:
        assert table.find(row.start, **facts) == (row,)
        assert row in table.explain(row.start, **row.then)


def test_there_are_rows_to_read_backwards():
    assert {table.name for table, _ in REVERSIBLE} >= {"act", "drug"}


# ---------------------------------------------------------------- the index against a plain scan


DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(6)]
KEYS, VALUES = ("drug", "who"), ("x", "y", "z")
QUESTIONS = [{"drug": drug, "who": who} for drug, who in product((*VALUES, None), repeat=2)]


@st.composite
def made_rows(draw):
    """Make a row that asks for some of the keys and holds for some of the days."""
    when = {key: tuple(draw(st.sets(st.sampled_from(VALUES), min_size=1))) for key in draw(st.sets(st.sampled_from(KEYS)))}
    start = draw(st.sampled_from(DAYS))
    end = draw(st.none() | st.sampled_from([day for day in DAYS if day >= start]))
    return Row(draw(st.uuids().map(str)), when, {"code": draw(st.sampled_from("ab"))}, start, end, draw(st.booleans()), SOURCE)


def fits(row, day, told):
    """Say by the words of the house whether a row fits: a key left out fits all, a fact not told fits all."""
    known = all(told[key] is None or told[key] in values for key, values in row.when.items())
    return known and row.start <= day and (row.end is None or day <= row.end)


@settings(max_examples=60, deadline=None)
@given(st.lists(made_rows(), max_size=6))
def test_the_index_finds_what_a_scan_of_all_rows_finds(rows):
    table = Table("made", KEYS, ("code",), tuple(rows))
    for day, told in product(DAYS, QUESTIONS):
        found = table.find(day, **told)
        assert {row.id for row in found} == {row.id for row in rows if fits(row, day, told)}
        assert table.one(day, **told) == (found[0] if len(found) == 1 else None)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(made_rows(), made_rows())
def test_rows_overlap_exactly_where_one_question_on_one_day_fits_both(one, other):
    both = any(fits(one, day, told) and fits(other, day, told) for day, told in product(DAYS, QUESTIONS) if None not in told.values())
    assert one.overlaps(other) == other.overlaps(one) == both


def test_a_planted_row_of_the_next_day_is_told_from_one_of_the_same_day():
    first = Row("first", {}, {"code": "a"}, DAYS[0], DAYS[2], False, SOURCE)
    assert first.overlaps(Row("second", {}, {"code": "b"}, DAYS[2], None, False, SOURCE))
    assert not first.overlaps(Row("second", {}, {"code": "b"}, DAYS[3], None, False, SOURCE))


@given(made_rows())
def test_a_row_is_in_force_on_each_of_its_days_and_without_a_day_while_it_has_no_end(row):
    assert [in_force(row, day) for day in DAYS] == [row.start <= day and (row.end is None or day <= row.end) for day in DAYS]
    assert in_force(row, None) == (row.end is None)


@pytest.mark.parametrize("table", TABLES.tables.values(), ids=lambda table: table.name)
def test_no_two_shipped_rows_answer_one_question_on_one_day(table):
    """Compare every pair, not the neighbours that the loader takes: a wildcard hides none."""
    assert [(one.id, other.id) for number, one in enumerate(table.rows) for other in table.rows[:number] if one.overlaps(other)] == []


def test_no_text_of_the_input_is_remembered():
    _find.cache_clear()
    assert {TABLE.find(CHANGE, drug=f"Sample {number}", who=f"Person {number}") for number in range(50)} == {()}
    assert _find.cache_info().currsize == 1


# ---------------------------------------------------------------- the customer's own rows


def own_row(name, when, then, start=date(2024, 1, 1), end=date(2024, 12, 31)):
    return Row(name, when, then, start, end, True, SOURCE, rank=2)


def with_own(*rows):
    return Table("invented", ("drug", "who"), ("code",), (*ROWS, *rows))


OWN_DAY, BEFORE, AFTER = date(2024, 3, 1), date(2023, 12, 31), date(2025, 1, 1)


def test_a_customer_s_row_wins_on_its_days_alone():
    table = with_own(own_row("mine", {"drug": ("hydromorphone",)}, {"code": "J9999"}))
    told = {day: table.one(day, drug="hydromorphone").text("code") for day in (BEFORE, OWN_DAY, date(2024, 11, 1), AFTER)}
    assert told == {BEFORE: "J1170", OWN_DAY: "J9999", date(2024, 11, 1): "J9999", AFTER: "J1171"}


def test_a_customer_s_row_wins_for_its_facts_alone():
    table = with_own(own_row("mine", {"drug": ("baclofen",), "who": ("staff",)}, {"code": "J9999"}))
    assert [row.id for row in table.find(OWN_DAY, drug="baclofen", who="staff")] == ["mine"]
    assert [row.id for row in table.find(OWN_DAY, drug="baclofen", who="physician")] == ["physician"]
    assert {row.id for row in table.find(OWN_DAY, drug="baclofen")} == {"mine", "physician"}


def test_a_narrower_row_of_the_customer_leaves_the_shipped_one_where_a_fact_is_not_known():
    table = Table("t", ("drug", "who"), ("code",), (
        Row("all", {"drug": ("baclofen",)}, {"code": "A"}, date(2006, 1, 1), None, True, SOURCE),
        own_row("mine", {"drug": ("baclofen",), "who": ("staff",)}, {"code": "B"}),
    ))
    assert table.one(OWN_DAY, drug="baclofen") is None
    assert table.one(OWN_DAY, drug="baclofen", who="staff").id == "mine"
    assert table.one(OWN_DAY, drug="baclofen", who="somebody").id == "all"


def test_a_row_that_was_overruled_does_not_answer_backwards():
    table = with_own(own_row("mine", {"drug": ("hydromorphone",)}, {"code": "J9999"}))
    assert [row.id for row in table.explain(OWN_DAY, code="J9999")] == ["mine"]
    assert table.explain(OWN_DAY, code="J1170") == ()
    assert [row.id for row in table.explain(BEFORE, code="J1170")] == ["old"]


@pytest.mark.parametrize(("table", "row"), EVERY_ROW, ids=lambda one: one.id if isinstance(one, Row) else one.name)
def test_a_customer_s_row_in_the_place_of_any_shipped_row_is_found_instead_of_it(table, row):
    mine = Row("mine", row.when, row.then, row.start, row.start, row.reverse, SOURCE, rank=2)
    added = Table(table.name, table.keys, table.values, (*table.rows, mine))
    for facts in ({key: row.when[key][0] if key in row.when else None for key in table.keys}, {table.keys[0]: row.when[table.keys[0]][-1]}):
        shipped, found = table.find(row.start, **facts), added.find(row.start, **facts)
        assert found == (*(one for one in shipped if one is not row), mine)
        assert added.find(row.start + timedelta(days=1), **facts) == table.find(row.start + timedelta(days=1), **facts)
