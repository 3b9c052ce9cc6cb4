"""What only a professional claim says, 005010X222A1: the place of service and one HI of twelve diagnoses."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.terms import Claim
from adapter.x12.diagnosis import read_diagnoses, write_diagnoses
from adapter.x12.element import ACCEPT_ASSIGNMENT, MONEY_PLACES, RELEASE_OF_INFORMATION, YES_NO, read_table, write_number
from adapter.x12.loop import Loop, Reading
from adapter.x12.syntax import Segment, build_segment

__all__ = ["read_professional", "write_professional", "write_professional_codes"]

_DIAGNOSES = 12


def write_professional(claim: Claim) -> Iterator[Segment]:
    """Write the claim segment.

    X12: CLM05 place of service, B and frequency; CLM06 to CLM09 the four answers. FHIR: Claim.item.location.
    """
    yield build_segment(
        "CLM", claim.identifier, write_number(claim.total, MONEY_PLACES), "", "",
        (claim.place_of_service or "", "B", claim.frequency), YES_NO[claim.provider_signature],
        ACCEPT_ASSIGNMENT[claim.accept_assignment], YES_NO[claim.benefits_assignment],
        RELEASE_OF_INFORMATION[claim.release_of_information],
    )


def write_professional_codes(claim: Claim) -> Iterator[Segment]:
    """Write the diagnoses: one HI, ABK first and then ABF."""
    yield from write_diagnoses(claim.diagnoses, (_DIAGNOSES,))


def read_professional(loop: Loop, reading: Reading) -> dict[str, object]:
    """Read what only a professional claim says, by field of Claim."""
    reading.expect(loop, "CLM05-2", "B")
    return {
        "place_of_service": reading.text(loop, "CLM05-1"),
        "diagnoses": read_diagnoses(loop, (_DIAGNOSES,), reading),
        "frequency": reading.text(loop, "CLM05-3"),
        "provider_signature": reading.code(loop, "CLM06", read_table(YES_NO)),
    }
