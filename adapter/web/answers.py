"""The answer of each operation: body in, status and body out, without a word about HTTP's own matters."""

from __future__ import annotations

from http import HTTPStatus

from adapter.bulk import Answering, acknowledge, build_context, pair_claims, restore_kept
from adapter.deliver import gather_bundles
from adapter.fhir.position import locate_issues
from adapter.flow import code_document, validate_document, write_claims
from adapter.http.answer import Answer, answer_issues
from adapter.http.status import status_of
from adapter.issues import has_errors
from adapter.web.service import Service
from adapter.x12.text import is_x12

__all__ = ["answer_acknowledgement", "answer_claims", "answer_restored"]


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
