"""A unit is one transaction, and a name that it holds is nobody else's until its end: under threads and processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from adapter.store import Unit, open_store

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)

RACER = """
import sys
from datetime import UTC, datetime
from adapter.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    with store.begin() as unit:
        unit.hold(f"Patient?identifier={number}")
        if not unit.search("Patient", [condition(number)]):
            unit.write("Patient", f"{sys.argv[2]}-{number}", b"{}", [value(number)], datetime(2026, 3, 3, tzinfo=UTC))
""".replace("condition(number)", 'Condition("identifier", (Match(str(number)),))').replace(
    "value(number)", 'SearchValue("identifier", str(number))'
).replace("from adapter.store", "from adapter.terms import Condition, Match, SearchValue\nfrom adapter.store")


def test_all_of_a_unit_is_kept_or_nothing(store):
    def fail():
        with store.begin() as unit:
            unit.keep(b"refill", [("R1", b"one")], NOW)
            unit.keep_interchange(b"837", "42", ["R1"], NOW)
            unit.write("Patient", "p", b"{}", [], NOW)
            unit.hold("name")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    with store.begin() as unit:
        assert (unit.find_claims("R1"), unit.find_interchanges(identifier="R1"), unit.find("Patient", "p")) == ([], [], None)
        assert unit.hold("name")
    with store.begin() as unit:
        assert not unit.hold("name")


def test_who_reads_waits_for_no_writer(store):
    store.keep(b"refill", [("R1", b"one")], NOW)
    with store.begin() as unit:
        unit.keep(b"second", [("R1", b"two")], NOW)
        assert [claim.bundle for claim in store.find_claims("R1")] == [b"one"]


def test_of_many_threads_that_create_one_thing_one_does(store):
    for turn in range(5):
        with store.begin() as unit:
            for kind, identity, _ in unit.history("Patient"):
                unit.delete(kind, identity, NOW)
        with store.reading() as unit:
            before = len(unit.history("Patient"))
        with ThreadPoolExecutor(8) as crowd:
            made = list(crowd.map(lambda number, turn=turn: created(store, f"n{turn}", number), range(16)))
        assert sum(made) == 1
        with store.reading() as unit:
            assert len(unit.history("Patient")) == before + 1


def created(store, name, number):
    with store.begin() as unit:
        unit.hold(name)
        if unit.search("Patient", []):
            return False
        unit.write("Patient", f"{name}-{number}", b"{}", [], NOW)
        return True


@pytest.mark.server
def test_the_harness_of_the_race_catches_a_unit_that_holds_nothing(postgres, monkeypatch):
    opened = open_store(postgres)
    monkeypatch.setattr(Unit, "hold", lambda *_: True)
    try:
        made = 0
        for turn in range(20):
            with ThreadPoolExecutor(8) as crowd:
                made = max(made, sum(crowd.map(lambda number, turn=turn: create_once_of(opened, f"q{turn}", number), range(8))))
        assert made > 1
    finally:
        opened.close()
        empty(postgres)


def create_once_of(store, name, number):
    with store.begin() as unit:
        unit.hold(name)
        if [key for key in unit.search("Patient", []) if key[1].startswith(name)]:
            return False
        unit.write("Patient", f"{name}-{number}", b"{}", [], NOW)
        return True


def empty(url):
    from sqlalchemy import create_engine

    from adapter.store.layout import METADATA

    engine = create_engine(url)
    METADATA.drop_all(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'refill.db'}"
        return
    address = request.getfixturevalue("postgres")
    yield address
    empty(address)


@pytest.mark.server
def test_of_many_processes_that_create_one_thing_one_does(url):
    store = open_store(url)
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, url, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        racer.communicate(timeout=120)
        assert racer.returncode == 0
    with store.reading() as unit:
        made = sorted(identity.partition("-")[2] for _, identity, _ in unit.history("Patient"))
    store.close()
    assert made == sorted(str(number) for number in range(40))


def test_two_that_hold_names_in_two_orders_do_not_block_each_other(store):
    def hold(number):
        with store.begin() as unit:
            unit.hold(*(["a", "b", "c"] if number % 2 else ["c", "b", "a"]))
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert all(crowd.map(hold, range(40)))
