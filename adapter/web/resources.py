"""Routes of kept resources by interaction, and of the definitions that are published here."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl
from wsgiref.handlers import format_date_time

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.routing import BaseConverter

from adapter.fhir.json import encode_json
from adapter.fhir.outcome import ALL_OK
from adapter.fhir.search_query import read_query
from adapter.fhir.search_table import DEFINITIONS, PARAMETERS
from adapter.flow import look_at_document
from adapter.http.answer import Answer, answer_issues
from adapter.http.door import Work, respond
from adapter.http.preference import read_conditions, read_preference
from adapter.http.status import http_issue, status_of
from adapter.issues import has_errors
from adapter.store import Store
from adapter.web.bundle import answer_bundle
from adapter.web.claim_x12 import answer_kept_claim
from adapter.web.interaction import CREATED, UPDATED, Call, Reply, perform, refuse, show_version
from adapter.web.searching import Asking, answer_history, answer_page, answer_search, cut
from adapter.web.service import Service

__all__ = ["KEPT", "add_resource_routes"]

KEPT: Final = frozenset(PARAMETERS) - DEFINITIONS


def add_resource_routes(app: Flask, service: Service, store: Store, work: Work) -> None:
    """Add the routes of every interaction with resources that are kept."""
    app.url_map.converters["kept"] = type("KeptType", (BaseConverter,), {"regex": f"(?:{'|'.join(sorted(KEPT))})"})
    _add_instances(app, service, store, work)
    _add_searches(app, service)

    @app.post("/fhir")
    def bundle() -> Response:
        return work(lambda data: answer_bundle(data, _asking(), service, store))


def _add_instances(app: Flask, service: Service, store: Store, work: Work) -> None:
    @app.errorhandler(OperationalError)
    def busy(_fault: OperationalError) -> Response:
        refusal = answer_issues(HTTPStatus.SERVICE_UNAVAILABLE, [http_issue(503)], service.rule_book)
        return respond(replace(refusal, headers=(("Retry-After", "5"),)))

    @app.post("/fhir/<kept:kind>")
    def create(kind: str) -> Response:
        if kind not in CREATED:
            return _refuse_method(service)
        return work(lambda data: _answer_change(data, _call(kind), service, store))

    @app.put("/fhir/<kept:kind>/<id:identity>")
    def update(kind: str, identity: str) -> Response:
        if kind not in UPDATED:
            return _refuse_method(service)
        return work(lambda data: _answer_change(data, _call(kind, identity), service, store))

    @app.delete("/fhir/<kept:kind>/<id:identity>")
    def delete(kind: str, identity: str) -> Response:
        if kind not in UPDATED:
            return _refuse_method(service)
        with store.begin() as unit:
            reply = perform(_call(kind, identity), unit, service)
        return respond(_answer(reply, service))

    @app.get("/fhir/<kept:kind>/<id:identity>")
    def read(kind: str, identity: str) -> Response:
        return _answer_read(_call(kind, identity), service, store)

    @app.get("/fhir/<kept:kind>/<id:identity>/_history/<version>")
    def vread(kind: str, identity: str, version: str) -> Response:
        return _answer_read(_call(kind, identity, version), service, store)


def _add_searches(app: Flask, service: Service) -> None:
    @app.get("/fhir/<kept:kind>")
    def search_type(kind: str) -> Response:
        return respond(answer_search(kind, _pairs(), _asking(), service))

    @app.post("/fhir/<kept:kind>/_search")
    def search_type_by_post(kind: str) -> Response:
        if request.mimetype not in ("application/x-www-form-urlencoded", ""):
            raise UnsupportedMediaType
        form = parse_qsl(request.get_data().decode("utf-8", "replace"), keep_blank_values=True)
        return respond(answer_search(kind, [*_pairs(), *form], _asking(is_hidden=True), service))

    @app.get("/fhir/_history")
    def history_system() -> Response:
        return respond(answer_history((None, None), _pairs(), _asking(), service))

    @app.get("/fhir/<kept:kind>/_history")
    def history_type(kind: str) -> Response:
        return respond(answer_history((kind, None), _pairs(), _asking(), service))

    @app.get("/fhir/<kept:kind>/<id:identity>/_history")
    def history_instance(kind: str, identity: str) -> Response:
        return respond(answer_history((kind, identity), _pairs(), _asking(), service))

    @app.get("/fhir/_page/<token>/<int:start>")
    def page(token: str, start: int) -> Response:
        return respond(answer_page(token, start, _asking(), service))


def _base() -> str:
    return f"{request.host_url.rstrip('/')}/fhir"


def _pairs() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _asking(is_hidden: bool = False) -> Asking:
    return Asking(_base(), read_preference(", ".join(request.headers.getlist("Prefer"))), is_hidden)


def _call(kind: str, identity: str | None = None, version: str | None = None) -> Call:
    return Call(request.method, kind, identity, version, None, read_conditions(dict(request.headers)), _base())


def _answer_change(data: bytes, call: Call, service: Service, store: Store) -> Answer:
    """Answer a create or an update: what is stored is valid by base R4 and by the profiles that it claims."""
    looked = look_at_document(data, service.rule_book)
    issues = looked.issues
    if looked.tree is None or has_errors(issues):
        return answer_issues(status_of(issues, is_done=False), issues, service.rule_book)
    if looked.tree.get("resourceType") != call.kind:
        return answer_issues(HTTPStatus.BAD_REQUEST, refuse(400, "resource.other-type", call.kind).issues, service.rule_book)
    if call.id is not None and looked.tree.get("id") != call.id:
        other = refuse(HTTPStatus.BAD_REQUEST, "resource.other-id", f"{call.kind}.id")
        return answer_issues(other.status, other.issues, service.rule_book)
    with store.begin() as unit:
        reply = perform(replace(call, resource=looked.tree), unit, service)
    return _answer(replace(reply, issues=reply.issues or issues), service)


def _answer(reply: Reply, service: Service) -> Answer:
    """Give the reply of a change the body that Prefer asks for: the resource, nothing, or an OperationOutcome."""
    wanted = read_preference(", ".join(request.headers.getlist("Prefer"))).answer or "representation"
    headers = _headers(reply, is_written=True)
    if reply.status >= HTTPStatus.BAD_REQUEST:
        return replace(answer_issues(reply.status, reply.issues, service.rule_book), headers=headers)
    if reply.status == HTTPStatus.NO_CONTENT and wanted != "OperationOutcome":
        return Answer(reply.status, b"", headers=headers)
    if wanted == "OperationOutcome":
        told = answer_issues(HTTPStatus.OK if reply.status == HTTPStatus.NO_CONTENT else reply.status, reply.issues or (ALL_OK,),
                             service.rule_book)
        return replace(told, headers=headers)
    body = encode_json(show_version(reply.stored)) if reply.stored is not None and wanted == "representation" else b""
    return Answer(reply.status, body, reply.issues, headers=headers)


def _refuse_method(service: Service) -> Response:
    """Refuse to write a type that is only read here."""
    refusal = answer_issues(HTTPStatus.METHOD_NOT_ALLOWED, refuse(405, "resource.interaction").issues, service.rule_book)
    return respond(replace(refusal, headers=(("Allow", "GET, HEAD"),)))


def _answer_read(call: Call, service: Service, store: Store) -> Response:
    shown = read_query(call.kind, [pair for pair in _pairs() if pair[0] in ("_summary", "_elements")])
    if shown.value is None:
        return respond(answer_issues(HTTPStatus.BAD_REQUEST, shown.issues, service.rule_book))
    with store.reading() as unit:
        reply = perform(call, unit, service)
    headers = _headers(reply)
    if reply.status == HTTPStatus.NOT_FOUND and call.kind == "Claim" and call.version is None:
        return respond(answer_kept_claim(call.id or "", service))  # one that was made here and not submitted
    if reply.status >= HTTPStatus.BAD_REQUEST or reply.stored is None:
        return respond(replace(answer_issues(reply.status, reply.issues, service.rule_book), headers=headers))
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return respond(Answer(reply.status, b"", headers=headers))
    tree = cut(show_version(reply.stored), shown.value.summary, shown.value.elements)
    return respond(Answer(reply.status, encode_json(tree), headers=headers))


def _headers(reply: Reply, *, is_written: bool = False) -> tuple[tuple[str, str], ...]:
    """Give the version, its time and, where something was written, its address."""
    stored = reply.stored
    if stored is None:
        return ()
    told = [("ETag", f'W/"{stored.version}"'), ("Last-Modified", format_date_time(stored.updated_at.timestamp()))]
    if is_written and reply.status < HTTPStatus.BAD_REQUEST and stored.data is not None:
        told.append(("Location", f"{_base()}/{stored.kind}/{stored.id}/_history/{stored.version}"))
    return tuple(told)
