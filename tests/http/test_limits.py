"""Limits: what finds no place is told when to come again, and one address asks no more than it may."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from adapter.http.limits import Allowance, Limits, Places
from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.web import Service, create_app
from tests.samples import SITE
from tests.web.conftest import NOW
from tests.web.exchange import outcome, rules

PATIENT = b'{"resourceType": "Patient"}'


def hold(places, go):
    with places.place():
        go.wait(10)


def crowd(places, number, pool):
    """Have so many hold a place or wait for one, until the event that is given."""
    go = Event()
    held = [pool.submit(hold, places, go) for _ in range(number)]
    until = time.monotonic() + 10
    while places.working < places._limits.at_once or places.working + places.waiting < number:
        assert time.monotonic() < until
        time.sleep(0.001)
    return go, held


def test_what_finds_no_place_in_the_queue_is_refused_at_once_and_the_others_are_served():
    places = Places(Limits(at_once=2, waiting=3))
    with ThreadPoolExecutor(8) as pool:
        go, held = crowd(places, 5, pool)
        assert (places.working, places.waiting) == (2, 3)
        with pytest.raises(ServiceUnavailable) as refused, places.place():
            pytest.fail("there is no place")
        assert refused.value.retry_after == 1
        go.set()
        assert [one.result() for one in held] == [None] * 5
    assert (places.working, places.waiting) == (0, 0)
    with places.place():
        assert places.working == 1


@pytest.mark.parametrize(("took", "waiting", "seconds"), [(0.01, 40, 1), (0.5, 40, 6), (2.0, 10, 7), (2.0, 0, 2)])
def test_the_time_to_come_again_is_that_in_which_the_queue_drains(took, waiting, seconds):
    places = Places(Limits(at_once=4))
    places._mean = took
    places.working, places.waiting = 4, waiting
    assert places.seconds() == seconds


def test_what_would_wait_longer_than_anyone_waits_is_refused_though_there_is_room_in_the_queue():
    places = Places(Limits(at_once=1, waiting=100))
    places._mean = 6.0
    places.waiting = 3
    with pytest.raises(ServiceUnavailable) as refused, places.place():
        pytest.fail("it would wait 18 seconds")
    assert refused.value.retry_after == 18


def test_the_mean_follows_what_requests_take_now():
    places = Places(Limits(at_once=1))
    for took in [8.0] * 5 + [0.5] * 60:
        places._leave(took)
    places.working, places.waiting = 0, 10
    assert 5 <= places.seconds() <= 6


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_an_address_asks_no_more_than_it_may_and_its_allowance_comes_back_evenly():
    clock = Clock()
    allowance = Allowance(6, clock)
    assert [allowance.take("a").requests for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    with pytest.raises(TooManyRequests) as refused:
        allowance.take("a")
    assert refused.value.retry_after == 10
    assert allowance.take("b").requests == 5
    clock.now = 10.0
    assert allowance.take("a").requests == 0
    clock.now = 1000.0
    assert allowance.take("a").requests == 5


def test_being_refused_costs_nothing_and_the_time_told_is_true():
    clock = Clock()
    allowance = Allowance(60, clock)
    for _ in range(60):
        allowance.take("a")
    for _ in range(500):
        with pytest.raises(TooManyRequests) as refused:
            allowance.take("a")
    clock.now += refused.value.retry_after
    assert allowance.take("a").requests == 0


def test_no_more_than_ten_thousand_addresses_are_remembered():
    allowance = Allowance(6)
    for number in range(10_500):
        allowance.take(f"2001:db8::{number:x}")
    assert len(allowance._asked) == 10_000


@pytest.fixture
def bounded():
    service = Service(load_rule_book(), load_sites(SITE), None, lambda: NOW, Limits(at_once=1, waiting=1, rate=3))
    return create_app(service)


def ask(client, **how):
    return client.post("/fhir/Patient/$validate", data=PATIENT, content_type="application/fhir+json", **how)


def test_over_http_an_address_that_asks_too_much_is_a_429_with_all_that_it_needs_to_know(bounded):
    client = bounded.test_client()
    answers = [client.get("/fhir/metadata") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert rules(answers[3]) == ["http.too-many-requests"]
    assert outcome(answers[3])["issue"][0]["code"] == "throttled"
    assert answers[3].headers["Retry-After"] == "20"
    assert [one.headers["RateLimit"] for one in answers] == [f'"address";r={left};t={after}' for left, after in ((2, 20), (1, 40), (0, 60), (0, 60))]
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"address";q=3;w=60'}
    other = client.get("/fhir/metadata", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200
    assert client.get("/livez").status_code == client.get("/metrics").status_code == 200


def test_over_http_what_finds_no_place_is_a_503_that_says_when_to_come_again(bounded):
    places = bounded.extensions["places"]
    client = bounded.test_client()
    places._mean = 3.0
    with ThreadPoolExecutor(4) as pool:
        go, held = crowd(places, 2, pool)
        answer = ask(client)
        go.set()
        for one in held:
            one.result()
    assert (answer.status_code, rules(answer)) == (503, ["http.not-ready"])
    assert answer.headers["Retry-After"] == "6"
    assert ask(client).status_code == 200
    assert 'refill_turned_away_total{status="503"} 1.0' in client.get("/metrics").text


def test_without_a_limit_nothing_is_said_of_one(client):
    answer = ask(client)
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_every_refusal_names_its_request_its_remedy_and_its_page(client):
    answer = client.get("/fhir/Nope", headers={"X-Request-Id": "r-1"})
    tree = json.loads(answer.data)
    assert [(one["url"].rpartition("/")[2], one["valueString"]) for one in tree["extension"]] == [("request-id", "r-1")]
    told = {part["url"]: part for part in tree["issue"][0]["extension"][-1]["extension"]}
    assert told["page"]["valueUrl"].endswith("/docs/rules#http.not-found")
    assert told["remedy"]["valueString"] == load_rule_book().tables.sentences["http.not-found"][1]
    checked = outcome(client.post("/fhir/OperationOutcome/$validate", data=answer.data, content_type="application/fhir+json"))
    assert [issue["details"]["coding"][0]["code"] for issue in checked["issue"]] == ["outcome.all-ok"]
