"""Who pays: the coverage that is billed, the site's row for its payer, the filing limit and the authorisations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from adapter.coding.decision import Decision, Visit, agreed
from adapter.coding.drug_code import find_drug_codes
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.terms import CoverageFacts, Insurance, Payer, SitePayer, TraceStep
from adapter.terms.mbi import is_mbi

__all__ = ["Insured", "decide_authorisations", "decide_insurance", "find_payer", "judge_filing"]

_WARN_DAYS = 14


@dataclass(frozen=True, slots=True)
class Insured:
    """The coverage billed and the rest, None and empty where they are not settled."""

    insurance: Insurance | None = None
    other: tuple[Insurance, ...] = ()


def find_payer(visit: Visit) -> Decision[tuple[SitePayer, CoverageFacts] | None]:
    """Find the primary coverage and the site's row for its payer: an identifier of the payor must equal a payer id."""
    coverages = [one for one in visit.facts.coverages if one.is_in_force]
    place = visit.facts.acts[0].source
    if not coverages:
        if visit.facts.coverages:
            text = "No coverage of the patient holds on the day of service."
            return Decision(None, (visit.issue("coverage.not-in-force", text, *[one.source for one in visit.facts.coverages]),))
        if visit.facts.patient is None:
            return Decision(None)
        text = "No Coverage names the patient as its beneficiary."
        return Decision(None, (visit.issue("coverage.missing", text, place),))
    ordered = sorted(coverages, key=lambda one: one.order or 0)
    orders = [one.order for one in ordered]
    if len(ordered) > 1 and (None in orders or len(set(orders)) < len(orders)):
        text = "Several coverages, and their order does not say which is primary."
        return Decision(None, (visit.issue("coverage.order-missing", text, *[f"{one.source}.order" for one in ordered]),))
    primary = ordered[0]
    if primary.order not in (None, 1):
        text = "The only coverage sent is not the primary one."
        return Decision(None, (visit.issue("coverage.primary-missing", text, f"{primary.source}.order"),))
    rows = _site_payers(visit, primary)
    if len(rows) == 1:
        step = TraceStep("payer", rows[0].id, primary.source, "payer.by-identifier")
        return Decision((rows[0], primary), (), (step,))
    text = "No identifier of the payor equals a payer id of the site file."
    if rows:
        text = "The payor's identifiers name several payers of the site file."
    places = [told.source for told in primary.payer_identifiers] or [f"{primary.source}.payor"]
    return Decision(None, (visit.issue("payer.unknown", text, *places),))


def _site_payers(visit: Visit, coverage: CoverageFacts) -> list[SitePayer]:
    told = {one.value for one in coverage.payer_identifiers}
    return [row for row in visit.site.payers if row.id in told]


def decide_insurance(visit: Visit, found: tuple[SitePayer, CoverageFacts] | None, form: str | None) -> Decision[Insured]:
    """Decide the coverage that is billed, complete enough for a claim, and list the others."""
    if found is None:
        return Decision(Insured())
    payer, primary = found
    issues: list[Issue] = []
    if visit.facts.decisions:
        text = "A payer has decided on a claim of this patient already: whether this is a secondary claim is for a person."
        issues.append(visit.issue("coverage.already-decided", text, *visit.facts.decisions))
    insurance = _read_insurance(visit, payer, primary, form, issues)
    other = []
    for coverage in sorted((one for one in visit.facts.coverages if one.is_in_force and one is not primary),
                           key=lambda one: one.order or 0):
        rows = _site_payers(visit, coverage)
        if len(rows) != 1:
            text = "The payer of a further coverage is not in the site file; the coverage is left off the claim."
            issues.append(visit.issue("payer.other-unknown", text, f"{coverage.source}.payor"))
            continue
        second = _read_insurance(visit, rows[0], coverage, form, issues)
        other += [second] if second else []
    return Decision(Insured(insurance, tuple(other)), tuple(issues))


def _read_insurance(
    visit: Visit, payer: SitePayer, coverage: CoverageFacts, form: str | None, issues: list[Issue]
) -> Insurance | None:
    relationship, group = agreed(coverage.relationships), agreed(coverage.groups)
    if not coverage.relationships and coverage.subscriber_is_patient:
        relationship = "self"
    if relationship is None and coverage.relationships:
        text = "Coverage tells several relationships to the subscriber."
        issues.append(visit.issue("coverage.relationship-contradiction", text, *[told.source for told in coverage.relationships]))
    if group is None and coverage.groups:
        text = "Coverage tells several groups; a claim names one."
        issues.append(visit.issue("coverage.group-contradiction", text, *[told.source for told in coverage.groups]))
    is_other = relationship not in (None, "self")
    if (relationship == "self" and coverage.subscriber is not None) or (is_other and coverage.subscriber_is_patient):
        text = "Coverage.relationship and Coverage.subscriber contradict each other."
        issues.append(visit.issue("coverage.relationship-contradiction", text, f"{coverage.source}.relationship"))
    if relationship is None and not coverage.relationships:
        text = "Coverage does not tell how the patient is related to the subscriber."
        issues.append(visit.issue("coverage.relationship-missing", text, f"{coverage.source}.relationship"))
    elif is_other and coverage.subscriber is None and not coverage.subscriber_is_patient:
        text = "The subscriber is another person, who was not sent."
        issues.append(visit.issue("coverage.subscriber-missing", text, f"{coverage.source}.subscriber"))
    if coverage.member_id is None:
        text = "Coverage has no subscriberId."
        issues.append(visit.issue("coverage.member-id-missing", text, f"{coverage.source}.subscriberId"))
    elif payer.kind == "medicare" and not is_mbi(coverage.member_id.value.replace("-", "").upper()):
        text = "The member id has not the form of a Medicare beneficiary identifier."
        issues.append(visit.issue("coverage.member-id-form", text, coverage.member_id.source))
    row = visit.one("filing-indicator", kind=payer.kind, form=form or "professional")
    indicator = payer.filing_indicator or (row.text("code") if row else None)
    if relationship is None or coverage.member_id is None or indicator is None:
        return None
    return Insurance(
        payer=Payer(payer.id, payer.name),
        member_id=coverage.member_id.value,
        relationship=relationship,
        filing_indicator=indicator,
        order=coverage.order or 1,
        subscriber=coverage.subscriber,
        group_number=group[0] if group else None,
        group_name=group[1] if group else None,
    )


def judge_filing(visit: Visit, payer: SitePayer | None) -> tuple[Issue, ...]:
    """Judge the payer's filing limit on the day of filing: past it is an error, the last two weeks a warning."""
    if visit.day is None:
        return ()
    sources = [told.source for told in visit.facts.service_dates]
    if visit.day > visit.as_of:
        return (visit.issue("service-date.in-future", "The day of service is after the day of filing.", *sources),)
    if payer is None or payer.timely_filing_days is None:
        return ()
    left = (visit.day + timedelta(days=payer.timely_filing_days) - visit.as_of).days
    if left < 0:
        text = f"The payer takes first claims for {payer.timely_filing_days} days; the limit passed {-left} days ago."
        return (visit.issue("filing.late", text, *sources),)
    if left <= _WARN_DAYS:
        return (visit.issue("filing.soon-late", f"{left} days are left to file this claim.", *sources),)
    return ()


def decide_authorisations(
    visit: Visit, payer: SitePayer | None, lines: tuple[DraftLine, ...]
) -> Decision[tuple[str | None, tuple[str | None, ...]]]:
    """Decide the claim's authorisation number, and the number of each line that has one of its own.

    A drug that went into a compound asks for its authorisation by its own code.
    """
    ours = [one for one in visit.facts.authorisations
            if payer is None or not one.payer_identifiers or payer.id in one.payer_identifiers]
    whole = [one for one in ours if not one.codes]
    issues: list[Issue] = []
    if len({one.number for one in whole}) > 1:
        text = "Several authorisations are for the whole claim; one was expected."
        issues.append(visit.issue("authorisation.contradiction", text, *[one.source for one in whole]))
    by_line = []
    for line in lines:
        named = [one for one in ours if line.code in one.codes]
        if len({one.number for one in named}) > 1:
            text = f"Several authorisations name {line.code}; one was expected."
            issues.append(visit.issue("authorisation.contradiction", text, *[one.source for one in named]))
        by_line.append(named[0].number if named else None)
    given = {code for one in ours for code in one.codes}
    told = {line.code for line in lines}.union(*(find_drug_codes(visit, drug) for drug in visit.facts.drugs))
    for code in sorted(told):
        if payer is not None and _needs(payer, code) and code not in given and not whole:
            text = f"The payer asks for an authorisation number for {code}; none was sent."
            issues.append(visit.issue("authorisation.missing", text, visit.facts.acts[0].source))
    claim = whole[0].number if whole else None
    steps = tuple(TraceStep("authorisation", "given", one.source, "authorisation.of-payer") for one in ours)
    return Decision((claim, tuple(by_line)), tuple(dict.fromkeys(issues)), steps)


def _needs(payer: SitePayer, code: str) -> bool:
    """Tell whether a code is in the payer's list of codes and ranges (`J9000-J9999`)."""
    for entry in payer.drug_authorisation:
        first, _, last = entry.partition("-")
        if first <= code <= (last or first) and re.fullmatch(r"[A-Z0-9]{5}", code):
            return True
    return False
