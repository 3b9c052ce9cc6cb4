"""The Flask application: its routes, each a function of the body."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import OperationalError, TimeoutError as LockTimeoutError
from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.routing import BaseConverter

from adapter.fhir.json import encode_json
from adapter.http.answer import Answer
from adapter.http.capability import write_capability
from adapter.http.door import Work, make_app, respond
from adapter.http.preference import read_preference
from adapter.store import Store
from adapter.web.answers import answer_acknowledgement, answer_claims, answer_restored
from adapter.web.capability import add_resources
from adapter.web.claim_x12 import answer_from_x12, answer_kept_claim, answer_kept_to_x12, answer_kept_x12, answer_to_x12
from adapter.web.codes import add_code_routes
from adapter.web.definitions import add_definition_routes
from adapter.web.later import Jobs, answer_job, answer_taken_back
from adapter.web.probes import DESCRIPTION, add_probes
from adapter.web.resources import add_resource_routes
from adapter.web.service import Service
from adapter.web.submit import answer_submission, read_key
from adapter.web.tasks import answer_decision
from adapter.web.validation import Asked, answer_validation

__all__ = ["create_app"]


def create_app(service: Service) -> Flask:
    """Make the application of a service: nothing is read or opened here but what the service holds."""
    app, work = make_app(service.rule_book, service.limits)
    types = "|".join(sorted(service.rule_book.profiles.resources))
    app.url_map.converters["type"] = type("ResourceType", (BaseConverter,), {"regex": f"(?:{types})"})
    app.url_map.converters["id"] = type("ResourceId", (BaseConverter,), {"regex": r"[A-Za-z0-9\-.]{1,64}"})
    _add_operations(app, service, work)
    _add_x12(app, service, work)
    add_code_routes(app, service, work)
    add_definition_routes(app, service)
    if service.store is not None:
        _add_submission(app, service, service.store, work)
        add_resource_routes(app, service, service.store, work)
    else:
        _add_kept_claim(app, service)
    add_probes(app, service)
    for fault in (LockTimeoutError, OperationalError):
        app.register_error_handler(fault, _tell_busy)
    return app


def _tell_busy(_fault: Exception) -> Any:
    """Answer 503 where the store is busy or away: nothing was kept, and the request may come again."""
    return current_app.handle_http_exception(ServiceUnavailable(retry_after=5))


def _add_operations(app: Flask, service: Service, work: Work) -> None:
    started_at = service.clock()
    types = service.rule_book.profiles.resources

    @app.post("/fhir/$refill-to-claim")
    def refill_to_claim() -> Response:
        return work(lambda data: answer_claims(data, service))

    @app.post("/fhir/Claim/$claim-to-refill")
    def claim_to_refill() -> Response:
        return work(lambda data: answer_restored(data, service))

    @app.post("/fhir/<type:resource_type>/$validate")
    def validate(resource_type: str) -> Response:
        return work(lambda data: answer_validation(data, _asked(resource_type), service))

    @app.route("/fhir/<type:resource_type>/<id:identity>/$validate", methods=["GET", "POST"])
    def validate_instance(resource_type: str, identity: str) -> Response:
        return work(lambda data: answer_validation(data, _asked(resource_type, identity), service), may_be_empty=True)

    @app.get("/fhir/metadata")
    def metadata() -> Response:
        if request.args.get("mode") == "terminology":
            raise NotFound  # there is no TerminologyCapabilities
        told = write_capability(app.url_map, types, started_at, DESCRIPTION)
        return respond(Answer(200, encode_json(add_resources(told, app.url_map))))


def _add_x12(app: Flask, service: Service, work: Work) -> None:
    @app.post("/fhir/Claim/$to-x12")
    def claim_to_x12() -> Response:
        return work(lambda data: answer_to_x12(data, service))

    @app.get("/fhir/Claim/<id:identity>/$to-x12")
    def kept_x12(identity: str) -> Response:
        return respond(answer_kept_x12(identity, service))

    @app.post("/fhir/Claim/<id:identity>/$to-x12")
    def kept_claim_to_x12(identity: str) -> Response:
        return work(lambda _: answer_kept_to_x12(identity, service), may_be_empty=True)

    @app.post("/fhir/Claim/$from-x12")
    def claim_from_x12() -> Response:
        return work(lambda data: answer_from_x12(data, service), is_x12=True)

    @app.post("/fhir/$x12-acknowledge")
    def acknowledge_x12() -> Response:
        return work(lambda data: answer_acknowledgement(data, service), is_x12=True)


def _add_submission(app: Flask, service: Service, store: Store, work: Work) -> None:
    jobs = Jobs(service, store, {"submit": lambda data, head: answer_submission(data, head or None, service, store)})
    app.before_request(jobs.start)

    @app.post("/fhir/Claim/$submit")
    def submit() -> Response:
        key = request.headers.get("Idempotency-Key")
        is_later = read_preference(", ".join(request.headers.getlist("Prefer"))).is_async
        if is_later and (key is None or read_key(key) is not None):
            return work(lambda data: jobs.add("submit", data, key or ""))
        return work(lambda data: answer_submission(data, key, service, store))

    @app.post("/fhir/Task/<id:identity>/$decide")
    def decide(identity: str) -> Response:
        return work(lambda data: answer_decision(data, identity, service, store))

    @app.get("/fhir/_async/<id:identity>")
    def job(identity: str) -> Response:
        return respond(answer_job(identity, service, store))

    @app.delete("/fhir/_async/<id:identity>")
    def take_back(identity: str) -> Response:
        return respond(answer_taken_back(identity, service, store))


def _add_kept_claim(app: Flask, service: Service) -> None:
    @app.get("/fhir/Claim/<id:identity>")
    def kept_claim(identity: str) -> Response:
        return respond(answer_kept_claim(identity, service))


def _asked(resource_type: str, identity: str | None = None) -> Asked:
    """Read what the address asks of `$validate`."""
    profiles = tuple(dict.fromkeys(one for one in request.args.getlist("profile") if one))
    return Asked(resource_type, identity, profiles, request.args.get("mode") or None)
