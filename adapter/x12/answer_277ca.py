"""The claim acknowledgement, 277CA (005010X214), read and written side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from adapter.issues import IssueType
from adapter.terms import Claim, ClaimStatus, LineStatus, Payer, Status, StatusReport, Submitter
from adapter.x12.answer_guide import Checking, Transaction
from adapter.x12.element import MONEY_PLACES, write_day, write_number
from adapter.x12.grammar import Node
from adapter.x12.loop import parse_day
from adapter.x12.syntax import Segment, build_segment, fold_text

__all__ = ["Judgement", "StatusHeader", "read_277ca", "write_277ca"]

_STATUSES: Final = (1, 10, 11)


def read_277ca(transaction: Transaction, checking: Checking) -> tuple[StatusReport, ...]:
    """Read a transaction that `read_answer_file` has checked: a report for each file of ours (2000B) and provider in it.

    Errors: `x12.1.HL.HL01.1`, `x12.3.2200C.QTY02.1`, `x12.3.2200C.AMT02.1`.
    """
    _check_levels(transaction.root, checking)
    reports = []
    for source in transaction.root.loops:
        payer = _read_payer(next(source.inside("2100A"), None))
        for batch in (node for node in source.loops if node.row.name == "2000B"):
            providers: list[Node | None] = [node for node in batch.loops if node.row.name == "2000C"]
            reports += [_read_report(payer, transaction.root, (batch, provider), checking) for provider in providers or [None]]
    return tuple(reports)


def _read_payer(node: Node | None) -> Payer:
    return Payer(node.get("NM1", 9), node.get("NM1", 3)) if node else Payer("", "")


def _read_report(payer: Payer, root: Node, levels: tuple[Node, Node | None], checking: Checking) -> StatusReport:
    batch, provider = levels
    batch_trace = next((node for node in batch.loops if node.row.name == "2200B"), None)
    provider_trace = next((node for node in provider.loops if node.row.name == "2200C"), None) if provider else None
    npi = next((node.get("NM1", 9) for node in provider.loops if node.get("NM1", 8) == "XX"), None) if provider else None
    claims = tuple(
        _read_claim(patient, trace, npi)
        for patient in (provider.loops if provider else ()) if patient.row.name == "2000D"
        for trace in patient.loops if trace.row.name == "2200D"
    )
    if provider_trace and claims:
        _check_totals(provider_trace, claims, checking)
    batch_statuses = _read_statuses(batch_trace) if batch_trace else ()
    provider_statuses = _read_statuses(provider_trace) if provider_trace else ()
    return StatusReport(
        reference=root.get("BHT", 3), payer=payer, batch_id=batch_trace.get("TRN", 2) if batch_trace else "",
        batch_statuses=batch_statuses, provider_statuses=provider_statuses, claims=claims,
        batch_is_refused=any(one.is_rejection for one in batch_statuses),
        provider_is_refused=any(one.is_rejection for one in provider_statuses),
    )


def _read_statuses(node: Node) -> tuple[Status, ...]:
    """Read STC01, and STC10 and STC11 where they are there: one rejection may need three codes."""
    return tuple(
        Status(segment.get(element).strip(), segment.get(element, 2).strip(), segment.get(element, 3).strip() or None)
        for segment in node.find_all("STC") for element in _STATUSES if segment.get(element).strip()
    )


def _read_claim(patient: Node, trace: Node, npi: str | None) -> ClaimStatus:
    name = next((node.find("NM1") for node in patient.loops if node.row.name == "2100D"), None)
    return ClaimStatus(
        identifier=trace.get("TRN", 2),
        statuses=_read_statuses(trace),
        action=trace.get("STC", 3),
        charge=_read_amount(trace.get("STC", 4)),
        status_date=parse_day(trace.get("STC", 2)) or date.min,
        family=name.get(3).strip() if name else "",
        member_id=name.get(9).strip() or None if name else None,
        provider_npi=npi,
        service_dates=_read_days(trace.get("DTP", 3)),
        payer_claim_number=trace.get("REF", 2, qualifier="1K") or None,
        bill_type=trace.get("REF", 2, qualifier="BLT") or None,
        lines=tuple(
            LineStatus(line.get("REF", 2, qualifier="FJ") or None, line.get("SVC", 1, 2), _read_amount(line.get("SVC", 2)),
                       _read_statuses(line))
            for line in trace.loops
        ),
    )


def _read_amount(text: str) -> Decimal:
    return Decimal(text) if text and text.strip("-.").replace(".", "", 1).isdigit() and text.isascii() else Decimal(0)


def _read_days(text: str) -> tuple[date, date] | None:
    """Read D8 or RD8."""
    start, _, end = text.partition("-")
    days = parse_day(start), parse_day(end or start)
    return (days[0], days[1]) if days[0] and days[1] else None


def _check_levels(root: Node, checking: Checking) -> None:
    """Check that HL01 counts from 1 and that HL02 names the level that this one stands in."""
    number = 0

    def check(node: Node, parent: str) -> None:
        nonlocal number
        level = node.find("HL")
        if level is not None:
            number += 1
            if level.get(1).strip() != str(number) or level.get(2).strip() != parent:
                checking.report(("x12.1.HL.HL01.1", IssueType.STRUCTURE), "the levels are not numbered 1, 2, 3 (HL01), each "
                                "under the number of the one above (HL02). Ask for the file again.", "HL/HL/01", level)
        for inner in node.loops:
            check(inner, level.get(1).strip() if level else parent)

    check(root, "")


def _check_totals(trace: Node, claims: Sequence[ClaimStatus], checking: Checking) -> None:
    """Check the counts and sums of a provider (2200C) against the claims below."""
    for qualifiers, refused in ((("QA", "YU"), False), (("QC", "YY"), True)):
        found = [claim for claim in claims if claim.is_rejected is refused]
        total = sum((one.charge for one in found), Decimal(0))
        for rule, name, qualifier, counted in (
            ("x12.3.2200C.QTY02.1", "QTY", qualifiers[0], Decimal(len(found))),
            ("x12.3.2200C.AMT02.1", "AMT", qualifiers[1], total),
        ):
            segment = trace.find(name, qualifier)
            if segment is not None and _read_amount(segment.get(2).strip()) != counted:
                checking.report((rule, IssueType.INVARIANT), f"{name}*{qualifier} is not what the claims "
                                f"below come to, {counted:f}. Ask the payer which is right.", f"2200C/{name}/02", segment)


# ---------------------------------------------------------------- written


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a payer says of one claim: the claim as it was read, its status, and the payer's number where it is taken."""

    claim: Claim
    status: Status
    payer_claim_number: str | None = None


@dataclass(frozen=True, slots=True)
class StatusHeader:
    """What a 277CA says beside its claims: ST02 and BHT03, who answers, whom, about which file (BHT03 of the 837), when."""

    control_number: str
    reference: str
    payer: Payer
    submitter: Submitter
    batch_id: str
    now: datetime


def write_277ca(judgements: Sequence[Judgement], header: StatusHeader) -> tuple[Segment, ...]:
    """Write a claim acknowledgement, ST to SE: a level for each claim under its billing provider.

    X12: BHT, 2000A payer, 2000B submitter, 2000C billing providers, 2000D patients with 2200D TRN, STC, REF*1K, DTP*472.
    """
    day, clock = write_day(header.now.date()), f"{header.now:%H%M}"
    body = [
        build_segment("ST", "277", header.control_number, "005010X214"),
        build_segment("BHT", "0085", "08", header.reference, day, clock, "TH"),
        build_segment("HL", "1", "", "20", "1"),
        build_segment("NM1", "PR", "2", header.payer.name, "", "", "", "", "PI", header.payer.id),
        build_segment("TRN", "1", header.reference),
        build_segment("DTP", "050", "D8", day),
        build_segment("DTP", "009", "D8", day),
        build_segment("HL", "2", "1", "21", "1"),
        build_segment("NM1", "41", "2", header.submitter.name, "", "", "", "", "46", header.submitter.id),
        build_segment("TRN", "2", header.batch_id),
        build_segment("STC", ("A1", "19", "PR"), day, "WQ", _total(judgements)),
        *_write_totals(judgements, ("90", "AA")),
        *_write_providers(judgements, day),
    ]
    return (*body, build_segment("SE", str(len(body) + 1), header.control_number))


def _total(judgements: Sequence[Judgement]) -> str:
    return write_number(sum((one.claim.total for one in judgements), Decimal(0)), MONEY_PLACES)


def _write_totals(judgements: Sequence[Judgement], qualifiers: tuple[str, str]) -> Iterator[Segment]:
    taken = [one for one in judgements if not one.status.is_rejection]
    refused = [one for one in judgements if one.status.is_rejection]
    pairs = list(zip((taken, refused), qualifiers, ("YU", "YY"), strict=True))
    yield from (build_segment("QTY", count, str(len(found))) for found, count, _ in pairs if found)
    yield from (build_segment("AMT", amount, _total(found)) for found, _, amount in pairs if found)


def _write_providers(judgements: Sequence[Judgement], day: str) -> Iterator[Segment]:
    number = 2
    for provider in dict.fromkeys(one.claim.billing_provider for one in judgements):
        ours = [one for one in judgements if one.claim.billing_provider == provider]
        number += 1
        above = str(number)
        yield build_segment("HL", above, "2", "19", "1")
        yield build_segment("NM1", "85", "2", provider.name, "", "", "", "", "XX", provider.npi)
        yield build_segment("TRN", "1", "0")
        yield build_segment("STC", ("A1", "19", "PR"), "", "WQ", _total(ours))
        yield from _write_totals(ours, ("QA", "QC"))
        for one in ours:
            number += 1
            yield build_segment("HL", str(number), above, "PT")
            yield from _write_judgement(one, day)


def _write_judgement(judgement: Judgement, day: str) -> Iterator[Segment]:
    claim, status = judgement.claim, judgement.status
    given = [name for name in claim.patient.given if fold_text(name)]
    days = sorted({line.service_date for line in claim.lines})
    yield build_segment("NM1", "QC", "1", claim.patient.family, given[0] if given else "", " ".join(given[1:]), "",
                        claim.patient.suffix or "", "MI", claim.insurance.member_id)
    yield build_segment("TRN", "2", claim.identifier)
    yield build_segment("STC", (status.category, status.code, status.entity or ""), day, "U" if status.is_rejection else "WQ",
                        write_number(claim.total, MONEY_PLACES))
    if judgement.payer_claim_number:
        yield build_segment("REF", "1K", judgement.payer_claim_number)
    if len(days) == 1:
        yield build_segment("DTP", "472", "D8", write_day(days[0]))
    else:
        yield build_segment("DTP", "472", "RD8", f"{write_day(days[0])}-{write_day(days[-1])}")
