"""The store of a command is the one that its options or the environment name, and its faults are exit code 3."""

import re
import sqlite3
import sys

import pytest

from tests.cli.running import run
from tests.samples import REFILL, SITE


def kept(path):
    with sqlite3.connect(path) as connection:
        (count,) = connection.execute("select count(*) from claim").fetchone()
    connection.close()
    return count


def test_a_database_takes_the_place_of_the_folder_and_an_option_that_of_the_environment(tmp_path):
    url, data = f"sqlite:///{tmp_path / 'own.db'}", {"REFILL_DATA": str(tmp_path / "data")}
    environ = {"REFILL_DATABASE": f"sqlite:///{tmp_path / 'other.db'}"}
    for variables in (data, environ):
        assert run("claim", "--site", SITE, "--database", url, REFILL, environ=variables).exit_code == 0
    assert kept(tmp_path / "own.db") == 2
    assert {path.stem for path in tmp_path.iterdir()} == {"own"}
    assert run("claim", "--site", SITE, REFILL, environ=data | environ).exit_code == 0
    assert kept(tmp_path / "other.db") == 1
    assert not (tmp_path / "data").exists()
    assert run("claim", "--site", SITE, "--data", tmp_path / "data", REFILL, environ=environ).exit_code == 0
    assert (kept(tmp_path / "data" / "refill.db"), kept(tmp_path / "other.db")) == (1, 1)


@pytest.mark.parametrize("command", [["claim", "--site", SITE, REFILL], ["restore", REFILL], ["serve", "--site", SITE]])
def test_two_stores_at_once_are_wrong_usage(command, tmp_path):
    result = run(*command, "--data", tmp_path / "data", "--database", f"sqlite:///{tmp_path / 'own.db'}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--data and --database" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["claim", "--site", SITE, REFILL], ["restore", REFILL], ["serve", "--site", SITE]])
def test_a_database_of_another_kind_is_wrong_usage_and_not_repeated(command):
    result = run(*command, "--database", "mysql://refill:SECRET@db.example/refill")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--database: expected sqlite:///PATH or postgresql://" in result.stderr
    assert "SECRET" not in result.stderr


@pytest.mark.parametrize("command", [["claim", "--site", SITE, REFILL], ["restore", "-"], ["serve", "--site", SITE]])
def test_a_database_that_is_not_there_is_exit_code_3_and_its_password_is_not_told(command):
    result = run(*command, "--database", "postgresql://refill:SECRET@127.0.0.1:1/refill")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "the database: the store cannot be opened" in result.stderr
    assert "SECRET" not in result.stderr


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    result = run("claim", "--site", SITE, "--database", "postgresql://db.example/refill", REFILL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "install refill-adapter[postgresql]" in result.stderr


def test_a_store_that_fails_while_it_is_used_is_exit_code_3(tmp_path):
    assert run("claim", "--site", SITE, "--data", tmp_path, REFILL).exit_code == 0
    with sqlite3.connect(tmp_path / "refill.db") as connection:
        connection.execute("alter table intake rename column data to other")
    connection.close()
    result = run("claim", "--site", SITE, "--data", tmp_path, REFILL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "the store cannot be used" in result.stderr


def test_restore_opens_a_store_that_is_there_and_makes_none(tmp_path):
    for where in (["--data", tmp_path / "absent"], ["--database", f"sqlite:///{tmp_path / 'absent.db'}"]):
        result = run("restore", *where, REFILL)
        assert (result.exit_code, result.stdout) == (3, "")
        assert "the store cannot be opened" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["claim", "--site", SITE, REFILL], ["restore", REFILL], ["serve", "--site", SITE]])
def test_a_store_of_another_version_is_exit_code_3_and_says_what_to_do(command, tmp_path):
    with sqlite3.connect(tmp_path / "refill.db") as connection:
        connection.execute("create table claim (identifier text primary key)")
    connection.close()
    result = run(*command, "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{tmp_path}: the store cannot be opened: its store is of another version" in result.stderr
    assert "name an empty folder or database" in result.stderr


def test_a_store_that_cannot_be_opened_is_told_in_words_that_no_program_made(tmp_path):
    (tmp_path / "text.db").write_text("no database at all, " * 50)
    gone, text = tmp_path / "gone", f"sqlite:///{tmp_path / 'text.db'}"
    cases = [(["--data", gone], "No such file or directory"), (["--database", text], "it is no database, or a damaged one"), (["--database", "postgresql://u:SECRET@127.0.0.1:1/n"], "does not answer")]
    for place, words in cases:
        result = run("restore", REFILL, *place)
        assert (result.exit_code, result.stdout) == (3, "")
        assert words in result.stderr
        assert not re.search(r"SECRET|\w+Error\b", result.stderr.removeprefix("Error: "))
