"""How a request arrives: every byte before its time is over, and all requests together in the room there is."""

from __future__ import annotations

import socket
import time
from threading import Lock
from typing import Any

from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader

__all__ = ["Arrival", "CrowdedOutError", "LateRequestError", "Room"]

PATIENCE = 20.0
"""Seconds that a request has to arrive."""

RATE = 50_000
"""Bytes that give it a second more: 400 kbit/s is the slowest line on which the largest body arrives."""

_HEAD = 32 * 1024  # bytes of a head that are kept while it is read: more than a sound one may have
_END = b"\r\n\r\n"


class LateRequestError(errors.ParseException):
    """The request did not arrive in time: 408."""


class CrowdedOutError(errors.ParseException):
    """The requests that are arriving fill the room: 503."""


class Room:
    """The bytes that all unanswered requests of a process may hold together."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = Lock()

    def take(self, size: int) -> bool:
        """Take bytes of the room; false where there are not so many left."""
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        return fits

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._left += size


class Arrival(SocketUnreader):
    """The bytes of one connection, request by request.

    The clock of a request begins when its first byte is waited for, and each byte that comes puts its end off a little:
    who sends nothing is refused after `PATIENCE` seconds, who sends slowly but steadily is not. What comes first needs no
    room, so a short request is served however full it is. `head` holds what came of the head of the request.
    """

    def __init__(self, sock: socket.socket, room: Room) -> None:
        super().__init__(sock)
        self._room = room
        self.end()

    def end(self) -> None:
        """End a request: its room is given back, and the next one has a clock of its own."""
        self._room.give_back(getattr(self, "_taken", 0))
        self._taken = self._size = 0
        self.head = b""
        self._began: float | None = None
        self.is_answered = False

    def read(self, *size: Any, **how: Any) -> bytes:
        """Give the next bytes, and keep those of the head: whoever is refused before it is understood may have said how."""
        data = bytes(super().read(*size, **how))
        if len(self.head) < _HEAD and _END not in self.head:
            self.head += data[:_HEAD]
        return data

    def chunk(self, *size_hint: Any) -> bytes:
        """Wait for the next bytes.

        Errors: LateRequestError, CrowdedOutError, ParseException where the request breaks off, NoMoreData where the
        client is gone. What is left of a request that is answered already is the server's to drain, in its own time.
        """
        if self.is_answered:
            return bytes(super().chunk(*size_hint))
        now, is_first = time.monotonic(), self._began is None
        self._began = self._began or now
        left = self._began + PATIENCE + self._size / RATE - now
        if left <= 0:
            raise LateRequestError
        before = self.sock.gettimeout()
        self.sock.settimeout(left)
        try:
            data = bytes(super().chunk(*size_hint))
        except TimeoutError:
            raise LateRequestError from None
        except OSError:
            raise errors.NoMoreData from None
        finally:
            self.sock.settimeout(before)
        if not data and self._size:
            raise errors.ParseException
        self._size += len(data)
        if not is_first:
            if not self._room.take(len(data)):
                raise CrowdedOutError
            self._taken += len(data)
        return data
