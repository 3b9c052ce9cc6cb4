"""`make proof`: the laws of claims on very many random cases, and a page that says what came of it.

Every law is first seen to catch a fault that is planted in the program.
"""

from __future__ import annotations

import os
import platform
import secrets
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

import adapter
from tests.proof import laws
from tests.proof.laws import LAWS, Proof, prove

PAGES = Path(__file__).parents[2] / "docs" / "proof"
MOST_CASES, MOST_SECONDS, PROCESSES = 5_000, 150.0, 2  # a law; five laws on two processes are three rounds, eight minutes


def page(proofs: list[Proof], day: str) -> str:
    """Write the page of one run."""
    held = all(proof.fault is None for proof in proofs)
    lines = [
        f"# The laws of claims, {day}", "",
        f"`make proof` drew up to {MOST_CASES:,} random claims or files for each law, {MOST_SECONDS:.0f} seconds at most.",
        "Every law held." if held else "A law broke.", "",
        f"Version {adapter.__version__} of refill-adapter, Python {platform.python_version()}, Hypothesis {hypothesis.__version__}.", "",
        "| law | it says | cases | first seed | seconds | outcome |", "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {law.number} | {law.says} | {proof.cases:,} | {proof.seed} | {proof.seconds:.0f} | {proof.fault or 'held'} |"
        for law, proof in zip(LAWS, proofs, strict=True)
    ]
    again = "A batch of 250 cases has one seed, the next batch the next: `prove(law, seed, 250, 60)` of `tests/proof/laws.py` draws it again."
    return "\n".join([*lines, "", again, ""])


@pytest.mark.proof
def test_the_laws_hold_on_very_many_random_claims():
    seeds = [secrets.randbelow(10**9) for _ in LAWS]
    numbers = [law.number for law in LAWS]
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1), get_context("spawn")) as pool:
        proofs = list(pool.map(prove, numbers, seeds, [MOST_CASES] * len(LAWS), [MOST_SECONDS] * len(LAWS)))
    day = datetime.now(UTC).date().isoformat()
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / f"{day}-laws.md").write_text(page(proofs, day), encoding="utf-8")
    assert [proof.fault for proof in proofs] == [None] * len(LAWS)
    assert all(proof.cases >= 250 for proof in proofs)


# ---------------------------------------------------------------- the plants


def misread(tree):
    found = READ_CLAIM(tree)
    return replace(found, value=found.value and replace(found.value, accept_assignment=not found.value.accept_assignment))


def overcharged(text):
    """Read a cent too much where a claim has several lines."""
    found = READ_837(text)
    claims = [one if len(one.lines) < 2 else replace(one, lines=(replace(one.lines[0], charge=one.lines[0].charge + Decimal("0.01")), *one.lines[1:]))
              for one in found.value.claims]
    return replace(found, value=replace(found.value, claims=tuple(claims)))


def guessed(restored, stamp):
    tree = WRITE_REFILL(restored, stamp)
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "MedicationAdministration":
            entry["resource"]["dosage"] = {"route": {"text": "intravenous"}}
    return tree


def numbered(tree):
    return ENCODE_JSON({**tree, "id": str(next(NUMBERS))})


NUMBERS = count()
READ_CLAIM, READ_837, WRITE_REFILL, ENCODE_JSON = laws.read_claim, laws.read_837, laws.write_refill, laws.encode_json
PLANTS = {1: ("read_claim", misread), 2: ("read_837", overcharged), 3: ("read_837", overcharged), 4: ("write_refill", guessed), 5: ("encode_json", numbered)}


@pytest.mark.long
@pytest.mark.parametrize("number", PLANTS)
def test_a_planted_fault_breaks_its_law_and_the_sound_program_holds_it(number, monkeypatch):
    sound = prove(number, 7, 25, 60)
    assert (sound.fault, sound.cases) == (None, 25)
    monkeypatch.setattr(laws, *PLANTS[number])
    assert "AssertionError at seed 7" in (prove(number, 7, 25, 60).fault or "")


def test_a_law_runs_until_it_has_its_cases_or_no_more_time(monkeypatch):
    monkeypatch.setattr(laws, "LAWS", (replace(LAWS[0], cases=st.integers, check=lambda _: None),))
    assert prove(1, 7, 25, 60).cases == 25
    assert prove(1, 7, 600, 60).cases == 750
    assert prove(1, 7, 300, 0).cases == 0


def test_the_page_says_what_broke_and_with_which_seed():
    proofs = [Proof(law.number, 7, 250, 1.2) for law in LAWS]
    assert "Every law held." in page(proofs, "2026-03-02")
    told = page([replace(proofs[0], fault="AssertionError at seed 9"), *proofs[1:]], "2026-03-02")
    assert "A law broke." in told
    assert "| 250 | 7 | 1 | AssertionError at seed 9 |" in told
