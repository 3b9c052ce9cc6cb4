"""What was kept is there, whole, after whatever happens to the process."""

import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import SQLAlchemyError

from adapter.store import keeping, layout, open_store

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from adapter.store import open_store
store = open_store(Path(sys.argv[1]))
for number in range(1000):
    store.keep(b"%d" % number, [(f"R{number}", b"claim")], datetime(2026, 3, 3, tzinfo=UTC))
    print(number, flush=True)
"""


def source(store, identifier):
    """Give the document of the newest claim of a number."""
    return store.find_document(store.find_claims(identifier)[0].source)


def test_a_kept_claim_is_found_with_the_document_it_came_from(store):
    store.keep(b"refill", [("R1", b"one"), ("R2", b"two")], NOW)
    (found,) = store.find_claims("R2")
    assert (found.identifier, found.bundle, store.find_document(found.source)) == ("R2", b"two", b"refill")
    assert store.find_claims("R3") == []


def test_what_was_kept_is_there_when_the_store_is_opened_again(tmp_path):
    first = open_store(tmp_path)
    first.keep(b"refill", [("R1", b"one")], NOW)
    first.close()
    second = open_store(tmp_path)
    assert source(second, "R1") == b"refill"
    second.close()


def test_a_claim_made_again_stands_beside_the_older_one_and_the_document_is_kept_once(store):
    for bundle in (b"one", b"made again", b"one"):
        store.keep(b"refill", [("R1", bundle)], NOW)
    assert [found.bundle for found in store.find_claims("R1")] == [b"made again", b"one"]
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from intake").scalar() == 1


def test_each_claim_of_a_number_has_the_document_that_it_came_from(store):
    store.keep(b"first", [("R1", b"one")], NOW)
    store.keep(b"second", [("R1", b"two")], NOW)
    assert {found.bundle: store.find_document(found.source) for found in store.find_claims("R1")} == {b"one": b"first", b"two": b"second"}


def test_all_of_it_is_kept_or_nothing(store):
    with pytest.raises(SQLAlchemyError):
        store.keep(b"refill", [("R1", b"one"), (None, b"no number")], NOW)
    assert store.find_claims("R1") == []


def test_the_database_is_set_up_to_survive_a_power_loss(file_store):
    with file_store._engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert pragmas == ["wal", 2, 1]


def test_a_store_that_takes_no_write_is_noticed(store):
    store.check()
    with store.writing.begin() as connection:
        connection.exec_driver_sql("drop table answer")
        connection.exec_driver_sql("drop table claim")
        connection.exec_driver_sql("drop table intake")
    with pytest.raises(SQLAlchemyError):
        store.check()


def test_an_interchange_is_found_by_its_group_and_by_each_claim_in_it_the_newest_first(store):
    store.keep_interchange(b"one", "42", ["R1", "R2"], NOW)
    store.keep_interchange(b"two", "43", ["R2"], NOW)
    store.keep_interchange(b"two", "43", ["R2"], NOW)
    assert store.find_interchanges(group_number="42") == [b"one"]
    assert store.find_interchanges(identifier="R2") == [b"two", b"one"]
    assert store.find_interchanges(identifier="R3") == []


def test_an_answer_that_arrives_twice_is_kept_once_and_found_by_its_claim(store):
    for _ in range(2):
        store.keep_answers(b"835", [("R1", b"{}"), ("", b"[]")], NOW)
    (found,) = store.find_answers("R1")
    assert (found.resource, store.find_document(found.source)) == (b"{}", b"835")


def test_checking_leaves_nothing_behind(store):
    store.check()
    store.check()
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from intake").scalar() == 0


def test_threads_write_beside_each_other_and_nothing_is_lost(store):
    faults = []

    def write(thread):
        try:
            for number in range(20):
                store.keep(f"{thread}-{number}".encode(), [(f"R{thread}-{number}", b"claim")], NOW)
        except SQLAlchemyError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=[thread]) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert all(store.find_claims(f"R{thread}-{number}") for thread in range(4) for number in range(20))


@pytest.mark.server
def test_what_was_answered_survives_a_kill(tmp_path):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        answered = [process.stdout.readline() for _ in range(25)]
        process.kill()
        answered += process.stdout.readlines()
    numbers = [int(line) for line in answered if line.endswith("\n")]
    store = open_store(tmp_path)
    assert len(numbers) >= 25
    assert all(source(store, f"R{number}") == b"%d" % number for number in numbers)
    store.close()


def test_the_store_is_its_owner_s_alone(tmp_path):
    opened = open_store(tmp_path / "data")
    opened.keep(b"refill", [("R1", b"one")], NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    opened.close()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert modes["refill.db"] == 0o600
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3  # the log and the index of its pages stand beside it


def test_a_folder_and_a_file_that_are_there_keep_their_modes(tmp_path):
    tmp_path.chmod(0o750)
    open_store(tmp_path).close()
    (tmp_path / "refill.db").chmod(0o640)
    open_store(tmp_path).close()
    assert [path.stat().st_mode & 0o777 for path in (tmp_path, tmp_path / "refill.db")] == [0o750, 0o640]


def test_a_file_of_sqlite_may_be_named_by_its_url(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'own.db'}")
    opened.keep(b"refill", [("R1", b"one")], NOW)
    opened.close()
    assert (tmp_path / "own.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.server
def test_a_kept_document_is_there_when_the_database_is_opened_again(postgres):
    first = open_store(postgres)
    first.keep(bytes(range(256)), [("R1", b"one")], NOW)
    first.close()
    second = open_store(postgres)
    assert source(second, "R1") == bytes(range(256))
    layout.METADATA.drop_all(second._engine)
    second.close()


def test_a_control_number_is_handed_out_once_whoever_asks(store):
    taken = []
    threads = [threading.Thread(target=lambda: taken.extend(store.take_control_number() for _ in range(20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 81))


def test_a_number_under_which_an_837_was_kept_is_passed_over_and_the_last_is_followed_by_the_first(store, monkeypatch):
    store.keep_interchange(b"ISA", "2", ["R1"], NOW)
    monkeypatch.setattr(keeping, "_LARGEST_NUMBER", 3)
    assert [store.take_control_number() for _ in range(4)] == [1, 3, 1, 3]
