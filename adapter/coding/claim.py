"""The claim of a record: its lines numbered, charged and pointed, its parties put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapter.coding.decision import Decision, Visit
from adapter.coding.diagnosis import find_pointers
from adapter.coding.line import DraftLine
from adapter.coding.payer import Insured
from adapter.coding.place import Setting
from adapter.coding.provider import decide_facility
from adapter.issues import Issue
from adapter.terms import Admission, Claim, Dropped, Practitioner, ServiceLine, Site

__all__ = ["ClaimParts", "build_claim", "build_lines"]


@dataclass(frozen=True, slots=True)
class ClaimParts:
    """The answers that a claim is made of."""

    identifier: str
    setting: Setting
    insured: Insured
    treating: Practitioner | None
    diagnoses: tuple[str, ...]
    lines: tuple[DraftLine, ...]
    charges: tuple[Decimal | None, ...]
    authorisations: tuple[str | None, tuple[str | None, ...]]
    dropped: tuple[Dropped, ...]


def build_lines(visit: Visit, parts: ClaimParts) -> Decision[tuple[ServiceLine, ...]]:
    """Number the lines and add charge, pointers, revenue code and authorisation."""
    issues: list[Issue] = []
    institutional = parts.setting.form == "institutional"
    revenue = visit.site.revenue
    built = []
    for number, line in enumerate(parts.lines, 1):
        if institutional and line.code not in revenue:
            text = f"The site file names no revenue code for {line.code}; an institutional line has one."
            issues.append(visit.issue("revenue.missing", text, line.source))
        pointers = () if institutional else find_pointers(visit, parts.diagnoses, line.acts)
        if not pointers and not institutional and parts.diagnoses:
            text = f"No diagnosis of the claim is told of the act that {line.code} bills; a line points to one at least."
            issues.append(visit.issue("diagnosis.none-for-line", text, line.source))
        charge = parts.charges[number - 1]
        built.append(ServiceLine(
            sequence=number,
            code=line.code,
            modifiers=line.modifiers,
            units=line.units,
            charge=charge if charge is not None else Decimal(0),
            diagnosis_pointers=pointers,
            service_date=visit.day or date.min,
            control_number=f"{parts.identifier}L{number}",
            revenue_code=revenue.get(line.code) if institutional else None,
            ndc=line.ndc,
            description=line.description,
            pump=line.pump,
            authorisation=parts.authorisations[1][number - 1],
        ))
    return Decision(tuple(built), tuple(issues))


def build_claim(visit: Visit, parts: ClaimParts, lines: tuple[ServiceLine, ...]) -> Claim | None:
    """Put the claim together; None where a party, the form or the day is not settled."""
    site, setting = visit.site, parts.setting
    insurance, patient = parts.insured.insurance, visit.facts.patient
    if insurance is None or patient is None or setting.form is None or visit.day is None:
        return None
    same = parts.treating is not None and parts.treating.npi == site.billing_provider.npi
    return Claim(
        identifier=parts.identifier,
        form=setting.form,
        service_date=visit.day,
        place_of_service=setting.place if setting.form == "professional" else None,
        bill_type=setting.bill_type,
        patient=patient,
        insurance=insurance,
        billing_provider=site.billing_provider,
        treating_provider=None if same and setting.form == "professional" else parts.treating,
        facility=decide_facility(visit) if setting.form == "professional" else None,
        diagnoses=parts.diagnoses,
        lines=lines,
        other_insurance=parts.insured.other,
        authorisation=parts.authorisations[0],
        accept_assignment=site.accept_assignment,
        benefits_assignment=site.benefits_assignment,
        provider_signature=site.provider_signature,
        release_of_information=site.release_of_information,
        admission=_admission(site) if setting.form == "institutional" else None,
    )


def _admission(site: Site) -> Admission | None:
    """Give what the site says of all its patients' admissions, None where it says nothing."""
    told = (site.admission_type, site.admission_source, site.patient_status)
    return Admission(*told) if any(told) else None
