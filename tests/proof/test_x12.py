"""`make proof`: thousands of generated claims before three readers, and a hundred thousand broken texts before ours."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import adapter
from tests.strategies import claim_files
from tests.x12 import readers
from tests.x12.fuzz import LARGEST, LONGEST, Fuzzed, fuzz

PAGES = Path(__file__).parents[2] / "docs" / "proof"
CLAIMS, TEXTS, PROCESSES, BATCH = 5_000, 100_000, 2, 250


@dataclass(frozen=True, slots=True)
class Agreed:
    """What came of generated files: the first seed, how many claims and lines, the longest claim, and what was wrong."""

    seed: int
    claims: int = 0
    lines: int = 0
    longest: int = 0
    dependents: int = 0
    others: int = 0
    seconds: float = 0.0
    fault: str | None = None


def agree(first_seed: int, most: int) -> Agreed:
    """Give generated files to the three readers, a batch a seed, until there are so many claims or one reader disagrees."""
    batch, began, made = first_seed, time.perf_counter(), []

    def check(file):
        readers.agree_on(file)
        made.extend((len(one.lines), one.insurance.subscriber is not None, bool(one.other_insurance)) for one in file[0])

    fault = None
    drawn = settings(max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    while len(made) < most and fault is None:
        try:
            seed(batch)(drawn(given(claim_files(long=True))(check)))()
        except Exception as error:  # noqa: BLE001 -- a crash of a reader is a disagreement as well
            fault = f"{type(error).__name__} at seed {batch}"
        batch += 1
    return Agreed(first_seed, len(made), sum(one[0] for one in made), max((one[0] for one in made), default=0),
                  sum(one[1] for one in made), sum(one[2] for one in made), time.perf_counter() - began, fault)


def page(agreed: list[Agreed], fuzzed: list[tuple[int, Fuzzed]], day: str) -> str:
    """Write the page of one run."""
    lines = [
        f"# X12: generated claims and broken texts, {day}", "",
        f"Version {adapter.__version__} of refill-adapter, Python {platform.python_version()}, Hypothesis {hypothesis.__version__}; `make proof`.", "",
        "Each generated file is written, and has to be accepted by pyx12 and by our own check, written again by x12sdk as the same text from what it",
        "read (its limits are those of `tests/x12/readers.py`), and read by us into the same records.", "",
        "| first seed | claims | lines | longest | of dependents | with other payers | seconds | outcome |", "|---|---|---|---|---|---|---|---|",
        *(f"| {one.seed} | {one.claims:,} | {one.lines:,} | {one.longest} | {one.dependents:,} | {one.others:,} | {one.seconds:.0f} | "
          f"{one.fault or 'no error of any reader'} |" for one in agreed),
        "", "Each broken text (random bytes, files cut, overwritten and repeated in part) is decoded, read and checked: no exception.", "",
        "| seed | texts | read all the same | longest, ms | largest, MB |", "|---|---|---|---|---|",
        *(f"| {one} | {TEXTS // PROCESSES:,} | {each.read:,} | {each.longest * 1000:.0f} | {each.largest / 1e6:.2f} |" for one, each in fuzzed),
        "", "A batch of 250 files has one seed, the next batch the next: `agree(seed, 250)` of `tests/proof/test_x12.py` draws it again.",
    ]
    return "\n".join([*lines, ""])


def each_process(step: Callable[[int, int], object], count: int) -> list[tuple[int, object]]:
    """Run a step in every process, each with its own seed and its part of the count."""
    seeds = [secrets.randbelow(10**9) for _ in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        return list(zip(seeds, pool.map(step, seeds, [count // PROCESSES] * PROCESSES), strict=True))


@pytest.mark.proof
def test_three_readers_agree_on_five_thousand_claims_and_a_hundred_thousand_broken_texts_are_answered():
    fuzzed = each_process(fuzz, TEXTS)
    agreed = [found for _, found in each_process(agree, CLAIMS)]
    day = datetime.now(UTC).date().isoformat()
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / f"{day}-x12.md").write_text(page(agreed, fuzzed, day), encoding="utf-8")
    assert [one.fault for one in agreed] == [None] * PROCESSES
    assert sum(one.claims for one in agreed) >= CLAIMS
    assert max(each.longest for _, each in fuzzed) < LONGEST
    assert max(each.largest for _, each in fuzzed) < LARGEST


def test_a_batch_is_drawn_until_there_are_enough_claims_and_stops_at_a_planted_fault(monkeypatch):
    monkeypatch.setitem(globals(), "BATCH", 4)
    sound = agree(7, 6)
    assert sound.fault is None
    assert sound.claims >= 6
    monkeypatch.setattr(readers, "check_with_pyx12", lambda _: ["1 planted"])
    assert agree(7, 6).fault == "AssertionError at seed 7"


def parts(seed: int, count: int) -> tuple[int, int]:
    return seed, count


def test_each_process_gets_a_seed_of_its_own_and_its_part_of_the_count():
    found = each_process(parts, 10)
    assert [told for _, told in found] == [(first, 10 // PROCESSES) for first, _ in found]
    assert len({first for first, _ in found}) == PROCESSES


def test_the_page_says_what_a_reader_found():
    told = page([Agreed(7, 250, 900, 50, 10, 20, 1.2), Agreed(8, fault="AssertionError at seed 9")], [(3, Fuzzed(5, 0.1, 2_000_000))], "2026-03-02")
    assert "| 7 | 250 | 900 | 50 | 10 | 20 | 1 | no error of any reader |" in told
    assert "AssertionError at seed 9 |" in told
    assert "| 3 | 50,000 | 5 | 100 | 2.00 |" in told
