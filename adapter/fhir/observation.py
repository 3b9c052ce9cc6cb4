"""Observation and Consent: what the note of the refill shows."""

from __future__ import annotations

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import codes as codes_of, read_day, read_quantity
from adapter.fhir.references import Found
from adapter.fhir.systems import own_code_system
from adapter.terms import Observation

__all__ = ["read_consents", "read_observations"]

_OWN = own_code_system("refill-observation")
_CHECKS = {"aspiration-check", "integrity-check"}


def read_observations(chart: Chart, acts: list[str], encounters: set[str]) -> list[Observation]:
    """Read the refill observations of these acts or encounters.

    FHIR: Observation.partOf, .encounter, .derivedFrom; .code in refill-observation; .valueQuantity, .valueDateTime, .note.
    A value that says no (valueBoolean false, dataAbsentReason) shows nothing; a check of the catheter that failed is an issue.
    """
    ours: list[Observation] = []
    known: dict[str, tuple[int, ...]] = dict.fromkeys(encounters, ())
    known.update({path: (position,) for position, path in enumerate(acts)})
    for observation, path in chart.all("Observation"):
        codes = codes_of(observation.get("code"), _OWN)
        if not codes or "dataAbsentReason" in observation:
            continue
        targets = {where for _, where in chart.follow(observation, "partOf", path)}
        if not targets:
            targets = {where for _, where in chart.follow(observation, "encounter", path, "Encounter")}
            targets |= {where for _, where in chart.follow(observation, "derivedFrom", path)}
        if shared := targets & known.keys():
            chart.check_patient((observation, path))
            if observation.get("valueBoolean") is False:
                if not _CHECKS.isdisjoint(codes):
                    text = "The check of the catheter failed, by its own value."
                    chart.say("documentation.check-failed", text, f"{path}.valueBoolean")
                continue
            of_acts = known[path] = tuple(sorted({position for where in shared for position in known[where]}))
            quantity, told = read_quantity(observation.get("valueQuantity")), read_day(observation.get("valueDateTime", ""), None)
            day, is_explained = told.day if told else None, bool(observation.get("note"))
            ours += [Observation(path, code, quantity, day, of_acts, is_explained) for code in codes]
    return ours


def read_consents(chart: Chart, patient: Found) -> list[str]:
    """Give the places of the patient's consents that are active."""
    return [
        path
        for consent, path in chart.all("Consent")
        if consent.get("status") == "active"
        and any(where == patient[1] for _, where in chart.follow(consent, "patient", path, "Patient"))
    ]
