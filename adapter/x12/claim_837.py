"""One claim of either form: loops 2300 to 2430, read and written side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from adapter.terms import Attachment, Claim, Practitioner, Referral
from adapter.x12.claim_837i import read_institutional, write_institutional, write_institutional_codes
from adapter.x12.claim_837p import read_professional, write_professional, write_professional_codes
from adapter.x12.coordination import read_other_insurance, write_line_decisions, write_other_insurance
from adapter.x12.element import ACCEPT_ASSIGNMENT, RELEASE_OF_INFORMATION, YES_NO, read_table
from adapter.x12.line_837 import read_line, write_line
from adapter.x12.loop import ClaimLoops, Loop, Reading
from adapter.x12.party import (
    PROVIDERS,
    read_billing_provider,
    read_facility,
    read_patient,
    read_pay_to,
    read_provider,
    read_subscriber,
    write_facility,
    write_provider,
)
from adapter.x12.syntax import Segment, build_segment

__all__ = ["read_claim_loops", "write_claim_loops"]

_PARTS = {
    "professional": (write_professional, write_professional_codes, read_professional),
    "institutional": (write_institutional, write_institutional_codes, read_institutional),
}


def write_claim_loops(claim: Claim) -> Iterator[Segment]:
    """Write one folded claim.

    X12: CLM, DTP, CL1, PWK, REF*9F, REF*G1, REF*F8, REF*EA, NTE*ADD, HI; 2310 practitioners and facility; 2320 other
    payers; 2400 lines with 2410 and 2430. FHIR: Claim.
    """
    write_opening, write_codes, _ = _PARTS[claim.form]
    record_number, referral = claim.patient.record_number, claim.referral
    yield from write_opening(claim)
    yield from map(_write_attachment, claim.attachments)
    references = (
        ("9F", referral and referral.number), ("G1", claim.authorisation), ("F8", claim.original_reference),
        ("EA", record_number and record_number.value),
    )
    yield from (build_segment("REF", qualifier, value) for qualifier, value in references if value)
    if claim.note:
        yield build_segment("NTE", "ADD", claim.note)
    yield from write_codes(claim)
    yield from _write_parties(claim)
    yield from write_other_insurance(claim)
    for number, line in enumerate(claim.lines, start=1):
        yield from write_line(number, line, claim.form)
        yield from write_line_decisions(claim, line)


def _write_parties(claim: Claim) -> Iterator[Segment]:
    """Write practitioners and facility in the order of their loops."""
    told: dict[str, Practitioner | None] = {
        "referring": claim.referral.requester if claim.referral else None,
        "treating": claim.treating_provider,
        "supervising": claim.supervising_provider,
    }
    places = PROVIDERS[claim.form]
    written = {places[part].loop: write_provider(one, places[part]) for part, one in told.items() if one and part in places}
    if claim.facility:
        written["2310C" if claim.form == "professional" else "2310E"] = write_facility(claim.facility)
    for loop in sorted(written):
        yield from written[loop]


def _write_attachment(attachment: Attachment) -> Segment:
    """Write a PWK; with a control number its qualifier AC stands before it."""
    number = attachment.control_number
    return build_segment("PWK", attachment.report, attachment.transmission, "", "", "AC" if number else "", number or "")


def read_claim_loops(loops: ClaimLoops, form: str, reading: Reading) -> Claim:
    """Read one claim: loops 2000A to 2430. The service date of a claim is the earliest of its lines."""
    loop, places = loops.get("2300"), PROVIDERS[form]
    lines = tuple(read_line(line, reading, form) for line in loops.lines)
    _check_lines(loop, [line.sequence for line in lines], reading)
    parts: dict[str, Any] = {"place_of_service": None, "bill_type": None, **_PARTS[form][2](loop, reading)}
    claim = Claim(
        identifier=reading.text(loop, "CLM01"),
        form=form,
        service_date=min((line.service_date for line in lines), default=date.min),
        patient=read_patient(loops, reading),
        insurance=read_subscriber(loops, reading),
        other_insurance=read_other_insurance(loops, reading),
        billing_provider=read_billing_provider(loops, reading),
        treating_provider=read_provider(loops, places["treating"], reading),
        supervising_provider=read_provider(loops, places.get("supervising"), reading),
        referral=_read_referral(loops, form, reading),
        facility=read_facility(loops, form, reading),
        pay_to=read_pay_to(loops, reading),
        lines=lines,
        authorisation=reading.optional(loop, "REF[G1]02"),
        original_reference=reading.optional(loop, "REF[F8]02"),
        accept_assignment=reading.code(loop, "CLM07", read_table(ACCEPT_ASSIGNMENT)),
        benefits_assignment=reading.code(loop, "CLM08", read_table(YES_NO)),
        release_of_information=reading.code(loop, "CLM09", read_table(RELEASE_OF_INFORMATION)),
        attachments=_read_attachments(loop, reading),
        note=reading.optional(loop, "NTE[ADD]02"),
        **parts,
    )
    if reading.number(loop, "CLM02") != claim.total:
        charge = "SV102" if form == "professional" else "SV203"
        reading.report("x12.total-differs", f"CLM02 is not the sum of the charges of the lines ({charge}). "
                       "Ask the sender which one is right.", "2300/CLM/02", loop.find("CLM"))
    return claim


def _check_lines(loop: Loop, sequences: list[int], reading: Reading) -> None:
    if not sequences:
        reading.report("x12.segment-missing", "A claim has no service line (LX). Ask the sender for the whole claim.",
                       "2400/LX", loop.find("CLM"))
    if sequences != list(range(1, len(sequences) + 1)):
        reading.report("x12.line-out-of-order", "The lines of a claim are not numbered 1, 2, 3 (LX01). A line may be "
                       "lost: ask for the file again.", "2400/LX/01", loop.find("CLM"))


def _read_referral(loops: ClaimLoops, form: str, reading: Reading) -> Referral | None:
    number = reading.optional(loops.get("2300"), "REF[9F]02")
    requester = read_provider(loops, PROVIDERS[form]["referring"], reading)
    return Referral(number, requester) if number or requester else None


def _read_attachments(loop: Loop, reading: Reading) -> tuple[Attachment, ...]:
    found = [Loop(loop.name, (segment,)) for segment in loop.segments if segment.id == "PWK"]
    return tuple(
        Attachment(reading.text(one, "PWK01"), reading.text(one, "PWK02"), reading.optional(one, "PWK06")) for one in found
    )
