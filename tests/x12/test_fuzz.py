"""The reader and the check of claims on random and mutated bytes; a hundred thousand are in `make proof`."""

from __future__ import annotations

import time

import pytest

from adapter.issues import Outcome
from tests.x12 import fuzz as fuzzing
from tests.x12.fuzz import LARGEST, LONGEST, fuzz


@pytest.mark.long
def test_three_thousand_texts_are_answered_each_within_a_second_and_fifty_megabytes():
    found = fuzz(6, 3_000)
    assert found.read > 100
    assert found.longest < LONGEST
    assert found.largest < LARGEST


def silent(_):
    return Outcome(None)


def raising(_):
    raise KeyError


@pytest.mark.parametrize(("planted", "fault"), [(silent, AssertionError), (raising, KeyError)])
def test_a_reader_that_says_nothing_or_raises_is_seen(planted, fault, monkeypatch):
    monkeypatch.setattr(fuzzing, "read_837", planted)
    with pytest.raises(fault):
        fuzz(1, 20)


def test_a_reader_that_is_slow_or_greedy_is_seen(monkeypatch):
    read = fuzzing.read_837

    def slow(text):
        ends = time.process_time() + 0.05
        while time.process_time() < ends:
            pass
        return read(text + " " * 10_000_000)

    monkeypatch.setattr(fuzzing, "read_837", slow)
    found = fuzz(1, 20)
    assert found.longest >= 0.05
    assert found.largest > 10_000_000
