"""The claims of one answer as bytes, in the language that is asked for."""

from __future__ import annotations

from adapter.cli.workplace import make_envelope
from adapter.deliver import gather_claims
from adapter.flow import Context, write_claims, write_x12
from adapter.issues import Outcome
from adapter.terms import CodingAnswer

__all__ = ["write_as"]


def write_as(language: str, answer: CodingAnswer, context: Context, usage: str) -> Outcome[bytes]:
    """Write the claims of an answer: `fhir` or `837`; all of them, or none where one cannot be written.

    X12: `usage` is ISA15, T or P.
    """
    if language == "837":
        text = write_x12(answer, make_envelope(context.site, context.now, usage))
        return Outcome(text.value.encode() if text.value is not None else None, text.issues)
    outcomes = write_claims(answer, context)
    issues = tuple(issue for outcome in outcomes for issue in outcome.issues)
    claims = [outcome.value for outcome in outcomes if outcome.value is not None]
    return Outcome(gather_claims(claims) if claims else None, issues)
