"""The Flask application of the payer: one door for a Claim, under three addresses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response
from werkzeug.exceptions import ServiceUnavailable

from adapter.deliver import deliver_to_folder
from adapter.fhir.document import decode_document
from adapter.fhir.json import encode_json
from adapter.fhir.receipt import read_received
from adapter.fhir.xml import is_xml
from adapter.flow import RuleBook, validate_document
from adapter.http.answer import Answer, answer_issues
from adapter.http.capability import write_capability
from adapter.http.door import make_app, respond
from adapter.http.media import EDI_X12
from adapter.http.status import status_of
from adapter.issues import has_errors
from adapter.payer.acknowledgement import Manner, answer_837
from adapter.payer.behaviour import Behaviour
from adapter.payer.response import write_response

__all__ = ["Payer", "create_payer"]

_DESCRIPTION = "A payer to test against. POST /fhir/Claim and POST /fhir take a Claim as Claim/$submit does; POST /x12 an 837."

_AGAIN = 5  # seconds after which a sender may try a payer again that could not keep its claim


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Payer:
    """The parts of one running payer; without a folder nothing is kept, and control numbers come from the clock."""

    rule_book: RuleBook
    folder: Path | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    clock: Callable[[], datetime] = _now
    take_number: Callable[[], int] | None = None


def create_payer(payer: Payer) -> Flask:
    """Make the application of a payer."""
    app, work = make_app(payer.rule_book)
    started_at = payer.clock()

    @app.post("/fhir")
    @app.post("/fhir/Claim")
    @app.post("/fhir/Claim/$submit")
    def submit() -> Response:
        response = work(lambda data: _answer(data, payer))
        if response.status_code == HTTPStatus.OK:
            time.sleep(payer.behaviour.seconds)
        return response

    @app.post("/x12")
    def take_x12() -> Response:
        response = work(lambda data: _answer_x12(data, payer), is_x12=True)
        if response.status_code == HTTPStatus.OK:
            time.sleep(payer.behaviour.seconds)
        return response

    @app.get("/fhir/metadata")
    def metadata() -> Response:
        return respond(Answer(200, encode_json(write_capability(app.url_map, ["Claim"], started_at, _DESCRIPTION))))

    return app


def _answer(data: bytes, payer: Payer) -> Answer:
    """Answer a Claim, or a Bundle with one: kept first, under the SHA-256 of the body, then answered.

    400 where it cannot be read, 422 where it is not valid or cannot be answered, 503 where it cannot be
    kept (ServiceUnavailable).
    """
    issues = validate_document(data, payer.rule_book)
    tree = decode_document(data, payer.rule_book.shapes).value
    if tree is None or has_errors(issues):
        return answer_issues(status_of(issues, is_done=False), issues, payer.rule_book)
    digest = sha256(data).hexdigest()
    received = read_received(tree, digest)
    if received.value is None:
        return answer_issues(status_of(received.issues, is_done=False), received.issues, payer.rule_book)
    _keep(f"claim-{digest}.{'xml' if is_xml(data) else 'json'}", data, payer)
    written = write_response(received.value, payer.behaviour.answer, payer.clock())
    return Answer(HTTPStatus.OK, encode_json(written), issues)


def _keep(name: str, data: bytes, payer: Payer) -> None:
    if payer.folder is not None:
        try:
            deliver_to_folder(payer.folder, name, data)
        except OSError as error:
            raise ServiceUnavailable(retry_after=_AGAIN) from error


def _answer_x12(data: bytes, payer: Payer) -> Answer:
    """Answer an 837, kept first: 277CA as it was told, 999 where it breaks its rules; 400 where nothing of it can be read.

    503 where no control number can be handed out (ServiceUnavailable).
    """
    try:
        written = answer_837(data, payer.rule_book, Manner(payer.behaviour.answer, payer.clock(), payer.take_number))
    except OSError as error:
        raise ServiceUnavailable from error
    if written.value is None:
        return answer_issues(status_of(written.issues, is_done=False), written.issues, payer.rule_book)
    _keep(f"claim-{sha256(data).hexdigest()}.x12", data, payer)
    return Answer(HTTPStatus.OK, written.value.encode("ascii"), content_type=EDI_X12)
