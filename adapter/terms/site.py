"""What the site's own file says: who bills, for how much, to whom, and its own codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from decimal import Decimal
from functools import cached_property

from adapter.terms.ndc import pad_ndc
from adapter.terms.parties import Organization

__all__ = ["Fee", "Receiver", "Site", "SiteDrug", "SitePayer", "Submitter"]


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who sends the claims: X12 loop 1000A."""

    id: str
    name: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes the claims: X12 loop 1000B."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SitePayer:
    """One payer of the site and what it wants: `[[payer]]`."""

    id: str
    name: str
    kind: str
    channel: str = "folder"
    folder: str | None = None
    url: str | None = None
    timely_filing_days: int | None = None
    kit_a4220: bool = False
    compound_code: str | None = None
    places: tuple[str, ...] = ()
    discarded_drug_modifiers: bool = False
    kd_on_pump_drugs: bool = False
    drug_authorisation: tuple[str, ...] = ()
    filing_indicator: str | None = None
    frequency_codes: tuple[str, ...] = ("1",)


@dataclass(frozen=True, slots=True)
class Fee:
    """The charge for one unit of a code on the days from `start` to `end`, both included: `[[fee]]`."""

    code: str
    charge: Decimal
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class SiteDrug:
    """One package that the site uses: `[[drug]]`. `amount` of `amount_unit` is the drug in one claim `unit` of the NDC."""

    ndc: str
    hcpcs: str
    unit: str
    amount: Decimal
    amount_unit: str
    container: str


@dataclass(frozen=True)
class Site:
    """One billing provider with its payers, fees, drugs and codes.

    `refill_acts` and `pump_kinds` map (system, code) of the site to our codes; `revenue` maps a
    procedure or HCPCS code to its revenue code; `kind` is practice, hospital or asc.
    """

    kind: str
    billing_provider: Organization
    submitter: Submitter
    receiver: Receiver
    payers: tuple[SitePayer, ...] = ()
    fees: tuple[Fee, ...] = ()
    drugs: tuple[SiteDrug, ...] = ()
    revenue: Mapping[str, str] = field(default_factory=dict)
    refill_acts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    pump_kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    off_campus_modifier: str | None = None
    time_zone: tzinfo | None = None
    accept_assignment: bool = True
    benefits_assignment: bool = True
    provider_signature: bool = True
    release_of_information: bool = True
    admission_type: str | None = None
    admission_source: str | None = None
    patient_status: str | None = None

    @cached_property
    def drugs_by_ndc(self) -> Mapping[str, tuple[SiteDrug, ...]]:
        """Give the rows of a package by its NDC: by eleven digits, and by the digits of the label without hyphens."""
        found: dict[str, tuple[SiteDrug, ...]] = {}
        for row in self.drugs:
            digits = row.ndc.replace("-", "")
            for key in {pad_ndc(row.ndc) or digits, digits}:
                found[key] = (*found.get(key, ()), row)
        return found
