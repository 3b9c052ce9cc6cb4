"""The answer of each operation: body in, status and body out, without a word about HTTP's own matters."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from adapter.bulk import Answering, acknowledge, build_context, pair_claims, restore_kept
from adapter.deliver import gather_bundles
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, encode_json
from adapter.fhir.position import locate_issues
from adapter.flow import code_document, validate_document, write_claims
from adapter.http.answer import Answer, answer_issues
from adapter.http.status import status_of, validation_status
from adapter.issues import Issue, IssueType, Severity, has_errors
from adapter.web.service import Service
from adapter.x12.text import is_x12

__all__ = ["answer_acknowledgement", "answer_claims", "answer_restored", "answer_validation"]


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


def answer_acknowledgement(data: bytes, service: Service) -> Answer:
    """Answer `$x12-acknowledge`: TA1, 999, 277CA or 835 in; a Bundle of what they say out, an OperationOutcome last.

    Each answer is matched to its claim and kept beside it. 400 where the body is no interchange, 422 where it breaks the
    rules of its guide or does not balance: nothing of it is kept then.
    """
    outcome = acknowledge(data, Answering(service.workplace(), service.store))
    if outcome.value is None:
        return answer_issues(status_of(outcome.issues, is_done=False), outcome.issues, service.rule_book)
    return Answer(HTTPStatus.OK, outcome.value)


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
