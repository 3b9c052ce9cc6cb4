"""The refill Bundle: from resources to the facts of each visit. One visit is one patient, day and place.

FHIR: any Bundle type, or a single Procedure with contained resources (contract section 1).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapter.fhir.charge_item import joins_visit, read_charge, read_service
from adapter.fhir.chart import Chart
from adapter.fhir.coverage_facts import read_authorisations, read_coverages, read_decisions
from adapter.fhir.datatypes import read_day, read_identifiers
from adapter.fhir.device_facts import read_route_extension
from adapter.fhir.elements import identifiers
from adapter.fhir.encounter import check_encounter, read_diagnoses, read_places
from adapter.fhir.location import read_facility
from adapter.fhir.medication_administration import given_on, is_coded, read_drug
from adapter.fhir.observation import read_consents, read_observations
from adapter.fhir.patient import check_alive, read_person
from adapter.fhir.performer import read_practitioners, read_providers
from adapter.fhir.procedure import (
    ActSource,
    read_act_source,
    read_modifiers,
    read_service_codes,
    read_skills,
)
from adapter.fhir.references import Found, Tree
from adapter.fhir.visit import VisitSource, group_visits
from adapter.issues import Issue
from adapter.tables import Tables
from adapter.terms import Act, Diagnosis, Drug, RefillFacts, Site, Told

__all__ = ["READ_TYPES", "read_refills"]

READ_TYPES = frozenset({
    "ChargeItem", "Claim", "ClaimResponse", "Condition", "Consent", "Coverage", "Device", "DocumentReference", "Encounter",
    "ExplanationOfBenefit", "Location", "Medication", "MedicationAdministration", "Observation", "Organization", "Patient",
    "Practitioner", "PractitionerRole", "Procedure", "RelatedPerson",
})
"""The resource types that a visit is read from; a fault in any other holds no record."""


def read_refills(root: Tree, tables: Tables, site: Site) -> tuple[tuple[RefillFacts, ...], tuple[Issue, ...]]:
    """Read every visit with an act on a pump; what was noticed stands in the facts.

    A Bundle without such an act gives no facts, and an error issue that belongs to the file.
    """
    chart = Chart(root, tables, site)
    sources = [source for found in chart.index.of_type("Procedure") if (source := read_act_source(chart, found))]
    visits = _with_earlier([_read_visit(chart, visit) for visit in group_visits(sources)])
    if not visits:
        text = "No Procedure says that a pump was refilled, flushed, read out or started."
        chart.say("act.missing", text, root.get("resourceType", ""))
    if any(source.is_active for source in sources):
        for source in sources:
            if not source.is_active:
                chart.in_force((source.resource, source.path))
    common = tuple(chart.issues)
    if not visits or not common:
        return tuple(visits), common
    return tuple(replace(visit, issues=(*common, *visit.issues)) for visit in visits), ()


def _with_earlier(visits: list[RefillFacts]) -> list[RefillFacts]:
    """Give each visit those of the same patient on earlier days, the latest first."""
    dated = [(day, one) for one in visits if (day := one.day) and one.patient_source] if len(visits) > 1 else []
    found = []
    for visit in visits:
        ours = [(day, one) for day, one in dated if one.patient_source == visit.patient_source and visit.day and day < visit.day]
        before = [one for _, one in sorted(ours, key=lambda pair: pair[0], reverse=True)]
        found.append(replace(visit, earlier=tuple(before)) if before else visit)
    return found


def _read_visit(chart: Chart, visit: VisitSource) -> RefillFacts:
    started = len(chart.issues)
    first = visit.acts[0]
    chart.patient = first.patient[1] if first.patient else None
    for encounter in visit.encounters:
        chart.check_patient(encounter)
        check_encounter(chart, encounter, first.day, visit.locations)
    check_alive(chart, first.patient, first.day)
    parts = _read_drugs(chart, visit)
    acts = _read_acts(chart, visit, parts)
    drugs = _add_drugs_by_device(chart, visit, acts, parts)
    for device in chart.all("Device"):
        visit.add_device(chart, device)
    locations = visit.locations
    return RefillFacts(
        acts=tuple(acts),
        service_dates=tuple(told for source in visit.acts for told in source.days),
        patient=read_person(first.patient, chart.reading) if first.patient else None,
        patient_source=first.patient[1] if first.patient else f"{first.path}.subject",
        patient_identifiers=identifiers(first.patient[0]) if first.patient else (),
        devices=tuple(visit.devices.values()),
        drugs=tuple(drugs),
        diagnoses=tuple(_read_visit_diagnoses(chart, visit)),
        places=read_places(locations),
        place_expected=f"{locations[0][1]}.type" if locations else f"{first.path}.location",
        facilities=tuple(Told(facility, found[1]) for found in locations if (facility := read_facility(found, chart.reading))),
        practitioners=tuple(person for source in visit.acts for person in read_practitioners(
            chart, (source.resource, source.path), visit.encounters)),
        providers=tuple(read_providers(chart, visit.encounters)),
        **(_read_patient_facts(chart, visit, first.patient) if first.patient else {}),
        issues=chart.take(started),
    )


def _read_patient_facts(chart: Chart, visit: VisitSource, patient: Found) -> dict[str, Any]:
    """Read what hangs on the patient and the day: services, charges, coverages, observations, consents."""
    day = visit.acts[0].day
    services, charges = _read_services(chart, visit)
    acts, encounters = [source.path for source in visit.acts], {where for _, where in visit.encounters}
    return {
        "services": tuple(services),
        "charges": tuple(charges),
        "coverages": tuple(read_coverages(chart, patient, day)),
        "authorisations": tuple(read_authorisations(chart, patient, day)),
        "decisions": tuple(read_decisions(chart, patient, day)),
        "observations": tuple(read_observations(chart, acts, encounters)),
        "consents": tuple(read_consents(chart, patient)),
    }


def _read_acts(chart: Chart, visit: VisitSource, drugs: list[tuple[Drug, Found]]) -> list[Act]:
    """Read each act with its devices: the Procedure's, those of its administrations, else the only Device sent."""
    paths = [source.path for source in visit.acts]
    acts: list[Act] = []
    acts_devices: list[list[Found]] = []
    for position, source in enumerate(visit.acts):
        tree, path = source.resource, source.path
        found = [device for focal in _focal(tree, path) for device in chart.follow(*focal, "Device")]
        found += chart.follow(tree, "usedReference", path, "Device")
        found += [device for drug, administration in drugs if drug.act == position
                  for device in chart.follow(administration[0], "device", administration[1], "Device")]
        for device in found:
            chart.check_patient(device, "patient")
        parent = next((paths.index(where) for where in source.parents if where in paths), None)
        if not found and parent is not None and parent < len(acts):
            found = acts_devices[parent]
        elif not found and parent is None and source.is_active:
            found = _only_device(chart, source)
        acts_devices.append(found)
        acts.append(Act(
            source=path,
            status=Told(str(tree.get("status")), f"{path}.status"),
            acts=source.acts,
            asserted=source.asserted,
            devices=tuple(dict.fromkeys(visit.add_device(chart, device) for device in found)),
            routes=tuple(read_route_extension(chart, (tree, path))),
            skills=read_skills(tree, path),
            modifiers=read_modifiers(chart, tree, path),
            part_of=parent,
            is_active=source.is_active,
            identifiers=tuple(told.value for told in read_identifiers(tree, path)),
        ))
    return acts


def _focal(tree: Tree, path: str) -> list[tuple[Tree, str, str]]:
    return [(item, "manipulated", f"{path}.focalDevice[{i}]") for i, item in enumerate(tree.get("focalDevice", ()))]


def _only_device(chart: Chart, source: ActSource) -> list[Found]:
    devices = chart.all("Device")
    if len(devices) != 1:
        return []
    chart.say("pump.only-device", "The act names no pump; the only Device sent is taken for it.", source.path, devices[0][1])
    return devices


def _read_drugs(chart: Chart, visit: VisitSource) -> list[tuple[Drug, Found]]:
    """Read the administrations that are part of an act of the visit."""
    paths = [source.path for source in visit.acts]
    active = {source.path for source in visit.acts if source.is_active}
    drugs = []
    for found in chart.index.of_type("MedicationAdministration"):
        parents = [where for _, where in chart.follow(found[0], "partOf", found[1], "Procedure") if where in active]
        if parents and chart.in_force(found):
            chart.check_patient(found)
            given = read_day(given_on(found[0]) or "", chart.site.time_zone)
            if given and visit.acts[0].day and given.day != visit.acts[0].day:
                chart.say("drug.other-day", "The administration is dated on another day than its act.", f"{found[1]}.effective")
            drugs.append((read_drug(chart, found, paths.index(parents[0])), found))
    return drugs


def _add_drugs_by_device(chart: Chart, visit: VisitSource, acts: list[Act], drugs: list[tuple[Drug, Found]]) -> list[Drug]:
    """Add administrations that name no Procedure but the same pump, patient and day."""
    known = {drug.source for drug, _ in drugs}
    positions = {device: position for position, device in enumerate(visit.devices)}
    mains = [i for i, act in enumerate(acts) if act.part_of is None and act.is_active]
    found = [drug for drug, _ in drugs]
    first = visit.acts[0]
    for tree, path in chart.index.of_type("MedicationAdministration"):
        if path in known or tree.get("partOf"):
            continue
        used = {positions[where] for _, where in chart.follow(tree, "device", path, "Device") if where in positions}
        owner = next((i for i in mains if used & set(acts[i].devices)), None)
        day = read_day(given_on(tree) or "", chart.site.time_zone)
        subject = [where for _, where in chart.follow(tree, "subject", path, "Patient")]
        same = first.patient is not None and first.patient[1] in subject and day is not None and day.day == first.day
        if not same or not chart.in_force((tree, path)):
            continue
        if owner is not None:
            found.append(read_drug(chart, (tree, path), owner))
        elif is_coded(chart, (tree, path)):
            text = "A coded drug was given to the patient on this day and belongs to no act: it makes no line."
            chart.say("drug.unlinked", text, path)
    return found


def _read_visit_diagnoses(chart: Chart, visit: VisitSource) -> list[Diagnosis]:
    """Give the union of the acts' diagnoses, each code once: ranked ones first."""
    found = [diagnosis for position, source in enumerate(visit.acts) if source.is_active
             for diagnosis in read_diagnoses(chart, (source.resource, source.path), source.encounters, position)]
    ranked = sorted((one for one in found if one.rank is not None), key=lambda one: one.rank or 0)
    rest = [one for one in found if one.rank is None]
    once: dict[str, Diagnosis] = {}
    for one in (*ranked, *rest):
        known = once.get(one.code)
        once[one.code] = one if known is None else replace(
            known,
            named_by=tuple(dict.fromkeys((*known.named_by, *one.named_by))),
            visited_by=tuple(dict.fromkeys((*known.visited_by, *one.visited_by))),
        )
    return list(once.values())


def _read_services(chart: Chart, visit: VisitSource) -> tuple[list[Any], list[Any]]:
    """Read the other services of the patient's day, and every price that a ChargeItem gives."""
    acts = {source.path for source in visit.acts}
    encounters = [where for _, where in visit.encounters]
    services, charges = [], []
    for found in chart.index.of_type("Procedure", "ChargeItem"):
        tree, path = found
        if path in acts or not read_service_codes(tree, path) or not joins_visit(chart, found, visit):
            continue
        is_act = tree.get("resourceType") == "Procedure" and read_act_source(chart, found) is not None
        if is_act or not chart.in_force(found):
            continue
        used = [device for focal in _focal(tree, path) for device in chart.follow(*focal, "Device")]
        used += chart.follow(tree, "usedReference", path, "Device")
        service = read_service(chart, found, encounters, tuple(visit.add_device(chart, device) for device in used))
        charge = read_charge(found) if service and service.is_charge else None
        services += [service] if service else []
        charges += [charge] if charge else []
    return services, charges
