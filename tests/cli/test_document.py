"""A file that cannot be read is said once on standard error, and holds up no other."""

import pytest

from tests.cli.running import PROGRAM, run, shell
from tests.cli.shapes import broken_issues, told
from tests.samples import REFILL, SAMPLES, SITE, refill_bytes


def test_a_file_that_cannot_be_read_is_exit_code_3_after_the_others(tmp_path):
    for command in (["validate"], ["code", "--site", SITE]):
        result = run(*command, "--json", tmp_path / "absent.json", REFILL)
        first, second = told(result)
        assert result.exit_code == 3
        assert [first["file"], second["file"]] == [str(tmp_path / "absent.json"), str(REFILL)]
        assert first["issues"][0]["rule"] == "file.unreadable"
        assert "Contract" in first["issues"][0]["citation"]
        assert "absent.json: The file cannot be read" in result.stderr


@pytest.mark.parametrize("command", [["validate"], ["code", "--site", SITE], ["claim", "--site", SITE], ["restore"]])
def test_a_file_that_cannot_be_read_is_an_error_and_no_result(command, tmp_path):
    result = run(*command, tmp_path / "absent.json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "absent.json" in result.stderr


COMMANDS = [["validate"], ["code", "--site", SITE], ["claim", "--site", SITE], ["restore"]]


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_cannot_be_read_is_said_once_on_standard_error(command, as_json, tmp_path):
    assert run(*command, *as_json, tmp_path / "absent.json").stderr.count("The file cannot be read") == 1


@pytest.mark.program
@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_standard_input_is_a_file_that_cannot_be_read(command):
    done = shell(f"exec {PROGRAM} {' '.join(map(str, command))} - <&-")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "-: The file cannot be read: standard input is closed. Name a file that exists and may be read.\n"


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_standard_input_is_named_once(command):
    result = run(*command, "-", REFILL, "-", stdin=refill_bytes())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Name it once" in result.stderr
    assert run(*command, "-", REFILL, stdin=refill_bytes()).exit_code == 0


@pytest.mark.parametrize(("command", "stdin"), [(["validate"], b"{"), (["code", "--site", SITE], b"{")])
def test_the_issues_of_validate_and_code_are_their_result(command, stdin):
    result = run(*command, "-", stdin=stdin)
    assert (result.exit_code, result.stderr) == (1, "")
    assert "error json." in result.stdout


@pytest.mark.parametrize("command", [["claim", "--site", SITE], ["restore"]])
def test_the_issues_of_a_command_that_makes_a_document_are_no_part_of_it(command):
    result = run(*command, "-", stdin=b"{")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error json." in result.stderr


@pytest.mark.parametrize("command", [["validate"], ["code", "--site", SITE], ["claim", "--site", SITE], ["restore"]])
def test_every_issue_has_the_same_shape_in_every_command(command, held, tmp_path):
    cases = [("-", b"{"), ("-", b"{}"), ("-", b'{"resourceType": "Patient", "gender": "none"}'), (held, b""), (tmp_path / "absent.json", b"")]
    for file, stdin in cases:
        (one,) = told(run(*command, "--json", file, stdin=stdin))
        assert one["file"] == str(file)
        assert "issues" in one
        assert broken_issues(one) == []


def test_a_planted_issue_of_another_shape_is_caught():
    issue = {"severity": "error", "code": "value", "rule": "a.b", "text": "x", "expression": [], "line": None, "column": None, "citation": "RFC"}
    assert broken_issues({"records": [{"issues": [issue]}], "issues": [issue]}) == []
    for planted in ({**issue, "severity": "bad"}, {**issue, "expression": "x"}, {**issue, "text": ""}, {**issue, "citation": None}, {**issue, "extra": 1}, {"text": "x"}, "x"):
        assert broken_issues({"records": [{"issues": [planted]}]}) == [planted]


@pytest.mark.parametrize("command", [["claim", "--site", SITE, REFILL, "-o"], ["x12", "check", REFILL, "--999"], ["store", "export", "-o"]], ids=str)
@pytest.mark.parametrize("name", ["", "absent/.."])
def test_an_output_that_is_no_file_name_is_wrong_usage(command, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*command, name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no file is named" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS[:3], ids=str)
def test_an_x12_file_where_fhir_is_expected_is_told_what_takes_it(command):
    result = run(*command, SAMPLES / "claim-to-restore.x12")
    assert result.exit_code == 1
    assert (result.output.count("error document.x12"), result.output.count("json.syntax")) == (1, 0)
    assert "x12 check, x12 read, restore" in result.output


@pytest.mark.parametrize("command", [*COMMANDS[1:], ["x12", "check"], ["x12", "read"]], ids=str)
def test_a_folder_is_no_document_and_is_told_so(command, tmp_path):
    result = run(*command, tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "it is a folder, and one document is read here; name the files in it" in result.stderr


@pytest.mark.parametrize("command", COMMANDS[1:], ids=str)
def test_two_objects_where_one_document_is_read_are_told_to_be_two(command):
    result = run(*command, "-", stdin=b'{"resourceType": "Patient"}\n{"resourceType": "Patient"}\n')
    assert result.exit_code == 1
    assert "-:2:1: error json.syntax: This is not JSON: another object follows, as in NDJSON; one document, one object was expected." in result.output
    assert "A file is one document" in run(command[0], "--help").stdout.replace("\n  ", " ")
