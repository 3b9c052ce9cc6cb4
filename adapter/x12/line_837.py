"""A service line of a claim, of either form: loops 2400 and 2410, read and written side by side."""

from __future__ import annotations

import re
from datetime import date

from adapter.terms import Ndc, ServiceLine
from adapter.x12.element import MONEY_PLACES, NDC_UNITS, QUANTITY_PLACES, write_day, write_number
from adapter.x12.loop import Loop, Loops, Reading, parse_day
from adapter.x12.syntax import Element, Segment, build_segment

__all__ = ["read_line", "write_line", "write_procedure"]

_LX = re.compile(r"[0-9]{1,6}")
_MODIFIERS = 4
_POINTERS = 4
_SERVICE = ("SV101", "SV102", "SV103", "SV104")
_REVENUE = ("SV202", "SV203", "SV204", "SV205")


def write_line(number: int, line: ServiceLine, form: str = "professional") -> tuple[Segment, ...]:
    """Write one service line under the LX number that it has in this claim.

    X12: LX, SV1 or SV2, DTP*472, REF*6R, 2410 LIN, CTP, REF*XZ. SV101-2 (SV202-2) code, -3 to -6 modifiers, -7
    description, SV102 (SV203) charge, SV103/04 (SV204/05) units; professional only: SV107 pointers, REF*G1, NTE*ADD;
    institutional only: SV201 revenue code. FHIR: Claim.item.

    >>> from decimal import Decimal
    >>> from adapter.x12.syntax import encode_segments
    >>> refill = ServiceLine(4, "96522", ("59",), Decimal(1), Decimal("185.00"), (1, 2), date(2026, 3, 2), "V-1")
    >>> print(encode_segments(write_line(1, refill)), end="")
    LX*1~
    SV1*HC:96522:59*185.00*UN*1***1:2~
    DTP*472*D8*20260302~
    REF*6R*V-1~
    """
    professional = form == "professional"
    segments = [
        build_segment("LX", str(number)),
        _write_service(line) if professional else _write_revenue(line),
        build_segment("DTP", "472", "D8", write_day(line.service_date)),
    ]
    if line.authorisation and professional:
        segments.append(build_segment("REF", "G1", line.authorisation))
    if line.control_number:
        segments.append(build_segment("REF", "6R", line.control_number))
    if line.note and professional:
        segments.append(build_segment("NTE", "ADD", line.note))
    return (*segments, *(_write_ndc(line.ndc) if line.ndc else ()))


def write_procedure(line: ServiceLine) -> Element:
    """Write code, modifiers and description as the composite of SV101, SV202 and SVD03."""
    modifiers = (*line.modifiers, *[""] * (_MODIFIERS - len(line.modifiers)))
    return ("HC", line.code, *modifiers, line.description or "")


def _write_service(line: ServiceLine) -> Segment:
    return build_segment(
        "SV1", write_procedure(line), write_number(line.charge, MONEY_PLACES), "UN",
        write_number(line.units, QUANTITY_PLACES), "", "", tuple(map(str, line.diagnosis_pointers)),
    )


def _write_revenue(line: ServiceLine) -> Segment:
    return build_segment(
        "SV2", line.revenue_code or "", write_procedure(line), write_number(line.charge, MONEY_PLACES), "UN",
        write_number(line.units, QUANTITY_PLACES),
    )


def read_line(loops: Loops, reading: Reading, form: str = "professional") -> ServiceLine:
    """Read one service line. A control number that the file leaves out is empty and warned of."""
    loop = loops["2400"]
    professional = form == "professional"
    procedure, charge, unit, units = _SERVICE if professional else _REVENUE
    reading.expect(loop, f"{procedure}-1", "HC")
    reading.expect(loop, unit, "UN")
    control_number = reading.optional(loop, "REF[6R]02")
    if control_number is None:
        reading.warn("x12.line-control-number-missing", "A service line has no control number (REF*6R). Without it a "
                     "payer's answer cannot be matched to the line.", "2400/REF/02")
    modifiers = (reading.optional(loop, f"{procedure}-{part}") for part in range(3, 3 + _MODIFIERS))
    sequence = reading.text(loop, "LX01")
    return ServiceLine(
        sequence=int(sequence) if _LX.fullmatch(sequence) else 0,
        code=reading.text(loop, f"{procedure}-2"),
        modifiers=tuple(modifier for modifier in modifiers if modifier),
        units=reading.number(loop, units),
        charge=reading.number(loop, charge),
        diagnosis_pointers=_read_pointers(loop, reading) if professional else (),
        service_date=_read_service_day(loop, reading),
        control_number=control_number or "",
        revenue_code=None if professional else reading.text(loop, "SV201"),
        ndc=_read_ndc(loops["2410"], reading) if "2410" in loops else None,
        description=reading.optional(loop, f"{procedure}-7"),
        authorisation=reading.optional(loop, "REF[G1]02") if professional else None,
        note=reading.optional(loop, "NTE[ADD]02") if professional else None,
    )


def _read_pointers(loop: Loop, reading: Reading) -> tuple[int, ...]:
    reading.text(loop, "SV107")
    texts = [reading.optional(loop, f"SV107-{part}") for part in range(1, 1 + _POINTERS)]
    told = [text for text in texts if text]
    if not all(text.isascii() and text.isdigit() and len(text) <= 2 for text in told):
        reading.report("x12.pointer-unreadable", "SV107 holds a diagnosis pointer that is not a number from 1 to 12. "
                       "Ask the sender to correct it.", "2400/SV1/07", loop.find("SV1"))
        return ()
    return tuple(int(text) for text in told)


def _read_service_day(loop: Loop, reading: Reading) -> date:
    """Read DTP*472, a day or a period whose two ends are one day."""
    form = reading.code(loop, "DTP[472]02", {"D8": "D8", "RD8": "RD8"})
    if form == "RD8":
        start, _, end = reading.text(loop, "DTP[472]03").partition("-")
        day = parse_day(start)
        if day is None or start != end:
            reading.report("x12.date-unreadable", "DTP*472 is a period of more than one day, or no period at all. Each "
                           "line of a refill claim has one day.", "2400/DTP/03", loop.find("DTP", "472"))
        return day or date.min
    return reading.day(loop, "DTP[472]03")


def _write_ndc(ndc: Ndc) -> tuple[Segment, ...]:
    segments = (
        build_segment("LIN", "", "N4", ndc.code),
        build_segment("CTP", "", "", "", write_number(ndc.quantity, QUANTITY_PLACES), ndc.unit),
    )
    number = ndc.prescription_number
    return (*segments, build_segment("REF", "XZ", number)) if number else segments


def _read_ndc(loop: Loop, reading: Reading) -> Ndc | None:
    if reading.optional(loop, "LIN02") != "N4":
        return None
    return Ndc(
        code=reading.text(loop, "LIN03"),
        quantity=reading.number(loop, "CTP04"),
        unit=reading.code(loop, "CTP05", {unit: unit for unit in sorted(NDC_UNITS)}),
        prescription_number=reading.optional(loop, "REF[XZ]02"),
    )
