"""What only an institutional claim says, 005010X223A2: type of bill, statement dates, admission, stated codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from adapter.terms import Admission, Claim, StatedCode
from adapter.x12.diagnosis import MOST_IN_HI, read_diagnoses, write_diagnoses
from adapter.x12.element import ACCEPT_ASSIGNMENT, MONEY_PLACES, RELEASE_OF_INFORMATION, YES_NO, write_day, write_number
from adapter.x12.loop import Loop, Reading
from adapter.x12.syntax import Element, Segment, build_segment

__all__ = ["STATED_CODES", "read_institutional", "write_institutional", "write_institutional_codes"]

_CUT = (1, MOST_IN_HI, MOST_IN_HI)
"""The principal diagnosis has an HI of its own, the others two of twelve."""

STATED_CODES: Mapping[str, str] = {"occurrence": "BH", "value": "BE", "condition": "BG"}
"""Kind of a stated code to its qualifier (HI01-1), in the order of the guide."""


def write_institutional(claim: Claim) -> Iterator[Segment]:
    """Write the claim segment, the statement dates and the admission.

    X12: CLM05 facility type, A and frequency, which are the four digits of the type of bill after its leading zero;
    CLM07 to CLM09; DTP*434 first to last day of the lines; CL1. FHIR: Claim.subType, .billablePeriod, .supportingInfo.
    """
    yield build_segment(
        "CLM", claim.identifier, write_number(claim.total, MONEY_PLACES), "", "",
        ((claim.bill_type or "")[1:3], "A", claim.frequency), "",
        ACCEPT_ASSIGNMENT[claim.accept_assignment], YES_NO[claim.benefits_assignment],
        RELEASE_OF_INFORMATION[claim.release_of_information],
    )
    days = [line.service_date for line in claim.lines] or [claim.service_date]
    yield build_segment("DTP", "434", "RD8", f"{write_day(min(days))}-{write_day(max(days))}")
    if claim.admission:
        admission = claim.admission
        yield build_segment("CL1", admission.type or "", admission.source or "", admission.patient_status or "")


def write_institutional_codes(claim: Claim) -> Iterator[Segment]:
    """Write the diagnoses, then occurrence, value and condition codes: HI ABK, ABF, BH, BE, BG."""
    yield from write_diagnoses(claim.diagnoses, _CUT)
    for kind in STATED_CODES:
        found = [_write_stated(one) for one in claim.stated_codes if one.kind == kind]
        for start in range(0, len(found), MOST_IN_HI):
            yield build_segment("HI", *found[start : start + MOST_IN_HI])


def _write_stated(stated: StatedCode) -> Element:
    qualifier = STATED_CODES[stated.kind]
    if stated.kind == "occurrence":
        return (qualifier, stated.code, "D8", write_day(stated.day or date.min))
    if stated.kind == "value":
        amount = write_number(stated.amount, MONEY_PLACES) if stated.amount is not None else ""
        return (qualifier, stated.code, "", "", amount)
    return (qualifier, stated.code)


def read_institutional(loop: Loop, reading: Reading) -> dict[str, object]:
    """Read what only an institutional claim says, by field of Claim."""
    reading.expect(loop, "CLM05-2", "A")
    frequency = reading.text(loop, "CLM05-3")
    return {
        "bill_type": f"0{reading.text(loop, 'CLM05-1')}{frequency}",
        "frequency": frequency,
        "diagnoses": read_diagnoses(loop, _CUT, reading),
        "admission": _read_admission(loop, reading),
        "stated_codes": _read_stated_codes(loop, reading),
    }


def _read_admission(loop: Loop, reading: Reading) -> Admission | None:
    if loop.find("CL1") is None:
        return None
    return Admission(reading.optional(loop, "CL101"), reading.optional(loop, "CL102"), reading.optional(loop, "CL103"))


def _read_stated_codes(loop: Loop, reading: Reading) -> tuple[StatedCode, ...]:
    kinds = {qualifier: kind for kind, qualifier in STATED_CODES.items()}
    found: list[StatedCode] = []
    for segment in loop.segments:
        if segment.id != "HI" or segment.get(1) not in kinds:
            continue
        one = Loop(loop.name, (segment,))
        for place in range(1, 1 + len(segment.elements)):
            kind = reading.code(one, f"HI{place:02}-1", kinds)
            found.append(StatedCode(
                kind, reading.text(one, f"HI{place:02}-2"),
                reading.day(one, f"HI{place:02}-4") if kind == "occurrence" else None,
                reading.number(one, f"HI{place:02}-5") if kind == "value" else None,
            ))
    return tuple(found)
