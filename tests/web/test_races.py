"""64 identical submits at once are one claim and one answer, on both databases; without what makes them so, it is seen."""

import pytest

from tests.web.races import race

pytestmark = [pytest.mark.server, pytest.mark.long]
ROUNDS = range(10)


@pytest.fixture
def place(request, tmp_path):
    return f"sqlite:///{tmp_path / 'refill.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")


def assert_once(rounds, number):
    found = list(rounds)
    for answers, kept, queued in found:
        assert [status for status, _ in answers] == [200], answers
        assert (kept, queued) == (number, number)


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_identical_submits_at_once_are_one_claim_and_one_answer(place):
    assert_once(race(place, ROUNDS), len(ROUNDS))


@pytest.mark.parametrize(("place", "plant"), [("sqlite", "no turns"), ("postgresql", "no holds")], indirect=["place"])
def test_a_planted_race_is_seen(place, plant):
    with pytest.raises(AssertionError):
        assert_once(race(place, range(100, 103), plant), 3)
