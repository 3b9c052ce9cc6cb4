"""Work that is promised is durable, answered when it is done, and gone when it is taken back."""

import json
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from adapter.http.answer import Answer
from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.store import Job
from adapter.web import Service, later
from adapter.web.later import Jobs
from tests.samples import SAMPLES, SITE
from tests.web.conftest import NOW
from tests.web.test_submit import FHIR, counted

CLAIM = (SAMPLES / "claim-to-restore.json").read_bytes()
LATER = FHIR | {"Prefer": "return=minimal, respond-async"}


def wait(client, address):
    for _ in range(400):
        answer = client.get(address)
        if answer.status_code != 202:
            return answer
        assert answer.headers["X-Progress"]
        time.sleep(float(answer.headers["Retry-After"]) / 50)
    raise AssertionError("the job is never done")


def test_a_claim_is_promised_at_once_and_its_answer_is_there_later(keeping_client, store):
    promised = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=LATER)
    assert (promised.status_code, promised.get_json()["resourceType"]) == (202, "OperationOutcome")
    done = wait(keeping_client, promised.headers["Content-Location"])
    (entry,) = done.get_json()["entry"]
    assert (done.status_code, entry["response"]["status"], entry["resource"]["outcome"]) == (200, "200", "queued")
    assert counted(store) == (1, 1, {"queued": 1})


def test_what_is_refused_is_refused_later_too(keeping_client):
    promised = keeping_client.post("/fhir/Claim/$submit", data=b'{"resourceType":"Patient"}', headers=LATER)
    (entry,) = wait(keeping_client, promised.headers["Content-Location"]).get_json()["entry"]
    assert (entry["response"]["status"], entry["resource"]["resourceType"]) == ("422", "OperationOutcome")


def test_a_job_that_is_taken_back_is_gone(keeping_client):
    address = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=LATER).headers["Content-Location"]
    assert [keeping_client.delete(address).status_code for _ in range(2)] == [202, 404]
    assert keeping_client.get(address).status_code == 404


def test_there_is_no_other_job(keeping_client):
    assert keeping_client.get("/fhir/_async/none").get_json()["issue"][0]["details"]["coding"][0]["code"] == "http.not-found"


def test_a_key_that_cannot_be_read_is_refused_at_once(keeping_client):
    assert keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=LATER | {"Idempotency-Key": 'a"b'}).status_code == 400


def test_too_many_jobs_are_refused(keeping_client, monkeypatch):
    monkeypatch.setattr(later, "_MOST", 0)
    answer = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=LATER)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


# ---------------------------------------------------------------- the worker


@pytest.fixture
def service(store):
    times = [NOW]
    return times, Service(load_rule_book(), load_sites(SITE), store, lambda: times[0])


def add(store, *names):
    with store.begin() as unit:
        for name in names:
            unit.add_job(Job(name, "echo", "h", name.encode()), NOW)


def test_jobs_are_worked_on_in_their_order_and_once(store, service):
    seen = []

    def echo(data, head):
        seen.append((data, head))
        return Answer(200, b"{}")

    add(store, "one", "two")
    jobs = Jobs(service[1], store, {"echo": echo})
    assert [jobs.work_once() for _ in range(3)] == [True, True, False]
    assert seen == [(b"one", "h"), (b"two", "h")]


def test_a_job_whose_worker_ended_is_taken_by_another_and_not_before(store, service):
    times, parts = service
    add(store, "one")
    with store.begin() as unit:
        assert unit.take_job(NOW, NOW + timedelta(minutes=5)).id == "one"
    other = Jobs(parts, store, {"echo": lambda *_: Answer(200, b"{}")})
    assert other.work_once() is False
    times[0] = NOW + timedelta(minutes=6)
    assert other.work_once() is True


def test_a_job_stays_where_the_store_fails(store, service, capsys):
    fails = [True]

    def shaky(_data, _head):
        if fails:
            raise OperationalError("select", {}, Exception(fails.pop()))
        return Answer(200, b"{}")

    times, parts = service
    add(store, "one")
    jobs = Jobs(parts, store, {"echo": shaky})
    assert jobs.work_once() is False
    times[0] = NOW + timedelta(minutes=6)
    assert jobs.work_once() is True
    with store.reading() as unit:
        assert unit.find_job("one").status == 200
    assert "OperationalError" in capsys.readouterr().out


def test_a_bug_is_the_answer_of_its_job_and_the_next_one_is_worked_on(store, service, capsys):
    def fail(data, _head):
        if data == b"one":
            raise KeyError("Samplepatient")
        return Answer(200, b"{}")

    add(store, "one", "two")
    jobs = Jobs(service[1], store, {"echo": fail})
    assert [jobs.work_once() for _ in range(3)] == [True, True, False]
    with store.reading() as unit:
        first, second = unit.find_job("one"), unit.find_job("two")
    assert (first.status, second.status) == (500, 200)
    assert json.loads(first.body)["issue"][0]["severity"] == "fatal"
    assert "Samplepatient" not in capsys.readouterr().out + first.body.decode()
