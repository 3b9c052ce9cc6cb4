"""The tables by their names."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.load import load_rule_book

TABLES = load_rule_book().tables


def test_a_table_is_asked_by_its_name():
    row = TABLES.one("act", date(2026, 3, 2), act="refill", pump="implanted", route_class="systemic", route="intravenous")
    assert row is not None
    assert (row.id, row.text("code")) == ("implanted-systemic-refill", "96522")


def test_a_table_that_does_not_exist_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        TABLES.one("nothing", None, act="refill")


def test_every_table_stands_under_its_own_name():
    assert all(name == table.name for name, table in TABLES.tables.items())
    assert all(TABLES[name] is table for name, table in TABLES.tables.items())
