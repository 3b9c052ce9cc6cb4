"""What an 837P cannot hold, why, and how it comes back: one table, the fold and its reverse.

`read_837p(write_837p([claim]))` gives `fold_claim(claim)`; `complete_claim` gives the claim that was kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Address, Claim, Facility, Identifier, Insurance, Ndc, Person, Practitioner, ServiceLine
from adapter.x12.element import GENDERS, MONEY_PLACES, QUANTITY_PLACES, read_table, write_number
from adapter.x12.syntax import fold_text

__all__ = ["LOSSES", "complete_claim", "fold_claim"]

LOSSES: Mapping[str, str] = {
    "*": "X12 text is upper-case ASCII without delimiters: accents and lower case go, forbidden signs become spaces.",
    "bill_type": "A type of bill belongs to institutional claims; CLM05 of an 837P holds the place of service.",
    "billing_provider.phone": "2010AA PER is for a contact other than the submitter's (1000A); it is not written.",
    "diagnoses": "HI codes are written without their dot; it is put back after the third character.",
    "insurance.group_name": "SBR04 is written only where there is no group number (SBR03).",
    "insurance.subscriber": "DMG wants birth date and sex together, and REF*EA is the patient's: where a subscriber "
    "who is not the patient has one of the two only, or a record number, it is not written. Its names are written as "
    "the patient's.",
    "lines.pump": "005010 has no place for a device or its UDI: LIN02 is taken by the NDC, and there is no PI anywhere.",
    "lines.revenue_code": "Revenue codes belong to institutional claims (SV201).",
    "lines.sequence": "LX counts the lines from 1 without gaps.",
    "other_insurance": "Coordination of benefits (loops 2320, 2330, 2430) is not written yet; writing it warns.",
    "patient.gender": "DMG03 knows M, F and U: `other` comes back as `unknown`.",
    "patient.given": "NM104 and NM105 hold two names: the second and later ones are one middle name.",
    "patient.record_number": "REF*EA holds the number without the system that gave it.",
    "service_date": "DTP*472 dates lines, not claims: the earliest line's day comes back.",
    "treating_provider.given": "NM104 and NM105 hold two names: the second and later ones are one middle name.",
}
"""Field of `terms.Claim` to the reason why it does not come back, or not as it was. `*` stands for every text."""


def fold_claim(claim: Claim) -> Claim:
    """Give the claim as it comes back from an 837P: without what `LOSSES` names.

    Folding twice is folding once. A text without an ASCII form stays: `validate_837p` refuses it.
    """
    treating, facility = claim.treating_provider, claim.facility
    provider = claim.billing_provider
    return replace(
        claim,
        identifier=_text(claim.identifier),
        service_date=min((line.service_date for line in claim.lines), default=claim.service_date),
        place_of_service=_optional(claim.place_of_service),
        bill_type=None,
        patient=_person(claim.patient),
        insurance=_insurance(claim.insurance),
        billing_provider=replace(
            provider, name=_text(provider.name), npi=_text(provider.npi), tax_id=_text(provider.tax_id),
            taxonomy=_text(provider.taxonomy), phone=None, address=_address(provider.address),
        ),
        treating_provider=_practitioner(treating) if treating else None,
        facility=_facility(facility) if facility else None,
        diagnoses=tuple(_diagnosis(code) for code in claim.diagnoses),
        lines=tuple(_line(number, line) for number, line in enumerate(claim.lines, start=1)),
        other_insurance=(),
        authorisation=_optional(claim.authorisation),
        frequency=_text(claim.frequency),
        original_reference=_optional(claim.original_reference),
    )


def complete_claim(read: Claim, kept: Claim) -> Outcome[Claim]:
    """Give the kept claim back where what was read is it, or is what an 837P can hold of it; the two are never mixed.

    Where they differ, what was read stands alone, with the warning `claim.kept-differs`.
    """
    folded = fold_claim(kept)
    names = [each.name for each in fields(read) if getattr(read, each.name) not in _versions(each.name, kept, folded)]
    if not names:
        return Outcome(kept)
    text = (
        f"The claim that is kept here is not the same in {', '.join(name.replace('_', ' ') for name in names)}. What was sent "
        "stands alone, and nothing was taken from what is kept. Compare the two; another claim wants a number of its own."
    )
    return Outcome(read, (Issue(Severity.WARNING, IssueType.CONFLICT, "claim.kept-differs", text, ("Claim",)),))


def _versions(name: str, *claims: Claim) -> list[object]:
    return [getattr(claim, name) for claim in claims]


def _text(value: str) -> str:
    folded = fold_text(value)
    return value if folded is None else folded


def _optional(value: str | None) -> str | None:
    return (_text(value) or None) if value is not None else None


def _given(given: tuple[str, ...]) -> tuple[str, ...]:
    names = [name for name in map(_text, given) if name]
    return (names[0], *([" ".join(names[1:])] if names[1:] else [])) if names else ()


def _address(address: Address) -> Address:
    lines = tuple(line for line in map(_text, address.line) if line)
    return Address(lines, _text(address.city), _text(address.state), _text(address.postal_code))


def _person(person: Person) -> Person:
    number = person.record_number
    value = _text(number.value) if number else ""
    told = person.birth_date is not None and person.gender is not None
    return Person(
        family=_text(person.family),
        given=_given(person.given),
        suffix=_optional(person.suffix),
        gender=read_table(GENDERS).get(GENDERS.get(person.gender or "", ""), person.gender) if told else None,
        birth_date=person.birth_date if told else None,
        address=_address(person.address) if person.address else None,
        record_number=Identifier(None, value) if value else None,
    )


def _practitioner(practitioner: Practitioner) -> Practitioner:
    return Practitioner(
        _text(practitioner.family), _given(practitioner.given), _optional(practitioner.suffix),
        _optional(practitioner.npi), _optional(practitioner.taxonomy),
    )


def _facility(facility: Facility) -> Facility:
    return Facility(_text(facility.name), _address(facility.address), _optional(facility.npi))


def _insurance(insurance: Insurance) -> Insurance:
    group, subscriber = _optional(insurance.group_number), insurance.subscriber
    return replace(
        insurance,
        payer=replace(insurance.payer, id=_text(insurance.payer.id), name=_text(insurance.payer.name)),
        member_id=_text(insurance.member_id),
        filing_indicator=_optional(insurance.filing_indicator),
        subscriber=replace(_person(subscriber), record_number=None) if subscriber else None,
        group_number=group,
        group_name=None if group else _optional(insurance.group_name),
    )


def _diagnosis(code: str) -> str:
    plain = _text(code).replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if plain[3:] else plain


def _line(number: int, line: ServiceLine) -> ServiceLine:
    ndc = line.ndc
    return replace(
        line,
        sequence=number,
        pump=None,
        code=_text(line.code),
        modifiers=tuple(map(_text, line.modifiers)),
        units=Decimal(write_number(line.units, QUANTITY_PLACES)),
        charge=Decimal(write_number(line.charge, MONEY_PLACES)),
        control_number=_text(line.control_number),
        revenue_code=None,
        ndc=_ndc(ndc) if ndc else None,
        description=_optional(line.description),
        authorisation=_optional(line.authorisation),
    )


def _ndc(ndc: Ndc) -> Ndc:
    quantity = Decimal(write_number(ndc.quantity, QUANTITY_PLACES))
    return Ndc(_text(ndc.code), quantity, _text(ndc.unit), _optional(ndc.prescription_number))
