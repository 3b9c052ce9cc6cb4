"""The interactions with one resource, each in a unit: create, read, vread, update, delete.

Source: http://hl7.org/fhir/R4/http.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl
from uuid import uuid4

from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.kept import stamp_resource, strip_resource
from adapter.fhir.search_query import read_query
from adapter.fhir.search_value import gather_values
from adapter.http.preference import Conditions
from adapter.issues import Issue, IssueType, Severity
from adapter.store import StoredVersion, TooManyError, Unit
from adapter.web.service import Service

__all__ = [
    "CREATED", "UPDATED", "Call", "Reply", "find_matches", "perform", "refuse", "show_version",
]

UPDATED: Final = frozenset({
    "Condition", "Coverage", "Device", "Encounter", "Location", "Medication", "MedicationAdministration", "Observation",
    "Organization", "Patient", "Practitioner", "Procedure",
})
"""What EHRs own: updated and deleted by them."""
CREATED: Final = UPDATED | {
    "ChargeItem", "Claim", "ClaimResponse", "Consent", "DocumentReference", "ExplanationOfBenefit", "PractitionerRole",
    "Provenance", "RelatedPerson",
}
"""What may be sent in; the rest is made here alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, alone or as an entry of a Bundle: method, address and what it carries; `new_id` is of what it creates."""

    method: str
    kind: str
    id: str | None = None
    version: str | None = None
    resource: Tree | None = None
    conditions: Conditions = field(default_factory=Conditions)
    base: str = ""
    new_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a call: status, the version that it is about, and what there is to say."""

    status: int
    stored: StoredVersion | None = None
    issues: tuple[Issue, ...] = ()


def refuse(status: int, rule: str, *expression: str) -> Reply:
    """Refuse a call by a rule of this module."""
    code, text = _TEXTS[rule]
    return Reply(status, None, (Issue(Severity.ERROR, code, rule, text, expression),))


def perform(call: Call, unit: Unit, service: Service) -> Reply:
    """Perform a call in a unit. A reply of 400 or more has written nothing."""
    if call.method in ("GET", "HEAD"):
        return _read(call, unit)
    known = UPDATED if call.id is not None else CREATED
    if call.kind not in known or call.version is not None or call.method not in (("PUT", "DELETE") if call.id else ("POST",)):
        return refuse(HTTPStatus.METHOD_NOT_ALLOWED, "resource.interaction")
    if call.method == "POST":
        return _create(call, unit, service)
    unit.reserve(call.kind, call.id or "")
    found = unit.find(call.kind, call.id or "")
    if not _is_met(call.conditions, found):
        return refuse(HTTPStatus.PRECONDITION_FAILED, "resource.version-conflict")
    if call.method == "PUT":
        status = HTTPStatus.OK if found is not None and found.data is not None else HTTPStatus.CREATED
        return Reply(status, _write(call, call.id or "", unit, service))
    if found is None or found.data is None:
        return Reply(HTTPStatus.NO_CONTENT)
    return Reply(HTTPStatus.NO_CONTENT, unit.delete(call.kind, call.id or "", service.clock()))


def show_version(stored: StoredVersion) -> Tree:
    """Show a version as a tree, with the facts of the server in its meta."""
    tree = decode_json(stored.data or b"").value or {}
    return stamp_resource(tree, stored.version, stored.updated_at)


def find_matches(kind: str, query: str, unit: Unit, base: str) -> list[str] | Reply:
    """Find the ids that the query of a conditional create or reference names; one that asks what is not known is refused."""
    read = read_query(kind, parse_qsl(query.partition("?")[2] or query, keep_blank_values=True), base)
    if read.value is None:
        return Reply(HTTPStatus.BAD_REQUEST, None, read.issues)
    if read.value.unknown or not read.value.conditions:
        return refuse(HTTPStatus.BAD_REQUEST, "search.condition")
    try:
        return [identity for _, identity, _ in unit.search(kind, read.value.conditions)]
    except TooManyError:
        return refuse(HTTPStatus.PRECONDITION_FAILED, "search.several")


def _create(call: Call, unit: Unit, service: Service) -> Reply:
    """Create a resource under an id of ours. Conditional creates of a type come one after the other: that makes them exact."""
    if call.conditions.none_exist is not None:
        unit.hold(f"create {call.kind}")
        found = find_matches(call.kind, call.conditions.none_exist, unit, call.base)
        if isinstance(found, Reply):
            return found
        if len(found) > 1:
            return refuse(HTTPStatus.PRECONDITION_FAILED, "search.several")
        if found:
            return Reply(HTTPStatus.OK, unit.find(call.kind, found[0]))
    return Reply(HTTPStatus.CREATED, _write(call, call.new_id or str(uuid4()), unit, service))


def _write(call: Call, identity: str, unit: Unit, service: Service) -> StoredVersion:
    tree = strip_resource(call.resource or {}, identity)
    at = service.clock()
    shown = stamp_resource(tree, 1, at)
    return unit.write(call.kind, identity, encode_json(tree), gather_values(shown), at)


def _read(call: Call, unit: Unit) -> Reply:
    if call.version is not None:
        number = int(call.version) if call.version.isascii() and call.version.isdigit() and len(call.version) < 10 else 0
        found = unit.find_version(call.kind, call.id or "", number)
    else:
        found = unit.find(call.kind, call.id or "")
    if found is None:
        return refuse(HTTPStatus.NOT_FOUND, "resource.not-found")
    if found.data is None:
        return replace(refuse(HTTPStatus.GONE, "resource.deleted"), stored=found)
    asked = call.conditions
    if asked.none_match is not None:
        is_same = _names(asked.none_match, found)
    else:
        is_same = asked.since is not None and found.updated_at.replace(microsecond=0) <= asked.since
    return Reply(HTTPStatus.NOT_MODIFIED if is_same else HTTPStatus.OK, found)


def _is_met(asked: Conditions, found: StoredVersion | None) -> bool:
    here = found if found is not None and found.data is not None else None
    if asked.match is not None and (here is None or not _names(asked.match, here)):
        return False
    return asked.none_match is None or here is None or not _names(asked.none_match, here)


def _names(tags: Sequence[str], found: StoredVersion) -> bool:
    return "*" in tags or str(found.version) in tags


_TEXTS: Final = {
    "resource.not-found": (IssueType.NOT_FOUND, "Nothing is kept under this id or version. Search for it."),
    "resource.deleted": (IssueType.DELETED, "The resource was deleted. Its history has the versions before."),
    "resource.interaction": (
        IssueType.NOT_SUPPORTED, "This type is not created, updated or deleted so. GET /fhir/metadata lists what is.",
    ),
    "resource.version-conflict": (
        IssueType.CONFLICT, "Another version is here than the request asks for. Read it, and send the change to that one.",
    ),
    "search.condition": (
        IssueType.INVALID, "A condition asks for a search parameter that is not known, or for none. Correct the query.",
    ),
    "search.several": (
        IssueType.MULTIPLE_MATCHES, "The condition meets several resources, and one was expected. Ask for an identifier.",
    ),
    "search.too-many": (
        IssueType.TOO_COSTLY, "More than 20000 resources are found, more than a search gives. Ask for fewer.",
    ),
    "search.page": (
        IssueType.NOT_FOUND, "This page is not kept, or no longer: a day after its search. Search again.",
    ),
    "resource.other-type": (
        IssueType.INVALID, "The body is no resource of the type that the address names. Send it to the address of its type.",
    ),
    "resource.other-id": (IssueType.VALUE, "The id of the resource is not that of the address. Make them the same."),
    "bundle.type": (IssueType.VALUE, "A Bundle of type batch or transaction was expected. Correct the type."),
    "bundle.too-many": (IssueType.TOO_COSTLY, "A Bundle has 500 entries at most. Send several."),
    "bundle.request": (
        IssueType.REQUIRED, "The entry has no request that is served; method and url of an interaction were expected. Add it.",
    ),
    "bundle.repeated": (IssueType.DUPLICATE, "Two entries write the same resource. Keep one of them."),
    "bundle.reference": (
        IssueType.NOT_FOUND, "A reference names no entry of the transaction, or not one resource. Correct it.",
    ),
}
