"""A running service follows the customer's folder, and keeps what it had where the folder is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.load import LiveTables, data_folder, live, load_rule_book, load_tables
from adapter.web import Service, create_app
from tests.licensed import FILES, ptp, write_files

FEES = "fee-schedule-2026.csv"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(live, "monotonic", clock)
    return clock


@pytest.fixture
def service(tmp_path, clock):
    """Give the folder, the live tables over it, and what they told."""
    write_files(tmp_path, {FEES: FILES[FEES]})
    told = []
    loaded = load_rule_book()
    tables = load_tables(data_folder("mappings"), tmp_path)
    return tmp_path, LiveTables(replace(loaded, tables=tables), tmp_path, lambda: load_tables(data_folder("mappings"), tmp_path), told.append), told


def look(rules, clock, times=2):
    for _ in range(times):
        clock.now += 3
        rules.current()
        rules.settle()
    return rules.current().tables


def charge(tables):
    return [row.text("charge") for row in tables["fee"].rows if row.when["code"] == ("96522",)]


def test_a_change_is_read_without_a_restart(service, clock):
    folder, rules, told = service
    assert charge(look(rules, clock)) == ["199.00"]
    (folder / FEES).write_text(FILES[FEES].replace("199.00", "201.00"))
    assert charge(look(rules, clock)) == ["201.00"]
    assert told == [f"the tables of {folder} were read anew"]


def test_a_new_file_counts_and_one_that_is_taken_away_no_longer_does(service, clock):
    folder, rules, _ = service
    write_files(folder, {"rarc.csv": FILES["rarc.csv"]})
    assert "rarc" in look(rules, clock).lists
    (folder / "rarc.csv").unlink()
    assert "rarc" not in look(rules, clock).lists


def test_a_bad_file_keeps_the_old_tables_and_says_so_until_it_is_mended(service, clock):
    folder, rules, told = service
    before = rules.current().tables
    (folder / FEES).write_text("code,charge,from\n96522,-5,2026-01-01\n")
    assert look(rules, clock) is before
    assert "line 2" in rules.fault
    assert "those read before stay in use" in told[0]
    assert look(rules, clock, 5) is before
    assert len(told) == 1, "it is told once"
    (folder / FEES).write_text(FILES[FEES].replace("199.00", "202.00"))
    assert charge(look(rules, clock)) == ["202.00"]
    assert rules.fault is None


def test_a_file_that_still_grows_is_not_read(service, clock):
    folder, rules, told = service
    for size in range(4):
        (folder / FEES).write_text(FILES[FEES] + f"9{size:04d},1,2026-01-01,\n" * (size + 1))
        look(rules, clock, 1)
    assert told == []


def test_a_folder_that_does_not_change_is_not_read_again(service, clock):
    _, rules, told = service
    before = rules.current()
    assert look(rules, clock, 10) is before.tables
    assert told == []


def test_without_a_folder_nothing_is_looked_at(clock):
    loaded = load_rule_book()
    rules = LiveTables(loaded, None, lambda: pytest.fail("read"), lambda _: pytest.fail("told"))
    clock.now = 100
    assert rules.current() is loaded


def test_a_folder_that_is_taken_away_keeps_the_tables(service, clock):
    folder, rules, told = service
    before = rules.current().tables
    (folder / FEES).unlink()
    folder.rmdir()
    assert look(rules, clock) is before
    assert "no table" in told[0]


def test_the_service_answers_with_the_new_tables_and_says_where_it_kept_the_old(service, clock):
    folder, rules, _ = service
    http = create_app(Service(rules, {})).test_client()
    asked = "/fhir/ConceptMap/$translate?code=77412&system=http://www.ama-assn.org/go/cpt&url=https://refill-adapter.example/fhir/ConceptMap/same-day"
    assert b"separate" in http.get(asked).data
    (folder / "ccipra-v320r0-f1.txt").write_text(ptp("96522 77412 20200101 * 0"))
    look(rules, clock)
    assert b"drop" in http.get(asked).data
    assert http.get("/readyz").json == {"status": "ready", "tables": "in use"}
    (folder / FEES).write_text("x")
    look(rules, clock)
    assert http.get("/readyz").json == {"status": "ready", "tables": "kept, the folder has a fault"}
    assert b"drop" in http.get(asked).data
