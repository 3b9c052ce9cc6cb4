"""Ten times what there are places for: those who find one are served, the others are told when to come again, and memory is flat."""

import time

import pytest

from tests.http.overload import overload
from tests.samples import refill_bytes
from tests.web.served import Served

pytestmark = pytest.mark.server


@pytest.fixture
def served(tmp_path, request):
    for name, value in getattr(request, "param", {}).items():
        request.getfixturevalue("monkeypatch").setenv(name, value)
    service = Served("--data", str(tmp_path / "data"))
    yield service
    code, out, err = service.end()
    assert (code, out, err) == (0, "", "")


def test_at_ten_times_its_capacity_the_service_answers_with_200_or_503_alone(served):
    overload(served, 1)  # what is loaded once is loaded now
    told = overload(served, 4)
    assert set(told.statuses) <= {200, 503}
    assert told.statuses[200] > 10
    assert told.statuses[503] > 10
    assert told.faults == []
    assert max(told.memory) < 1.25 * told.memory[0]
    time.sleep(1)
    assert b"Claim" in served.post("/fhir/$refill-to-claim", refill_bytes())


@pytest.mark.parametrize("served", [{"REFILL_RATE": "60"}], indirect=True)
def test_an_address_that_asks_too_much_is_told_so_before_anything_is_read(served):
    told = overload(served, 2, senders=16)
    assert set(told.statuses) <= {200, 429, 503}
    assert 55 <= told.statuses[200] <= 75
    assert told.statuses[429] > told.statuses[200]
    assert told.faults == []
