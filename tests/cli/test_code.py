"""`code` says what is billed, to people and to programs."""

import json

from tests.cli.running import refill, run
from tests.samples import REFILL, SITE, refill_bytes


def test_code_prints_one_object_a_file_in_the_shape_of_the_contract():
    result = run("code", "--site", SITE, "--json", REFILL, "-", stdin=refill_bytes())
    first, second = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert next(iter(first)) == "file"
    assert {**second, "file": str(REFILL)} == first
    (record,) = first["records"]
    assert (record["status"], record["code"], record["service_date"]) == ("coded", "96522", "2026-09-14")
    assert [(line["code"], line["units"], line["charge"]) for line in record["lines"]] == [("96522", "1", "190.00"), ("J9200", "1", "95.00")]


def test_code_prints_the_lines_as_a_table_and_with_explain_why():
    plain, explained = run("code", "--site", SITE, REFILL), run("code", "--site", SITE, "--explain", REFILL)
    assert "coded, 96522, 2026-09-14, place 11" in plain.stdout
    assert "190.00" in plain.stdout
    assert "because" not in plain.stdout
    assert "because implanted-systemic-refill" in explained.stdout


def test_a_held_record_is_exit_code_1_with_its_issues(held):
    result = run("code", "--site", SITE, held)
    assert result.exit_code == 1
    assert "held, proposed 96522" in result.stdout
    assert ": error " in result.stdout


def test_nothing_to_bill_is_exit_code_0():
    result = run("code", "--site", SITE, "-", stdin=refill("not-done"))
    assert result.exit_code == 0
    assert "nothing-to-bill" in result.stdout


def test_filing_limits_are_judged_on_the_day_that_is_told(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(SITE.read_text().replace("3650", "90"))
    assert run("code", "--site", site, "--as-of", "2026-10-31", REFILL).exit_code == 0
    assert run("code", "--site", site, "--as-of", "2026-12-31", REFILL).exit_code == 1


def test_a_replay_uses_the_tables_of_the_day_that_is_told():
    result = run("code", "--site", SITE, "--json", "--on", "1999-01-01", REFILL)
    assert json.loads(result.stdout)["records"][0]["code"] is None


def test_a_document_that_is_no_fhir_is_an_issue_and_no_crash():
    for data in (b"", b"[]", b"{}", b"\xff", b'{"resourceType": "Patient"}', b"[" * 100_000):
        result = run("code", "--site", SITE, "--json", "-", stdin=data)
        assert result.exit_code == 1
        assert json.loads(result.stdout)["issues"]
        assert run("validate", "-", stdin=data).exit_code in (0, 1)
