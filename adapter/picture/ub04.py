"""The institutional claim in the numbered boxes of a UB-04, in a layout and words of our own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapter.picture.form import Box, Page, Row
from adapter.picture.value import (
    show_address,
    show_amount,
    show_answer,
    show_day,
    show_name,
    show_ndc,
    show_paid,
    show_subscriber,
    split_pages,
)
from adapter.terms import Admission, Claim, ServiceLine

__all__ = ["draw_institutional"]

_LINES: Final = 12
_OTHERS: Final = "ABCDEFGHIJKLMNOPQ"
_RELATIONS: Final = {"self": "18", "spouse": "01", "child": "19"}


def draw_institutional(claim: Claim, note: str | None) -> list[Page]:
    """Draw an institutional claim, twelve lines a page; the total stands on the last one."""
    parts = split_pages(claim.lines, _LINES)
    return [
        Page(
            f"Institutional claim in UB-04 boxes, page {number} of {len(parts)}",
            [*_draw_people(claim), *_draw_lines(lines), *_draw_total(claim, number == len(parts)), *_draw_foot(claim)],
            note,
        )
        for number, lines in enumerate(parts, 1)
    ]


def _draw_people(claim: Claim) -> list[Row]:
    provider, patient = claim.billing_provider, claim.patient
    days = sorted({line.service_date for line in claim.lines} or {claim.service_date})
    record, admission = patient.record_number, claim.admission or Admission()
    return [
        Row([Box("1", "who bills", [provider.name, *show_address(provider.address)], 11),
             Box("3a", "our number", [claim.identifier], 6), Box("3b", "record", [record.value if record else ""], 4),
             Box("4", "type of bill", [claim.bill_type or ""], 3)], 50),
        Row([Box("5", "tax number", [provider.tax_id], 8), Box("6", "from", [show_day(days[0])], 8),
             Box("6", "to", [show_day(days[-1])], 8)]),
        Row([Box("8", "patient", [show_name(patient)], 9), Box("9", "address", show_address(patient.address), 8),
             Box("10", "born", [show_day(patient.birth_date)], 4), Box("11", "sex", [(patient.gender or "").upper()], 3)], 36),
        Row([Box("14", "kind of admission", [admission.type or ""], 5), Box("15", "came from", [admission.source or ""], 5),
             Box("17", "left as", [admission.patient_status or ""], 4),
             Box("18-28", "conditions", [_show_stated(claim, "condition")], 10)]),
        Row([Box("31-36", "occurrences", [_show_stated(claim, "occurrence")], 12),
             Box("39-41", "values", [_show_stated(claim, "value")], 12)]),
    ]


def _show_stated(claim: Claim, kind: str) -> str:
    """Show the codes of a kind, each with its day or amount."""
    shown = [
        f"{one.code} {show_day(one.day) if one.day else ''}{show_amount(one.amount) if one.amount is not None else ''}"
        for one in claim.stated_codes if one.kind == kind
    ]
    return "   ".join(text.strip() for text in shown)


def _draw_lines(lines: Sequence[ServiceLine]) -> list[Row]:
    rows = []
    for line in [*lines, *[None] * (_LINES - len(lines))]:
        told = [
            ("42", "revenue", line.revenue_code if line else "", 3),
            ("43", "drug or words", (show_ndc(line.ndc) or line.description) if line else "", 8),
            ("44", "code, modifiers", " ".join([line.code, *line.modifiers]) if line else "", 5),
            ("45", "day", show_day(line.service_date) if line else "", 3),
            ("46", "units", f"{line.units:f}" if line else "", 2), ("47", "charge", show_amount(line.charge) if line else "", 3),
        ]
        rows.append(Row([Box(box, words, [value or ""], wide) for box, words, value, wide in told], 22))
    return rows


def _draw_total(claim: Claim, is_last: bool) -> list[Row]:
    return [Row([Box("", "", [], 21), Box("47", "total", [show_amount(claim.total) if is_last else "CONTINUED"], 3)], 22)]


def _draw_foot(claim: Claim) -> list[Row]:
    provider, treating = claim.billing_provider, claim.treating_provider
    referring = claim.referral.requester if claim.referral else None
    rows = []
    for insurance in (claim.insurance, *claim.other_insurance)[:2]:
        owner = show_subscriber(insurance, claim.patient)
        rows += [
            Row([Box("50", "payer", [insurance.payer.name], 7), Box("51", "its number", [insurance.payer.id], 4),
                 Box("52", "may release records", [show_answer(claim.release_of_information)], 4),
                 Box("53", "pay the provider", [show_answer(claim.benefits_assignment)], 3),
                 Box("54", "paid before", [show_paid([insurance])], 3), Box("56", "NPI", [provider.npi], 3)]),
            Row([Box("58", "whose coverage", [show_name(owner)], 7),
                 Box("59", "patient is", [_RELATIONS.get(insurance.relationship, "G8")], 2),
                 Box("60", "member number", [insurance.member_id], 5), Box("61", "group", [insurance.group_name or ""], 5),
                 Box("62", "group number", [insurance.group_number or ""], 5)]),
        ]
    codes = [f"{letter} {code}" for letter, code in zip(_OTHERS, claim.diagnoses[1:], strict=False)]
    return [
        *rows,
        Row([Box("63", "authorisation", [claim.authorisation or ""], 12),
             Box("64", "payer's earlier number", [claim.original_reference or ""], 12)]),
        Row([Box("66", "ICD", ["0"], 2), Box("67", "principal diagnosis", list(claim.diagnoses[:1]), 5),
             Box("67A-Q", "other diagnoses", ["   ".join(codes[start:start + 6]) for start in range(0, len(codes), 6)], 17)], 40),
        Row([Box("76", "attending", [show_name(treating)], 10), Box("76", "NPI", [treating.npi or "" if treating else ""], 6),
             Box("81", "taxonomy", [f"B3 {provider.taxonomy}" if provider.taxonomy else ""], 8)]),
        Row([Box("78", "who referred (DN)", [show_name(referring)] if referring else [], 10),
             Box("78", "NPI", [referring.npi or "" if referring else ""], 6),
             Box("80", "note", [claim.note or ""], 8)]),
    ]
