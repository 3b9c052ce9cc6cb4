"""What is made here is kept, and comes back when its claim does: FHIR or 837."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adapter.bulk.context import Workplace, build_restoring_context
from adapter.deliver import gather_bundles, wrap_document
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

    Of several that are kept under its number the claim is the one that it equals, the newest of them where several do. A
    claim that equals none is restored from what was sent, with the warning `claim.kept-differs`, which compares the newest;
    without a store every claim is. A document that is no Bundle becomes the entry of one; several are one entry each,
    in JSON all of them.
    """
    context = build_restoring_context(data, workplace)
    if store is None:
        return restore_document(data, context)
    claims = read_claims(data, context)
    issues: list[Issue] = list(claims.issues)
    sources: dict[str, None] = {}
    sent: list[Claim] = []
    for claim in claims.value or ():
        kept = store.find_claims(claim.identifier)
        source = _find_source(claim, sorted(kept, key=lambda one: one.bundle != data), context)  # what is it byte for byte, first
        if source.value is not None:
            sources[source.value] = None
        else:
            issues += source.issues
            sent.append(claim)
    restored = restore_claims(sent, context)
    issues += restored.issues
    shapes = workplace.rule_book.shapes
    bundles = [wrap_document(rewrite_as_json(store.find_document(source), shapes)) for source in sources]
    if restored.value is not None:
        bundles.append(restored.value)
    return Outcome(gather_bundles(bundles) if bundles else None, context.rule_book.tables.cited(issues))


def _find_source(claim: Claim, stored: Iterable[StoredClaim], context: RestoringContext) -> Outcome[str]:
    """Find the document of the first kept claim that a claim equals, else say how it differs from the first."""
    issues: tuple[Issue, ...] = ()
    for one in stored:
        kept = _read_kept(one, context)
        completed = complete_claim(claim, kept)
        if completed.value == kept:
            return Outcome(one.source)
        issues = issues or completed.issues
    return Outcome(None, issues)


def _read_kept(stored: StoredClaim, context: RestoringContext) -> Claim:
    claims = read_claims(stored.bundle, context).value
    if claims is None:
        raise ValueError("a claim Bundle that was kept here does not read back")
    return claims[0]
