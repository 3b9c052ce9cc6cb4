"""What an 837 cannot hold, why, and how it comes back: one table, the fold and its reverse.

`read_837(write_837([claim]))` gives `fold_claim(claim)`; `complete_claim` gives the claim that was kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import (
    Address,
    Adjustment,
    Attachment,
    Claim,
    Facility,
    Identifier,
    Insurance,
    LineDecision,
    Ndc,
    PayerDecision,
    Person,
    Practitioner,
    Referral,
    ServiceLine,
    StatedCode,
)
from adapter.x12.diagnosis import fold_diagnosis
from adapter.x12.element import GENDERS, MONEY_PLACES, QUANTITY_PLACES, read_table, write_number
from adapter.x12.syntax import fold_text

__all__ = ["LOSSES", "complete_claim", "fold_claim"]

LOSSES: Mapping[str, str] = {
    "*": "X12 text is upper-case ASCII without delimiters: accents and lower case go, forbidden signs become spaces.",
    "admission": "CL1 belongs to institutional claims.",
    "bill_type": "A type of bill belongs to institutional claims; CLM05 of an 837P holds the place of service. Its last digit "
    "is the frequency code.",
    "billing_provider.phone": "2010AA PER is for a contact other than the submitter's (1000A); it is not written.",
    "diagnoses": "HI codes are written without their dot; it is put back after the third character.",
    "insurance.decision": "What the payer that is billed decided has no place in the claim to it.",
    "insurance.group_name": "SBR04 is written only where there is no group number (SBR03).",
    "insurance.subscriber": "DMG wants birth date and sex together, and REF*EA is the patient's: where a subscriber "
    "who is not the patient has one of the two only, or a record number, it is not written. Its names are written as "
    "the patient's.",
    "lines.authorisation": "A line of an 837I has no authorisation number of its own.",
    "lines.diagnosis_pointers": "Lines of an 837I point to no diagnosis.",
    "lines.note": "A line of an 837I has no note.",
    "lines.pump": "005010 has no place for a device or its UDI: LIN02 is taken by the NDC, and there is no PI anywhere.",
    "lines.revenue_code": "Revenue codes belong to institutional claims (SV201).",
    "lines.sequence": "LX counts the lines from 1 without gaps.",
    "other_insurance.decision": "Its lines are named by the number that LX gives them, and come back in that order.",
    "other_insurance.group_name": "SBR04 is written only where there is no group number (SBR03).",
    "other_insurance.subscriber": "Loop 2330A has no birth date, sex or record number.",
    "patient.gender": "DMG03 knows M, F and U: `other` comes back as `unknown`.",
    "patient.given": "NM104 and NM105 hold two names: the second and later ones are one middle name.",
    "patient.record_number": "REF*EA holds the number without the system that gave it.",
    "place_of_service": "A place of service belongs to professional claims; CLM05 of an 837I holds the type of bill.",
    "provider_signature": "CLM06 belongs to professional claims.",
    "referral.requester": "The referring provider has no taxonomy code (PRV), and two given names.",
    "service_date": "DTP*472 dates lines, not claims: the earliest line's day comes back.",
    "stated_codes": "Condition, occurrence and value codes belong to institutional claims, and come back by kind.",
    "supervising_provider": "Belongs to professional claims (2310D), without a taxonomy code (PRV), and with two given names.",
    "treating_provider.given": "NM104 and NM105 hold two names: the second and later ones are one middle name.",
}
"""Field of `terms.Claim` to the reason why it does not come back, or not as it was. `*` stands for every text."""


def fold_claim(claim: Claim) -> Claim:
    """Give the claim as it comes back from an 837 of its form: without what `LOSSES` names.

    Folding twice is folding once. A text without an ASCII form stays: `validate_837` refuses it.
    """
    treating, facility, provider, pay_to = claim.treating_provider, claim.facility, claim.billing_provider, claim.pay_to
    frequency, professional = _text(claim.frequency), claim.form == "professional"
    supervising, referral = claim.supervising_provider, claim.referral
    numbers = {line.sequence: number for number, line in enumerate(claim.lines, start=1)}
    return replace(
        claim,
        identifier=_text(claim.identifier),
        service_date=min((line.service_date for line in claim.lines), default=claim.service_date),
        place_of_service=_optional(claim.place_of_service) if professional else None,
        bill_type=None if professional or claim.bill_type is None else _text(claim.bill_type)[:3] + frequency,
        patient=_person(claim.patient),
        insurance=_insurance(claim.insurance),
        billing_provider=replace(
            provider, name=_text(provider.name), npi=_text(provider.npi), tax_id=_text(provider.tax_id),
            taxonomy=_text(provider.taxonomy), phone=None, address=_address(provider.address),
        ),
        treating_provider=_practitioner(treating) if treating else None,
        supervising_provider=_without_taxonomy(supervising) if supervising and professional else None,
        referral=_referral(referral) if referral else None,
        facility=_facility(facility) if facility else None,
        pay_to=_address(pay_to) if pay_to else None,
        diagnoses=tuple(_diagnosis(code) for code in claim.diagnoses),
        lines=tuple(_line(number, line, professional) for number, line in enumerate(claim.lines, start=1)),
        other_insurance=tuple(_other_insurance(one, numbers) for one in claim.other_insurance),
        authorisation=_optional(claim.authorisation),
        frequency=frequency,
        original_reference=_optional(claim.original_reference),
        provider_signature=claim.provider_signature if professional else None,
        admission=None if professional else claim.admission,
        attachments=tuple(map(_attachment, claim.attachments)),
        note=_optional(claim.note),
        stated_codes=() if professional else _stated(claim.stated_codes),
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
        decision=None,
    )


def _other_insurance(insurance: Insurance, numbers: Mapping[int, int]) -> Insurance:
    """Fold a coverage that is not billed; `numbers` give each line its number in the file."""
    folded, decision = _insurance(insurance), insurance.decision
    subscriber = folded.subscriber
    return replace(
        folded,
        subscriber=replace(subscriber, birth_date=None, gender=None) if subscriber else None,
        decision=_decision(decision, numbers) if decision else None,
    )


def _decision(decision: PayerDecision, numbers: Mapping[int, int]) -> PayerDecision:
    lines = sorted((_line_decision(one, numbers) for one in decision.lines), key=lambda one: one.sequence)
    return PayerDecision(
        decision.decided_on, _money(decision.paid), _optional(decision.claim_number),
        tuple(map(_adjustment, decision.adjustments)), tuple(lines),
    )


def _line_decision(decision: LineDecision, numbers: Mapping[int, int]) -> LineDecision:
    return LineDecision(
        numbers.get(decision.sequence, 0), _money(decision.paid), _quantity(decision.units),
        tuple(map(_adjustment, decision.adjustments)),
    )


def _adjustment(one: Adjustment) -> Adjustment:
    quantity = _quantity(one.quantity) if one.quantity is not None else None
    return Adjustment(_text(one.group), _text(one.reason), _money(one.amount), quantity)


def _referral(referral: Referral) -> Referral | None:
    number, requester = _optional(referral.number), referral.requester
    told = _without_taxonomy(requester) if requester else None
    return Referral(number, told) if number or told else None


def _without_taxonomy(practitioner: Practitioner) -> Practitioner:
    return replace(_practitioner(practitioner), taxonomy=None)


def _attachment(one: Attachment) -> Attachment:
    return Attachment(_text(one.report), _text(one.transmission), _optional(one.control_number))


def _stated(codes: tuple[StatedCode, ...]) -> tuple[StatedCode, ...]:
    """Put stated codes in the order of their HI segments; a value has its amount to the cent."""
    order = ("occurrence", "value", "condition")
    known = [one for one in codes if one.kind in order]
    folded = [replace(one, code=_text(one.code), amount=None if one.amount is None else _money(one.amount)) for one in known]
    return tuple(sorted(folded, key=lambda one: order.index(one.kind)))


def _money(value: Decimal) -> Decimal:
    return Decimal(write_number(value, MONEY_PLACES))


def _quantity(value: Decimal) -> Decimal:
    return Decimal(write_number(value, QUANTITY_PLACES))


def _diagnosis(code: str) -> str:
    return fold_diagnosis(_text(code))


def _line(number: int, line: ServiceLine, professional: bool) -> ServiceLine:
    ndc = line.ndc
    return replace(
        line,
        sequence=number,
        pump=None,
        code=_text(line.code),
        modifiers=tuple(map(_text, line.modifiers)),
        units=_quantity(line.units),
        charge=_money(line.charge),
        control_number=_text(line.control_number),
        diagnosis_pointers=line.diagnosis_pointers if professional else (),
        revenue_code=None if professional else _optional(line.revenue_code),
        ndc=_ndc(ndc) if ndc else None,
        description=_optional(line.description),
        authorisation=_optional(line.authorisation) if professional else None,
        note=_optional(line.note) if professional else None,
    )


def _ndc(ndc: Ndc) -> Ndc:
    return Ndc(_text(ndc.code), _quantity(ndc.quantity), _text(ndc.unit), _optional(ndc.prescription_number))
