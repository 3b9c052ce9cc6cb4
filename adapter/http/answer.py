"""An answer: status, bytes of a resource and the issues in it; JSON, or XML where it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.outcome import ALL_OK, write_outcome
from adapter.fhir.xml import encode_xml
from adapter.flow import RuleBook
from adapter.issues import Issue

__all__ = ["Answer", "answer_issues", "write_in_xml"]


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


def write_in_xml(status: int, body: bytes, rule_book: RuleBook) -> tuple[int, bytes]:
    """Write the JSON of an answer as XML; what XML has no place for is a 406 that says where."""
    written = encode_xml(decode_json(body, limit=len(body)).value or {}, rule_book.shapes)
    if written.value is not None:
        return status, written.value
    refusal = answer_issues(HTTPStatus.NOT_ACCEPTABLE, written.issues, rule_book)
    return write_in_xml(refusal.status, refusal.body, rule_book)
