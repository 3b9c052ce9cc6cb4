"""Encounter with its Locations, Conditions and people: where, why and who."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, positive, read_codes, read_day
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import ICD10CM, PLACE_OF_SERVICE, canonical_system
from adapter.terms import Diagnosis, Told

__all__ = ["check_encounter", "read_diagnoses", "read_locations", "read_places", "read_supervisors"]

# Codes of v3-ActEncounterCode that are a stay in the hospital.
_INPATIENT = {"IMP", "ACUTE", "NONAC"}
# Codes of condition-ver-status that do not confirm it.
_UNCERTAIN = {"unconfirmed", "provisional", "differential"}
# Codes that say a participant or performer supervised or answered for the act.
_SUPERVISING = {"supervisor", "supervising", "ATND", "PPRF", "RESP", "SPRF"}


def read_locations(chart: Chart, procedure: Found, encounters: list[Found]) -> list[Found]:
    """Give the Locations of Procedure.location and Encounter.location, each once."""
    resource, path = procedure
    found = chart.follow(resource, "location", path, "Location")
    for encounter, where in encounters:
        for stay, place in children(encounter, where, "location"):
            if stay.get("status") not in ("planned", "reserved"):
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


def check_encounter(chart: Chart, found: Found, day: date | None, locations: list[Found]) -> None:
    """Note an Encounter of another day than its act, and an inpatient stay whose place is no inpatient hospital.

    FHIR: Encounter.period, .class (v3-ActCode), against the act's day and the place of service 21.
    """
    tree, path = found
    days = {name: read.day for name, told in tree.get("period", {}).items() if (read := read_day(told, chart.site.time_zone))}
    if day and not days.get("start", day) <= day <= days.get("end", day):
        chart.say("encounter.other-day", "The act was done on a day outside of the period of its Encounter.", f"{path}.period")
    if tree.get("class", {}).get("code") not in _INPATIENT:
        return
    places = {told.value for told in read_places(locations)}
    if places and "21" not in places:
        text = "The Encounter is an inpatient stay, and the place of service is none."
        chart.say("place.inpatient", text, f"{path}.class")


def read_diagnoses(chart: Chart, procedure: Found, encounters: list[Found], position: int = 0) -> list[Diagnosis]:
    """Give the diagnoses of one act in order: ranked Encounter diagnoses, reasonReference, reasonCode, unranked ones.

    FHIR: Encounter.diagnosis.condition and .rank, Procedure.reasonReference and .reasonCode; ICD-10-CM codes only.
    `position` is the index of the act in the visit.
    """
    resource, path = procedure
    named, visited = _Teller(named_by=(position,)), _Teller(visited_by=(position,))
    reasons = [_read_condition(chart, one, named) for one in chart.follow(resource, "reasonReference", path, "Condition")]
    reasons += [_read_concept(chart, concept, where, named) for concept, where in children(resource, path, "reasonCode")]
    told = [
        _read_condition(chart, condition, visited._replace(rank=positive(diagnosis.get("rank"))))
        for encounter, where in encounters
        for diagnosis, place in children(encounter, where, "diagnosis")
        for condition in chart.follow(diagnosis, "condition", place, "Condition")
    ]
    found = [one for one in told if one]
    ranked = sorted((one for one in found if one.rank is not None), key=lambda one: one.rank or 0)
    return [*ranked, *(one for one in reasons if one), *(one for one in found if one.rank is None)]


class _Teller(NamedTuple):
    """Who tells a diagnosis: the rank in its Encounter, the acts that name it, the acts of its Encounter."""

    rank: int | None = None
    named_by: tuple[int, ...] = ()
    visited_by: tuple[int, ...] = ()


def _read_condition(chart: Chart, found: Found, teller: _Teller) -> Diagnosis | None:
    chart.check_patient(found)
    status = found[0].get("verificationStatus")
    if status is not None and any(coding.get("code") in _UNCERTAIN for coding in status.get("coding", ())):
        text = "The diagnosis is told as uncertain: an outpatient claim has none that is not confirmed."
        chart.say("diagnosis.unconfirmed", text, f"{found[1]}.verificationStatus")
    return _read_concept(chart, found[0].get("code", {}), f"{found[1]}.code", teller)


def _read_concept(chart: Chart, concept: Tree, place: str, teller: _Teller) -> Diagnosis | None:
    """Read the ICD-10-CM code of a concept: none is said, two that differ are a contradiction."""
    codes = [
        (code, position) for position, coding in enumerate(concept.get("coding", ()))
        if canonical_system(coding.get("system")) == ICD10CM and (code := coding.get("code"))
    ]
    if not codes:
        chart.say("diagnosis.not-icd10cm", "The diagnosis has no ICD-10-CM code and is not billed.", place)
        return None
    if len(codes) > 1 and len({code for code, _ in codes}) > 1:
        chart.say("diagnosis.contradiction", "One concept carries several ICD-10-CM codes.", place)
    return Diagnosis(codes[0][0], f"{place}.coding[{codes[0][1]}]", *teller)


def read_supervisors(tree: Tree, element: str, path: str) -> bool:
    """Tell whether a performer's function or a participant's type says supervision."""
    return any(
        "supervis" in concept.get("text", "").lower()
        or any(coding.get("code") in _SUPERVISING for coding in concept.get("coding", ()))
        for concept, _ in children(tree, path, element)
    )
