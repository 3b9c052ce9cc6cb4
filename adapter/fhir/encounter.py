"""Encounter with its Locations, Conditions and people: where, why and who."""

from __future__ import annotations

from typing import Any

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, read_codes, text
from adapter.fhir.references import Found
from adapter.fhir.systems import ICD10CM, PLACE_OF_SERVICE
from adapter.terms import Diagnosis, Told

__all__ = ["read_diagnoses", "read_locations", "read_places", "read_supervisors"]

# Codes that say a participant or performer supervised or answered for the act.
_SUPERVISING = {"supervisor", "supervising", "ATND", "PPRF", "RESP", "SPRF"}


def read_locations(chart: Chart, procedure: Found, encounters: list[Found]) -> list[Found]:
    """Give the Locations of Procedure.location and Encounter.location, each once."""
    resource, path = procedure
    found = chart.follow(resource, "location", path, "Location")
    for encounter, where in encounters:
        for stay, place in children(encounter, where, "location"):
            if text(stay, "status") not in ("planned", "reserved"):
                found += chart.follow(stay, "location", place, "Location")
    return list({where: (location, where) for location, where in found}.values())


def read_places(locations: list[Found]) -> tuple[Told[str], ...]:
    """Give the place-of-service codes of Location.type."""
    return tuple(
        Told(code.code, code.source)
        for location, where in locations
        for code in read_codes(location, "type", where)
        if code.system == PLACE_OF_SERVICE
    )


def read_diagnoses(chart: Chart, procedure: Found, encounters: list[Found]) -> list[Diagnosis]:
    """Give the diagnoses of one act in order: ranked Encounter diagnoses, reasonReference, reasonCode, unranked ones.

    FHIR: Encounter.diagnosis.condition and .rank, Procedure.reasonReference and .reasonCode; ICD-10-CM codes only.
    """
    resource, path = procedure
    ranked: list[Diagnosis] = []
    unranked: list[Diagnosis] = []
    for encounter, where in encounters:
        for diagnosis, place in children(encounter, where, "diagnosis"):
            rank = diagnosis.get("rank")
            for condition in chart.follow(diagnosis, "condition", place, "Condition"):
                chart.check_patient(condition)
                codes = _icd_codes(chart, condition[0], "code", condition[1])
                if isinstance(rank, int):
                    ranked += [Diagnosis(code, source, rank) for code, source in codes]
                else:
                    unranked += [Diagnosis(code, source) for code, source in codes]
    reasons = []
    for condition in chart.follow(resource, "reasonReference", path, "Condition"):
        chart.check_patient(condition)
        reasons += [Diagnosis(code, source) for code, source in _icd_codes(chart, condition[0], "code", condition[1])]
    reasons += [
        Diagnosis(code, source)
        for concept, where in children(resource, path, "reasonCode")
        for code, source in _icd_codes(chart, {"code": concept}, "code", where.removesuffix(".code"), where)
    ]
    ranked.sort(key=lambda diagnosis: diagnosis.rank or 0)
    return [*ranked, *reasons, *unranked]


def _icd_codes(
    chart: Chart, tree: dict[str, Any], element: str, path: str, place: str | None = None
) -> list[tuple[str, str]]:
    """Give the ICD-10-CM code of a concept: none is said, two that differ are a contradiction."""
    where = place or f"{path}.{element}"
    codes = [code for code in read_codes(tree, element, path) if code.system == ICD10CM]
    if not codes:
        chart.say("diagnosis.not-icd10cm", "The diagnosis has no ICD-10-CM code and is not billed.", where)
    if len({code.code for code in codes}) > 1:
        chart.say("diagnosis.contradiction", "One concept carries several ICD-10-CM codes.", where)
    source = place and f"{place}.coding[0]"
    return [(code.code, source or code.source) for code in codes[:1]]


def read_supervisors(tree: dict[str, Any], element: str, path: str) -> bool:
    """Tell whether a performer's function or a participant's type says supervision."""
    for concept, where in children(tree, path, element):
        if "supervis" in (text(concept, "text") or "").lower():
            return True
        if any(text(coding, "code") in _SUPERVISING for coding, _ in children(concept, where, "coding")):
            return True
    return False
