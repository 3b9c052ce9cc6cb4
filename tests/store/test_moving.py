"""What is moved from one store to another is all there, byte for byte, or nothing of it is."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import select

from adapter.store import (
    Job,
    KeptAnswer,
    MovingError,
    backup_store,
    count_rows,
    export_store,
    find_damage,
    import_store,
    layout,
    open_store,
)
from adapter.terms.search import SearchValue

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def fill(store):
    """Put something into every table."""
    with store.begin() as unit:
        unit.hold("a", "b")
        unit.keep(bytes(range(256)), [("R1", b"one"), ("R2", b"two")], NOW)
        unit.keep_interchange(b"ISA", "1", ["R1"], NOW)
        unit.keep_answers(b"835", [("R1", b"{}")], NOW)
        unit.take_control_number()
        for version in (b"{}", b'{"a":"\xc3\xa9"}'):
            unit.write("Claim", "c1", version, [SearchValue("identifier", "R1", "urn:s")], NOW)
        unit.delete("Claim", "c1", NOW)
        unit.write("Patient", "p", b"{}", [SearchValue("family", "x")], NOW)
        unit.keep_answer("key", KeptAnswer("d", 200, b"\x00\xff"), NOW)
        unit.name_claim("urn:s", "R1", "c1")
        unit.queue_claim("c1", "62308", b"ISA", NOW)
        unit.add_job(Job("j", "submit", "", b"\x00"), NOW)
        unit.connection.execute(layout.SNAPSHOT.insert().values(token="t", made_at="2026", data=b"[]"))
    assert [name for name, count in count_rows(store).items() if not count] == []


def test_everything_is_moved_to_either_database_and_back(store, tmp_path):
    first, third = open_store(tmp_path / "first"), open_store(tmp_path / "third")
    fill(first)
    exported = list(export_store(first))
    assert import_store(store, exported) == len(exported) - 2
    assert list(export_store(store)) == exported
    assert import_store(third, export_store(store)) == len(exported) - 2
    assert list(export_store(third)) == exported
    assert (find_damage(store), count_rows(store)) == ([], count_rows(first))
    for one in (first, third):
        one.close()


def test_a_store_that_was_imported_goes_on_counting(store, tmp_path):
    first = open_store(tmp_path / "first")
    fill(first)
    import_store(store, export_store(first))
    store.keep(b"later", [("R3", b"three")], NOW)
    with store.begin() as unit:
        assert unit.write("Patient", "p", b"{}", (), NOW).version == 2
        unit.queue_claim("c2", "62308", b"ISA", NOW)
    assert store.take_control_number() == 3
    first.close()


CUT = {
    "without its end": lambda lines: lines[:-1],
    "with a row less": lambda lines: lines[:3] + lines[4:],
    "with a row twice": lambda lines: [*lines[:4], *lines[3:]],
    "with a changed row": lambda lines: [line.replace(b'{"name":"a"}', b'{"name":"z"}') for line in lines],
    "of another layout": lambda lines: [lines[0].replace(b"%d" % layout.VERSION, b"1"), *lines[1:]],
    "that is none": lambda lines: [b'{"resourceType":"Bundle"}\n'],
    "with no base64": lambda lines: [re.sub(rb'"base64":"[^"]+"', b'"base64":"x"', line) for line in lines],
    "with no row": lambda lines: [re.sub(rb'"row":.*', b'"ro":1}', line) for line in lines],
    "of no lines": lambda lines: [],
    "with a broken line": lambda lines: [*lines[:2], b"{", *lines[2:]],
    "with an unknown table": lambda lines: [*lines[:2], b'{"table":"x","row":{}}\n', *lines[2:]],
}


@pytest.mark.parametrize("name", CUT)
def test_of_an_export_that_is_not_whole_nothing_is_taken(tmp_path, name):
    first, second = open_store(tmp_path / "first"), open_store(tmp_path / "second")
    fill(first)
    with pytest.raises(MovingError):
        import_store(second, CUT[name](list(export_store(first))))
    assert set(count_rows(second).values()) == {0, 1}  # the version of the layout
    for one in (first, second):
        one.close()


def test_nothing_is_imported_into_a_store_that_holds_something(file_store):
    fill(file_store)
    with pytest.raises(MovingError, match="not empty"):
        import_store(file_store, list(export_store(file_store)))


def test_an_export_tells_how_many_rows_it_has(file_store):
    fill(file_store)
    lines = [json.loads(line) for line in export_store(file_store)]
    digest = sha256(b"".join(list(export_store(file_store))[1:-1])).hexdigest()
    assert (lines[0]["layout"], lines[-1]) == (layout.VERSION, {"rows": len(lines) - 2, "sha256": digest})


# ---------------------------------------------------------------- backup and damage


def test_a_backup_opens_as_what_it_was_made_of(file_store, tmp_path):
    fill(file_store)
    (tmp_path / "copy").mkdir()
    assert backup_store(file_store, tmp_path / "copy" / "refill.db") is True
    copy = open_store(tmp_path / "copy", make=False)
    assert list(export_store(copy)) == list(export_store(file_store))
    copy.close()
    with pytest.raises(FileExistsError):
        backup_store(file_store, tmp_path / "copy" / "refill.db")


DAMAGE = {
    "intake": "update intake set data = x'00'",
    "interchange": "update interchange set data = x'00'",
    "claim": "update claim set bundle = x'00' where identifier = 'R1'",
    "Patient/p": "delete from resource_version where kind = 'Patient'",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named_without_what_is_held(store, name):
    fill(store)
    assert find_damage(store) == []
    with store.begin() as unit:
        unit.connection.exec_driver_sql(DAMAGE[name].replace("x'00'", "'\\x00'" if unit.connection.dialect.name == "postgresql" else "x'00'"))
    found = find_damage(store)
    assert found
    assert all(one.startswith(name) for one in found)


def test_a_reference_to_what_is_not_there_is_found(file_store):
    fill(file_store)
    with file_store._engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma foreign_keys=off")
        connection.exec_driver_sql("delete from intake")
        connection.exec_driver_sql("begin")
    assert any("is not there" in one for one in find_damage(file_store))
    with file_store.reading() as unit:
        assert unit.connection.execute(select(layout.INTAKE)).first() is None
