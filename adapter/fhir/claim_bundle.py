"""The claim Bundle: the Claim, every party and thing that it refers to, and the Provenance."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.fhir.claim_drug import NDC_UNITS
from adapter.fhir.claim_header import (
    CLAIM_TYPE,
    RELATIONS,
    write_diagnoses,
    write_flags,
    write_identifiers,
    write_related,
)
from adapter.fhir.claim_item import ItemContext, write_item
from adapter.fhir.code_set import code_set
from adapter.fhir.elements import filled, write_concept, write_money
from adapter.fhir.location import write_location
from adapter.fhir.parties import write_coverages, write_devices, write_providers
from adapter.fhir.payer_decision import write_decision
from adapter.fhir.practitioner import write_care_team, write_practitioner
from adapter.fhir.provenance import write_explanation, write_provenance
from adapter.fhir.references import Tree
from adapter.fhir.referral import payee_of, write_pay_to, write_referral
from adapter.fhir.stamp import Stamp, Urls
from adapter.fhir.supporting_info import write_line_notes, write_supporting_info
from adapter.fhir.systems import NUBC_BILL_TYPE, own_structure
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Claim, CodingRecord

__all__ = ["write_claim"]

_PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"
_CITATION = "http://hl7.org/fhir/R4/claim.html"


def write_claim(record: CodingRecord, stamp: Stamp) -> Outcome[Tree]:
    """Write the claim of a coded record as a claim Bundle.

    FHIR: Bundle (collection) of Claim, Patient, Coverages with payers, billing Organization, Practitioner, Location,
    Devices, Provenance. Profiles refill-claim-professional and refill-claim-institutional.
    Errors: a held record has no claim; a code, unit, frequency or order that FHIR cannot carry.
    """
    claim = record.claim
    if claim is None:
        text = "The record has no claim: it is held, or there is nothing to bill. Complete it first."
        return Outcome(None, (_refusal(IssueType.REQUIRED, "claim.absent", text, "Claim"),))
    refusals = tuple(_refusals(claim))
    if refusals:
        return Outcome(None, refusals)
    urls = Urls(stamp, claim.identifier)
    location = [urls.entry("location", write_location(claim.facility))] if claim.facility else []
    provenance = write_provenance(stamp, [urls.reference("claim")], write_explanation(record))
    entries = [
        urls.entry("claim", _write_resource(claim, urls)),
        *write_coverages(claim, urls),
        *write_providers(claim, urls),
        *_write_further(claim, urls),
        *location,
        *write_devices(claim, urls),
        urls.entry("provenance", provenance),
    ]
    return Outcome({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _write_resource(claim: Claim, urls: Urls) -> Tree:
    treated_by, day = claim.treating_provider, claim.service_date.isoformat()
    pumps = {pump: urls.reference(f"device-{place}") for place, pump in enumerate(claim.pumps, 1)}
    information = write_supporting_info(claim)
    notes = write_line_notes(claim, information)
    context = ItemContext(claim.place_of_service, (1,) if treated_by else (), pumps, notes)
    return filled(
        resourceType="Claim",
        meta={"profile": [own_structure(f"refill-claim-{claim.form}")]},
        extension=write_flags(claim),
        identifier=write_identifiers(claim),
        status="active",
        type=write_concept(CLAIM_TYPE, claim.form),
        subType=write_concept(NUBC_BILL_TYPE, claim.bill_type) if claim.bill_type else None,
        use="claim",
        patient=urls.reference("patient"),
        billablePeriod={"start": day, "end": day},
        created=urls.stamp.now.date().isoformat(),
        insurer=urls.reference("payer-1"),
        provider=urls.reference("provider"),
        priority=write_concept(_PRIORITY, "normal"),
        related=write_related(claim),
        payee=payee_of(claim, urls),
        referral=urls.reference("referral") if claim.referral else None,
        facility=urls.reference("location") if claim.facility else None,
        careTeam=write_care_team(claim, urls.reference("practitioner"), urls.reference("supervisor")),
        supportingInfo=information,
        diagnosis=write_diagnoses(claim.diagnoses),
        insurance=_write_insurance(claim, urls),
        item=[write_item(line, context) for line in claim.lines],
        total=write_money(claim.total),
    )


def _write_further(claim: Claim, urls: Urls) -> Iterator[Tree]:
    """Write the entries that few claims have: supervisor, referral, payee, what earlier payers decided (decision-n)."""
    if claim.supervising_provider:
        yield urls.entry("supervisor", write_practitioner(claim.supervising_provider))
    yield from write_referral(claim, urls)
    yield from write_pay_to(claim, urls)
    for place, insurance in enumerate((claim.insurance, *claim.other_insurance), 1):
        if insurance.decision:
            yield urls.entry(f"decision-{place}", write_decision(claim, place, urls))


def _write_insurance(claim: Claim, urls: Urls) -> list[Tree]:
    return [
        filled(
            sequence=insurance.order,
            focal=place == 1,
            coverage=urls.reference(f"coverage-{place}"),
            preAuthRef=[claim.authorisation] if place == 1 and claim.authorisation else None,
            claimResponse=urls.reference(f"decision-{place}") if insurance.decision else None,
        )
        for place, insurance in enumerate((claim.insurance, *claim.other_insurance), 1)
    ]


def _refusals(claim: Claim) -> Iterator[Issue]:
    """Give what keeps a claim from being written: nothing is sent without its code system or under a false order."""
    invalid = IssueType.CODE_INVALID
    for place, line in enumerate(claim.lines):
        path = f"Claim.item[{place}]"
        if len(line.code) != 5 or code_set(line.code) is None:
            text = f"{line.code!r} has the form of no CPT or HCPCS code; five characters of one of them were expected."
            yield _refusal(invalid, "item.code-form", text, f"{path}.productOrService")
        for position, modifier in enumerate(line.modifiers):
            if len(modifier) != 2 or code_set(modifier) is None:
                text = f"{modifier!r} has the form of no CPT or HCPCS modifier; two characters were expected."
                yield _refusal(invalid, "item.modifier", text, f"{path}.modifier[{position}]")
        if line.ndc and line.ndc.unit not in NDC_UNITS:
            text = f"The unit of the drug package is none of {', '.join(NDC_UNITS)}."
            yield _refusal(invalid, "item.ndc-unit", text, f"{path}.detail[0].quantity")
    if claim.frequency not in RELATIONS:
        text = f"Frequency {claim.frequency!r} is none of {', '.join(RELATIONS)}."
        yield _refusal(IssueType.NOT_SUPPORTED, "claim.frequency", text, "Claim.related")
    orders = [insurance.order for insurance in (claim.insurance, *claim.other_insurance)]
    if len(set(orders)) < len(orders) or min(orders) < 1:
        text = "Two insurances have the same order of payment, or one is below 1. Give each its own, from 1."
        yield _refusal(IssueType.CONFLICT, "insurance.order", text, "Claim.insurance")


def _refusal(code: IssueType, rule: str, text: str, path: str) -> Issue:
    return Issue(Severity.ERROR, code, rule, text, (path,), _CITATION)
