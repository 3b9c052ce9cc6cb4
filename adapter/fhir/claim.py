"""Claim: read from a claim Bundle, or from one Claim with contained parties, of ours or of another writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from adapter.fhir.claim_bundle import write_claim
from adapter.fhir.claim_header import (
    read_bill_type,
    read_diagnoses,
    read_flags,
    read_form,
    read_frequency,
    read_identifier,
)
from adapter.fhir.claim_item import read_item, read_money, read_places
from adapter.fhir.coverage import read_insurance
from adapter.fhir.datatypes import children, day, positive, text
from adapter.fhir.declared import Declared
from adapter.fhir.location import read_facility
from adapter.fhir.organization import read_organization, read_payer
from adapter.fhir.patient import read_person
from adapter.fhir.payer_decision import read_decision
from adapter.fhir.practitioner import read_care_team
from adapter.fhir.reading import Reading
from adapter.fhir.receipt import say_count
from adapter.fhir.references import Found, Tree
from adapter.fhir.referral import read_pay_to, read_referral
from adapter.fhir.supporting_info import read_line_notes, read_supporting_info
from adapter.issues import IssueType, Outcome, Severity, has_errors
from adapter.terms import Claim, Facility, Insurance, Organization, ServiceLine

__all__ = ["read_claim", "write_claim"]

_CITATION = "http://hl7.org/fhir/R4/claim.html"


class _Coverages(NamedTuple):
    billed: Insurance | None
    others: tuple[Insurance, ...]
    authorisation: str | None


def read_claim(tree: Tree, declared: Mapping[str, Declared] | None = None) -> Outcome[Claim]:
    """Read what is billed; every billed fact that is missing, doubtful or contradicted is an error with its FHIRPath.

    FHIR: a Bundle of any type with one Claim, or a Claim with `contained` parties. Known aliases of code systems are
    accepted, and Claims of other writers; `declared` is what each site answers, by the NPI of its billing provider, where
    such a Claim has no place for it: what neither tells stays absent, with a warning. No default stands in for a fact: no
    place of service, pointer, unit or date is filled in.
    """
    reading = Reading(tree, _CITATION)
    claims = [found for found in reading.index.of_type("Claim") if ".contained[" not in found[1]]
    if len(claims) != 1:
        place = "Bundle" if tree.get("resourceType") == "Bundle" else "Resource"
        reading.error("claim.one", place, say_count(len(claims)), IssueType.REQUIRED)
        return Outcome(None, tuple(dict.fromkeys(reading.issues)))
    return _read(claims[0], declared or {}, reading)


def _read(claim: Found, sites: Mapping[str, Declared], reading: Reading) -> Outcome[Claim]:
    identifier, form = read_identifier(claim, reading), read_form(claim, reading)
    if form is None:
        return Outcome(None, tuple(dict.fromkeys(reading.issues)))
    provider, facility = _read_provider(claim, reading), _read_facility(claim, reading)
    declared = sites.get(provider.npi, Declared()) if provider else Declared()
    flags, bill_type = read_flags(claim, declared, reading), read_bill_type(claim, form, reading)
    frequency, original = read_frequency(claim, reading)
    patient_found = _party(claim, "patient", reading)
    patient = read_person(patient_found, reading) if patient_found else None
    coverages = _read_coverages(claim, patient_found, declared, reading)
    (treating, supervising), referral = read_care_team(claim, form, reading), read_referral(claim, reading)
    further = read_supporting_info(claim, reading)
    diagnoses, positions = read_diagnoses(claim, reading)
    lines = _read_lines(claim, positions, form, reading)
    served, place = _read_service_date(claim, lines, reading), _read_place(claim, form, reading)
    if has_errors(reading.issues) or not (identifier and patient and coverages.billed and provider and served):
        return Outcome(None, tuple(dict.fromkeys(reading.issues)))
    value = Claim(
        identifier, form, served, place, bill_type, patient, coverages.billed, provider, treating, facility, diagnoses,
        lines, coverages.others, coverages.authorisation, frequency, original, **flags, **further,
        referral=referral, supervising_provider=supervising, pay_to=read_pay_to(claim, reading),
    )
    return Outcome(value, tuple(dict.fromkeys(reading.issues)))


def _party(claim: Found, name: str, reading: Reading) -> Found | None:
    found = reading.follow(*claim, name)
    if claim[0].get(name) is None:
        reading.missing(f"claim.{name}-missing", f"{claim[1]}.{name}", f"The {name}")
    return found


def _read_provider(claim: Found, reading: Reading) -> Organization | None:
    found, role = _party(claim, "provider", reading), None
    if found and found[0].get("resourceType") == "PractitionerRole":
        role, found = found, reading.follow(*found, "organization")
    if found is None:
        if role:
            what = "The billing Organization of the role"
            reading.missing("provider.organization-missing", f"{role[1]}.organization", what)
        return None
    if found[0].get("resourceType") != "Organization":
        text_ = "The billing provider is no Organization. Refer to the Organization that bills."
        reading.error("provider.not-an-organization", f"{claim[1]}.provider", text_, IssueType.NOT_SUPPORTED)
        return None
    return read_organization(found, reading, role)


def _read_facility(claim: Found, reading: Reading) -> Facility | None:
    found = reading.follow(*claim, "facility")
    return read_facility(found, reading) if found else None


def _read_coverages(claim: Found, patient: Found | None, declared: Declared, reading: Reading) -> _Coverages:
    entries = children(*claim, "insurance")
    focal = [entry for entry in entries if entry[0].get("focal") is True]
    if len(focal) != 1:
        text_ = f"{len(focal)} coverages are marked focal; exactly one was expected: the one that is billed."
        reading.error("insurance.focal", f"{claim[1]}.insurance", text_, IssueType.REQUIRED)
        return _Coverages(None, (), None)
    others = [entry for entry in entries if entry[0].get("focal") is not True]
    filing = declared.filing_indicators
    billed, *rest = (_read_insurance(entry, patient, filing, reading) for entry in (focal[0], *others))
    sequences = [positive(entry[0].get("sequence")) for entry in entries]
    if len(set(sequences)) < len(sequences):
        text_ = "Two coverages have the same sequence, which tells the order of payment. Give each its own."
        reading.error("insurance.order", f"{claim[1]}.insurance", text_, IssueType.CONFLICT)
    _check_insurer(claim, billed, reading)
    sent = focal[0][0].get("preAuthRef")
    numbers = [one for one in sent if isinstance(one, str)] if isinstance(sent, list) else []
    if len(numbers) > 1:
        text_ = "Several authorisation numbers; a claim carries one. Put the others on their lines."
        reading.error("insurance.authorisations", f"{focal[0][1]}.preAuthRef", text_, IssueType.CONFLICT)
    return _Coverages(billed, tuple(one for one in rest if one), numbers[0] if len(numbers) == 1 else None)


def _read_insurance(entry: Found, patient: Found | None, filing: Mapping[str, str], reading: Reading) -> Insurance | None:
    insurance = read_insurance(entry, patient, filing, reading)
    decided = reading.follow(*entry, "claimResponse")
    return replace(insurance, decision=read_decision(decided, reading)) if insurance and decided else insurance


def _check_insurer(claim: Found, billed: Insurance | None, reading: Reading) -> None:
    found = reading.follow(*claim, "insurer")
    if found is None or billed is None:
        return
    insurer = read_payer(found, reading)
    if insurer and insurer.id != billed.payer.id:
        text_ = "The insurer is not the payor of the focal Coverage. Correct the one that is wrong."
        reading.error("claim.insurer-differs", f"{claim[1]}.insurer", text_, IssueType.CONFLICT)


def _read_lines(claim: Found, positions: dict[int, int], form: str, reading: Reading) -> tuple[ServiceLine, ...]:
    tree, path = claim
    items = children(tree, path, "item")
    if not items:
        reading.missing("claim.item-missing", f"{path}.item", "The service line")
    notes = read_line_notes(claim)
    read = [read_item(item, positions, form, reading) for item in items]
    lines = tuple(replace(line, note=notes[line.sequence]) if line.sequence in notes else line for line in read if line)
    team = {positive(member.get("sequence")) for member, _ in children(tree, path, "careTeam")}
    for item, where in items:
        sent = item.get("careTeamSequence")
        if any(positive(one) not in team for one in (sent if isinstance(sent, list) else [])):
            text_ = "No member of the care team has this sequence. Refer to one of Claim.careTeam.sequence."
            reading.error("item.care-team-unknown", f"{where}.careTeamSequence", text_, IssueType.NOT_FOUND)
    if len({line.sequence for line in lines}) < len(lines):
        text_ = "Two lines have the same sequence. Give each its own."
        reading.error("item.sequence-twice", f"{path}.item", text_, IssueType.CONFLICT)
    if tree.get("total") is not None and len(lines) == len(items):
        total = read_money(claim, "total", reading)
        if total is not None and total != sum((line.charge for line in lines), Decimal(0)):
            text_ = "The total is not the sum of the lines' net amounts. Correct the one that is wrong."
            reading.error("claim.total-differs", f"{path}.total", text_, IssueType.CONFLICT)
    return lines


def _read_service_date(claim: Found, lines: tuple[ServiceLine, ...], reading: Reading) -> date | None:
    """Read the day of the claim: billablePeriod where it is one day, else the one day of all lines."""
    period = claim[0].get("billablePeriod")
    start, end = (day(text(period, name)) for name in ("start", "end"))
    days = {line.service_date for line in lines}
    if start and start == end:
        if days - {start}:
            note = "A line is dated outside billablePeriod, which gives the claim's day; the line keeps its own."
            reading.note(Severity.WARNING, "claim.dates-differ", f"{claim[1]}.billablePeriod", note)
        return start
    if len(days) > 1:
        text_ = "The lines fall on several days; a claim of this product is one visit. Send one Claim a day."
        reading.error("claim.several-days", f"{claim[1]}.item", text_, IssueType.NOT_SUPPORTED)
    return next(iter(days)) if len(days) == 1 else None


def _read_place(claim: Found, form: str, reading: Reading) -> str | None:
    """Read the one place of service of all lines; a professional claim needs it, on each line."""
    places: set[str] = set()
    for item in children(*claim, "item"):
        known = read_places(item, reading)
        places.update(known)
        if not known and form == "professional":
            reading.missing("item.place-missing", f"{item[1]}.location", "The place of service")
    if len(places) > 1:
        text_ = "The lines name several places of service; one was expected. Send one Claim a place."
        reading.error("claim.several-places", f"{claim[1]}.item", text_, IssueType.NOT_SUPPORTED)
    return places.pop() if len(places) == 1 else None
