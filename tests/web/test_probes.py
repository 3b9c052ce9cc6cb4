"""The probes say the truth: not ready from the moment that the service is told to end, while it finishes what it has."""

import json
import signal
import time

import pytest

from tests.samples import refill_bytes
from tests.web.exchange import rules
from tests.web.served import LIVEZ, Served, receive

READYZ = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_a_service_that_was_told_to_end_is_not_ready_but_alive(client):
    assert client.get("/readyz").status_code == 200
    client.application.extensions["stopping"].set()
    answer = client.get("/readyz")
    assert (answer.status_code, rules(answer)) == (503, ["http.not-ready"])
    assert client.get("/livez").status_code == 200
    assert "refill_stopping 1.0" in client.get("/metrics").text


def begin(served):
    """Send a request but for its last byte."""
    body = refill_bytes()
    connection = served.connect()
    head = b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % len(body) + body[:-1])
    return connection, body[-1:]


@pytest.mark.server
def test_a_graceful_stop_is_seen_first_and_finishes_the_requests_in_flight(monkeypatch):
    monkeypatch.setenv("REFILL_DRAIN", "3")
    served = Served()
    assert served.send(READYZ)[0] == 200
    in_flight = [begin(served) for _ in range(4)]
    time.sleep(0.3)  # they have been accepted
    served.process.send_signal(signal.SIGTERM)
    until, told = time.monotonic() + 2.5, []
    while not told or told[-1] != 503:
        told.append(served.send(READYZ)[0])
        assert time.monotonic() < until
    assert served.send(LIVEZ)[0] == 200
    late, last = begin(served)  # who has not looked yet is still served
    for connection, end in [*in_flight[:3], (late, last)]:
        with connection:
            connection.sendall(end)
            status, _, body = receive(connection)
        assert (status, json.loads(body)["entry"][0]["resource"]["resourceType"]) == (200, "Claim")
    time.sleep(3)  # it takes no more now, and waits for the last that is in flight
    with pytest.raises(OSError, match=r"refused|reset"):
        served.send(READYZ)
    connection, end = in_flight[3]
    with connection:
        connection.sendall(end)
        assert receive(connection)[0] == 200
    out, err = served.process.communicate(timeout=30)
    assert (served.process.returncode, out, err) == (0, "", "")


@pytest.mark.server
def test_a_drain_of_no_seconds_ends_at_once(monkeypatch):
    monkeypatch.setenv("REFILL_DRAIN", "0")
    served = Served()
    began = time.monotonic()
    assert served.end()[0] == 0
    assert time.monotonic() - began < 5
