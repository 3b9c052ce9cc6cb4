"""What is made here is kept, and comes back when its claim does: FHIR or 837."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapter.bulk.context import Workplace, build_restoring_context
from adapter.deliver import gather_bundles
from adapter.fhir.document import rewrite_as_json
from adapter.flow import RestoringContext, read_claims, restore_claims, restore_document
from adapter.issues import Issue, Outcome
from adapter.terms import Claim, CodingAnswer
from adapter.x12 import complete_claim

if TYPE_CHECKING:  # SQLAlchemy is loaded only where something is kept
    from adapter.store import Store, StoredClaim

__all__ = ["pair_claims", "restore_kept"]


def pair_claims(answer: CodingAnswer, outcomes: Sequence[Outcome[bytes]]) -> list[tuple[str, bytes]]:
    """Pair the patient control number of each coded record with its claim Bundle, for the store."""
    numbers = (record.claim.identifier for record in answer.records if record.claim)
    pairs = zip(numbers, outcomes, strict=True)
    return [(number, outcome.value) for number, outcome in pairs if outcome.value is not None]


def restore_kept(data: bytes, workplace: Workplace, store: Store | None) -> Outcome[bytes]:
    """Restore a Claim, claim Bundle or 837P: the document that a claim was made of where it is kept here.

    A claim that is kept and came back with other facts is restored from what was sent, with the warning
    `claim.kept-differs`; so is every claim without a store. Several documents are one entry each, in JSON all of them.
    """
    context = build_restoring_context(data, workplace)
    if store is None:
        return restore_document(data, context)
    claims = read_claims(data, context)
    issues: list[Issue] = list(claims.issues)
    sources: dict[bytes, None] = {}
    sent: list[Claim] = []
    for claim in claims.value or ():
        stored = store.find_claim(claim.identifier)
        kept = _read_kept(stored, context) if stored else None
        completed = complete_claim(claim, kept) if kept else Outcome(claim)
        issues += completed.issues
        if stored and completed.value == kept:
            sources[rewrite_as_json(stored.source, workplace.rule_book.shapes)] = None
        else:
            sent.append(claim)
    restored = restore_claims(sent, context)
    issues += restored.issues
    bundles = [*sources, *([restored.value] if restored.value is not None else [])]
    return Outcome(gather_bundles(bundles) if bundles else None, context.rule_book.tables.cited(issues))


def _read_kept(stored: StoredClaim, context: RestoringContext) -> Claim:
    claims = read_claims(stored.bundle, context).value
    if claims is None:
        raise ValueError("a claim Bundle that was kept here does not read back")
    return claims[0]
