"""A store of an older layout is moved and loses nothing; one of another is refused and not touched."""

import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect

from adapter.store import LayoutError, open_store, steps
from adapter.store.layout import METADATA, VERSION
from tests.store.layouts import LAYOUTS

WORDS = {
    "sqlite": {"blob": "blob", "serial": "integer", "document": "x'646f63'", "bundle": "x'636c61696d'"},
    "postgresql": {"blob": "bytea", "serial": "serial", "document": "'\\x646f63'::bytea", "bundle": "'\\x636c61696d'::bytea"},
}


def described(engine):
    """Give what a database says of its tables, in an order of its own."""
    look = inspect(engine)
    return {
        table: [
            [(one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(table)],
            look.get_pk_constraint(table)["constrained_columns"],
            sorted(str(sorted(one["column_names"])) for one in look.get_unique_constraints(table)),
            sorted((one["constrained_columns"], one["referred_table"]) for one in look.get_foreign_keys(table)),
            sorted((one["name"], one["column_names"]) for one in look.get_indexes(table)),
            look.get_table_options(table).get("sqlite_strict"),
        ]
        for table in look.get_table_names()
    }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def place(request, tmp_path):
    """Give the URL of an empty database, and empty it again."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'refill.db'}"
        return
    url = request.getfixturevalue("postgres")
    yield url
    engine = create_engine(url)
    METADATA.drop_all(engine)
    engine.dispose()


def lay_out(place, version):
    """Make the tables of an older layout, a claim in them."""
    engine = create_engine(place)
    with engine.begin() as connection:
        for statement in LAYOUTS[version]:
            connection.exec_driver_sql(statement.format(**WORDS[engine.dialect.name]))
    engine.dispose()


@pytest.fixture
def new_tables(place, request):
    opened = open_store(place)
    told = described(opened.writing)
    METADATA.drop_all(opened.writing)
    opened.close()
    return told


@pytest.mark.parametrize("version", LAYOUTS)
def test_a_store_of_an_older_layout_gets_the_tables_of_a_new_one_and_loses_nothing(new_tables, place, version):
    lay_out(place, version)
    moved = open_store(place, make=False)
    assert described(moved.writing) == new_tables
    (claim,) = moved.find_claims("R1")
    assert (claim.bundle, moved.find_document(claim.source)) == (b"claim", b"doc")
    if version == 3:
        assert moved.find_interchanges(group_number="42", identifier="R1") == [b"doc"]
        assert [one.resource for one in moved.find_answers("R1")] == [b"claim"]
    moved.close()
    again = open_store(place, make=False)
    assert len(again.find_claims("R1")) == 1
    again.close()


def test_a_step_that_fails_leaves_the_older_layout_whole(place, monkeypatch):
    lay_out(place, 1)

    def break_off(_operations):
        raise RuntimeError("half way")

    monkeypatch.setattr(steps, "_STEPS", {**steps._STEPS, 3: break_off})
    with pytest.raises(RuntimeError, match="half way"):
        open_store(place)
    monkeypatch.undo()
    moved = open_store(place)
    assert [one.bundle for one in moved.find_claims("R1")] == [b"claim"]
    moved.close()


def test_there_is_a_step_from_every_layout_and_each_is_tried_here():
    assert sorted(steps._STEPS) == sorted(LAYOUTS) == list(range(1, VERSION))


@pytest.mark.program
def test_alembic_is_loaded_only_where_a_step_is_taken(tmp_path):
    asked = "import sys; from pathlib import Path; from adapter.store import open_store; open_store(Path(sys.argv[1])); print('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked, tmp_path], capture_output=True, text=True, check=True).stdout == "False\n"

FOREIGN = {
    "before layouts were counted": ["create table intake (sha256 text)", "create table claim (identifier text)"],
    "of another layout": ["create table layout (version integer)", "insert into layout values (5)"],
    "of no layout": ["create table layout (version integer)"],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_store_of_another_version_is_refused_with_what_to_do_and_not_touched(tmp_path, name):
    with sqlite3.connect(tmp_path / "refill.db") as connection:
        for statement in FOREIGN[name]:
            connection.execute(statement)
        before = connection.execute("select sql from sqlite_master").fetchall()
    for make in (True, False):
        with pytest.raises(LayoutError, match=r"another version.* name an empty folder"):
            open_store(tmp_path, make=make)
    assert connection.execute("select sql from sqlite_master").fetchall() == before
    connection.close()


@pytest.mark.server
def test_a_postgresql_database_of_another_version_is_refused(postgres):
    opened = open_store(postgres)
    with opened._engine.begin() as connection:
        connection.exec_driver_sql("update layout set version = 1")
    with pytest.raises(LayoutError):
        open_store(postgres)
    METADATA.drop_all(opened._engine)
    with pytest.raises(LayoutError, match="there is no store in it"):
        open_store(postgres, make=False)
    opened.close()


def test_a_store_that_shall_be_there_is_not_made(tmp_path):
    for absent in (tmp_path / "absent", f"sqlite:///{tmp_path / 'absent.db'}"):
        with pytest.raises(FileNotFoundError):
            open_store(absent, make=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "refill.db").touch()
    with pytest.raises(LayoutError, match="there is no store in it"):
        open_store(tmp_path, make=False)
    open_store(tmp_path).close()
    open_store(tmp_path, make=False).close()
