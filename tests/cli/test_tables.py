"""`tables` shows what the tables say, whose word it is and when."""

import pytest

from tests.cli.running import run
from tests.cli.shapes import told
from tests.licensed import FILES, write_files
from tests.samples import REFILL, SITE


def test_the_tables_are_sound_and_are_listed():
    assert run("tables").stdout == run("tables", "check").stdout
    assert "are sound" in run("tables").stdout
    assert {one["table"] for one in told(run("tables", "check", "--json")) if not one["rows"]} == {"fee"}, "prices are never shipped"
    assert run("tables", "--json").stdout == run("tables", "check", "--json").stdout


def test_a_table_shows_the_rows_in_force_on_a_day():
    everything, before = run("tables", "show", "act"), run("tables", "show", "act", "--on", "1990-01-01")
    assert "implanted-systemic-refill" in everything.stdout
    assert "implanted-systemic-refill" not in before.stdout
    rows = told(run("tables", "show", "act", "--json"))
    assert all(row["source"]["url"] for row in rows)


def test_a_table_that_there_is_not_is_wrong_usage():
    result = run("tables", "show", "nope")
    assert result.exit_code == 2
    assert "act" in result.stderr


OWN = """[table]
name = "filing-indicator"

[[row]]
id = "our-medicare"
when = { kind = "medicare", form = "professional" }
code = "MC"
effective = { start = 2026-09-01, end = 2026-09-30 }
source = { title = "Invented", url = "https://example.org", read_on = 2026-01-01 }
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.toml").write_text(OWN)
    return {"REFILL_TABLES": str(tmp_path)}


def test_the_customer_s_rows_are_counted_and_shown_as_theirs(own):
    assert "filing-indicator: 5 rows, from 2012-01-01, 1 of them yours" in run("tables", environ=own).stdout
    counted = {one["table"]: one["own"] for one in told(run("tables", "--json", environ=own))}
    assert (counted.pop("filing-indicator"), set(counted.values())) == (1, {0})
    assert "our-medicare (yours): kind medicare" in run("tables", "show", "filing-indicator", environ=own).stdout
    shown = told(run("tables", "show", "filing-indicator", "--on", "2026-09-14", "--json", environ=own))
    assert {one["id"]: one["own"] for one in shown} == {"our-medicare": True, "filing-ma": False, "filing-bl": False, "filing-ci": False}


@pytest.mark.parametrize(("environ", "code"), [({}, "MB"), (None, "MC")], ids=["shipped", "own"])
def test_a_customer_s_row_wins_in_coding(own, environ, code):
    (one,) = told(run("claim", "--site", SITE, "--json", REFILL, environ=own if environ is None else environ))
    coverages = [entry["resource"] for entry in one["result"]["entry"] if entry["resource"]["resourceType"] == "Coverage"]
    assert [coverage["type"]["coding"][0]["code"] for coverage in coverages] == [code]


@pytest.mark.long
@pytest.mark.parametrize("command", [["tables"], ["tables", "show", "act"], ["validate", REFILL], ["code", "--site", SITE, REFILL], ["restore", REFILL], ["serve", "--open", "--site", SITE]])
def test_a_bad_row_of_the_customer_stops_every_command_with_file_table_and_row(own, command, tmp_path):
    (tmp_path / "own.toml").write_text(OWN.replace("code =", "cod ="))
    result = run(*command, environ=own)
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{tmp_path / 'own.toml'}: row 1 (our-medicare): unknown key 'cod'" in result.stderr


def test_the_customer_s_files_are_listed_with_edition_and_counts(tmp_path):
    environ = {"REFILL_TABLES": str(write_files(tmp_path, {**FILES, "own.toml": OWN}))}
    listed = run("tables", "list", environ=environ).stdout
    assert "ccipra-v320r0-f1.txt: ncci-ptp-practitioner, edition v320r0, 12 lines, 10 of them in use (yours)" in listed
    assert "filing-indicator: rows, 1 lines, 1 of them in use (yours)" in listed
    files = {one["file"]: one["used"] for one in told(run("tables", "list", "--json", environ=environ))}
    assert files.keys() == {*FILES, "filing-indicator"}
    assert listed.splitlines()[0] in run("tables", environ=environ).stdout


def test_a_list_shows_its_editions(tmp_path):
    environ = {"REFILL_TABLES": str(write_files(tmp_path, FILES))}
    shown = run("tables", "show", "icd10cm", environ=environ).stdout
    assert shown.startswith("icd10cm: 8 codes, 2025-10-01 to 2026-09-30; ICD-10-CM order file, edition from 2025-10-01 (icd10cm_order_2026.txt, read ")
    assert told(run("tables", "show", "icd10cm", "--on", "2026-03-02", "--json", environ=environ))[0]["codes"] == 8
    empty = run("tables", "show", "icd10cm", "--on", "2027-03-02", environ=environ)
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert empty.stderr == "no edition of icd10cm is in force on 2027-03-02; without --on all are shown\n"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_table_without_rows_to_show_says_so(as_json):
    result = run("tables", "show", "route", "--on", "1900-01-01", *as_json)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no row of route is in force on 1900-01-01; without --on all are shown\n"
    assert run("tables", "show", "fee", *as_json).stderr == "no row of fee is here\n"


def test_rows_of_the_customer_that_are_no_toml_are_told_with_their_folder(tmp_path):
    (tmp_path / "own.toml").write_text("x =")
    result = run("tables", environ={"REFILL_TABLES": str(tmp_path)})
    assert result.exit_code == 3
    assert f"{tmp_path / 'own.toml'}: not readable as TOML" in result.stderr


def test_without_files_the_list_says_so():
    assert "no file of yours is in use" in run("tables", "list").stdout
    assert run("tables", "list", "--json").stdout == ""


def test_a_site_file_is_compared_with_the_tables_and_a_wrong_one_is_told(tmp_path):
    result = run("tables", "check", "--site", SITE)
    assert result.exit_code == 0
    assert "note: payer 60054: timely_filing_days is " in result.stdout
    assert "note" not in run("tables", "check").stdout
    assert any("note" in one for one in told(run("tables", "check", "--json", "--site", SITE)))
    (tmp_path / "site.toml").write_text("x")
    assert run("tables", "check", "--site", str(tmp_path / "site.toml")).exit_code == 3
