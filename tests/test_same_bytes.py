"""The same input, tables, clock and ids give the same bytes in every process, whatever the seed of its hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from adapter.flow import restore_document
from tests.test_golden import produced
from tests.test_samples import ROWS, back, context

pytestmark = pytest.mark.program

ROOT = Path(__file__).parent.parent
WORDS = {"act", "pump", "route", "place", "drug", "units", "charge", "modifier"}


def digests() -> dict[str, str]:
    """Give a digest of all that comes of every sample, and of what each claim of it restores to; of a set too, as a plant."""
    made = {"planted": " ".join(WORDS).encode()}
    for row in ROWS:
        for name, data in produced(row).items():
            made[f"{row.sample}: {name}"] = data
            if name.startswith("claim."):
                restored = restore_document(data, back(context(row.site))).value
                assert restored is not None
                made[f"{row.sample}: {name} restored"] = restored
    return {name: sha256(data).hexdigest() for name, data in made.items()}


def digests_in_a_process_of_its_own(seed: str) -> dict[str, str]:
    program = "import json; from tests.test_same_bytes import digests; print(json.dumps(digests()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
    )
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_every_sample_gives_the_same_bytes_in_every_process_and_the_order_of_a_set_would_not() -> None:
    first, second = map(digests_in_a_process_of_its_own, ("1", "2"))
    assert first.keys() == second.keys()
    assert {name.rpartition(": ")[2] for name in first} >= {"record.json", "claim.json", "claim.x12", "claim.json restored", "claim.x12 restored", "restored.json"}
    assert [name for name in first if first[name] != second[name]] == ["planted"]
