"""The parties of a claim as Bundle entries, each under its own name: the same in a claim and in what it restores."""

from __future__ import annotations

from adapter.fhir.coverage import CoverageReferences, write_coverage
from adapter.fhir.device import write_device
from adapter.fhir.organization import write_organization, write_payer
from adapter.fhir.patient import write_person
from adapter.fhir.practitioner import write_practitioner
from adapter.fhir.references import Tree
from adapter.fhir.stamp import Urls
from adapter.terms import Claim

__all__ = ["write_coverages", "write_devices", "write_providers"]


def write_coverages(claim: Claim, urls: Urls) -> list[Tree]:
    """Write the patient, then for each insurance its subscriber where that is somebody else, Coverage and payer.

    Entries: patient; subscriber-n, coverage-n, payer-n, counted from 1, the billed insurance first.
    """
    entries = [urls.entry("patient", write_person(claim.patient))]
    for place, insurance in enumerate((claim.insurance, *claim.other_insurance), 1):
        subscriber = urls.reference("patient") if insurance.relationship == "self" else None
        if insurance.subscriber:
            entries.append(urls.entry(f"subscriber-{place}", write_person(insurance.subscriber)))
            subscriber = urls.reference(f"subscriber-{place}")
        references = CoverageReferences(urls.reference("patient"), urls.reference(f"payer-{place}"), subscriber)
        entries.append(urls.entry(f"coverage-{place}", write_coverage(insurance, references)))
        entries.append(urls.entry(f"payer-{place}", write_payer(insurance.payer)))
    return entries


def write_providers(claim: Claim, urls: Urls) -> list[Tree]:
    """Write the billing provider and, where there is one, who treated. Entries: provider, practitioner."""
    entries = [urls.entry("provider", write_organization(claim.billing_provider))]
    if claim.treating_provider:
        entries.append(urls.entry("practitioner", write_practitioner(claim.treating_provider)))
    return entries


def write_devices(claim: Claim, urls: Urls) -> list[Tree]:
    """Write the pumps that the claim knows. Entries: device-n, counted from 1."""
    patient = urls.reference("patient")
    return [urls.entry(f"device-{place}", write_device(pump, patient)) for place, pump in enumerate(claim.pumps, 1)]
