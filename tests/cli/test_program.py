"""Every command has its help, its exit codes, and no traceback."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from adapter.cli import main
from tests.cli.running import PROGRAM, run, shell
from tests.samples import REFILL, SAMPLES, SITE


def test_the_list_of_commands_is_the_commands(tmp_path):
    context = click.Context(main)
    assert main.list_commands(context) == ["demo", "validate", "code", "claim", "restore", "x12", "serve", "payer", "store", "tables", "settings"]
    assert all(main.get_command(context, name).name == name for name in main.list_commands(context))


@pytest.mark.parametrize("name", ["demo", "validate", "code", "claim", "restore", "x12", "serve", "payer", "store", "tables", "tables check", "tables show"])
def test_the_help_of_every_command_has_an_example(name):
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    assert f"refill-adapter {name.split()[0]}" in result.stdout.split("Example:")[1]


@pytest.mark.parametrize("arguments", [["nope"], ["code"], ["validate"], ["code", "x", "--as-of", "2026-13-01"], ["serve", "--port", "70000"]])
def test_wrong_usage_is_exit_code_2(arguments):
    result = run(*arguments, environ={"REFILL_SITE": str(SITE)})
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.program
def test_what_keeps_and_serves_nothing_loads_no_heavy_library():
    heavy = ["fhir", "pydantic", "flask", "sqlalchemy", "requests", "gunicorn", "structlog", "prometheus_client"]
    documents = ["--site", str(SITE), str(REFILL)]
    commands = [["demo", "--help"], ["code", *documents], ["claim", *documents], ["restore", str(SAMPLES / "claim-to-restore.json")]]
    program = (
        f"import sys\nfrom adapter.cli import main\nfor arguments in {commands!r}:\n"
        "    main(arguments, standalone_mode=False)\n"
        f"    print(arguments[0], [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [f"{command[0]} []" for command in commands]


@pytest.mark.program
@pytest.mark.parametrize("command", [["--help"], ["claim"], ["validate", "--json"], ["code", "--json"], ["tables", "check"]])
def test_a_full_standard_output_is_a_file_failure_and_no_traceback(command):
    documents = [] if command[0] in ("--help", "tables") else [str(REFILL)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "adapter", *command, *documents], stdout=full, stderr=subprocess.PIPE, check=False,
            env={**os.environ, "REFILL_SITE": str(SITE)})
    assert done.returncode == 3
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


ANSWERS = ["--help", "--version", "claim --help", f"claim {REFILL}", f"validate --json {REFILL}", f"code --json {REFILL}", f"code {REFILL} -", "tables check"]


@pytest.mark.program
@pytest.mark.parametrize("command", ANSWERS)
def test_a_closed_standard_output_is_a_file_failure(command):
    done = shell(f"{PROGRAM} {command} < /dev/null >&-")
    assert done.returncode == 3
    assert done.stderr == "Error: the answer cannot be written: standard output is closed; send it to a file, or to /dev/null\n"


@pytest.mark.program
@pytest.mark.parametrize("command", ANSWERS)
def test_a_reader_that_has_left_ends_the_program_quietly_with_exit_code_3(command):
    done = shell(f"{{ sleep 0.3; {PROGRAM} {command} < /dev/null; }} | true")
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize("name", ["Canarysmith", ["Canarysmith"]])
def test_a_made_up_resource_type_does_not_come_back(name, tmp_path):
    path = tmp_path / "made-up.json"
    path.write_text(json.dumps({"resourceType": name}))
    for command in ("code", "claim", "restore"):
        done = run(command, path, environ={"REFILL_SITE": str(SITE)})
        assert done.exit_code == 1
        assert "Canarysmith" not in done.output + done.stderr


@pytest.mark.parametrize(("command", "step"), [("code", "code.code_document"), ("claim", "claim.code_document"), ("restore", "restore.restore_kept"), ("validate", "validate.validate_document")])
def test_a_bug_is_one_fatal_issue_with_the_id_of_a_line_of_log_that_tells_nothing_of_the_input(command, step, monkeypatch):
    def planted(*_arguments):
        raise RuntimeError("SECRET of " + "Samplepatient")

    module, _, name = step.partition(".")
    monkeypatch.setattr(import_module(f"adapter.cli.{module}"), name, planted)
    result = run(command, REFILL, environ={"REFILL_SITE": str(SITE)})
    log, told = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (3, "")
    assert json.loads(log)["log_id"] in told
    assert json.loads(log)["kind"] == "RuntimeError"
    assert f"cli/{command}.py" in " ".join(json.loads(log)["places"])
    assert told.split(": ")[2].split() == ["fatal", "program.failed"]
    assert "SECRET" not in result.output
    assert "Traceback" not in result.output
