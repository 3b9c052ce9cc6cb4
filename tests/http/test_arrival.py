"""The bytes of a request: they come in time and have room, or the request is refused."""

import socket
import time

import pytest
from gunicorn.http import errors

from adapter.http import arrival
from adapter.http.arrival import Arrival, CrowdedOutError, LateRequestError, Room


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(arrival, "PATIENCE", 0.2)


def test_who_sends_nothing_is_late(pair, quick):
    began = time.monotonic()
    with pytest.raises(LateRequestError):
        Arrival(pair[0], Room(100)).chunk()
    assert 0.2 <= time.monotonic() - began < 2


def test_who_sends_a_byte_now_and_then_is_late_too(pair, quick):
    coming = Arrival(pair[0], Room(100))
    began = time.monotonic()
    with pytest.raises(LateRequestError):
        dribble(pair, coming, 1000)
    assert 0.2 <= time.monotonic() - began < 2


def test_who_sends_slowly_but_steadily_is_not_late(pair, quick, monkeypatch):
    monkeypatch.setattr(arrival, "RATE", 10)
    coming = Arrival(pair[0], Room(100))
    dribble(pair, coming, 15)


def dribble(pair, coming, times):
    for _ in range(times):
        pair[1].sendall(b"x")
        assert coming.chunk() == b"x"
        time.sleep(0.02)


def test_each_request_of_a_connection_has_a_clock_of_its_own(pair, quick):
    coming = Arrival(pair[0], Room(100))
    for _ in range(3):
        time.sleep(0.15)
        pair[1].sendall(b"x")
        assert coming.chunk() == b"x"
        coming.end()


def test_what_does_not_fit_into_the_room_is_crowded_out_until_there_is_room_again(pair):
    room = Room(10)
    first, second = Arrival(pair[0], room), Arrival(pair[0], room)
    assert receive(pair, first, b"head", b"eightbyt") == b"eightbyt"
    with pytest.raises(CrowdedOutError):
        receive(pair, second, b"head", b"abc")
    first.end()
    second.end()
    assert receive(pair, second, b"head", b"tenbytes..") == b"tenbytes.."


def test_what_comes_first_needs_no_room(pair):
    assert receive(pair, Arrival(pair[0], Room(0)), b"GET /livez") == b"GET /livez"


def receive(pair, coming, *pieces):
    for piece in pieces:
        pair[1].sendall(piece)
        data = coming.chunk()
    return data


def test_an_end_before_a_request_is_an_end_and_one_within_it_is_a_fault(pair):
    coming = Arrival(pair[0], Room(100))
    pair[1].sendall(b"GET")
    pair[1].shutdown(socket.SHUT_WR)
    assert coming.chunk() == b"GET"
    with pytest.raises(errors.ParseException):
        coming.chunk()
    coming.end()
    assert coming.chunk() == b""


def test_what_is_left_of_an_answered_request_is_drained_in_the_servers_own_time(pair):
    coming = Arrival(pair[0], Room(0))
    coming.is_answered = True
    pair[0].settimeout(0.05)
    with pytest.raises(TimeoutError):
        coming.chunk()


def test_a_client_that_is_gone_is_no_fault_of_the_service(pair):
    pair[0].sendall(b"never read, so the connection is reset")
    pair[1].close()
    with pytest.raises(errors.NoMoreData):
        Arrival(pair[0], Room(100)).chunk()
