"""Every command does what it says, with its exit code, results on standard output and errors on standard error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from adapter.cli import main
from adapter.x12 import read_837p
from tests.samples import REFILL, SITE, refill_bytes


def run(*arguments, stdin=b"", environ=None):
    return CliRunner(env={"REFILL_SITE": None, **(environ or {})}).invoke(main, [str(one) for one in arguments], input=stdin)


def refill(status):
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["status"] = status
    return json.dumps(tree).encode()


@pytest.fixture
def held(tmp_path):
    path = tmp_path / "held.json"
    path.write_bytes(refill("in-progress"))
    return path


# ---------------------------------------------------------------- all commands


def test_the_list_of_commands_is_the_commands(tmp_path):
    context = click.Context(main)
    assert main.list_commands(context) == ["demo", "validate", "code", "claim", "restore", "serve", "tables"]
    assert all(main.get_command(context, name).name == name for name in main.list_commands(context))


@pytest.mark.parametrize("name", ["demo", "validate", "code", "claim", "restore", "serve", "tables", "tables check", "tables show"])
def test_the_help_of_every_command_has_an_example(name):
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    assert f"refill-adapter {name.split()[0]}" in result.stdout.split("Example:")[1]


@pytest.mark.parametrize("arguments", [["nope"], ["code"], ["validate"], ["code", "x", "--as-of", "2026-13-01"], ["serve", "--port", "70000"]])
def test_wrong_usage_is_exit_code_2(arguments):
    result = run(*arguments, environ={"REFILL_SITE": str(SITE)})
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["code", "claim"])
def test_without_a_site_file_the_usage_names_an_example(command):
    result = run(command, REFILL)
    assert result.exit_code == 2
    assert "REFILL_SITE" in result.stderr
    assert "site.toml" in result.stderr


@pytest.mark.parametrize("command", ["code", "claim", "serve"])
def test_a_site_file_that_must_not_be_used_is_exit_code_3_with_every_problem(command, tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(SITE.read_text().replace('state = "OH"', 'state = "Ohio"').replace('"190.00"', "190.00"))
    result = run(command, *([] if command == "serve" else [REFILL]), "--site", site)
    assert result.exit_code == 3
    assert "[billing_provider]: state" in result.stderr
    assert "[[fee]] row 2: charge" in result.stderr


# ---------------------------------------------------------------- validate


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


def test_a_file_that_cannot_be_read_is_exit_code_3_after_the_others(tmp_path):
    for command in (["validate"], ["code", "--site", SITE]):
        result = run(*command, "--json", tmp_path / "absent.json", REFILL)
        told = [json.loads(line) for line in result.stdout.splitlines()]
        assert result.exit_code == 3
        assert [one["file"] for one in told] == [str(tmp_path / "absent.json"), str(REFILL)]
        assert told[0]["issues"][0]["rule"] == "file.unreadable"
        assert "absent.json: The file cannot be read" in result.stderr


def test_a_profile_that_nobody_knows_is_an_error():
    result = run("validate", "--profile", "https://nobody.example/profile", REFILL)
    assert result.exit_code == 1
    assert "profile.not-found" in result.stdout


# ---------------------------------------------------------------- code


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


def test_the_environment_names_the_site_and_a_folder_of_sites_is_chosen_from(tmp_path):
    (tmp_path / "one.toml").write_text(SITE.read_text())
    (tmp_path / "two.toml").write_text(SITE.read_text().replace("1993999907", "1882999901"))
    result = run("code", "--json", REFILL, environ={"REFILL_SITE": str(tmp_path)})
    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"][0]["billing_provider_npi"] == "1993999907"


def test_filing_limits_are_judged_on_the_day_that_is_told(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(SITE.read_text().replace("3650", "90"))
    assert run("code", "--site", site, "--as-of", "2026-10-31", REFILL).exit_code == 0
    assert run("code", "--site", site, "--as-of", "2026-12-31", REFILL).exit_code == 1


def test_a_replay_uses_the_tables_of_the_day_that_is_told():
    result = run("code", "--site", SITE, "--json", "--on", "1999-01-01", REFILL)
    assert json.loads(result.stdout)["records"][0]["code"] is None


# ---------------------------------------------------------------- claim and restore


def test_claim_prints_the_claim_bundle():
    result = run("claim", "--site", SITE, REFILL)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["entry"][0]["resource"]["resourceType"] == "Claim"


def test_claim_writes_an_837_that_reads_back():
    result = run("claim", "--site", SITE, "--to", "837", REFILL)
    interchange = read_837p(result.stdout)
    assert result.exit_code == 0
    assert interchange.value.envelope.usage == "P"
    assert [line.code for line in interchange.value.claims[0].lines] == ["96522", "J9200"]


def test_claim_writes_a_file_and_prints_nothing(tmp_path):
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "new" / "claim.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads((tmp_path / "new" / "claim.json").read_bytes())["resourceType"] == "Bundle"


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_of_a_held_record_nothing_is_written(held, tmp_path, language):
    result = run("claim", "--site", SITE, "--to", language, held, "-o", tmp_path / "claim")
    assert (result.exit_code, result.stdout) == (1, "")
    assert ": error " in result.stderr
    assert not (tmp_path / "claim").exists()


def test_nothing_to_bill_is_said_and_nothing_is_written():
    result = run("claim", "--site", SITE, "-", stdin=refill("not-done"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to bill" in result.stderr


@pytest.mark.parametrize("language", ["cms1500", "ub04", "pdf"])
def test_a_language_that_is_not_written_is_wrong_usage(language):
    result = run("claim", "--site", SITE, "--to", language, REFILL)
    assert result.exit_code == 2
    assert "fhir" in result.stderr


def test_a_place_that_takes_no_file_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("claim", "--site", SITE, REFILL, "-o", tmp_path / "file" / "claim.json")
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_a_claim_is_restored_to_a_clinical_bundle_without_a_site_file(language):
    claim = run("claim", "--site", SITE, "--to", language, REFILL).stdout_bytes
    result = run("restore", "-", stdin=claim)
    types = [entry["resource"]["resourceType"] for entry in json.loads(result.stdout)["entry"]]
    assert result.exit_code == 0
    assert {"Procedure", "MedicationAdministration", "Coverage", "Patient", "Provenance"} <= set(types)


def test_what_is_no_claim_is_not_restored():
    result = run("restore", "-", stdin=b"{}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert ": error " in result.stderr
    assert run("restore", "absent.json").exit_code == 3


# ---------------------------------------------------------------- demo, tables, serve


def test_the_demo_writes_a_claim_and_an_837_into_the_folder_that_it_names(tmp_path):
    result = run("demo", "--out", tmp_path / "out")
    assert result.exit_code == 0
    for name in ("claim.json", "claim.837"):
        assert f"Wrote {tmp_path / 'out' / name}" in result.stdout
    assert json.loads((tmp_path / "out" / "claim.json").read_bytes())["resourceType"] == "Bundle"
    assert read_837p((tmp_path / "out" / "claim.837").read_text()).value.envelope.usage == "T"


def test_the_demo_makes_a_fresh_folder_each_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [run("demo").exit_code for _ in range(2)] == [0, 0]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["refill-demo", "refill-demo-2"]


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


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_the_service_listens_on_loopback_only_and_says_why(host):
    result = run("serve", "--host", host, "--site", SITE)
    assert result.exit_code == 2
    assert "loopback" in result.stderr


def test_a_store_that_cannot_be_opened_is_exit_code_3(tmp_path):
    (tmp_path / "refill.db").mkdir()
    result = run("serve", "--site", SITE, "--data", tmp_path)
    assert result.exit_code == 3
    assert "the store cannot be opened" in result.stderr


# ---------------------------------------------------------------- the process


def test_demo_and_code_load_no_heavy_library():
    heavy = ["fhir", "pydantic", "flask", "sqlalchemy", "requests", "gunicorn", "structlog", "prometheus_client"]
    for arguments in (["demo", "--help"], ["code", "--site", str(SITE), str(REFILL)]):
        program = (
            "import sys\nfrom adapter.cli import main\n"
            f"main({arguments!r}, standalone_mode=False)\n"
            f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stderr.strip() == "[]"


def test_the_same_input_gives_the_same_record_in_every_process():
    command = [sys.executable, "-m", "adapter", "code", "--site", str(SITE), "--json", str(REFILL)]
    first, second = (
        subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    )
    assert first == second


def test_a_document_that_is_no_fhir_is_an_issue_and_no_crash():
    for data in (b"", b"[]", b"{}", b"\xff", b'{"resourceType": "Patient"}', b"[" * 100_000):
        result = run("code", "--site", SITE, "--json", "-", stdin=data)
        assert result.exit_code == 1
        assert json.loads(result.stdout)["issues"]
        assert run("validate", "-", stdin=data).exit_code in (0, 1)


@pytest.mark.parametrize("command", [["claim"], ["validate", "--json"], ["code", "--json"], ["tables", "check"]])
def test_a_full_standard_output_is_a_file_failure_and_no_traceback(command):
    documents = [] if command[0] == "tables" else [str(REFILL)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "adapter", *command, *documents], stdout=full, stderr=subprocess.PIPE, check=False,
            env={**os.environ, "REFILL_SITE": str(SITE)})
    assert done.returncode == 3
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["Canarysmith", ["Canarysmith"]])
def test_a_made_up_resource_type_does_not_come_back(name, tmp_path):
    path = tmp_path / "made-up.json"
    path.write_text(json.dumps({"resourceType": name}))
    for command in ("code", "claim", "restore"):
        done = run(command, path, environ={"REFILL_SITE": str(SITE)})
        assert done.exit_code == 1
        assert "Canarysmith" not in done.output + done.stderr
