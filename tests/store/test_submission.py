"""Keys, names of claims, the outbox and jobs, the same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from adapter.store import Job, KeptAnswer

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANSWER = KeptAnswer("d" * 64, 200, b"{}")


def test_an_answer_is_found_under_its_key_and_the_key_itself_is_not_kept(store):
    with store.begin() as unit:
        unit.keep_answer("a-key", ANSWER, NOW)
    with store.reading() as unit:
        assert unit.find_answer("a-key", NOW) == ANSWER
        assert unit.find_answer("another", NOW) is None
        assert "a-key" not in repr(unit.connection.exec_driver_sql("select key from kept_answer").all())


@pytest.mark.parametrize(("days", "is_there"), [(400, True), (401, False)])
def test_an_answer_is_kept_for_400_days(store, days, is_there):
    with store.begin() as unit:
        unit.keep_answer("first", ANSWER, NOW)
        assert (unit.find_answer("first", NOW + timedelta(days=days)) is not None) is is_there
        unit.keep_answer("later", ANSWER, NOW + timedelta(days=days))
        assert (unit.find_answer("first", NOW) is not None) is is_there


def test_a_later_answer_stands_in_place_of_the_one_before(store):
    later = KeptAnswer("e" * 64, 409, b"[]")
    with store.begin() as unit:
        unit.keep_answer("a-key", ANSWER, NOW)
        unit.keep_answer("a-key", later, NOW)
        assert unit.find_answer("a-key", NOW) == later


def test_an_identifier_belongs_to_one_claim(store):
    with store.begin() as unit:
        unit.name_claim("urn:s", "R1", "c1")
        unit.name_claim("urn:t", "R1", "c2")
    with store.reading() as unit:
        assert [unit.find_named_claim(system, "R1") for system in ("urn:s", "urn:t", "urn:u")] == ["c1", "c2", None]
    with pytest.raises(IntegrityError), store.begin() as unit:
        unit.name_claim("urn:s", "R1", "c3")


def test_a_claim_is_queued_once(store):
    with store.begin() as unit:
        unit.keep_interchange(b"ISA", "1", ["R1"], NOW)
        unit.queue_claim("c1", "62308", b"ISA", NOW)
        unit.queue_claim("c2", "62308", b"ISA", NOW)
        assert (unit.count_queued(), unit.find_queued("c1"), unit.find_queued("c3")) == ({"queued": 2}, b"ISA", None)
    with pytest.raises(IntegrityError), store.begin() as unit:
        unit.queue_claim("c1", "60054", b"ISA", NOW)


def test_what_is_queued_is_kept(store):
    with pytest.raises(IntegrityError), store.begin() as unit:
        unit.queue_claim("c1", "62308", b"never kept", NOW)


def test_what_a_unit_did_is_taken_back_where_it_fails(store):
    def fail():
        with store.begin() as unit:
            unit.keep_answer("a-key", ANSWER, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.reading() as unit:
        assert unit.find_answer("a-key", NOW) is None


def test_a_job_is_taken_in_its_order_answered_and_taken_back(store):
    with store.begin() as unit:
        unit.add_job(Job("one", "submit", "", b"1"), NOW)
        unit.add_job(Job("two", "submit", "k", b"2"), NOW)
    until = NOW + timedelta(minutes=5)
    with store.begin() as unit:
        assert [unit.take_job(NOW, until).id for _ in range(2)] == ["one", "two"]
        assert (unit.take_job(NOW, until), unit.count_jobs()) == (None, 2)
    with store.begin() as unit:
        unit.end_job("one", 200, b"done")
        assert (unit.find_job("one"), unit.find_job("two")) == (Job("one", "submit", "", b"1", 200, b"done"), Job("two", "submit", "k", b"2"))
        assert unit.take_job(until + timedelta(seconds=1), until).id == "two"
        assert [unit.take_job_back("one"), unit.take_job_back("one")] == [True, False]
        unit.end_job("one", 200, b"late")
        assert unit.find_job("one") is None


def test_an_answer_that_nobody_asks_for_is_kept_for_a_week_and_a_job_that_waits_as_long_as_it_waits(store):
    with store.begin() as unit:
        for name in ("done", "waiting"):
            unit.add_job(Job(name, "submit", "", b"1"), NOW)
        unit.end_job("done", 200, b"{}")
        unit.add_job(Job("later", "submit", "", b"2"), NOW + timedelta(days=8))
        assert [unit.find_job(name) is not None for name in ("done", "waiting", "later")] == [False, True, True]
