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
        assert unit.find_answer("a-key") == ANSWER
        assert unit.find_answer("another") is None
        assert "a-key" not in repr(unit.connection.exec_driver_sql("select key from kept_answer").all())


@pytest.mark.parametrize(("days", "is_there"), [(400, True), (401, False)])
def test_an_answer_is_kept_for_400_days(store, days, is_there):
    with store.begin() as unit:
        unit.keep_answer("first", ANSWER, NOW)
        unit.keep_answer("later", ANSWER, NOW + timedelta(days=days))
        assert (unit.find_answer("first") is not None) is is_there


def test_a_key_is_answered_once(store):
    with store.begin() as unit:
        unit.keep_answer("a-key", ANSWER, NOW)
    with pytest.raises(IntegrityError), store.begin() as unit:
        unit.keep_answer("a-key", ANSWER, NOW)


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
        assert unit.find_answer("a-key") is None


def test_a_job_is_taken_in_its_order_answered_and_taken_back(store):
    with store.begin() as unit:
        unit.add_job(Job("one", "submit", "", b"1"), NOW)
        unit.add_job(Job("two", "submit", "k", b"2"), NOW)
    until = NOW + timedelta(minutes=5)
    with store.begin() as unit:
        assert [unit.take_job(NOW, until).id for _ in range(2)] == ["one", "two"]
        assert unit.take_job(NOW, until) is None
    with store.begin() as unit:
        unit.end_job("one", 200, b"done")
        assert (unit.find_job("one"), unit.find_job("two")) == (Job("one", "submit", "", b"1", 200, b"done"), Job("two", "submit", "k", b"2"))
        assert unit.take_job(until + timedelta(seconds=1), until).id == "two"
        assert [unit.take_job_back("one"), unit.take_job_back("one")] == [True, False]
        unit.end_job("one", 200, b"late")
        assert unit.find_job("one") is None
