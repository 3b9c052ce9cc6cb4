"""The rules of a payer, SNIP type 7: what the site file says that this payer takes, and no guide does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Claim, SitePayer

__all__ = ["validate_payers"]


def validate_payers(claims: Sequence[Claim], payers: Iterable[SitePayer]) -> Iterator[Issue]:
    """Check claims by what the site file says of the payer of each; a payer that it does not name has no rule here.

    Errors: `x12.7.2300.CLM05-3.1` where the payer takes no claim of this frequency (`frequency_codes`),
    `x12.7.2000B.SBR09.1` where its claim filing indicator is another (`filing_indicator`).

    >>> list(validate_payers((), (SitePayer("60054", "Example Health Plan", "commercial"),)))
    []
    """
    rows = {payer.id: payer for payer in payers}
    for place, claim in enumerate(claims):
        root = f"Claim[{place}]" if len(claims) > 1 else "Claim"
        payer = rows.get(claim.insurance.payer.id)
        if payer is None:
            continue
        if claim.frequency not in payer.frequency_codes:
            yield _tell("x12.7.2300.CLM05-3.1", f"{root}.related[0].relationship", "This payer takes no claim of this frequency "
                        f"code, only {', '.join(payer.frequency_codes)} (frequency_codes of the site file). Ask the payer to "
                        "reopen the claim, or correct the site file.")
        if payer.filing_indicator is not None and claim.insurance.filing_indicator != payer.filing_indicator:
            yield _tell("x12.7.2000B.SBR09.1", f"{root}.insurance[0].coverage.resolve().type", "The claim filing indicator is "
                        f"not {payer.filing_indicator}, that of this payer in the site file. Correct the Coverage or the site "
                        "file.")


def _tell(rule: str, place: str, text: str) -> Issue:
    return Issue(Severity.ERROR, IssueType.BUSINESS_RULE, rule, text, (place,))
