"""What coding says: the record, the claim in it, its lines, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from adapter.issues import Issue, has_errors
from adapter.terms.facts import RefillFacts
from adapter.terms.parties import Address, Facility, Insurance, Organization, Person, Practitioner, Pump, Referral

__all__ = [
    "Admission", "Attachment", "Claim", "CodingAnswer", "CodingRecord", "Denial", "Documentation", "Dropped", "Element", "Ndc",
    "Reason", "RestoredRefill", "RestoredService", "ServiceLine", "StatedCode", "TraceStep",
]


@dataclass(frozen=True, slots=True)
class Ndc:
    """A drug's package as billed: X12 2410 LIN03 and CTP04/CTP05. `code` is 11 digits, `unit` UN, ML, GR or F2."""

    code: str
    quantity: Decimal
    unit: str
    prescription_number: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """How an institution's patient came and left, in NUBC codes: X12 CL1. None where nobody told it."""

    type: str | None = None
    source: str | None = None
    patient_status: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that goes to the payer beside the claim: X12 PWK, FHIR Claim.supportingInfo.

    `report` is PWK01 (element 755), `transmission` PWK02 (756), `control_number` PWK06, which the 275 repeats.
    """

    report: str
    transmission: str
    control_number: str | None = None


@dataclass(frozen=True, slots=True)
class StatedCode:
    """A condition, occurrence or value code of an institutional claim, in NUBC codes: X12 HI BG, BH, BE.

    `kind` is condition, occurrence (which has a day) or value (which has an amount).
    """

    kind: str
    code: str
    day: date | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One billed service: FHIR Claim.item, X12 loop 2400.

    `charge` is the total of the line in US dollars; `diagnosis_pointers` are 1-based positions in
    the claim's diagnoses; `control_number` is X12 REF*6R; `description` is SV101-7 (NOC codes);
    `pump` is the pump that was refilled, or that the drug went into.
    """

    sequence: int
    code: str
    modifiers: tuple[str, ...]
    units: Decimal
    charge: Decimal
    diagnosis_pointers: tuple[int, ...]
    service_date: date
    control_number: str
    revenue_code: str | None = None
    ndc: Ndc | None = None
    description: str | None = None
    authorisation: str | None = None
    pump: Pump | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """All that is billed, whichever language it is written in: FHIR Claim with its parties, X12 837.

    `identifier` is the patient control number (CLM01, at most 17 characters); `form` professional or
    institutional; `frequency` 1 original, 7 replacement, 8 void, with `original_reference` (REF*F8);
    `treating_provider` is the rendering provider (professional) or the attending one (institutional),
    None where the billing provider itself rendered.
    `insurance` is the coverage billed, `other_insurance` the rest in their order.
    The four answers (X12 CLM06 to CLM09) are None where a claim of another writer does not give them.
    `admission` and `stated_codes` belong to the institutional form, `supervising_provider` to the professional one;
    `pay_to` is where the payment goes, where that is not the billing provider's address (X12 2010AB).
    """

    identifier: str
    form: str
    service_date: date
    place_of_service: str | None
    bill_type: str | None
    patient: Person
    insurance: Insurance
    billing_provider: Organization
    treating_provider: Practitioner | None
    facility: Facility | None
    diagnoses: tuple[str, ...]
    lines: tuple[ServiceLine, ...]
    other_insurance: tuple[Insurance, ...] = ()
    authorisation: str | None = None
    frequency: str = "1"
    original_reference: str | None = None
    accept_assignment: bool | None = None
    benefits_assignment: bool | None = None
    provider_signature: bool | None = None
    release_of_information: bool | None = None
    admission: Admission | None = None
    referral: Referral | None = None
    supervising_provider: Practitioner | None = None
    pay_to: Address | None = None
    attachments: tuple[Attachment, ...] = ()
    note: str | None = None
    stated_codes: tuple[StatedCode, ...] = ()

    @property
    def pumps(self) -> tuple[Pump, ...]:
        """Give the pumps of the lines, each once, in their order."""
        return tuple(dict.fromkeys(line.pump for line in self.lines if line.pump))

    @property
    def total(self) -> Decimal:
        """Add up the charges of the lines: FHIR Claim.total, X12 CLM02."""
        return sum((line.charge for line in self.lines), Decimal(0))


class Reason(NamedTuple):
    """Say which rule made something, from which place in the Bundle, by whose word."""

    rule: str
    source: str
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A service of the day that is not billed, and the rule that says so."""

    code: str
    rule: str
    source: str = ""


class TraceStep(NamedTuple):
    """One step from a fact to a decision."""

    fact: str
    value: str
    source: str
    rule: str


class Element(NamedTuple):
    """One element that the note of a refill holds: the row that says so, what shows it, and whether its absence is a warning."""

    name: str
    rule: str
    ways: tuple[str, ...]
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the note of a refill must hold: the elements that apply, those asked for, and the facts that show them or do not."""

    elements: tuple[Element, ...]
    asked: tuple[Element, ...]
    facts: RefillFacts


class Denial(NamedTuple):
    """What a payer would answer, did the claim go out as the record is: `cause` is the rule that found it first.

    CARC and RARC by number; their texts are X12's.
    """

    cause: str
    carc: tuple[str, ...]
    rarc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodingRecord:
    """What one visit comes to: coded with a claim, held, or nothing to bill.

    `because` runs beside `claim.lines`, a tuple of reasons a line. A held record has no claim;
    what is known of it stands in the fields here.
    """

    status: str
    form: str | None = None
    proposed: tuple[str, ...] = ()
    service_date: date | None = None
    place_of_service: str | None = None
    bill_type: str | None = None
    billing_provider_npi: str | None = None
    payer_id: str | None = None
    diagnoses: tuple[str, ...] = ()
    claim: Claim | None = None
    lines: tuple[ServiceLine, ...] = ()
    because: tuple[tuple[Reason, ...], ...] = ()
    dropped: tuple[Dropped, ...] = ()
    trace: tuple[TraceStep, ...] = ()
    issues: tuple[Issue, ...] = ()
    documentation: Documentation | None = None
    denials: tuple[Denial, ...] = ()

    @property
    def code(self) -> str | None:
        """Name the code of the refill where the record is coded."""
        return self.claim.lines[0].code if self.claim else None


@dataclass(frozen=True, slots=True)
class CodingAnswer:
    """The records of one Bundle and the issues that belong to none of them."""

    records: tuple[CodingRecord, ...]
    issues: tuple[Issue, ...] = ()

    @property
    def all_issues(self) -> tuple[Issue, ...]:
        """Give every issue: those of no record first, then those of each record in turn."""
        return (*self.issues, *(issue for record in self.records for issue in record.issues))

    @property
    def is_stopped(self) -> bool:
        """Tell whether a person must act: an error issue, or a held record."""
        return has_errors(self.all_issues) or any(record.status == "held" for record in self.records)


@dataclass(frozen=True, slots=True)
class RestoredService:
    """One line of a claim read back by the tables.

    `kind` is procedure, visit (which gives no drug), drug or supply; `act` is a refill-act code and `pump_class` and
    `route_class` are what the code tells of the pump (implanted, portable) and of the route (systemic, spinal), each None
    where it tells nothing. `successor` is the code of today, where the line has an old number.
    """

    line: ServiceLine
    kind: str
    act: str | None = None
    pump_class: str | None = None
    route_class: str | None = None
    successor: str | None = None

    @property
    def code(self) -> str:
        """Give the code that is written: that of the line, but never an old number."""
        return self.successor or self.line.code


@dataclass(frozen=True, slots=True)
class RestoredRefill:
    """A claim explained: its parties as they are, its lines as what they mean."""

    claim: Claim
    services: tuple[RestoredService, ...]
