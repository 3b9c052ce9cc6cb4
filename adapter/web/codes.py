"""Questions about codes over HTTP: ConceptMap/$translate, ValueSet/$validate-code, CodeSystem/$lookup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, request

from adapter.fhir.code_answer import lookup_code, translate_code, validate_code
from adapter.fhir.code_library import CodeLibrary, read_library
from adapter.fhir.code_question import CodeQuestion, gather_parameters, read_question
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, encode_json
from adapter.fhir.terminology import write_terminology
from adapter.flow import RuleBook
from adapter.http.answer import Answer, answer_issues
from adapter.http.door import Work, respond
from adapter.http.status import status_of
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.web.service import Service

__all__ = ["add_code_routes", "answer_question"]

Ask = Callable[[CodeQuestion, CodeLibrary], Outcome[Tree]]

_OPERATIONS: Final[Mapping[str, Ask]] = {
    "ConceptMap/$translate": translate_code, "ValueSet/$validate-code": validate_code, "CodeSystem/$lookup": lookup_code,
}
_NO_PARAMETERS: Final = Issue(
    Severity.ERROR, IssueType.STRUCTURE, "parameters.none",
    "The body is no Parameters resource. Send one, or ask by GET with the parameters in the address.", ("Resource",),
)


def add_code_routes(app: Flask, service: Service, work: Work) -> None:
    """Add a route for each operation, by GET with a query and by POST with Parameters.

    The tables are read when first asked, and anew when they have changed.
    """
    kept: list[tuple[CodeLibrary, RuleBook]] = []

    def context() -> tuple[CodeLibrary, RuleBook]:
        rule_book = service.rule_book
        if not kept or kept[0][1] is not rule_book:
            kept[:] = [(read_library(write_terminology(rule_book.tables)), rule_book)]
        return kept[0]

    def add(path: str, ask: Ask) -> None:
        def answer() -> Response:
            if request.method == "POST":
                return work(lambda data: _answer_body(data, ask, context()))
            return respond(answer_question(request.args.to_dict(flat=False), ask, context()))

        app.add_url_rule(f"/fhir/{path}", path.rpartition("$")[2], answer, methods=["GET", "POST"])

    for path, ask in _OPERATIONS.items():
        add(path, ask)


def _answer_body(data: bytes, ask: Ask, context: tuple[CodeLibrary, RuleBook]) -> Answer:
    decoded = decode_document(data, context[1].shapes)
    if decoded.value is None:
        return answer_issues(status_of(decoded.issues, is_done=False), decoded.issues, context[1])
    if decoded.value.get("resourceType") != "Parameters":
        return answer_issues(HTTPStatus.BAD_REQUEST, (_NO_PARAMETERS,), context[1])
    return answer_question(gather_parameters(decoded.value), ask, context)


def answer_question(parameters: Mapping[str, Sequence[Any]], ask: Ask, context: tuple[CodeLibrary, RuleBook]) -> Answer:
    """Answer a question: 200 with Parameters, 400 where it cannot be read, 404 where what it names is not here."""
    library, rule_book = context
    question = read_question(parameters)
    if question.value is None:
        return answer_issues(HTTPStatus.BAD_REQUEST, question.issues, rule_book)
    told = ask(question.value, library)
    if told.value is None:
        return answer_issues(HTTPStatus.NOT_FOUND, told.issues, rule_book)
    return Answer(HTTPStatus.OK, encode_json(told.value))
