"""Files of claims, 837P (005010X222A1) and 837I (005010X223A2), written and read.

A file that we wrote reads back as the claims it was made from, but for `losses`; what a foreign file holds beyond
that is named, segment by segment, and never silently dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Claim
from adapter.x12.claim_837 import read_claim_loops, write_claim_loops
from adapter.x12.envelope import Envelope, read_body, read_envelope, write_envelope
from adapter.x12.guide import breaks_no_rule, validate_837
from adapter.x12.loop import Reading
from adapter.x12.losses import fold_claim
from adapter.x12.party import write_billing_provider, write_patient, write_pay_to, write_subscriber
from adapter.x12.passage import check_levels
from adapter.x12.plain_837p import read_plain, write_plain
from adapter.x12.syntax import (
    DELIMITERS,
    Delimiters,
    Segment,
    build_segment,
    decode_segments,
    encode_segments,
    fold_segment,
    holds_delimiter,
)

__all__ = [
    "Interchange837", "build_file", "find_unkept", "name_unkept", "read_837", "read_segments", "write_837", "write_segments",
]

_COUNTED = frozenset({"HL", "SE", "GE", "IEA"})
"""Segments that count others: they are written anew, and differ where the file had its levels in another order."""

_QUALIFIED = frozenset({"AMT", "DTP", "NM1", "NTE", "PER", "PRV", "REF"})
_LONGEST_QUALIFIER = 3


@dataclass(frozen=True, slots=True)
class Interchange837:
    """A file of claims of one form: its envelope and its claims in their order.

    `unkept` are the segments, as they stood, that the claims would not give back: nothing of a file is lost.
    """

    envelope: Envelope
    claims: tuple[Claim, ...]
    unkept: tuple[Segment, ...] = ()


def write_837(claims: Sequence[Claim], envelope: Envelope, delimiters: Delimiters = DELIMITERS) -> Outcome[str]:
    """Write claims of one form as one 837P or 837I file, or say why they cannot be written.

    `delimiters` are those that a receiver asks for. In a value ours (`* : ^ ~`) become spaces; one of another receiver's is
    an error, since the sign may belong to a number or a name that has to come back.

    X12: ISA to IEA, one transaction; a 2000A for each run of claims of one billing provider, a 2000B for each claim.
    Errors: those of `validate_837`; nothing is written where one of them stands. Warnings travel on with the text.
    """
    plain = write_plain(claims, envelope) if delimiters == DELIMITERS else None
    if plain is not None and breaks_no_rule(claims, envelope.created_at.date()):
        return Outcome(plain)
    return write_segments(claims, envelope, delimiters)


def write_segments(claims: Sequence[Claim], envelope: Envelope, delimiters: Delimiters = DELIMITERS) -> Outcome[str]:
    """Write a file segment by segment, the long way of `write_837`, which alone tells what is wrong."""
    issues = validate_837(claims, envelope)
    if not delimiters.are_usable():
        issues = (*issues, Issue(Severity.ERROR, IssueType.VALUE, "x12.delimiters-unusable", "The delimiters are not four "
                                 "different signs, none of them a letter, a digit or a space. Choose others.", ("delimiters",)))
    if any(issue.is_error for issue in issues):
        return Outcome(None, issues)
    segments = build_file(claims, envelope)
    if delimiters != DELIMITERS:
        issues += tuple(_find_delimiters(segments, delimiters))
    return Outcome(None if any(issue.is_error for issue in issues) else encode_segments(segments, delimiters), issues)


def _find_delimiters(segments: Sequence[Segment], delimiters: Delimiters) -> Iterator[Issue]:
    """Find the first segment of which a value holds a delimiter that the receiver asks for."""
    for number, segment in enumerate(segments, start=1):
        folded = fold_segment(segment)
        if holds_delimiter(folded, delimiters):
            yield Issue(Severity.ERROR, IssueType.VALUE, "x12.1.ISA.ISA11.3", f"Segment {number}, {_name_kind(folded)}, would "
                        "hold a sign that is a delimiter of this receiver. Choose other delimiters, or correct the "
                        "value.", ("delimiters",))
            return


def build_file(claims: Sequence[Claim], envelope: Envelope) -> tuple[Segment, ...]:
    """Build the segments of a file of claims of one form that break no rule."""
    return write_envelope(envelope, claims[0].form, tuple(_write_levels([fold_claim(claim) for claim in claims])))


def _write_levels(claims: Sequence[Claim]) -> Iterator[Segment]:
    """Write the hierarchy: HL01 counts from 1, HL02 names the parent, HL04 says whether a child follows."""
    numbers = count(1)
    for (provider, pay_to), run in groupby(claims, key=lambda claim: (claim.billing_provider, claim.pay_to)):
        top = str(next(numbers))
        yield build_segment("HL", top, "", "20", "1")
        yield from write_billing_provider(provider)
        if pay_to:
            yield from write_pay_to(pay_to)
        for claim in run:
            level, dependent = str(next(numbers)), claim.insurance.relationship != "self"
            yield build_segment("HL", level, top, "22", "1" if dependent else "0")
            yield from write_subscriber(claim.insurance, claim.patient)
            if dependent:
                yield build_segment("HL", str(next(numbers)), level, "23", "0")
                yield from write_patient(claim.insurance, claim.patient)
            yield from write_claim_loops(claim)


def read_837(text: str) -> Outcome[Interchange837]:
    """Read an 837P or 837I file of one transaction into its envelope and claims.

    Errors name segment number and element: `x12.isa-unreadable`, `x12.envelope-broken`, `x12.transactions-many`,
    `x12.not-a-claim`, `x12.transaction-not-supported`, `x12.count-differs`, `x12.control-number-differs`,
    `x12.level-out-of-order`, `x12.line-out-of-order`, `x12.claim-missing`, `x12.total-differs`, `x12.segment-missing`,
    `x12.element-missing`, `x12.code-not-known`, `x12.number-unreadable`, `x12.date-unreadable`, `x12.npi-wrong`,
    `x12.diagnosis-unreadable`, `x12.pointer-unreadable`, `x12.postal-code-unreadable`, `x12.time-unreadable`.
    What is read but not kept is information: `x12.segment-not-kept`.

    >>> read_837("ISA*00*").issues[0].rule
    'x12.isa-unreadable'
    """
    plain = read_plain(text)
    if plain is not None:
        return Outcome(Interchange837(*plain))
    return read_segments(text)


def read_segments(text: str) -> Outcome[Interchange837]:
    """Read a file segment by segment, the long way of `read_837`."""
    decoded = decode_segments(text)
    if decoded.value is None:
        return Outcome(None, decoded.issues)
    segments, reading = decoded.value.segments, Reading()
    body = read_body(segments, reading)
    if body is None:
        return Outcome(None, tuple(reading.issues))
    form, transaction = body
    check_levels(segments, reading)
    envelope = read_envelope(segments, transaction, reading)
    claims = tuple(read_claim_loops(loops, form, reading) for loops in transaction.claims)
    if not claims:
        reading.report("x12.claim-missing", "The file holds no claim (CLM). Ask the sender for the whole "
                                            "file.", "2300/CLM")
    if reading.issues and any(issue.is_error for issue in reading.issues):
        return Outcome(None, tuple(reading.issues))
    unkept = find_unkept(segments, build_file(claims, envelope))
    return Outcome(Interchange837(envelope, claims, unkept), (*reading.issues, *name_unkept(unkept)))


def find_unkept(read: tuple[Segment, ...], written: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Give each segment that the claims, written again, would not give back as it was read."""
    if len(read) == len(written) and read[1:] == written[1:]:
        return ()
    kept, found = Counter(map(fold_segment, written)), []
    for segment in read:
        folded = fold_segment(segment)
        if kept[folded]:
            kept[folded] -= 1
        elif segment.id not in _COUNTED:
            found.append(segment)
    return tuple(found)


def name_unkept(segments: Sequence[Segment]) -> tuple[Issue, ...]:
    """Name each kind of segment that is not kept, once."""
    issues: dict[str, Issue] = {}
    for segment in segments:
        kind = _name_kind(fold_segment(segment))
        issues.setdefault(kind, Issue(
            Severity.INFORMATION, IssueType.INFORMATIONAL, "x12.segment-not-kept",
            f"Segment {segment.number}, {kind}, is not kept, or not whole: a claim has no place for all that it "
            "says. Keep the file as it was received.", (kind,), line=segment.line,
        ))
    return tuple(issues.values())


def _name_kind(segment: Segment) -> str:
    """Name a segment by its id, with its first element where that is a qualifier and no data."""
    qualifier = segment.get(1)
    shown = segment.id in _QUALIFIED and qualifier.isalnum() and len(qualifier) <= _LONGEST_QUALIFIER
    return f"{segment.id}*{qualifier}" if shown else segment.id
