"""What is taken at once, and from one address: places for work, a queue before them, and an allowance for each client."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock

from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

__all__ = ["Allowance", "Left", "Limits", "Places"]

_MINUTE = 60.0
_ADDRESSES = 10_000  # that an allowance remembers; the one that was silent longest is forgotten first
_WEIGHT = 0.1        # of the newest request in the mean: the last twenty or so say how long one takes
_PATIENCE = 15.0     # seconds that a request may expect to wait for a place: longer than that it is refused at once


@dataclass(frozen=True, slots=True)
class Limits:
    """How many documents are worked on at one time, how many wait for that, and what one address may ask in a minute.

    `rate` None allows any number. A queue is short on purpose: what would wait long is better sent again later.
    """

    at_once: int = 8
    waiting: int = 56
    rate: int | None = None


class Places:
    """The places for work, and the queue before them.

    How long a request holds a place is measured, so that whoever is refused is told when there will be room: all that
    wait, times the mean time that one takes, divided among the places.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places = BoundedSemaphore(limits.at_once)
        self._lock = Lock()
        self._mean = 0.0
        self.working = self.waiting = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place, waiting for it in the queue. Errors: ServiceUnavailable, with the seconds until there is room."""
        with self._lock:
            full = self._limits.at_once + self._limits.waiting
            if self.working + self.waiting >= full or self._expected() > _PATIENCE:
                raise ServiceUnavailable(retry_after=self._seconds())
            self.waiting += 1
        with self._places:
            began = time.perf_counter()
            with self._lock:
                self.waiting -= 1
                self.working += 1
            try:
                yield
            finally:
                self._leave(time.perf_counter() - began)

    def seconds(self) -> int:
        """Give the whole seconds until all that is taken now will be done: one at least."""
        with self._lock:
            return self._seconds()

    def _leave(self, held: float) -> None:
        with self._lock:
            self.working -= 1
            self._mean += (held - self._mean) * (_WEIGHT if self._mean else 1.0)

    def _expected(self) -> float:
        return self._mean * self.waiting / self._limits.at_once

    def _seconds(self) -> int:
        return max(1, math.ceil(self._mean * (self.waiting + self.working) / self._limits.at_once))


@dataclass(frozen=True, slots=True)
class Left:
    """What an address has left: requests, of how many a minute, and the seconds until it has all of them again."""

    quota: int
    requests: int
    seconds: int

    def headers(self) -> list[tuple[str, str]]:
        """Write the header fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10).

        >>> Left(600, 12, 59).headers()
        [('RateLimit-Policy', '"address";q=600;w=60'), ('RateLimit', '"address";r=12;t=59')]
        """
        return [
            ("RateLimit-Policy", f'"address";q={self.quota};w={_MINUTE:.0f}'),
            ("RateLimit", f'"address";r={self.requests};t={self.seconds}'),
        ]


class Allowance:
    """What each address may ask: `rate` requests a minute, in one go or spread, which come back evenly."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._lock = Lock()
        self._asked: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was so

    def take(self, address: str) -> Left:
        """Take one request of an address. Errors: TooManyRequests, with the seconds until there is one again."""
        now = self._clock()
        with self._lock:
            left, since = self._asked.pop(address, (float(self._rate), now))
            left = min(self._rate, left + (now - since) * self._rate / _MINUTE)
            fits = left >= 1
            left -= 1 if fits else 0
            self._asked[address] = (left, now)
            if len(self._asked) > _ADDRESSES:
                self._asked.popitem(last=False)
        if not fits:
            raise TooManyRequests(retry_after=math.ceil((1 - left) * _MINUTE / self._rate))
        return self._left(left)

    def none(self) -> Left:
        """Give what an address has left that is refused: nothing, until the allowance of a minute is whole again."""
        return self._left(0.0)

    def _left(self, left: float) -> Left:
        return Left(self._rate, int(left), math.ceil((self._rate - left) * _MINUTE / self._rate))
