"""`store` moves what is kept, copies it and says whether it is whole."""

import json
import sqlite3

import pytest

from tests.cli.running import run
from tests.samples import REFILL, SITE


@pytest.fixture
def data(tmp_path):
    assert run("claim", "--site", SITE, "--data", tmp_path / "data", REFILL).exit_code == 0
    return tmp_path / "data"


def exported(folder, tmp_path):
    result = run("store", "export", "--data", folder, "-o", tmp_path / f"{folder.name}.ndjson")
    assert result.exit_code == 0, result.output
    return (tmp_path / f"{folder.name}.ndjson").read_bytes()


def test_an_export_is_imported_into_an_empty_folder(data, tmp_path):
    lines = exported(data, tmp_path)
    result = run("store", "import", "--data", tmp_path / "new", tmp_path / "data.ndjson", "--json")
    assert (result.exit_code, json.loads(result.stdout)["rows"]) == (0, lines.count(b"\n") - 2)
    assert exported(tmp_path / "new", tmp_path) == lines
    assert (tmp_path / "data.ndjson").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("form", ["backup", "export"])
def test_a_backup_and_an_export_are_restored_and_stay_as_they_are(data, tmp_path, form):
    lines = exported(data, tmp_path)
    file = tmp_path / "data.ndjson"
    if form == "backup":
        file = tmp_path / "monday.db"
        assert run("store", "backup", "--data", data, file).exit_code == 0
    before = file.read_bytes()
    assert run("store", "restore", "--data", tmp_path / "new", file).exit_code == 0
    assert exported(tmp_path / "new", tmp_path) == lines
    assert file.read_bytes() == before


def test_check_counts_and_finds_damage(data):
    result = run("store", "check", "--data", data)
    assert result.exit_code == 0
    assert "claim: 1 rows" in result.stdout.splitlines()
    with sqlite3.connect(data / "refill.db") as connection:
        connection.execute("update intake set data = x'00'")
    connection.close()
    result = run("store", "check", "--data", data, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"], len(told["damage"])) == (1, False, 1)


@pytest.mark.parametrize("command", [["export", "-o", "out"], ["import", "file"], ["backup", "file"], ["check"]])
def test_a_store_is_named(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    result = run("store", *command)
    assert result.exit_code == 2
    assert "--data" in result.stderr


@pytest.mark.parametrize("command", [["export", "-o", "there"], ["backup", "there"], ["import", "there"], ["restore", "there"], ["import", "absent"], ["restore", "absent"]])
def test_a_file_that_will_not_do_is_exit_code_3_and_nothing_is_touched(data, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").write_text("mine")
    folder = data if command[0] in ("export", "backup") else tmp_path / "new"
    result = run("store", *command, "--data", folder)
    assert result.exit_code == 3
    assert "Traceback" not in result.output
    assert (tmp_path / "there").read_text() == "mine"


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    assert run("store", "check", "--data", tmp_path / "absent").exit_code == 3
    assert not (tmp_path / "absent").exists()
