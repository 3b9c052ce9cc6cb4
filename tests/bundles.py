"""Build refill Bundles: one complete, clean systemic refill, and the changes that a case asks for.

A visit is a dictionary of resources by a short key (`procedure`, `pump`, `administration`). References in it are written
`{"to": "pump"}`; `Shape` decides how they, the ids and the Bundle around them look when it is rendered. A few more words
keep cases short: `{"codes": "act refill"}` is a CodeableConcept, `{"amount": "180 mg"}` a Quantity, `{"own": "container",
...}` one of our extensions. Everybody and everything in it is invented.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from adapter.fhir import systems
from tests.words import SITE_DEVICES, SITE_PROCEDURES, Tree, concept, expand, own

__all__ = ["SITE_DEVICES", "SITE_PROCEDURES", "Shape", "Tree", "add_services", "change_visit", "clean_visit", "concept", "own", "put", "render",
    "set_path", "to_bytes"]

EHR = "https://ehr.example/fhir"
DAY = "2026-03-02"
OBSERVATIONS = {
    "identity-check": {"valueCodeableConcept": {"text": "two identifiers matched"}},
    "residual-expected": {"valueQuantity": {"amount": "3.0 mL"}},
    "residual-aspirated": {"valueQuantity": {"amount": "3.1 mL"}},
    "volume-injected": {"valueQuantity": {"amount": "30 mL"}},
    "aspiration-check": {"valueCodeableConcept": {"text": "clear fluid returned"}},
    "patient-tolerance": {"valueCodeableConcept": {"text": "tolerated well"}},
    "interrogation": {"valueCodeableConcept": {"text": "read out before and after"}},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a visit is written down: none of it may change what the visit says.

    `references` is urn, absolute, relative, plain (no fullUrl), logical (by identifier) or contained (one bare Procedure);
    `bundle` a Bundle type; `salt` makes other ids; `order` gives the keys in another order.
    """

    references: str = "urn"
    bundle: str = "collection"
    salt: str = ""
    order: Callable[[list[str]], list[str]] | None = None


# ---------------------------------------------------------------- the clean visit


def _parties() -> Tree:
    address = {"line": ["2 Placeholder Lane"], "city": "Exampleville", "state": "OH", "postalCode": "44001"}
    return {
        "patient": {
            "resourceType": "Patient",
            "identifier": [{"type": {"coding": [{"system": systems.V2_0203, "code": "MR"}]}, "system": "https://ehr.example/mrn", "value": "SYN-1001"}],
            "active": True,
            "name": [{"use": "official", "family": "Placeholder", "given": ["Alva"]}],
            "gender": "female",
            "birthDate": "1950-01-02",
            "address": [{"use": "home", **address}],
        },
        "payer": {
            "resourceType": "Organization", "active": True, "name": "Invented Payer",
            "identifier": [{"system": "https://clearinghouse.example/payer-id", "value": "90001"}],
        },
        "coverage": {
            "resourceType": "Coverage", "status": "active", "subscriberId": "1EG4TE5MK73", "order": 1,
            "beneficiary": {"to": "patient"}, "subscriber": {"to": "patient"}, "payor": [{"to": "payer"}],
            "relationship": {"codes": "relationship self"}, "period": {"start": "2024-01-01"},
        },
        "provider": {
            "resourceType": "Organization", "active": True, "name": "Invented Practice",
            "identifier": [{"system": systems.NPI, "value": "1993999907"}, {"system": systems.EIN, "value": "98-7000001"}],
        },
        "doctor": {
            "resourceType": "Practitioner", "active": True, "name": [{"family": "Clinician-Sample", "given": ["Sample"]}],
            "identifier": [{"system": systems.NPI, "value": "1882999901"}],
        },
        "role": {
            "resourceType": "PractitionerRole", "active": True, "practitioner": {"to": "doctor"}, "organization": {"to": "provider"},
            "specialty": [{"coding": [{"system": systems.NUCC, "code": "207RX0202X"}]}],
        },
        "location": {
            "resourceType": "Location", "status": "active", "name": "Invented suite", "type": [{"codes": "pos 11"}],
            "address": {**address, "line": ["1 Billing Way"], "postalCode": "44001-0001"},
        },
    }


def _visit() -> Tree:
    common = {"subject": {"to": "patient"}, "encounter": {"to": "encounter"}}
    moment = f"{DAY}T10:15:00-05:00"
    conditions = {
        key: {"resourceType": "Condition", "subject": {"to": "patient"}, "code": {"codes": f"icd {code}"}}
        for key, code in (("dx1", "Z51.11"), ("dx2", "C78.7"), ("dx3", "C18.9"))
    }
    observations = {
        f"obs-{code}": {"resourceType": "Observation", "status": "final", "partOf": [{"to": "procedure"}],
            "code": {"codes": f"observation {code}"}, **common, "effectiveDateTime": moment, **value}
        for code, value in OBSERVATIONS.items()
    }
    return {
        "encounter": {
            "resourceType": "Encounter", "status": "finished", "subject": {"to": "patient"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "period": {"start": f"{DAY}T10:00:00-05:00", "end": f"{DAY}T11:00:00-05:00"},
            "participant": [{"individual": {"to": "doctor"}}],
            "diagnosis": [{"condition": {"to": key}, "rank": rank} for rank, key in enumerate(conditions, 1)],
            "location": [{"location": {"to": "location"}}],
            "serviceProvider": {"to": "provider"},
        },
        "procedure": {
            "resourceType": "Procedure", "status": "completed", "code": {"codes": "act refill"}, **common,
            "performedPeriod": {"start": moment, "end": f"{DAY}T10:55:00-05:00"},
            "performer": [{"actor": {"to": "role"}}],
        },
        "pump": {
            "resourceType": "Device", "status": "active", "patient": {"to": "patient"}, "type": {"codes": "kind implanted-constant-flow"},
            "udiCarrier": [{"deviceIdentifier": "00899999000029", "carrierHRF": "(01)00899999000029(10)L100(21)SN100"}],
            "lotNumber": "L100", "serialNumber": "SN100", "modelNumber": "INVENTED-1",
        },
        "medication": {
            "resourceType": "Medication", "status": "active", "batch": {"lotNumber": "D100", "expirationDate": "2027-12-31"},
            "code": {"codes": ["hcpcs J9200", "ndc 98765-4321-01"], "text": "floxuridine 500 mg, single-dose vial"},
        },
        "administration": {
            "resourceType": "MedicationAdministration", "status": "completed", "partOf": [{"to": "procedure"}],
            "extension": [{"own": "container", "valueCode": "single-dose"}, {"own": "discarded-amount", "valueQuantity": {"amount": "320 mg"}}],
            "medicationReference": {"to": "medication"}, "subject": {"to": "patient"}, "context": {"to": "encounter"},
            "effectiveDateTime": moment, "device": [{"to": "pump"}],
            "dosage": {"route": {"codes": "snomed 58100008"}, "dose": {"amount": "180 mg"}},
        },
        **conditions, **observations,
        "consent": {
            "resourceType": "Consent", "status": "active", "patient": {"to": "patient"}, "dateTime": DAY,
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}], "policyRule": {"text": "on file"},
        },
    }


def clean_visit() -> Tree:
    """Build the clean visit: a hepatic constant-flow pump refilled with floxuridine at place 11, payer 90001.

    >>> clean_visit()["procedure"]["status"]
    'completed'
    """
    return deepcopy({**_parties(), **_visit()})


# ---------------------------------------------------------------- changes


def put(visit: Tree, path: str, value: Any) -> None:
    """Set a place of a visit: `procedure.performer.0.actor`; a list grows by one where its length is named.

    >>> visit = clean_visit()
    >>> put(visit, "pump.status", "inactive")
    >>> visit["pump"]["status"]
    'inactive'
    """
    set_path(visit, path.split("."), value)


def set_path(node: Any, steps: list[str], value: Any) -> None:
    """Set the value at the end of the steps, making what is absent on the way."""
    for here, following in pairwise(steps):
        empty: Any = [] if following.isdigit() else {}
        if isinstance(node, list):
            if int(here) == len(node):
                node.append(empty)
            node = node[int(here)]
        else:
            node = node.setdefault(here, empty)
    if isinstance(node, list):
        node[int(steps[-1]):int(steps[-1]) + 1] = [value]
    else:
        node[steps[-1]] = value


def _remove(visit: Tree, path: str) -> None:
    *way, last = path.split(".")
    node: Any = visit
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    del node[int(last) if isinstance(node, list) else last]


def add_services(visit: Tree, services: Iterable[Mapping[str, Any]]) -> None:
    """Add other services of the day: `code`, and `as`, `modifiers`, `note`, `units` ("" tells none), `price`, `pump`, `status`, `on`, `key`."""
    for number, service in enumerate(services, 1):
        key = service.get("key", f"service{number}")
        tree: Tree = {"resourceType": service.get("as", "ChargeItem"), "subject": {"to": "patient"}, "code": {"codes": service["code"]}}
        modifiers = [{"own": "modifier", "valueCodeableConcept": {"codes": f"cpt {one}"}} for one in service.get("modifiers", [])]
        if modifiers:
            tree["extension"] = modifiers
        day = service.get("on", DAY)
        if tree["resourceType"] == "Procedure":
            tree |= {"status": service.get("status", "completed"), "performedDateTime": day, "encounter": {"to": "encounter"}}
            if "pump" in service:
                tree["usedReference"] = [{"to": service["pump"]}]
        else:
            tree |= {"status": service.get("status", "billable"), "occurrenceDateTime": day, "context": {"to": "encounter"}}
            if service.get("units", 1) != "":
                tree["quantity"] = {"value": service.get("units", 1)}
            if "price" in service:
                tree["priceOverride"] = {"value": json.loads(service["price"]), "currency": service.get("currency", "USD")}
        if service.get("note"):
            visit["note"] = {
                "resourceType": "DocumentReference", "status": "current", "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
                "subject": {"to": "patient"}, "date": f"{DAY}T11:00:00-05:00", "content": [{"attachment": {"contentType": "text/plain", "data": "Tm90ZS4="}}],
                "context": {"encounter": [{"to": "encounter"}]},
            }
        visit[key] = tree


def change_visit(visit: Tree, change: Mapping[str, Any]) -> Tree:
    """Make the changes of a case, in this order: `copy`, `add`, `remove`, `set`, `diagnoses`, `drug`, `payer`, `services`, `date`.

    `copy` maps a new key to one that is there; `remove` takes a key or a place; `date` moves the whole visit.
    """
    visit = deepcopy(visit)
    for new, old in change.get("copy", {}).items():
        visit[new] = deepcopy(visit[old])
    for key, tree in change.get("add", {}).items():
        visit[key] = deepcopy(tree)
    for path in change.get("remove", []):
        _remove(visit, path)
    for path, value in change.get("set", {}).items():
        put(visit, path, deepcopy(value))
    if "diagnoses" in change:
        for key in ("dx1", "dx2", "dx3"):
            del visit[key]
        for rank, code in enumerate(change["diagnoses"], 1):
            visit[f"dx{rank}"] = {"resourceType": "Condition", "subject": {"to": "patient"}, "code": {"codes": f"icd {code}"}}
        visit["encounter"]["diagnosis"] = [{"condition": {"to": f"dx{rank}"}, "rank": rank} for rank in range(1, len(change["diagnoses"]) + 1)]
    if "drug" in change:
        _change_drug(visit, change["drug"])
    if "payer" in change:
        visit["payer"]["identifier"][0]["value"] = change["payer"]
    add_services(visit, change.get("services", []))
    return _move(visit, change["date"]) if "date" in change else visit


def _change_drug(visit: Tree, drug: Mapping[str, Any]) -> None:
    """Change the drug: `codes` with `text`, `dose`, `container`, `discarded-amount` ("" takes one away)."""
    if unknown := drug.keys() - {"codes", "text", "dose", "container", "discarded-amount"}:
        raise ValueError(f"unknown in drug: {sorted(unknown)}")
    if "codes" in drug:
        visit["medication"]["code"] = {"codes": drug["codes"], "text": drug.get("text", "invented drug")}
    if "dose" in drug:
        visit["administration"]["dosage"]["dose"] = {"amount": drug["dose"]}
    extensions = visit["administration"]["extension"]
    for number, (name, word) in enumerate((("container", "valueCode"), ("discarded-amount", "valueQuantity"))):
        wanted = drug.get(name)
        if wanted:
            extensions[number][word] = {"amount": wanted} if word == "valueQuantity" else wanted
    kept = [one for one in extensions if drug.get(one["own"]) != ""]
    visit["administration"]["extension"] = kept
    if not kept:
        del visit["administration"]["extension"]


def _move(node: Any, day: str) -> Any:
    if isinstance(node, dict):
        return {key: _move(value, day) for key, value in node.items()}
    if isinstance(node, list):
        return [_move(value, day) for value in node]
    return node.replace(DAY, day) if isinstance(node, str) else node


# ---------------------------------------------------------------- writing down


def render(visit: Tree, shape: Shape = Shape()) -> Tree:
    """Write a visit as a Bundle, or as one Procedure that contains the rest."""
    trees = {key: expand(deepcopy(tree)) for key, tree in visit.items()}
    keys = shape.order(list(trees)) if shape.order else list(trees)
    ids = {key: str(uuid5(NAMESPACE_URL, shape.salt + key)) for key in keys}
    if shape.references == "logical":
        for key, tree in trees.items():
            name = {"system": "https://ehr.example/ids", "value": ids[key]}
            if tree["resourceType"] in ("Consent", "Encounter", "Device") or "identifier" not in tree:
                tree["identifier"] = [name]
            else:
                tree["identifier"].append(name)
    resources = {key: _refer(trees[key], trees, ids, shape) for key in keys}
    if shape.references == "contained":
        contained = [{**tree, "id": ids[key]} for key, tree in resources.items() if key != "procedure"]
        return {**resources["procedure"], "id": ids["procedure"], "contained": contained}
    return _bundle({key: {**tree, "id": ids[key]} for key, tree in resources.items()}, shape, ids)


def _refer(node: Any, trees: Tree, ids: Mapping[str, str], shape: Shape) -> Any:
    if isinstance(node, list):
        return [_refer(item, trees, ids, shape) for item in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"to"}:
        key = node["to"]
        name = f"{trees[key]['resourceType'] if key in trees else 'Basic'}/{ids.get(key, 'absent')}"
        if shape.references == "logical" and key in trees:
            return {"type": trees[key]["resourceType"], "identifier": {"system": "https://ehr.example/ids", "value": ids[key]}}
        if shape.references == "contained":
            return {"reference": "#" if key == "procedure" else f"#{ids.get(key, 'absent')}"}
        styles = {"urn": f"urn:uuid:{ids.get(key, '00000000-0000-4000-8000-000000000000')}", "absolute": f"{EHR}/{name}"}
        return {"reference": styles.get(shape.references, name)}
    return {key: _refer(value, trees, ids, shape) for key, value in node.items()}


def _bundle(resources: Mapping[str, Tree], shape: Shape, ids: Mapping[str, str]) -> Tree:
    entries = []
    for key, tree in resources.items():
        entry: Tree = {"resource": tree}
        if shape.references == "urn":
            entry = {"fullUrl": f"urn:uuid:{ids[key]}", **entry}
        elif shape.references in ("absolute", "relative", "logical"):
            entry = {"fullUrl": f"{EHR}/{tree['resourceType']}/{tree['id']}", **entry}
        if shape.bundle in ("transaction", "batch"):
            entry["request"] = {"method": "PUT", "url": f"{tree['resourceType']}/{tree['id']}"}
        if shape.bundle == "searchset":
            entry["search"] = {"mode": "match" if tree["resourceType"] == "Procedure" else "include"}
        entries.append(entry)
    bundle: Tree = {"resourceType": "Bundle", "type": shape.bundle}
    if shape.bundle in ("message", "document"):
        bundle |= {"identifier": {"system": "https://ehr.example/bundles", "value": "B1"}, "timestamp": f"{DAY}T12:00:00Z"}
        entries.insert(0, _first_entry(shape.bundle, entries))
    return {**bundle, "entry": entries}


def _first_entry(kind: str, entries: list[Tree]) -> Tree:
    full_url = "urn:uuid:7b1e3c0e-5f0c-5d0e-9a55-000000000001"
    if kind == "message":
        return {"fullUrl": full_url, "resource": {
            "resourceType": "MessageHeader", "eventCoding": {"system": "https://ehr.example/events", "code": "refill"},
            "source": {"endpoint": "https://ehr.example/out"}}}
    author = next((entry for entry in entries if entry["resource"]["resourceType"] == "Practitioner"), entries[0])
    return {"fullUrl": full_url, "resource": {
        "resourceType": "Composition", "status": "final", "type": {"text": "Refill note"}, "date": DAY, "title": "Refill note",
        "author": [{"reference": author.get("fullUrl", f"Practitioner/{author['resource']['id']}")}]}}


def to_bytes(tree: Any) -> bytes:
    """Write a tree as JSON bytes."""
    return json.dumps(tree, ensure_ascii=False).encode()
