"""The clinical Bundle restored from a claim: what the claim can tell, and nothing that it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.fhir.claim_header import PATIENT_CONTROL_NUMBER
from adapter.fhir.code_set import code_set
from adapter.fhir.elements import filled, write_concept, write_identifier
from adapter.fhir.location import write_location
from adapter.fhir.parties import write_coverages, write_devices, write_providers
from adapter.fhir.provenance import write_absences, write_provenance
from adapter.fhir.references import Tree
from adapter.fhir.stamp import Stamp, Urls
from adapter.fhir.systems import ICD10CM, NDC, own_code_system, own_identifier_system
from adapter.terms import Claim, RestoredRefill, RestoredService, ServiceLine

__all__ = ["write_refill"]

_LINE = own_identifier_system("line-item-control-number")
_ACT = own_code_system("refill-act")
_ABSENT = {
    "route": "A claim carries no route of delivery; one procedure code covers several.",
    "dose": "A claim carries billed units, which are rounded; the dose given cannot be told from them.",
    "time": "A claim carries the day of service, not the time.",
    "performer": "A claim names who rendered a service or supervised it, not whose hands did it.",
    "discarded": "A claim carries the units billed with JW; the amount thrown away cannot be told from them.",
    "supplies": "Supplies are billed, but they are no clinical act; they stay on the claim.",
    "device": "The claim does not tell which of its pumps each line is about.",
    "part-of": "The claim does not tell which of its services gave each drug.",
    "diagnosis-pointers": "The form points from no line to a diagnosis; each act carries those of the whole claim.",
}
_GIVES = {"refill", "infusion-start"}
_GIVES_NOTHING = {"analysis", "reprogramming"}


@dataclass(frozen=True, slots=True)
class _Scene:
    """The claim being restored: its names, and the Device that each service is about, by position."""

    claim: Claim
    urls: Urls
    devices: tuple[str | None, ...]


def write_refill(restored: RestoredRefill, stamp: Stamp) -> Tree:
    """Write an explained claim as a clinical Bundle (collection).

    FHIR: a Procedure a procedure line, a MedicationAdministration a drug line (none with JW, which is waste), then
    Patient, Coverages with payers, billing Organization, Practitioner, Location with the place of service, Devices,
    and a Provenance that names the Claim and each kind of fact that a claim cannot carry. Supplies stay on the claim.
    Route, dose, time, performer and waste are never written. Source: the Da Vinci PDex rule for procedures from claims.
    """
    claim = restored.claim
    urls = Urls(stamp, claim.identifier)
    devices, entries = _devices(restored, urls)
    scene = _Scene(claim, urls, devices)
    acts = [(place, one) for place, one in enumerate(restored.services) if one.kind in ("procedure", "visit")]
    drugs = [(place, one) for place, one in enumerate(restored.services) if _is_given(one)]
    parents = {place: _parent(place, restored, scene) for place, _ in drugs}
    clinical = [
        *(urls.entry(_name("procedure", place), _write_procedure(one, place, scene)) for place, one in acts),
        *(urls.entry(_name("drug", place), _write_administration(one, (place, parents[place]), scene)) for place, one in drugs),
    ]
    place = write_location(claim.facility, claim.place_of_service)
    location = [urls.entry("location", place)] if _has_place(claim) else []
    absent = _absences(restored, None in parents.values())
    targets = [{"reference": entry["fullUrl"]} for entry in clinical] or [urls.reference("patient")]
    provenance = write_provenance(stamp, targets, write_absences(absent))
    provenance["entity"] = [{"role": "source", "what": {
        "type": "Claim", "identifier": write_identifier(PATIENT_CONTROL_NUMBER, claim.identifier)}}]
    parties = [*write_coverages(claim, urls), *write_providers(claim, urls), *location, *entries]
    entry = [*clinical, *parties, urls.entry("provenance", provenance)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entry}


def _parent(place: int, restored: RestoredRefill, scene: _Scene) -> int | None:
    """Give the refill or start that a drug belongs to, where no other service of the claim can have given it (into its pump)."""
    device = scene.devices[place]
    givers = [
        (other, one.act)
        for other, one in enumerate(restored.services)
        if one.kind == "procedure" and one.act not in _GIVES_NOTHING and device in (None, scene.devices[other])
    ]
    return givers[0][0] if len(givers) == 1 and givers[0][1] in _GIVES else None


def _name(kind: str, place: int) -> str:
    return f"{kind}-{place + 1}"


def _is_given(service: RestoredService) -> bool:
    return service.kind == "drug" and "JW" not in service.line.modifiers


def _has_place(claim: Claim) -> bool:
    return claim.facility is not None or claim.place_of_service is not None


def _devices(restored: RestoredRefill, urls: Urls) -> tuple[tuple[str | None, ...], list[Tree]]:
    """Give the Device name of each service and the Device entries.

    The pumps that the claim knows are written, each for its lines; where it knows none, one Device for each kind of pump
    that the codes tell (implanted or portable, systemic or spinal).
    """
    claim, services = restored.claim, restored.services
    if claim.pumps:
        known = {pump: f"device-{place}" for place, pump in enumerate(claim.pumps, 1)}
        return tuple(known[one.line.pump] if one.line.pump else None for one in services), write_devices(claim, urls)
    kinds = [(one.pump_class, one.route_class) if one.pump_class else None for one in services]
    names = {kind: f"device-{place}" for place, kind in enumerate(dict.fromkeys(kind for kind in kinds if kind), 1)}
    entries = [
        urls.entry(name, {
            "resourceType": "Device",
            "type": {"text": "venous access port" if kind[0] == "port" else f"{kind[0]} drug pump"},
            "patient": urls.reference("patient"),
        })
        for kind, name in names.items()
    ]
    return tuple(names[kind] if kind else None for kind in kinds), entries


def _write_procedure(service: RestoredService, place: int, scene: _Scene) -> Tree:
    """Write one procedure line: stopped where 53 says so, or 52 on an institutional claim; else completed."""
    line, claim, urls = service.line, scene.claim, scene.urls
    stopped = "53" in line.modifiers or ("52" in line.modifiers and claim.form == "institutional")
    coding = write_concept(code_set(service.code) or "", service.code)["coding"]
    coding += [{"system": _ACT, "code": service.act}] if service.act else []
    device = scene.devices[place]
    return filled(
        resourceType="Procedure",
        identifier=[write_identifier(_LINE, line.control_number)],
        status="stopped" if stopped else "completed",
        code=filled(coding=coding, text=line.description),
        subject=urls.reference("patient"),
        performedDateTime=line.service_date.isoformat(),
        location=urls.reference("location") if _has_place(claim) else None,
        reasonCode=_reasons(line, claim),
        focalDevice=[{"manipulated": urls.reference(device)}] if device else None,
    )


def _write_administration(service: RestoredService, places: tuple[int, int | None], scene: _Scene) -> Tree:
    """Write one drug line; `places` are its own and that of the procedure it is part of, whose Device is the drug's."""
    place, parent = places
    line, urls = service.line, scene.urls
    coding = write_concept(code_set(line.code) or "", line.code)["coding"]
    coding += [{"system": NDC, "code": line.ndc.code}] if line.ndc else []
    device = scene.devices[place] or (scene.devices[parent] if parent is not None else None)
    return filled(
        resourceType="MedicationAdministration",
        identifier=[write_identifier(_LINE, line.control_number)],
        partOf=[urls.reference(_name("procedure", parent))] if parent is not None else None,
        status="completed",
        medicationCodeableConcept=filled(coding=coding, text=line.description),
        subject=urls.reference("patient"),
        effectiveDateTime=line.service_date.isoformat(),
        reasonCode=_reasons(line, scene.claim),
        device=[urls.reference(device)] if device else None,
    )


def _reasons(line: ServiceLine, claim: Claim) -> list[Tree]:
    """Give the line's diagnoses; those of the whole claim where an institutional form has no pointers."""
    known = dict(enumerate(claim.diagnoses, 1))
    pointed = [known[pointer] for pointer in line.diagnosis_pointers if pointer in known]
    whole = list(claim.diagnoses) if _points_nowhere(line, claim) else []
    return [write_concept(ICD10CM, code) for code in pointed or whole]


def _points_nowhere(line: ServiceLine, claim: Claim) -> bool:
    return claim.form == "institutional" and not line.diagnosis_pointers


def _absences(restored: RestoredRefill, loose_drugs: bool) -> dict[str, str]:
    claim, services = restored.claim, restored.services
    told = {
        "route": True,
        "dose": any(one.kind == "drug" for one in services),
        "time": True,
        "performer": any(one.kind in ("procedure", "visit") for one in services),
        "discarded": any("JW" in one.line.modifiers for one in services if one.kind == "drug"),
        "supplies": any(one.kind == "supply" for one in services),
        "device": bool(claim.pumps) and any(one.pump_class and not one.line.pump for one in services),
        "part-of": loose_drugs,
        "diagnosis-pointers": any(_points_nowhere(one.line, claim) for one in services),
    }
    return {fact: reason for fact, reason in _ABSENT.items() if told[fact]}
