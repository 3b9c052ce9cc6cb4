"""The answer of each operation: body in, status and body out, without a word about HTTP's own matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from adapter.bulk import build_context, pair_claims, restore_kept
from adapter.deliver import gather_bundles
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.outcome import ALL_OK, write_outcome
from adapter.fhir.position import locate_issues
from adapter.fhir.xml import encode_xml
from adapter.flow import RuleBook, code_document, validate_document, write_claims
from adapter.issues import Issue, IssueType, Severity, has_errors
from adapter.web.service import Service
from adapter.web.status import status_of, validation_status
from adapter.x12.text import is_x12

__all__ = [
    "OTHER_FORMAT", "Answer", "answer_claims", "answer_issues", "answer_restored", "answer_validation", "write_in_xml",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, the bytes of a resource, and the issues in it."""

    status: int
    body: bytes
    issues: tuple[Issue, ...] = ()


def answer_issues(status: int, issues: Sequence[Issue], rule_book: RuleBook) -> Answer:
    """Answer with an OperationOutcome, whose issues name the sources of their rules."""
    cited = rule_book.tables.cited(issues or (ALL_OK,))
    return Answer(status, encode_json(write_outcome(cited)), cited)


def answer_claims(data: bytes, service: Service) -> Answer:
    """Answer `$refill-to-claim`: the claim Bundle, with an OperationOutcome last for what there is to say.

    200 where a record is coded or there is nothing to bill, 422 where nothing is coded and something is held, 400 where
    the body cannot be read. With a store, the body and its claims are kept before the answer is given.
    """
    workplace = service.workplace()
    context = build_context(data, workplace)
    if context.value is None:
        return answer_issues(status_of(context.issues, is_done=False), context.issues, service.rule_book)
    answer = code_document(data, context.value)
    outcomes = write_claims(answer, context.value)
    made = pair_claims(answer, outcomes)
    issues = answer.all_issues + tuple(issue for outcome in outcomes for issue in outcome.issues)
    done = bool(made) or not (answer.is_stopped or has_errors(issues))
    status = status_of(issues, done)
    if not done:
        return answer_issues(status, locate_issues(data, issues), service.rule_book)
    if service.store is not None and made:
        service.store.keep(data, made, workplace.now)
    return Answer(status, gather_bundles([bundle for _, bundle in made], issues), issues)


def answer_restored(data: bytes, service: Service) -> Answer:
    """Answer `Claim/$claim-to-refill`: the clinical Bundle.

    A claim that was made and kept here gives the document that it was made of. What there is to say stands last in it, in
    an OperationOutcome. The text of an 837 is no JSON, and is refused like any other.
    """
    if is_x12(data):
        return answer_issues(HTTPStatus.BAD_REQUEST, validate_document(data, service.rule_book), service.rule_book)
    outcome = restore_kept(data, service.workplace(), service.store)
    if outcome.value is None:
        return answer_issues(status_of(outcome.issues, is_done=False), outcome.issues, service.rule_book)
    return Answer(HTTPStatus.OK, gather_bundles([outcome.value], outcome.issues), outcome.issues)


def answer_validation(data: bytes, resource_type: str, profile: str | None, service: Service) -> Answer:
    """Answer `{type}/$validate`: an OperationOutcome with 200, whether or not the resource is valid.

    The body is the resource, or Parameters with `resource` and perhaps `profile`.
    """
    tree = decode_document(data, service.rule_book.shapes).value
    unwrapped = isinstance(tree, dict) and tree.get("resourceType") == "Parameters" and resource_type != "Parameters"
    if unwrapped and tree is not None:
        parameters = _parameters(tree)
        resource = parameters.get("resource")
        profile = profile or parameters.get("profile")
        if not isinstance(resource, dict):
            return answer_issues(HTTPStatus.BAD_REQUEST, (_NO_RESOURCE,), service.rule_book)
        tree, data = resource, encode_json(resource)
    issues = validate_document(data, service.rule_book, profile)
    if isinstance(tree, dict) and isinstance(tree.get("resourceType"), str) and tree["resourceType"] != resource_type:
        issues = (*issues, _OTHER_TYPE)
    return answer_issues(validation_status(issues, profile), issues, service.rule_book)


def write_in_xml(status: int, body: bytes, rule_book: RuleBook) -> tuple[int, bytes]:
    """Write the JSON of an answer as XML; what XML has no place for is a 406 that says where."""
    written = encode_xml(decode_json(body, limit=len(body)).value or {}, rule_book.shapes)
    if written.value is not None:
        return status, written.value
    refusal = answer_issues(HTTPStatus.NOT_ACCEPTABLE, written.issues, rule_book)
    return write_in_xml(refusal.status, refusal.body, rule_book)


OTHER_FORMAT = Issue(
    Severity.ERROR, IssueType.STRUCTURE, "http.other-format",
    "The body is of another format than Content-Type names. Set it to application/fhir+json or application/fhir+xml.",
)
_NO_RESOURCE = Issue(
    Severity.ERROR, IssueType.REQUIRED, "parameters.resource-missing",
    "The Parameters hold no resource; a parameter named resource was expected. Add it, or send the resource itself.",
    ("Parameters.parameter",),
)
_OTHER_TYPE = Issue(
    Severity.ERROR, IssueType.INVALID, "validate.other-type",
    "The resource is of another type than the address names. Send it to the address of its own type.",
)


def _parameters(tree: Tree) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts = tree.get("parameter")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and part.get("name") == "resource":
            found["resource"] = part.get("resource")
        if isinstance(part, dict) and part.get("name") == "profile":
            values = [value for key, value in part.items() if key.startswith("value") and isinstance(value, str)]
            found["profile"] = values[0] if values else None
    return found
