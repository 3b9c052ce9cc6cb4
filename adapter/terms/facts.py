"""What a Bundle tells of one visit, each value with its place; nothing here is decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from adapter.issues import Issue
from adapter.terms.parties import Facility, Identifier, Person, Practitioner, Pump

__all__ = [
    "Act",
    "Authorisation",
    "Charge",
    "CoverageFacts",
    "Device",
    "Diagnosis",
    "Drug",
    "Observation",
    "PractitionerFacts",
    "ProviderFacts",
    "Quantity",
    "RefillFacts",
    "Service",
    "Told",
]

T = TypeVar("T")


class Told(NamedTuple, Generic[T]):
    """A value and the FHIRPath of the place that told it."""

    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with its UCUM unit: FHIR Quantity.value and .code."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Act:
    """One Procedure that says a pump was refilled, flushed, read out or started.

    `source` is its FHIRPath. `acts` are refill-act codes, our own or mapped by the site; `asserted` are
    the CPT and HCPCS codes that the record itself claims; `devices` index into RefillFacts.devices; `skills` are
    performer-skill codes; `part_of` is the index of the act it belongs to.
    """

    source: str
    status: Told[str]
    acts: tuple[Told[str], ...] = ()
    asserted: tuple[Told[str], ...] = ()
    devices: tuple[int, ...] = ()
    routes: tuple[Told[str], ...] = ()
    skills: tuple[Told[str], ...] = ()
    modifiers: tuple[Told[str], ...] = ()
    part_of: int | None = None
    is_active: bool = True
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """One Device of the Bundle: its kinds and routes as told, its identity as a Pump, its dates as written.

    `is_patients` tells that it is not said to be another patient's.
    """

    source: str
    pump: Pump
    kinds: tuple[Told[str], ...] = ()
    routes: tuple[Told[str], ...] = ()
    has_udi: bool = False
    manufactured_on: str | None = None
    expires_on: str | None = None
    is_patients: bool = True


@dataclass(frozen=True, slots=True)
class Drug:
    """One MedicationAdministration of the visit.

    `act` is the index of the act it belongs to. `concentration` is the drug in so much volume (Medication.ingredient.strength);
    `identifiers` tell a drug sent twice; `given_at` is the
    time as written, `order` the place that names the order. Codes are as told: HCPCS, NDC with or without hyphens, RxNorm;
    `ingredients` are the HCPCS codes of what it is made of, `words` all that its concepts say in words.
    """

    source: str
    act: int
    hcpcs: tuple[Told[str], ...] = ()
    ndc: tuple[Told[str], ...] = ()
    rxnorm: tuple[Told[str], ...] = ()
    dose: Told[Quantity] | None = None
    discarded: Told[Quantity] | None = None
    containers: tuple[Told[str], ...] = ()
    routes: tuple[Told[str], ...] = ()
    lot_number: Told[str] | None = None
    expires_on: Told[str] | None = None
    given_at: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    is_completed: bool = True
    concentration: tuple[Quantity, Quantity] | None = None
    name: str | None = None
    order: str | None = None
    ingredients: tuple[Told[str], ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Another CPT or HCPCS service of the day: a Procedure or a ChargeItem.

    `units` is None where a ChargeItem tells none, `counted_at` the place where it tells them; a Procedure is one.
    `note` is the place of the separate visit note that supports modifier 25; `is_charge` tells a ChargeItem; `places` and
    `practitioners` are where it was done and by whom, as it tells itself.
    """

    source: str
    code: str
    modifiers: tuple[Told[str], ...] = ()
    units: Decimal | None = Decimal(1)
    note: str | None = None
    devices: tuple[int, ...] = ()
    is_charge: bool = False
    counted_at: str = ""
    places: tuple[Told[str], ...] = ()
    practitioners: tuple[PractitionerFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """A price that the Bundle gives for a code: ChargeItem.priceOverride with its quantity; `is_waste` where JW is asserted."""

    source: str
    code: str
    amount: Decimal
    currency: str | None = None
    units: Decimal | None = None
    is_waste: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ICD-10-CM code in the order of contract section 1: ranked first, then by place.

    `named_by` are the indices of the acts that give it as their reason, `visited_by` those of the acts whose Encounter has it.
    """

    code: str
    source: str
    rank: int | None = None
    named_by: tuple[int, ...] = ()
    visited_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """One Coverage: `payer_identifiers` are the values of the payor Organization's identifiers.

    `groups` are number and name of each class of type group; `is_in_force` tells that its period holds the day of service.
    """

    source: str
    payer_identifiers: tuple[Told[str], ...]
    member_id: Told[str] | None
    relationships: tuple[Told[str], ...]
    order: int | None
    subscriber: Person | None = None
    subscriber_is_patient: bool = False
    groups: tuple[Told[tuple[str | None, str | None]], ...] = ()
    is_in_force: bool = True


@dataclass(frozen=True, slots=True)
class PractitionerFacts:
    """One person of the visit: a performer, or one who may have supervised (`is_named`: said to have done so)."""

    source: str
    practitioner: Practitioner
    is_supervisor: bool = False
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """The organization that the Bundle names as provider: Encounter.serviceProvider, with those it is part of."""

    source: str
    npis: tuple[str, ...]
    tax_ids: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A payer's prior authorisation: ClaimResponse.preAuthRef; `codes` empty means all services of the claim."""

    source: str
    number: str
    codes: tuple[str, ...] = ()
    payer_identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """One refill observation: its refill-observation code, and its amount or day where it has one.

    `acts` are the indices of the acts that it is part of, none where it is the whole visit's; `is_explained` tells a note on it.
    """

    source: str
    code: str
    quantity: Quantity | None = None
    day: date | None = None
    acts: tuple[int, ...] = ()
    is_explained: bool = False


@dataclass(frozen=True, slots=True)
class RefillFacts:
    """All that the Bundle tells of one patient's refill on one day; `patient_identifiers` are all of the patient's own.

    `earlier` are the patient's visits of the days before that the same Bundle tells, the latest first.
    """

    acts: tuple[Act, ...]
    service_dates: tuple[Told[date], ...] = ()
    patient: Person | None = None
    patient_source: str = ""
    patient_identifiers: tuple[Identifier, ...] = ()
    devices: tuple[Device, ...] = ()
    drugs: tuple[Drug, ...] = ()
    services: tuple[Service, ...] = ()
    charges: tuple[Charge, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    places: tuple[Told[str], ...] = ()
    place_expected: str = ""
    facilities: tuple[Told[Facility], ...] = ()
    coverages: tuple[CoverageFacts, ...] = ()
    practitioners: tuple[PractitionerFacts, ...] = ()
    providers: tuple[ProviderFacts, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    decisions: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    consents: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    earlier: tuple[RefillFacts, ...] = ()

    @property
    def day(self) -> date | None:
        """Give the one day of service, None where the acts tell none or several."""
        days = {told.value for told in self.service_dates}
        return days.pop() if len(days) == 1 else None
