"""What an 837P cannot hold, why, and how it comes back: one table, the fold and its reverse.

`read_837p(write_837p([claim]))` gives `fold_claim(claim)`; `complete_claim` puts back what was kept beside the claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar, cast

from adapter.terms import Address, Claim, Facility, Identifier, Insurance, Ndc, Person, Practitioner, ServiceLine
from adapter.x12.element import GENDERS, MONEY_PLACES, QUANTITY_PLACES, read_table, write_number
from adapter.x12.syntax import fold_text

__all__ = ["LOSSES", "complete_claim", "fold_claim"]

T = TypeVar("T")

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


def complete_claim(read: Claim, kept: Claim) -> Claim:
    """Put back into a claim read from an 837P what the claim kept beside it knows more.

    A field comes back from `kept` where the two agree as far as X12 can tell; where they differ, what was read stands.
    A kept claim under another patient control number gives nothing: `read` comes back as it is.
    """
    folded = fold_claim(kept)
    return _complete(read, folded, kept) if fold_claim(read).identifier == folded.identifier else read


def _complete(read: T, folded: T, kept: T) -> T:
    if read == folded:
        return kept
    if is_dataclass(read) and type(read) is type(folded) is type(kept):
        names = [each.name for each in fields(read)]
        changes = {name: _complete(getattr(read, name), getattr(folded, name), getattr(kept, name)) for name in names}
        return cast("T", replace(cast("Any", read), **changes))
    if (
        isinstance(read, tuple) and isinstance(folded, tuple) and isinstance(kept, tuple)
        and len(read) == len(folded) == len(kept)
    ):
        return cast("T", tuple(map(_complete, read, folded, kept)))
    return read


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
