"""`tables` shows what the tables say, whose word it is and when."""

import json

from tests.cli.running import run


def test_the_tables_are_sound_and_are_listed():
    assert run("tables").stdout == run("tables", "check").stdout
    assert "are sound" in run("tables").stdout
    assert all(json.loads(line)["rows"] for line in run("tables", "check", "--json").stdout.splitlines())


def test_a_table_shows_the_rows_in_force_on_a_day():
    everything, before = run("tables", "show", "act"), run("tables", "show", "act", "--on", "1990-01-01")
    assert "implanted-systemic-refill" in everything.stdout
    assert "implanted-systemic-refill" not in before.stdout
    rows = [json.loads(line) for line in run("tables", "show", "act", "--json").stdout.splitlines()]
    assert all(row["source"]["url"] for row in rows)


def test_a_table_that_there_is_not_is_wrong_usage():
    result = run("tables", "show", "nope")
    assert result.exit_code == 2
    assert "act" in result.stderr
