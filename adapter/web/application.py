"""The Flask application: routes, one door in and one door out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from threading import BoundedSemaphore
from uuid import uuid4

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import BaseConverter

import adapter
from adapter.fhir.json import encode_json
from adapter.web.answers import (
    OTHER_FORMAT,
    Answer,
    answer_claims,
    answer_issues,
    answer_restored,
    answer_validation,
    write_in_xml,
)
from adapter.web.capability import write_capability
from adapter.web.faults import log_fault, read_http_fault
from adapter.web.media import FHIR_JSON, FHIR_XML, MAX_BODY, check_accept, check_head, names_other_format, read_body
from adapter.web.metrics import Metrics
from adapter.web.service import Service
from adapter.web.status import http_issue

__all__ = ["create_app"]

_AT_ONCE = 8  # documents that are worked on at one time, however many are arriving
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def create_app(service: Service) -> Flask:
    """Make the application of a service: nothing is read or opened here but what the service holds."""
    app = Flask("adapter", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY + 1, PROVIDE_AUTOMATIC_OPTIONS=False, TRAP_HTTP_EXCEPTIONS=False)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    types = "|".join(sorted(service.rule_book.profiles.resources))
    app.url_map.converters["type"] = type("ResourceType", (BaseConverter,), {"regex": f"(?:{types})"})
    metrics = app.extensions["metrics"] = Metrics()
    app.extensions["rule_book"] = service.rule_book
    _add_doors(app, service, metrics)
    _add_operations(app, service)
    _add_probes(app, service, metrics)
    return app


def _add_operations(app: Flask, service: Service) -> None:
    started_at = service.clock()
    types = service.rule_book.profiles.resources
    places = BoundedSemaphore(_AT_ONCE)

    def work(answer: Callable[[bytes], Answer]) -> Response:
        data = read_body(request)
        if names_other_format(request, data):
            return _respond(answer_issues(400, [OTHER_FORMAT], service.rule_book))
        with places:
            return _respond(answer(data))

    @app.post("/fhir/$refill-to-claim")
    def refill_to_claim() -> Response:
        return work(lambda data: answer_claims(data, service))

    @app.post("/fhir/Claim/$claim-to-refill")
    def claim_to_refill() -> Response:
        return work(lambda data: answer_restored(data, service))

    @app.post("/fhir/<type:resource_type>/$validate")
    def validate(resource_type: str) -> Response:
        profile = request.args.get("profile")
        return work(lambda data: answer_validation(data, resource_type, profile, service))

    @app.get("/fhir/metadata")
    def metadata() -> Response:
        if request.args.get("mode") == "terminology":
            raise NotFound  # there is no TerminologyCapabilities
        return _respond(Answer(200, encode_json(write_capability(app.url_map, types, started_at))))


def _add_probes(app: Flask, service: Service, metrics: Metrics) -> None:
    @app.get("/livez")
    def livez() -> Response:
        return Response(b'{"status":"alive"}', 200, mimetype="application/json")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            if service.store is not None:
                service.store.check()
        except SQLAlchemyError:
            return _respond(answer_issues(503, [http_issue(503)], service.rule_book))
        return Response(b'{"status":"ready"}', 200, mimetype="application/json")

    @app.get("/metrics")
    def metrics_text() -> Response:
        return Response(metrics.text(), 200, content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/version")
    def version() -> Response:
        told = {"name": "refill-adapter", "version": adapter.__version__, "fhirVersion": "4.0.1"}
        return Response(encode_json(told), 200, mimetype="application/json")


def _add_doors(app: Flask, service: Service, metrics: Metrics) -> None:
    @app.before_request
    def enter() -> None:
        g.started_at = time.perf_counter()
        check_head(request)
        if request.path.startswith("/fhir"):
            g.format = check_accept(request)

    @app.after_request
    def leave(response: Response) -> Response:
        if g.get("format") == FHIR_XML and response.mimetype == FHIR_JSON:
            response.status_code, body = write_in_xml(response.status_code, response.get_data(), service.rule_book)
            response.data, response.content_type = body, f"{FHIR_XML}; charset=utf-8"
        response.headers["X-Request-Id"] = _request_id()
        response.headers["Cache-Control"] = "no-store"
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        metrics.count_request(route, method, response.status_code, time.perf_counter() - _started_at())
        metrics.count_issues(g.get("issues", ()))
        return response

    @app.errorhandler(HTTPException)
    def http_fault(fault: HTTPException) -> Response:
        status, issue, headers = read_http_fault(fault)
        response = _respond(answer_issues(status, [issue], service.rule_book))
        response.headers.extend(headers)
        return response

    @app.errorhandler(Exception)
    def bug(fault: Exception) -> Response:
        return _respond(answer_issues(500, [log_fault(fault, _request_id())], service.rule_book))


def _respond(answer: Answer) -> Response:
    g.issues = answer.issues
    return Response(answer.body, answer.status, content_type=f"{FHIR_JSON}; charset=utf-8")


def _request_id() -> str:
    if "request_id" not in g:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else str(uuid4())
    return str(g.request_id)


def _started_at() -> float:
    started: float = g.get("started_at", time.perf_counter())
    return started
