"""Short words for what cases write often: `act refill`, `180 mg`, one of our extensions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from adapter.fhir import systems

__all__ = ["SITE_DEVICES", "SITE_PROCEDURES", "Tree", "concept", "expand", "own"]

Tree = dict[str, Any]

SITE_PROCEDURES = "https://ehr.example/codes/procedures"
SITE_DEVICES = "https://ehr.example/codes/devices"
SYSTEMS = {
    "act": systems.own_code_system("refill-act"),
    "kind": systems.own_code_system("pump-kind"),
    "route": systems.own_code_system("delivery-route"),
    "observation": systems.own_code_system("refill-observation"),
    "cpt": systems.CPT,
    "hcpcs": systems.HCPCS,
    "icd": systems.ICD10CM,
    "ndc": systems.NDC,
    "rxnorm": systems.RXNORM,
    "snomed": systems.SNOMED,
    "pos": systems.PLACE_OF_SERVICE,
    "site-act": SITE_PROCEDURES,
    "site-device": SITE_DEVICES,
    "relationship": "http://terminology.hl7.org/CodeSystem/subscriber-relationship",
    "participation": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
}


def concept(codes: str | Iterable[str], text: str | None = None) -> Tree:
    """Write a CodeableConcept from words such as `act refill` or `cpt 99213`.

    >>> concept("pos 11")["coding"][0]["code"]
    '11'
    """
    words = [codes] if isinstance(codes, str) else list(codes)
    pairs = (word.split(" ", 1) for word in words)
    tree: Tree = {"coding": [{"system": SYSTEMS.get(system, system), "code": code} for system, code in pairs]}
    return {**tree, "text": text} if text else tree


def own(name: str, **value: Any) -> Tree:
    """Write one of our extensions.

    >>> own("container", valueCode="multi-dose")["valueCode"]
    'multi-dose'
    """
    return {"url": systems.own_structure(name), **value}


def expand(node: Any) -> Any:
    """Turn the short words of a case into FHIR; references stay for `render`."""
    if isinstance(node, list):
        return [expand(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if "codes" in node:
        return concept(node["codes"], node.get("text"))
    if "amount" in node and isinstance(node["amount"], str):
        number, unit = node["amount"].split(" ", 1)
        return {"value": json.loads(number), "unit": unit, "system": systems.UCUM, "code": unit}
    if "own" in node:
        return own(node["own"], **{key: expand(value) for key, value in node.items() if key != "own"})
    return {key: expand(value) for key, value in node.items()}
