"""`validate` says what is wrong, where, and nothing else."""

import json

from tests.cli.running import run
from tests.samples import REFILL, refill_bytes


def test_validate_says_that_a_sound_document_is_valid():
    result = run("validate", REFILL)
    assert (result.exit_code, result.stdout) == (0, f"{REFILL}: valid\n")


def test_validate_names_file_line_column_rule_and_place(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"resourceType": "Patient",\n "gender": "none"}')
    result = run("validate", path)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:2:")
    assert ": error " in result.stdout
    assert result.stdout.rstrip().endswith("(Patient.gender)")


def test_validate_gives_one_object_a_file_in_order(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text("{")
    result = run("validate", "--json", REFILL, path, "-", stdin=refill_bytes())
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [one["file"] for one in told] == [str(REFILL), str(path), "-"]
    assert [one["ok"] for one in told] == [True, False, True]
    assert set(told[1]["issues"][0]) == {"severity", "code", "rule", "text", "expression", "line", "column", "citation"}


def test_a_profile_that_nobody_knows_is_an_error():
    result = run("validate", "--profile", "https://nobody.example/profile", REFILL)
    assert result.exit_code == 1
    assert "profile.not-found" in result.stdout
