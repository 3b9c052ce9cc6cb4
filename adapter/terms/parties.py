"""The parties of a claim: people, organizations, payers, places and the pump."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adapter.terms.coordination import PayerDecision

__all__ = [
    "Address", "Facility", "Identifier", "Insurance", "Organization", "Payer", "Person", "Practitioner", "Pump", "Referral",
]


@dataclass(frozen=True, slots=True)
class Identifier:
    """One business identifier: FHIR Identifier.system and .value."""

    system: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address: FHIR Address, X12 N3 and N4. `postal_code` is digits only."""

    line: tuple[str, ...]
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Person:
    """A patient or subscriber: FHIR Patient or RelatedPerson, X12 2010BA and 2010CA.

    `gender` is FHIR administrative-gender or None; `record_number` is the MRN (X12 REF*EA).
    """

    family: str
    given: tuple[str, ...] = ()
    suffix: str | None = None
    gender: str | None = None
    birth_date: date | None = None
    address: Address | None = None
    record_number: Identifier | None = None


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who treated: FHIR Practitioner and PractitionerRole, X12 2310B NM1*82 and PRV*PE."""

    family: str
    given: tuple[str, ...] = ()
    suffix: str | None = None
    npi: str | None = None
    taxonomy: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """Who sent the patient, and under which number: FHIR Claim.referral (ServiceRequest), X12 NM1*DN and 2300 REF*9F."""

    number: str | None = None
    requester: Practitioner | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """Who bills: FHIR Organization, X12 2010AA. `tax_id` is nine digits (EIN)."""

    name: str
    npi: str
    tax_id: str
    taxonomy: str
    phone: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Facility:
    """Where it was done, when that is not the billing provider's address: FHIR Location, X12 2310C NM1*77."""

    name: str
    address: Address
    npi: str | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: FHIR Organization of Coverage.payor, X12 2010BB NM1*PR with PI."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Insurance:
    """One coverage of the patient: FHIR Coverage, X12 2000B SBR with 2010BA.

    `relationship` is FHIR subscriber-relationship; `subscriber` is None where the patient is the
    subscriber. `order` 1 is primary. `filing_indicator` is X12 SBR09, None where a claim of another writer has none.
    `decision` is what this payer decided already, where it is not the one that is billed: loops 2320 and 2430.
    """

    payer: Payer
    member_id: str
    relationship: str
    filing_indicator: str | None
    order: int = 1
    subscriber: Person | None = None
    group_number: str | None = None
    group_name: str | None = None
    decision: PayerDecision | None = None


@dataclass(frozen=True, slots=True)
class Pump:
    """The pump that was refilled: FHIR Device. `kind` is our pump-kind code, None where a claim cannot tell.

    X12 5010 has no place for it: it is kept beside the claim (docs/losses).
    """

    kind: str | None
    udi: str | None = None
    device_identifier: str | None = None
    manufacturer: str | None = None
    model_number: str | None = None
    serial_number: str | None = None
    lot_number: str | None = None
