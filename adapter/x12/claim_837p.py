"""The professional claim, 005010X222A1: a file of claims written and read.

A file that we wrote reads back as the claims it was made from, but for `losses`; what a foreign file holds beyond
that is named, segment by segment, and never silently dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, groupby

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Claim
from adapter.x12.element import (
    ACCEPT_ASSIGNMENT,
    MONEY_PLACES,
    RELEASE_OF_INFORMATION,
    YES_NO,
    read_table,
    write_number,
)
from adapter.x12.envelope import Envelope, read_body, read_envelope, write_envelope
from adapter.x12.guide import validate_837p
from adapter.x12.line_837p import read_line, write_line
from adapter.x12.loop import ClaimLoops, Loop, Reading
from adapter.x12.losses import fold_claim
from adapter.x12.party import (
    read_billing_provider,
    read_facility,
    read_patient,
    read_subscriber,
    read_treating_provider,
    write_billing_provider,
    write_facility,
    write_patient,
    write_subscriber,
    write_treating_provider,
)
from adapter.x12.syntax import Segment, build_segment, decode_segments, encode_segments, fold_segment

__all__ = ["Interchange837", "read_837p", "write_837p"]

_DIAGNOSES = 12
_CATEGORY = 3
_COUNTED = frozenset({"SE", "GE", "IEA"})
_QUALIFIED = frozenset({"AMT", "DTP", "NM1", "NTE", "PER", "PRV", "REF"})
_LONGEST_QUALIFIER = 3


@dataclass(frozen=True, slots=True)
class Interchange837:
    """A file of professional claims: its envelope and its claims in their order."""

    envelope: Envelope
    claims: tuple[Claim, ...]


def write_837p(claims: Sequence[Claim], envelope: Envelope) -> Outcome[str]:
    """Write claims as one 837P file, or say why they cannot be written.

    X12: ISA to IEA, one transaction; a 2000A for each run of claims of one billing provider, a 2000B for each claim.
    Errors: those of `validate_837p`; nothing is written where one of them stands. Warnings travel on with the text.
    """
    issues = validate_837p(claims, envelope)
    if any(issue.is_error for issue in issues):
        return Outcome(None, issues)
    return Outcome(encode_segments(_build_file(claims, envelope)), issues)


def _build_file(claims: Sequence[Claim], envelope: Envelope) -> tuple[Segment, ...]:
    return write_envelope(envelope, tuple(_write_levels([fold_claim(claim) for claim in claims])))


def _write_levels(claims: Sequence[Claim]) -> Iterator[Segment]:
    """Write the hierarchy: HL01 counts from 1, HL02 names the parent, HL04 says whether a child follows."""
    numbers = count(1)
    for provider, run in groupby(claims, key=lambda claim: claim.billing_provider):
        top = str(next(numbers))
        yield build_segment("HL", top, "", "20", "1")
        yield from write_billing_provider(provider)
        for claim in run:
            level, dependent = str(next(numbers)), claim.insurance.relationship != "self"
            yield build_segment("HL", level, top, "22", "1" if dependent else "0")
            yield from write_subscriber(claim.insurance, claim.patient)
            if dependent:
                yield build_segment("HL", str(next(numbers)), level, "23", "0")
                yield from write_patient(claim.insurance, claim.patient)
            yield from _write_claim(claim)


def _write_claim(claim: Claim) -> Iterator[Segment]:
    """Write one claim: loops 2300 to 2410."""
    record_number = claim.patient.record_number
    yield build_segment(
        "CLM", claim.identifier, write_number(claim.total, MONEY_PLACES), "", "",
        (claim.place_of_service or "", "B", claim.frequency), YES_NO[claim.provider_signature],
        ACCEPT_ASSIGNMENT[claim.accept_assignment], YES_NO[claim.benefits_assignment],
        RELEASE_OF_INFORMATION[claim.release_of_information],
    )
    references = (
        ("G1", claim.authorisation), ("F8", claim.original_reference), ("EA", record_number and record_number.value),
    )
    yield from (build_segment("REF", qualifier, value) for qualifier, value in references if value)
    codes = (code.replace(".", "") for code in claim.diagnoses)
    yield build_segment("HI", *(("ABF" if place else "ABK", code) for place, code in enumerate(codes)))
    if claim.treating_provider:
        yield from write_treating_provider(claim.treating_provider)
    if claim.facility:
        yield from write_facility(claim.facility)
    for number, line in enumerate(claim.lines, start=1):
        yield from write_line(number, line)


def read_837p(text: str) -> Outcome[Interchange837]:
    """Read an 837P file of one transaction into its envelope and claims.

    Errors name segment number and element: `x12.isa-unreadable`, `x12.envelope-broken`, `x12.transactions-many`,
    `x12.not-a-claim`, `x12.transaction-not-supported`, `x12.count-differs`, `x12.control-number-differs`,
    `x12.level-out-of-order`, `x12.line-out-of-order`, `x12.claim-missing`, `x12.total-differs`, `x12.segment-missing`,
    `x12.element-missing`, `x12.code-not-known`, `x12.number-unreadable`, `x12.date-unreadable`, `x12.npi-wrong`,
    `x12.diagnosis-unreadable`, `x12.pointer-unreadable`, `x12.postal-code-unreadable`, `x12.time-unreadable`.
    What is read but not kept is information: `x12.segment-not-kept`.

    >>> read_837p("ISA*00*").issues[0].rule
    'x12.isa-unreadable'
    """
    decoded = decode_segments(text)
    if decoded.value is None:
        return Outcome(None, decoded.issues)
    segments, reading = decoded.value.segments, Reading()
    body = read_body(segments, reading)
    if body is None:
        return Outcome(None, tuple(reading.issues))
    _check_levels(segments, reading)
    envelope = read_envelope(segments, body, reading)
    claims = tuple(_read_claim(loops, reading) for loops in body.claims)
    if not claims:
        reading.report("x12.claim-missing", "The file holds no claim (CLM). Ask the sender for the whole "
                                            "file.", "2300/CLM")
    if reading.issues and any(issue.is_error for issue in reading.issues):
        return Outcome(None, tuple(reading.issues))
    unkept = _find_unkept(segments, _build_file(claims, envelope))
    return Outcome(Interchange837(envelope, claims), (*reading.issues, *unkept))


def _read_claim(loops: ClaimLoops, reading: Reading) -> Claim:
    """Read one claim: loops 2000A to 2410. The service date of a claim is the earliest of its lines."""
    loop = loops.get("2300")
    reading.expect(loop, "CLM05-2", "B")
    lines = tuple(read_line(line, reading) for line in loops.lines)
    if not lines:
        reading.report("x12.segment-missing", "A claim has no service line (LX). Ask the sender for the whole claim.",
                       "2400/LX", loop.find("CLM"))
    if [line.sequence for line in lines] != list(range(1, len(lines) + 1)):
        reading.report("x12.line-out-of-order", "The lines of a claim are not numbered 1, 2, 3 (LX01). A line may be "
                       "lost: ask for the file again.", "2400/LX/01", loop.find("CLM"))
    claim = Claim(
        identifier=reading.text(loop, "CLM01"),
        form="professional",
        service_date=min((line.service_date for line in lines), default=date.min),
        place_of_service=reading.text(loop, "CLM05-1"),
        bill_type=None,
        patient=read_patient(loops, reading),
        insurance=read_subscriber(loops, reading),
        billing_provider=read_billing_provider(loops, reading),
        treating_provider=read_treating_provider(loops, reading),
        facility=read_facility(loops, reading),
        diagnoses=_read_diagnoses(loop, reading),
        lines=lines,
        authorisation=reading.optional(loop, "REF[G1]02"),
        frequency=reading.text(loop, "CLM05-3"),
        original_reference=reading.optional(loop, "REF[F8]02"),
        accept_assignment=reading.code(loop, "CLM07", read_table(ACCEPT_ASSIGNMENT)),
        benefits_assignment=reading.code(loop, "CLM08", read_table(YES_NO)),
        provider_signature=reading.code(loop, "CLM06", read_table(YES_NO)),
        release_of_information=reading.code(loop, "CLM09", read_table(RELEASE_OF_INFORMATION)),
    )
    if reading.number(loop, "CLM02") != claim.total:
        reading.report("x12.total-differs", "CLM02 is not the sum of the charges of the lines (SV102). "
                       "Ask the sender which one is right.", "2300/CLM/02", loop.find("CLM"))
    return claim


def _read_diagnoses(loop: Loop, reading: Reading) -> tuple[str, ...]:
    """Read the HI that begins with ABK, and put the dot back after the third character of each code."""
    segment = loop.find("HI")
    qualifiers = [segment.get(place) for place in range(1, 1 + _DIAGNOSES)] if segment else []
    codes = [segment.get(place, 2).strip() for place in range(1, 1 + _DIAGNOSES)] if segment else []
    told = [(qualifier, code) for qualifier, code in zip(qualifiers, codes, strict=True) if qualifier or code]
    right = [("ABF" if place else "ABK") for place in range(len(told))]
    if not told or [qualifier for qualifier, _ in told] != right or not all(_is_code(code) for _, code in told):
        reading.report("x12.diagnosis-unreadable", "HI does not hold ICD-10-CM codes without a dot, ABK first and then "
                       "ABF. Ask the sender to correct it.", "2300/HI/01", segment or loop.find("CLM"))
        return ()
    return tuple(code[:_CATEGORY] + ("." if code[_CATEGORY:] else "") + code[_CATEGORY:] for _, code in told)


def _is_code(code: str) -> bool:
    return code.isascii() and code.isalnum() and len(code) >= _CATEGORY


def _check_levels(segments: Sequence[Segment], reading: Reading) -> None:
    """Check the hierarchy: HL01 counts from 1, HL02 is the open level above, HL04 tells whether a child follows."""
    levels = [segment for segment in segments if segment.id == "HL"]
    parents = {"20": None, "22": "20", "23": "22"}
    opened: dict[str, str] = {}
    for number, segment in enumerate(levels, start=1):
        kind = segment.get(3)
        parent = parents.get(kind)
        above = opened.get(parent, "?") if parent else ""
        right = kind in parents and segment.get(1) == str(number) and segment.get(2) == above
        following = levels[number].get(2) if number < len(levels) else ""
        if not right or segment.get(4) not in ("0", "1") or (segment.get(4) == "1") != (following == segment.get(1)):
            reading.report("x12.level-out-of-order", f"Segment {segment.number}, HL, does not follow from the levels "
                           "before and after it (number, parent, level 20, 22 or 23, child). Ask for the file "
                           "again.", "HL/HL/01", segment)
            return
        opened[kind] = segment.get(1)


def _find_unkept(read: Sequence[Segment], written: Sequence[Segment]) -> tuple[Issue, ...]:
    """Name each kind of segment that the claims, written again, would not give back as it was read."""
    kept = Counter(map(fold_segment, written))
    issues: dict[str, Issue] = {}
    for segment in read:
        folded = fold_segment(segment)
        if kept[folded]:
            kept[folded] -= 1
        elif segment.id not in _COUNTED:
            kind = _name_kind(folded)
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
