"""`validate` says what is wrong, where, and nothing else."""

import json

from tests.cli.running import run
from tests.samples import REFILL, SITE, in_xml, refill_bytes


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


def test_every_command_that_reads_a_resource_reads_it_in_xml_too(tmp_path):
    path, claim = tmp_path / "refill.xml", tmp_path / "claim.xml"
    path.write_bytes(in_xml(refill_bytes()))
    claim.write_bytes(in_xml(run("claim", "--site", SITE, REFILL).stdout_bytes))
    assert run("validate", path).stdout == f"{path}: valid\n"
    told = [json.loads(run("code", "--site", SITE, "--json", one).stdout) for one in (REFILL, path)]
    assert told[1]["records"] == told[0]["records"]
    assert json.loads(run("claim", "--site", SITE, path).stdout)["entry"][0]["resource"]["resourceType"] == "Claim"
    assert json.loads(run("restore", claim).stdout)["resourceType"] == "Bundle"


def test_validate_places_an_issue_in_xml_as_it_was_sent(tmp_path):
    path = tmp_path / "bad.xml"
    path.write_text('<Patient xmlns="http://hl7.org/fhir">\n <gender value="none"/></Patient>')
    assert run("validate", path).stdout.startswith(f"{path}:2:2: error ")
