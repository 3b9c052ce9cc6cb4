"""`Claim/$submit`: a claim is validated, kept with all that belongs to it in one transaction, queued for its payer, and answered.

Source: http://hl7.org/fhir/R4/claim-operation-submit.html; keys: draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import Final

from adapter.http.answer import Answer, answer_issues
from adapter.http.status import status_of
from adapter.issues import Issue, IssueType, Severity
from adapter.store import KeptAnswer, Store
from adapter.web.service import Service
from adapter.web.submission import keep_submission, prepare_submission

__all__ = ["answer_submission", "read_key"]

_MOST: Final = 255
_OTHER_BODY: Final = Issue(
    Severity.ERROR, IssueType.CONFLICT, "submit.key-reused", "This Idempotency-Key has answered another body. Send another "
    "claim under a key of its own, and the same claim with the same body.",
)
_BAD_KEY: Final = Issue(
    Severity.ERROR, IssueType.VALUE, "submit.key-form", "The Idempotency-Key is not 1 to 255 printable characters of ASCII, in "
    "quotation marks or bare. Send a UUID.",
)


def read_key(header: str) -> str | None:
    """Read an Idempotency-Key, a string of structured fields or bare; None where it is neither.

    >>> read_key('"8e03978e-40d5-43dd-bc93-6894a57f9324"'), read_key("")
    ('8e03978e-40d5-43dd-bc93-6894a57f9324', None)
    """
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    is_sound = 0 < len(key) <= _MOST and key.isascii() and key.isprintable() and '"' not in key
    return key if is_sound else None


def answer_submission(data: bytes, header: str | None, service: Service, store: Store) -> Answer:
    """Answer `Claim/$submit`, once everything is durable: 200 with the ClaimResponse (queued) of each claim, in their order.

    The same Idempotency-Key, or without one the same body, is answered as it was before, by whichever process. 400 where body
    or key cannot be read, 422 where the claim is refused or held or the key has answered another body, 409 where a
    Claim.identifier is here already.
    """
    key = read_key(header) if header is not None else None
    if header is not None and key is None:
        return _refuse(_BAD_KEY, service)
    now, digest = service.clock(), sha256(data).hexdigest()
    name = f"key:{key}" if key is not None else f"body:{digest}"
    with store.reading() as unit:
        known = unit.find_answer(name, now)
        if known is not None and _is_final(known, digest):
            return _repeat(known, digest, service)
        submission = prepare_submission(data, service, unit)
    with store.begin() as unit:
        unit.hold(f"key:{sha256(name.encode()).hexdigest()}")
        known = unit.find_answer(name, now)  # who waited for the same one is answered as that was
        if known is not None and _is_final(known, digest):
            return _repeat(known, digest, service)
        answer = keep_submission(unit, data, submission, service)
        if key is not None or answer.status == HTTPStatus.OK:
            unit.keep_answer(name, KeptAnswer(digest, answer.status, answer.body), now)
    return answer


def _is_final(known: KeptAnswer, digest: str) -> bool:
    """Tell whether an answer stands: what was refused for what a person can mend here is looked at again."""
    return known.digest != digest or known.status in (HTTPStatus.OK, HTTPStatus.CONFLICT)


def _refuse(issue: Issue, service: Service) -> Answer:
    return answer_issues(status_of((issue,), is_done=False), (issue,), service.rule_book)


def _repeat(known: KeptAnswer, digest: str, service: Service) -> Answer:
    if known.digest != digest:
        return _refuse(_OTHER_BODY, service)
    return Answer(known.status, known.body)
