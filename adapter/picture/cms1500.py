"""The professional claim in the numbered boxes of a CMS-1500, in a layout and words of our own."""

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
from adapter.terms import Claim, ServiceLine

__all__ = ["draw_professional"]

_LINES: Final = 6
_LETTERS: Final = "ABCDEFGHIJKL"
_RELATIONS: Final = {"self": "SELF", "spouse": "SPOUSE", "child": "CHILD"}


def draw_professional(claim: Claim, note: str | None) -> list[Page]:
    """Draw a professional claim, six lines a page; the total stands on the last one."""
    parts = split_pages(claim.lines, _LINES)
    return [
        Page(
            f"Professional claim in CMS-1500 boxes, page {number} of {len(parts)}",
            [*_draw_people(claim), *_draw_condition(claim), *_draw_lines(lines, claim), *_draw_foot(claim, number == len(parts))],
            note,
        )
        for number, lines in enumerate(parts, 1)
    ]


def _draw_people(claim: Claim) -> list[Row]:
    patient, insurance = claim.patient, claim.insurance
    owner = show_subscriber(insurance, patient)
    other = claim.other_insurance[0] if claim.other_insurance else None
    return [
        Row([Box("", "payer", [insurance.payer.name, insurance.payer.id], 12),
             Box("1", "kind of coverage", [insurance.filing_indicator or ""], 4),
             Box("1a", "member number", [insurance.member_id], 8)]),
        Row([Box("2", "patient", [show_name(patient)], 10),
             Box("3", "born, sex", [f"{show_day(patient.birth_date)}  {(patient.gender or '').upper()}"], 6),
             Box("4", "whose coverage", [show_name(owner)], 8)]),
        Row([Box("5", "patient's address", show_address(patient.address), 10),
             Box("6", "patient is the member's", [_RELATIONS.get(insurance.relationship, "OTHER")], 4),
             Box("7", "member's address", show_address(owner.address), 10)], 40),
        Row([Box("9", "other member", [show_name(show_subscriber(other, patient))] if other else [], 8),
             Box("9a", "other group or member number", [other.group_number or other.member_id] if other else [], 8),
             Box("9d", "other plan", [other.payer.name] if other else [], 8)]),
        Row([Box("11", "group", [insurance.group_number or ""], 8), Box("11c", "plan", [insurance.group_name or ""], 8),
             Box("11d", "another plan", [show_answer(other is not None)], 8)]),
        Row([Box("12", "may release records", [show_answer(claim.release_of_information)], 12),
             Box("13", "pay the provider", [show_answer(claim.benefits_assignment)], 12)]),
    ]


def _draw_condition(claim: Claim) -> list[Row]:
    codes = [f"{letter} {code}" for letter, code in zip(_LETTERS, claim.diagnoses, strict=False)]
    referring = claim.referral.requester if claim.referral else None
    told, mark = (referring, "DN") if referring else (claim.supervising_provider, "DQ")
    again = [claim.frequency, claim.original_reference or ""] if claim.frequency != "1" or claim.original_reference else []
    return [
        Row([Box("17", "who referred (DN) or supervised (DQ)", [f"{mark}  {show_name(told)}"] if told else [], 12),
             Box("17a", "referral number", [claim.referral.number or ""] if claim.referral else [], 6),
             Box("17b", "NPI", [told.npi or ""] if told else [], 6)]),
        Row([Box("19", "note, attachments", [_show_further(claim)], 24)]),
        Row([Box("21", "diagnoses, ICD-10", ["   ".join(codes[start:start + 4]) for start in range(0, len(codes), 4)], 12),
             Box("22", "frequency, payer's earlier number", ["  ".join(again)], 6),
             Box("23", "authorisation", [claim.authorisation or ""], 6)], 44),
    ]


def _show_further(claim: Claim) -> str:
    sent = [" ".join(["PWK", one.report, one.transmission, one.control_number or ""]).strip() for one in claim.attachments]
    return "  ".join([*([claim.note] if claim.note else []), *sent])


def _draw_lines(lines: Sequence[ServiceLine], claim: Claim) -> list[Row]:
    rendering = claim.treating_provider.npi if claim.treating_provider else claim.billing_provider.npi
    rows = []
    for line in [*lines, *[None] * (_LINES - len(lines))]:
        day = show_day(line.service_date) if line else ""
        told = [
            ("24A", "day", day, 4), ("24B", "place", claim.place_of_service if line else "", 2),
            ("24D", "code, modifiers", " ".join([line.code, *line.modifiers]) if line else "", 6),
            ("24E", "diagnoses", "".join(_LETTERS[at - 1:at] for at in line.diagnosis_pointers) if line else "", 3),
            ("24F", "charge", show_amount(line.charge) if line else "", 3),
            ("24G", "units", f"{line.units:f}" if line else "", 2), ("24J", "who rendered, NPI", rendering if line else "", 4),
        ]
        shaded = (show_ndc(line.ndc) or line.description or "") if line else ""
        values = {"24D": [shaded]}
        rows.append(Row([Box(box, words, [*values.get(box, []), value or ""], wide) for box, words, value, wide in told], 32))
    return rows


def _draw_foot(claim: Claim, is_last: bool) -> list[Row]:
    provider, facility = claim.billing_provider, claim.facility
    return [
        Row([Box("25", "tax number", [provider.tax_id], 5), Box("26", "our number", [claim.identifier], 6),
             Box("27", "assignment taken", [show_answer(claim.accept_assignment)], 3),
             Box("28", "total charge", [show_amount(claim.total) if is_last else "CONTINUED"], 4),
             Box("29", "paid before", [show_paid(claim.other_insurance) if is_last else ""], 3),
             Box("31", "signed", [show_answer(claim.provider_signature)], 3)]),
        Row([Box("32", "where", [facility.name, *show_address(facility.address)] if facility else [], 12),
             Box("33", "who bills", [provider.name, *show_address(provider.address), provider.phone or ""], 12)], 58),
        Row([Box("32a", "NPI", [facility.npi or ""] if facility else [], 12), Box("33a", "NPI", [provider.npi], 6),
             Box("33b", "taxonomy", [provider.taxonomy], 6)]),
    ]
