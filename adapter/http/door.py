"""The door of a Flask application: one way in and one way out for every route, every error an OperationOutcome."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Event
from typing import Final, Protocol
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, NotAcceptable, ServiceUnavailable, TooManyRequests

from adapter.flow import RuleBook
from adapter.http.answer import Answer, answer_issues, indent_json, name_request, write_in_xml
from adapter.http.faults import log_fault, read_http_fault
from adapter.http.limits import Allowance, Limits, Places
from adapter.http.media import (
    FHIR_JSON,
    FHIR_XML,
    MAX_BODY,
    check_head,
    has_no_body,
    names_other_format,
    read_body,
    wanted_format,
)
from adapter.http.metrics import Metrics
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Work", "make_app", "respond"]


class Work(Protocol):
    """Answer a request with what a function makes of its body: JSON or XML, or X12 where the route takes that."""

    def __call__(self, answer: Callable[[bytes], Answer], *, may_be_empty: bool = False, is_x12: bool = False) -> Response:
        """Read the body, refuse one of another kind, and answer it; one that is absent is empty where that may be."""


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_OTHER_FORMAT: Final = Issue(
    Severity.ERROR, IssueType.STRUCTURE, "http.other-format",
    "The body is of another format than Content-Type names. Set it to application/fhir+json or application/fhir+xml.",
)


def make_app(rule_book: RuleBook, limits: Limits | None = None) -> tuple[Flask, Work]:
    """Make an application without routes of its own but `/livez` and `/metrics`, and what its routes work through.

    `stopping` of its extensions is set when the process is told to end, `places` are those for work.
    """
    limits = limits or Limits()
    app = Flask("adapter", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY + 1, PROVIDE_AUTOMATIC_OPTIONS=False, TRAP_HTTP_EXCEPTIONS=False)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    metrics = app.extensions["metrics"] = Metrics()
    places = app.extensions["places"] = Places(limits)
    app.extensions["stopping"] = Event()
    metrics.watch_places(places)
    app.extensions["rule_book"] = rule_book
    if limits.rate is not None:
        _add_allowance(app, Allowance(limits.rate))
    _add_doors(app, rule_book, metrics)
    _add_probes(app, metrics)

    def work(answer: Callable[[bytes], Answer], *, may_be_empty: bool = False, is_x12: bool = False) -> Response:
        is_empty = may_be_empty and has_no_body(request)
        data = b"" if is_empty else read_body(request, is_x12=is_x12)
        if not (is_empty or is_x12) and names_other_format(request, data):
            return respond(answer_issues(400, [_OTHER_FORMAT], rule_book))
        with places.place():
            answered = respond(answer(data))
        metrics.count_intake(_operation(), answered.status_code, len(data))
        return answered

    return app, work


def respond(answer: Answer) -> Response:
    """Turn an answer into that of Flask; its issues are counted at the door."""
    g.issues = answer.issues
    response = Response(answer.body, answer.status, content_type=answer.content_type or f"{FHIR_JSON}; charset=utf-8")
    response.headers.extend(answer.headers)
    if not answer.body:
        del response.headers["Content-Type"]
    return response


def _add_probes(app: Flask, metrics: Metrics) -> None:
    @app.get("/livez")
    def livez() -> Response:
        return Response(b'{"status":"alive"}', 200, mimetype="application/json")

    @app.get("/metrics")
    def metrics_text() -> Response:
        return Response(metrics.text(), 200, content_type="text/plain; version=0.0.4; charset=utf-8")


def _add_allowance(app: Flask, allowance: Allowance) -> None:
    """Let each address ask so much and no more; the probes are everybody's, and are asked by those who watch."""

    @app.before_request
    def allow() -> None:
        if not request.path.startswith("/fhir"):
            return
        try:
            g.left = allowance.take(request.remote_addr or "")
        except TooManyRequests:
            g.left = allowance.none()
            raise

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers.extend(g.left.headers() if "left" in g else ())
        return response


def _add_doors(app: Flask, rule_book: RuleBook, metrics: Metrics) -> None:
    @app.before_request
    def enter() -> None:
        g.started_at = time.perf_counter()
        wanted = wanted_format(request)
        g.format = wanted or FHIR_JSON
        check_head(request)
        if wanted is None and request.path.startswith("/fhir"):
            raise NotAcceptable

    @app.after_request
    def leave(response: Response) -> Response:
        if response.status_code >= HTTPStatus.BAD_REQUEST and response.mimetype == FHIR_JSON:
            response.data = name_request(response.get_data(), _request_id())
        if request.args.get("_pretty") == "true" and response.mimetype == FHIR_JSON and g.get("format") != FHIR_XML:
            response.data = indent_json(response.get_data())
        if g.get("format") == FHIR_XML and response.mimetype == FHIR_JSON:
            response.status_code, body = write_in_xml(response.status_code, response.get_data(), rule_book)
            response.data, response.content_type = body, f"{FHIR_XML}; charset=utf-8"
        response.headers["X-Request-Id"] = _request_id()
        response.headers["X-Correlation-Id"] = _named("X-Correlation-Id") or _request_id()
        response.headers["Cache-Control"] = "no-store"
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        metrics.count_request(route, method, response.status_code, time.perf_counter() - _started_at())
        metrics.count_issues(g.get("issues", ()))
        return response

    @app.errorhandler(HTTPException)
    def http_fault(fault: HTTPException) -> Response:
        status, issue, headers = read_http_fault(fault)
        if isinstance(fault, ServiceUnavailable | TooManyRequests):
            metrics.count_turned_away(status)
        response = respond(answer_issues(status, [issue], rule_book))
        response.headers.extend(headers)
        return response

    @app.errorhandler(Exception)
    def bug(fault: Exception) -> Response:
        return respond(answer_issues(500, [log_fault(fault, _request_id())], rule_book))


def _operation() -> str:
    """Give what a document was sent for: the operation of its route, else the interaction of its method."""
    rule = request.url_rule.rule if request.url_rule else ""
    return rule.rpartition("/")[2] if "$" in rule else request.method.lower()


def _request_id() -> str:
    if "request_id" not in g:
        g.request_id = _named("X-Request-Id") or str(uuid4())
    return str(g.request_id)


def _named(header: str) -> str:
    """Give the id that a client sent in a header, nothing where it is none."""
    sent = request.headers.get(header, "")
    return sent if _REQUEST_ID.fullmatch(sent) else ""


def _started_at() -> float:
    started: float = g.get("started_at", time.perf_counter())
    return started
