"""Two whole files in the shape that clearinghouses take, and how tests change a text or a claim in one place."""

from __future__ import annotations

import re
from pathlib import Path

from adapter.terms import Claim
from adapter.x12 import Envelope, read_837

__all__ = ["DEPENDENT", "OWN", "recounted", "without", "written_claim", "written_envelope"]

_CASES = Path(__file__).parent / "cases"
OWN = (_CASES / "837p-own.x12").read_text(encoding="ascii")
DEPENDENT = (_CASES / "837p-dependent.x12").read_text(encoding="ascii")


def written_claim(text: str = OWN) -> Claim:
    """Give the first claim of a text."""
    answer = read_837(text).value
    assert answer is not None
    return answer.claims[0]


def written_envelope(text: str = OWN) -> Envelope:
    """Give the envelope of a text."""
    answer = read_837(text).value
    assert answer is not None
    return answer.envelope


def recounted(text: str) -> str:
    """Put right SE01 after segments were added or taken away."""
    body = text[text.index("\nST*") + 1 : text.index("\nGE*")]
    return re.sub(r"(?m)^SE\*\d+", f"SE*{body.count('~')}", text)


def without(text: str, start: str) -> str:
    """Take away the first segment that starts so, and count again."""
    assert f"\n{start}" in text
    return recounted(re.sub(rf"\n{re.escape(start)}[^~]*~", "", text, count=1))
