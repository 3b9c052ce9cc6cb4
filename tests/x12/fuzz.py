"""Random and mutated bytes into the reader and the check of claims: each answers with a value or an issue, soon and in little memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time

from adapter.x12 import check_837, read_837
from adapter.x12.text import decode_text
from tests.x12.examples import DEPENDENT, OWN

__all__ = ["LARGEST", "LONGEST", "Fuzzed", "fuzz", "mutate"]

LONGEST, LARGEST = 1.0, 50_000_000
_SAMPLES = Path(__file__).parents[2] / "samples"
_TEXTS = (OWN, DEPENDENT, *(path.read_text(encoding="ascii") for path in sorted(_SAMPLES.glob("*.x12"))))
_SIGNS = [*"*~:^\r\n |>AZaz09-.%", "\x00", "\u00e9", "\u0661", "ISA*", "~HL*", "~SE*", "~LX*", "NM1*", "CLM*", "9" * 400]


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What came of many texts: how many were read, the longest time of the processor in seconds, the largest memory in bytes."""

    read: int
    longest: float
    largest: int


def mutate(chance: Random) -> bytes:
    """Give random bytes, or a file of claims that is cut, overwritten, repeated in part or decoded in another way."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randint(0, 2000))
    text = chance.choice(_TEXTS)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        start, cut = chance.randint(0, len(text)), chance.randint(0, chance.choice((0, 1, 4, 40)))
        put = "".join(chance.choice(_SIGNS) for _ in range(chance.choice((0, 1, 2, 6))))
        if chance.random() < 0.1:
            put = text[start : start + 300] * chance.randint(1, 20)
        text = text[:start] + put + text[start + cut :]
    return text.encode(chance.choice(("utf-8", "utf-8", "latin-1", "utf-16")), errors="replace")


def fuzz(seed: int, count: int) -> Fuzzed:
    """Read and check so many texts, and assert that each is answered with a value or an error."""
    chance = Random(seed)  # noqa: S311 -- the same faults each time
    found, longest, largest = 0, 0.0, 0
    tracemalloc.start()
    try:
        for _ in range(count):
            data = mutate(chance)
            tracemalloc.reset_peak()
            before, began = tracemalloc.get_traced_memory()[0], process_time()
            text = decode_text(data)
            answer = read_837(text.value) if text.value is not None else text
            if text.value is not None:
                check_837(text.value)
            longest = max(longest, process_time() - began)
            largest = max(largest, tracemalloc.get_traced_memory()[1] - before)
            assert answer.value is not None or any(issue.is_error for issue in answer.issues)
            found += answer.value is not None
    finally:
        tracemalloc.stop()
    return Fuzzed(found, longest, largest)
