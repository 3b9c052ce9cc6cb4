"""An answer: status, bytes of a resource and the issues in it; JSON, or XML where it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec

from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.outcome import ALL_OK, write_outcome
from adapter.fhir.systems import own_structure
from adapter.fhir.xml import encode_xml
from adapter.flow import RuleBook
from adapter.issues import Issue

__all__ = ["Answer", "answer_issues", "indent_json", "name_request", "write_in_xml"]

_OUTCOME: Final = b'{"resourceType":"OperationOutcome",'
_REQUEST_ID: Final = own_structure("request-id")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, the bytes of a resource, the issues in it, its type where that is not FHIR JSON, and headers."""

    status: int
    body: bytes
    issues: tuple[Issue, ...] = ()
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def answer_issues(status: int, issues: Sequence[Issue], rule_book: RuleBook) -> Answer:
    """Answer with an OperationOutcome, whose issues name the sources of their rules and the pages that explain them."""
    explained = rule_book.tables.explained(issues or (ALL_OK,))
    return Answer(status, encode_json(write_outcome(explained)), explained)


def name_request(body: bytes, request_id: str) -> bytes:
    """Write the id of a request into the OperationOutcome that refuses it; another body is left as it is.

    FHIR: OperationOutcome.extension request-id, which says what X-Request-Id says.

    >>> name_request(b'{"resourceType":"OperationOutcome","issue":[]}', "a-1")[:51]
    b'{"resourceType":"OperationOutcome","extension":[{"u'
    """
    if not body.startswith(_OUTCOME):
        return body
    told = encode_json({"extension": [{"url": _REQUEST_ID, "valueString": request_id}]})
    return _OUTCOME + told[1:-1] + b"," + body[len(_OUTCOME):]


def write_in_xml(status: int, body: bytes, rule_book: RuleBook) -> tuple[int, bytes]:
    """Write the JSON of an answer as XML; what XML has no place for is a 406 that says where."""
    written = encode_xml(decode_json(body, limit=len(body)).value or {}, rule_book.shapes)
    if written.value is not None:
        return status, written.value
    refusal = answer_issues(HTTPStatus.NOT_ACCEPTABLE, written.issues, rule_book)
    return write_in_xml(refusal.status, refusal.body, rule_book)


def indent_json(body: bytes) -> bytes:
    r"""Indent JSON for a reader; every number and text stays as it is written.

    >>> indent_json(b'{"a":1.50}')
    b'{\n  "a": 1.50\n}'
    """
    return msgspec.json.format(body, indent=2)
