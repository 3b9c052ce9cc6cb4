"""The rules of a payer, SNIP type 7: what the site file says that this payer takes, and no guide does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import Claim, SitePayer
from adapter.x12.loop import ClaimLoops

__all__ = ["SitePayers", "check_payer", "validate_payers"]

_FREQUENCY = ("x12.7.2300.CLM05-3.1", "2300/CLM/05-3", "related[0].relationship")
_INDICATOR = ("x12.7.2000B.SBR09.1", "2000B/SBR/09", "insurance[0].coverage.resolve().type")

SitePayers = Mapping[str, Iterable[SitePayer]]
"""The payers of each billing provider, by its NPI."""

_Broken = tuple[tuple[str, str, str], str]  # a rule with its place in X12 and in a Claim, and what it says


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
        row, indicator = rows.get(claim.insurance.payer.id), claim.insurance.filing_indicator
        for (rule, _, element), text in _judge(row, claim.frequency, indicator):
            yield Issue(Severity.ERROR, IssueType.BUSINESS_RULE, rule, text, (f"{root}.{element}",))


def check_payer(loops: ClaimLoops, payers: SitePayers, root: str) -> Iterator[Issue]:
    """Check one claim as it was received by the same rules; `root` is what it is called in a Claim's FHIRPath.

    Errors: those of `validate_payers`, with `loop/segment/element` first and the line. Information:
    `x12.7.2010AA.NM109.1` where nothing is said of a billing provider, so that its claim was held to no payer's rule.
    """
    provider = loops.get("2010AA").find("NM1")
    rows = payers.get(provider.get(9) if provider else "")
    if rows is None:
        yield Issue(
            Severity.INFORMATION, IssueType.INCOMPLETE, "x12.7.2010AA.NM109.1", "No site file is this billing provider's: its "
            "claims were held to no rule of a payer. Name its site file as well.",
            ("2010AA/NM1/09", f"{root}.provider.resolve().identifier"), line=provider.line if provider else None,
        )
        return
    payer, claim, subscriber = loops.get("2010BB").find("NM1"), loops.get("2300").find("CLM"), loops.get("2000B").find("SBR")
    row = next((one for one in rows if payer and one.id == payer.get(9)), None)
    frequency, indicator = claim.get(5, 3) if claim else "", subscriber.get(9) if subscriber else ""
    for (rule, place, element), text in _judge(row, frequency, indicator or None):
        segment = claim if rule == _FREQUENCY[0] else subscriber
        line = segment.line if segment else None
        yield Issue(Severity.ERROR, IssueType.BUSINESS_RULE, rule, text, (place, f"{root}.{element}"), line=line)


def _judge(payer: SitePayer | None, frequency: str, indicator: str | None) -> Iterator[_Broken]:
    if payer is None:
        return
    if frequency not in payer.frequency_codes:
        yield _FREQUENCY, (
            f"This payer takes no claim of this frequency code, only {', '.join(payer.frequency_codes)} (frequency_codes of the "
            "site file). Ask the payer to reopen the claim, or correct the site file.")
    if payer.filing_indicator is not None and indicator != payer.filing_indicator:
        yield _INDICATOR, (
            f"The claim filing indicator is not {payer.filing_indicator}, that of this payer in the site file. Correct the "
            "Coverage or the site file.")
