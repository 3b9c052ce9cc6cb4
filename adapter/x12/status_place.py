"""Which element of a Claim a claim status code is about: the code, and the entity beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapter.terms import Status

__all__ = ["ENTITIES", "find_status_place"]

ENTITIES: Final[Mapping[str, str]] = {
    "1P": "provider", "85": "provider", "87": "payee.party", "82": "careTeam[0].provider", "71": "careTeam[0].provider",
    "72": "careTeam[0].provider", "DN": "referral", "DK": "careTeam", "DQ": "careTeam", "77": "facility", "FA": "facility",
    "IL": "insurance[0].coverage", "QC": "patient", "PR": "insurer", "GB": "insurance",
}
"""X12 element 98 to the party of a Claim. Source: 005010 as public companion guides list it (CMS 277CA, cms.gov)."""

_OF_ENTITY: Final[Mapping[str, str]] = {
    "125": "name", "126": "address", "128": "identifier", "132": "identifier",
    "145": "type", "153": "identifier", "157": "gender", "158": "birthDate", "164": "identifier", "562": "identifier",
}
_OF_LINE: Final[Mapping[str, str]] = {
    "178": "net", "187": "serviced", "218": "detail[0].productOrService", "249": "location", "258": "quantity", "453": "modifier",
    "454": "productOrService", "455": "revenue", "476": "quantity", "507": "productOrService",
}
_OF_CLAIM: Final[Mapping[str, str]] = {
    "178": "total", "187": "billablePeriod", "228": "subType", "249": "item.location", "254": "diagnosis[0].diagnosis",
    "255": "diagnosis.diagnosis", "453": "item.modifier", "454": "item.productOrService",
    "48": "insurance[0].preAuthRef", "507": "item.productOrService",
}
_MEMBER: Final = ("164", "153")


def find_status_place(status: Status, line: int | None) -> str:
    """Find the FHIRPath of what a status is about; the line or the Claim where its code says no more.

    X12: STC01-2 claim status code, STC01-3 entity. `line` counts from 0.

    >>> find_status_place(Status("A7", "562", "82"), None)
    'Claim.careTeam[0].provider.resolve().identifier'
    >>> find_status_place(Status("A7", "507"), 1), find_status_place(Status("A3", "21"), None)
    ('Claim.item[1].productOrService', 'Claim')
    """
    entity, code = ENTITIES.get(status.entity or ""), status.code
    if entity and code in _OF_ENTITY:
        if status.entity == "IL":
            part = "subscriberId" if code in _MEMBER else f"subscriber.resolve().{_OF_ENTITY[code]}"
            return f"Claim.{entity}.resolve().{part}"
        return f"Claim.{entity}.resolve().{_OF_ENTITY[code]}"
    root = "Claim" if line is None else f"Claim.item[{line}]"
    found = (_OF_CLAIM if line is None else _OF_LINE).get(code)
    if found:
        return f"{root}.{found}"
    return f"Claim.{entity}" if entity and line is None and status.is_rejection else root
