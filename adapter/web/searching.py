"""Searches and histories as pages of a Bundle; a page that follows comes from a snapshot, whatever happened meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from adapter.fhir.json import Tree, encode_json
from adapter.fhir.kept import cut_resource
from adapter.fhir.outcome import write_outcome
from adapter.fhir.search_query import Query, read_query
from adapter.http.answer import Answer, answer_issues
from adapter.http.preference import Preference
from adapter.issues import Issue, IssueType, Severity
from adapter.store import Key, Store, StoredSnapshot, StoredVersion, TooManyError
from adapter.web.interaction import refuse, show_version
from adapter.web.service import Service

__all__ = ["Asking", "answer_history", "answer_page", "answer_search", "cut", "search_definitions"]

_METHODS: Final = {"created": "POST", "updated": "PUT", "deleted": "DELETE"}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: the address of this service, and what the answer shall be; `is_hidden`: the query may not be repeated."""

    base: str
    preference: Preference
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Shown:
    kind: str  # of the Bundle
    count: int
    summary: str
    elements: tuple[str, ...]
    total: bool


def answer_search(kind: str, pairs: Sequence[tuple[str, str]], asking: Asking, service: Service) -> Answer:
    """Answer a search on a type: the first page, and links to the others. Errors: 400 for what is wrong or unknown."""
    store = _store(service)

    def find(query: Query) -> list[Key]:
        with store.reading() as unit:
            return unit.search(kind, query.conditions, query.order)

    read = _read(kind, pairs, asking, service)
    if isinstance(read, Answer):
        return read
    try:
        keys = find(read)
    except TooManyError:
        return answer_issues(HTTPStatus.BAD_REQUEST, refuse(400, "search.too-many").issues, service.rule_book)
    shown = _Shown("searchset", read.count, read.summary, read.elements, read.total)
    self_link = "" if asking.is_hidden else f"{asking.base}/{kind}?{urlencode(read.used)}".rstrip("?")
    return _first_page(keys, shown, (self_link, _unknown(read), asking), service)


def answer_history(
    place: tuple[str | None, str | None], pairs: Sequence[tuple[str, str]], asking: Asking, service: Service
) -> Answer:
    """Answer the history of an instance, a type or all; 404 where nothing was ever kept under the id."""
    kind, identity = place
    read = _read("Patient", [pair for pair in pairs if pair[0] == "_count"], asking, service)
    if isinstance(read, Answer):
        return read
    try:
        with _store(service).reading() as unit:
            keys = unit.history(kind, identity)
    except TooManyError:
        return answer_issues(HTTPStatus.BAD_REQUEST, refuse(400, "search.too-many").issues, service.rule_book)
    if identity is not None and not keys:
        return answer_issues(HTTPStatus.NOT_FOUND, refuse(404, "resource.not-found").issues, service.rule_book)
    shown = _Shown("history", read.count, read.summary, (), True)
    path = "/".join(part for part in (kind, identity) if part)
    return _first_page(keys, shown, (f"{asking.base}/{path}/_history".replace("//_h", "/_h"), (), asking), service)


def answer_page(token: str, start: int, asking: Asking, service: Service) -> Answer:
    """Answer a page that a link leads to; 404 where its search is not kept any more."""
    with _store(service).reading() as unit:
        snapshot = unit.find_snapshot(token, service.clock())
    if snapshot is None or start >= len(snapshot.keys):
        return answer_issues(HTTPStatus.NOT_FOUND, refuse(404, "search.page").issues, service.rule_book)
    note = json.loads(snapshot.note)
    shown = _Shown(**{**note, "elements": tuple(note["elements"])})
    return _page(snapshot.keys, shown, _Page(token, start, f"{asking.base}/_page/{token}/{start}", asking.base), service)


def search_definitions(
    kind: str, found: Callable[[Query], Sequence[Tree]], pairs: Sequence[tuple[str, str]], asking: Asking, service: Service
) -> Answer:
    """Answer a search on what is published here: one page."""
    read = _read(kind, pairs, asking, service)
    if isinstance(read, Answer):
        return read
    trees = found(read)
    shown = _Shown("searchset", read.count, read.summary, read.elements, read.total)
    entries = [
        {"fullUrl": f"{asking.base}/{kind}/{tree['id']}", "resource": cut(tree, shown.summary, shown.elements),
         "search": {"mode": "match"}} for tree in trees
    ]
    bundle = _bundle(shown, len(trees), [("self", f"{asking.base}/{kind}?{urlencode(read.used)}".rstrip("?"))])
    return _answer(bundle, [] if shown.summary == "count" else entries, _unknown(read), service)


def cut(tree: Tree, summary: str, elements: Sequence[str]) -> Tree:
    """Cut a resource to what `_summary` or `_elements` asks for; elements that R4 requires stay."""
    if elements:
        return cut_resource(tree, [*elements, *_required(tree["resourceType"])])
    if summary == "text":
        return cut_resource(tree, ["text", *_required(tree["resourceType"])])
    if summary == "data":
        return cut_resource(tree, [key.removeprefix("_") for key in tree if key != "text"])
    if summary == "true":
        return cut_resource(tree, [*_model(tree["resourceType"]).summary_elements_sequence(), *_required(tree["resourceType"])])
    return tree


def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 -- pydantic is loaded only where a summary is asked for

    return get_fhir_model_class(kind)


def _required(kind: str) -> list[str]:
    return [name for name, one in _model(kind).model_fields.items() if (one.json_schema_extra or {}).get("element_required")]


def _read(kind: str, pairs: Sequence[tuple[str, str]], asking: Asking, service: Service) -> Query | Answer:
    read = read_query(kind, pairs, asking.base)
    if read.value is None:
        return answer_issues(HTTPStatus.BAD_REQUEST, read.issues, service.rule_book)
    if asking.preference.is_strict and read.value.unknown:
        return answer_issues(HTTPStatus.BAD_REQUEST, _unknown(read.value, Severity.ERROR), service.rule_book)
    return read.value


def _unknown(query: Query, severity: Severity = Severity.WARNING) -> tuple[Issue, ...]:
    if not query.unknown:
        return ()
    text = "A search parameter is not known here and was left out; /fhir/metadata lists those that are. Correct its name."
    return (Issue(severity, IssueType.NOT_SUPPORTED, "search.unknown-parameter", text),)


def _store(service: Service) -> Store:
    if service.store is None:
        raise RuntimeError("a route of kept resources without a store")
    return service.store


def _first_page(
    keys: list[Key], shown: _Shown, told: tuple[str, tuple[Issue, ...], Asking], service: Service
) -> Answer:
    self_link, issues, asking = told
    token = ""
    if len(keys) > shown.count > 0 or not self_link:
        token = str(uuid4())
        note = json.dumps({"kind": shown.kind, "count": shown.count, "summary": shown.summary, "elements": shown.elements,
                           "total": shown.total})
        with _store(service).begin() as unit:
            unit.keep_snapshot(token, StoredSnapshot(tuple(keys), note), service.clock())
    return _page(keys, shown, _Page(token, 0, self_link or f"{asking.base}/_page/{token}/0", asking.base), service, issues)


@dataclass(frozen=True, slots=True)
class _Page:
    token: str
    start: int
    self_link: str
    base: str


def _page(
    keys: Sequence[Key], shown: _Shown, page: _Page, service: Service, issues: tuple[Issue, ...] = ()
) -> Answer:
    end = page.start + shown.count
    places = [("next", end, end < len(keys)), ("previous", max(page.start - shown.count, 0), page.start > 0)]
    links = [(name, f"{page.base}/_page/{page.token}/{place}") for name, place, is_there in places if is_there and page.token]
    bundle = _bundle(shown, len(keys), [("self", page.self_link), *links])
    if shown.summary == "count":
        return _answer(bundle, [], issues, service)
    with _store(service).reading() as unit:
        versions = unit.read_versions(keys[page.start:end])
    entries = [_entry(one, shown, page.base) for one in versions]
    return _answer(bundle, entries, issues, service)


def _bundle(shown: _Shown, total: int, links: Sequence[tuple[str, str]]) -> Tree:
    told = {"total": total} if shown.total else {}
    return {"resourceType": "Bundle", "type": shown.kind, **told, "link": [{"relation": name, "url": url} for name, url in links]}


def _answer(bundle: Tree, entries: list[Any], issues: tuple[Issue, ...], service: Service) -> Answer:
    if issues:
        explained = service.rule_book.tables.explained(issues)
        entries = [*entries, {"resource": write_outcome(explained), "search": {"mode": "outcome"}}]
    return Answer(HTTPStatus.OK, encode_json({**bundle, **({"entry": entries} if entries else {})}), issues)


def _entry(stored: StoredVersion, shown: _Shown, base: str) -> Mapping[str, Any]:
    address = f"{stored.kind}/{stored.id}"
    resource = {"resource": cut(show_version(stored), shown.summary, shown.elements)} if stored.data is not None else {}
    entry: dict[str, Any] = {"fullUrl": f"{base}/{address}", **resource}
    if shown.kind == "searchset":
        return {**entry, "search": {"mode": "match"}}
    did = "deleted" if stored.data is None else "created" if stored.version == 1 else "updated"
    at = stored.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    status = {"created": "201", "updated": "200", "deleted": "204"}[did]
    return {
        **entry, "request": {"method": _METHODS[did], "url": stored.kind if did == "created" else address},
        "response": {"status": status, "etag": f'W/"{stored.version}"', "lastModified": at},
    }
