"""Observation and Consent: what the note of the refill shows."""

from __future__ import annotations

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import codes as codes_of, read_quantity
from adapter.fhir.references import Found
from adapter.fhir.systems import own_code_system
from adapter.terms import Observation

__all__ = ["read_consents", "read_observations"]

_OWN = own_code_system("refill-observation")


def read_observations(chart: Chart, acts: set[str], encounters: set[str]) -> list[Observation]:
    """Read the refill observations of these acts or encounters.

    FHIR: Observation.partOf, .encounter, .derivedFrom; .code in refill-observation; .valueQuantity.
    """
    ours: list[Observation] = []
    known: set[str] = set()
    for observation, path in chart.all("Observation"):
        codes = codes_of(observation.get("code"), _OWN)
        if not codes:
            continue
        targets = {where for _, where in chart.follow(observation, "partOf", path)}
        if not targets:
            targets = {where for _, where in chart.follow(observation, "encounter", path, "Encounter")}
            targets |= {where for _, where in chart.follow(observation, "derivedFrom", path)}
        if targets & (acts | encounters | known):
            known.add(path)
            ours += [Observation(path, code, read_quantity(observation.get("valueQuantity"))) for code in codes]
    return ours


def read_consents(chart: Chart, patient: Found) -> list[str]:
    """Give the places of the patient's consents that are active."""
    return [
        path
        for consent, path in chart.all("Consent")
        if consent.get("status") == "active"
        and any(where == patient[1] for _, where in chart.follow(consent, "patient", path, "Patient"))
    ]
