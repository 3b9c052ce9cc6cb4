"""`make proof`: the readers of answers on a hundred thousand random and mutated texts."""

import secrets

import pytest

from tests.x12.answers import fuzz

pytestmark = pytest.mark.proof
CASES = 100_000


def test_a_hundred_thousand_texts_are_answered_each_within_a_second():
    seed = secrets.randbits(64)
    assert fuzz(CASES, seed) < 1, f"seed {seed}"
