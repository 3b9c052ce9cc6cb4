"""Batch and transaction: the entries of a Bundle as calls, each for itself, or all of them or none.

Source: http://hl7.org/fhir/R4/http.html#transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, encode_json
from adapter.fhir.kept import rewrite_references
from adapter.fhir.outcome import write_outcome
from adapter.fhir.search_table import PARAMETERS
from adapter.flow import validate_part
from adapter.http.answer import Answer, answer_issues
from adapter.http.preference import read_conditions
from adapter.http.status import status_of
from adapter.issues import Issue, has_errors
from adapter.store import Store, Unit
from adapter.web.interaction import Call, Reply, find_matches, perform, refuse, show_version
from adapter.web.searching import Asking
from adapter.web.service import Service

__all__ = ["MAX_ENTRIES", "answer_bundle"]

MAX_ENTRIES: Final = 500
_ORDER: Final = ("DELETE", "POST", "PUT", "GET", "HEAD")
_URL: Final = re.compile(r"([A-Z][A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?)?")
_SEARCHED: Final = re.compile(r"([A-Z][A-Za-z]+)\?.+")


@dataclass(frozen=True, slots=True)
class _Entry:
    index: int
    full_url: str
    call: Call


def answer_bundle(data: bytes, asking: Asking, service: Service, store: Store) -> Answer:
    """Answer a batch with a reply for each entry, a transaction with all of them or one OperationOutcome.

    400 where the Bundle is none of the two, 413 where it is too long. Its expressions begin at the Bundle.
    """
    decoded = decode_document(data, service.rule_book.shapes)
    tree = decoded.value
    if tree is None:
        return answer_issues(HTTPStatus.BAD_REQUEST, decoded.issues, service.rule_book)
    kind = tree.get("type")
    if tree.get("resourceType") != "Bundle" or kind not in ("batch", "transaction"):
        return _refused(refuse(HTTPStatus.BAD_REQUEST, "bundle.type", "Bundle.type"), service)
    found = tree.get("entry")
    parts: list[Any] = found if isinstance(found, list) else []
    if len(parts) > MAX_ENTRIES:
        return _refused(refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "bundle.too-many", "Bundle.entry"), service)
    entries = [_read_entry(index, part, asking) for index, part in enumerate(parts)]
    entries = [one if isinstance(one, Reply) else _check(data, one, service) for one in entries]
    done = _run_batch(entries, service, store) if kind == "batch" else _run_transaction(entries, service, store)
    if isinstance(done, Reply):
        return _refused(done, service)
    bundle = {"resourceType": "Bundle", "type": f"{kind}-response"}
    told = [_write_reply(one, call, asking, service) for one, call in done]
    return Answer(HTTPStatus.OK, encode_json({**bundle, **({"entry": told} if told else {})}))


def _read_entry(index: int, part: Any, asking: Asking) -> _Entry | Reply:
    """Read the call of an entry."""
    place = f"Bundle.entry[{index}]"
    part = part if isinstance(part, dict) else {}
    asked = part.get("request") if isinstance(part.get("request"), dict) else {}
    method, url = asked.get("method"), asked.get("url")
    told = _URL.fullmatch(url.removeprefix(f"{asking.base}/")) if isinstance(url, str) else None
    resource = part.get("resource")
    if method not in _ORDER or told is None or told[1] not in PARAMETERS or (method in ("GET", "HEAD") and told[2] is None):
        return refuse(HTTPStatus.BAD_REQUEST, "bundle.request", f"{place}.request")
    if method in ("POST", "PUT"):
        if not isinstance(resource, dict) or resource.get("resourceType") != told[1]:
            return refuse(HTTPStatus.BAD_REQUEST, "resource.other-type", f"{place}.resource")
        if method == "PUT" and resource.get("id") != told[2]:
            return refuse(HTTPStatus.BAD_REQUEST, "resource.other-id", f"{place}.resource.id")
    names = {"ifMatch": "If-Match", "ifNoneMatch": "If-None-Match", "ifNoneExist": "If-None-Exist"}
    head = {header: asked[name] for name, header in names.items() if isinstance(asked.get(name), str)}
    full_url = part.get("fullUrl")
    call = Call(method, told[1], told[2], told[3], resource, read_conditions(head), asking.base)
    return _Entry(index, full_url if isinstance(full_url, str) else "", call)


def _check(data: bytes, entry: _Entry, service: Service) -> _Entry | Reply:
    """Validate the resource of an entry; issues begin at the Bundle."""
    if entry.call.method not in ("POST", "PUT") or entry.call.resource is None:
        return entry
    place = f"Bundle.entry[{entry.index}].resource"
    issues = validate_part(data, (entry.call.resource, place), service.rule_book)
    if not has_errors(issues):
        return entry
    root = re.compile(rf"^{entry.call.kind}(?=[.\[]|$)")
    moved = tuple(replace(one, expression=tuple(root.sub(place, each) for each in one.expression)) for one in issues)
    return Reply(status_of(moved, is_done=False), None, moved)


def _run_batch(entries: list[_Entry | Reply], service: Service, store: Store) -> list[tuple[Reply, Call | None]]:
    done: list[tuple[Reply, Call | None]] = []
    for one in entries:
        if isinstance(one, Reply):
            done.append((one, None))
            continue
        with store.begin() as unit:
            done.append((_at(perform(one.call, unit, service), one.index), one.call))
    return done


def _run_transaction(entries: list[_Entry | Reply], service: Service, store: Store) -> list[tuple[Reply, Call | None]] | Reply:
    """Perform all entries in one unit in the order of R4: DELETE, POST, PUT, GET; the first that fails takes all back."""
    wrong = [one for one in entries if isinstance(one, Reply)]
    if wrong:
        return Reply(wrong[0].status, None, tuple(issue for one in wrong for issue in one.issues))
    known = [one for one in entries if isinstance(one, _Entry)]
    written = [(one.call.kind, one.call.id) for one in known if one.call.id and one.call.method in ("PUT", "DELETE")]
    if len(set(written)) < len(written):
        return refuse(HTTPStatus.BAD_REQUEST, "bundle.repeated", "Bundle.entry")
    replies: dict[int, tuple[Reply, Call | None]] = {}
    with store.begin() as unit:
        unit.hold(*(f"create {one.call.kind}" for one in known if one.call.conditions.none_exist is not None))
        failed = _perform_all(known, unit, service, replies)
        if failed is not None:
            unit.take_back()
            return failed
    return [replies[one.index] for one in known]


def _perform_all(
    known: list[_Entry], unit: Unit, service: Service, replies: dict[int, tuple[Reply, Call | None]]
) -> Reply | None:
    names: dict[str, str] = {}
    calls: dict[int, Call] = {}
    for one in known:
        call = one.call
        if call.method == "POST" and call.conditions.none_exist is not None:
            found = find_matches(call.kind, call.conditions.none_exist, unit, call.base)
            if isinstance(found, Reply):
                return _at(found, one.index)
            if found:
                names[one.full_url] = f"{call.kind}/{found[0]}"
        if call.method == "POST" and one.full_url not in names:
            call = replace(call, id=str(uuid4()))
        if call.id is not None:
            names.setdefault(one.full_url, f"{call.kind}/{call.id}")
        calls[one.index] = call
    names.pop("", None)
    for one in sorted(known, key=lambda entry: _ORDER.index(entry.call.method)):
        call = calls[one.index]
        if call.resource is not None:
            failed = _find_conditional(call.resource, unit, call, names)
            if failed is not None:
                return _at(failed, one.index)
            call = replace(call, resource=rewrite_references(call.resource, names))
        reply = _perform_one(call, unit, service)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            return _at(reply, one.index)
        replies[one.index] = reply, one.call
    return None


def _perform_one(call: Call, unit: Unit, service: Service) -> Reply:
    """Perform a call; the id that a new resource was given before stays its own."""
    if call.method != "POST":
        return perform(call, unit, service)
    return perform(replace(call, id=None, new_id=call.id), unit, service)


def _find_conditional(resource: Tree, unit: Unit, call: Call, names: dict[str, str]) -> Reply | None:
    """Find what conditional references name, and whether every URN is that of an entry."""
    for text in _references(resource):
        if text in names:
            continue
        if text.startswith("urn:uuid:"):
            unknown = refuse(HTTPStatus.BAD_REQUEST, "bundle.reference")
            return replace(unknown, status=status_of(unknown.issues, is_done=False))
        told = _SEARCHED.fullmatch(text)
        if told is None:
            continue
        found = find_matches(told[1], text, unit, call.base) if told[1] in PARAMETERS else []
        if isinstance(found, Reply):
            return found
        if len(found) != 1:
            return refuse(HTTPStatus.PRECONDITION_FAILED, "bundle.reference")
        names[text] = f"{told[1]}/{found[0]}"
    return None


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "reference" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for one in node:
            yield from _references(one)


def _at(reply: Reply, index: int) -> Reply:
    """Name the entry that a refusal is about."""
    place = (f"Bundle.entry[{index}]",)
    issues = tuple(replace(one, expression=one.expression or place) for one in reply.issues)
    return replace(reply, issues=issues)


def _refused(reply: Reply, service: Service) -> Answer:
    return answer_issues(reply.status, reply.issues, service.rule_book)


def _write_reply(reply: Reply, call: Call | None, asking: Asking, service: Service) -> Tree:
    status = HTTPStatus(reply.status)
    told: Tree = {"status": f"{status.value} {status.phrase}"}
    entry: Tree = {}
    stored = reply.stored
    if stored is not None:
        if call is not None and call.method != "GET":
            told["location"] = f"{stored.kind}/{stored.id}/_history/{stored.version}"
        told["etag"] = f'W/"{stored.version}"'
        told["lastModified"] = stored.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        is_read = call is not None and call.method == "GET" and status == HTTPStatus.OK
        if stored.data is not None and (is_read or asking.preference.answer == "representation"):
            entry["resource"] = show_version(stored)
    issues: tuple[Issue, ...] = reply.issues
    if issues or (asking.preference.answer == "OperationOutcome" and call is not None and call.method != "GET"):
        told["outcome"] = write_outcome(service.rule_book.tables.explained(issues))
    return {**entry, "response": told}
