"""A claim between FHIR and X12 over HTTP: Claim/$to-x12, also of a claim that is kept, and Claim/$from-x12; Claim/{id}."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from adapter.bulk import build_restoring_context, keep_sent, make_envelope
from adapter.deliver import gather_bundles
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.flow import read_claims, read_x12, validate_document, write_read_claims
from adapter.http.answer import Answer, answer_issues
from adapter.http.media import EDI_X12
from adapter.http.status import status_of
from adapter.issues import Issue, IssueType, Severity
from adapter.web.service import Service
from adapter.x12 import write_837
from adapter.x12.guide_payer import validate_payers
from adapter.x12.text import is_x12

__all__ = [
    "answer_from_x12", "answer_kept_claim", "answer_kept_to_x12", "answer_kept_x12", "answer_to_x12", "claim_of",
]

_NO_SITE: Final = Issue(
    Severity.ERROR, IssueType.NOT_FOUND, "x12.site-missing", "No site file here is that of the claim's billing provider, so "
    "nobody is known to send or to take the 837. Serve with that site file.", ("Claim.provider",),
)
_NOT_KEPT: Final = Issue(
    Severity.ERROR, IssueType.NOT_FOUND, "claim.not-kept", "No claim of this patient control number is kept here. Make it with "
    "$refill-to-claim on a service that has a store.", ("Claim.id",),
)


def answer_to_x12(data: bytes, service: Service) -> Answer:
    """Answer `Claim/$to-x12`: a Claim or claim Bundle in, the text of its 837 out, as `application/edi-x12`.

    400 where the body is no FHIR, 422 where the claim cannot be written; the answer is then an OperationOutcome. X12: the
    submitter and the receiver are those of the site of the billing provider. With a store the control numbers are its own,
    and the 837 is kept before it is given, so that an answer to it finds its claims; without one they come from the clock.
    """
    if is_x12(data):
        return _refuse(validate_document(data, service.rule_book), service)
    workplace = service.workplace()
    claims = read_claims(data, build_restoring_context(data, workplace))
    if claims.value is None:
        return _refuse(claims.issues, service)
    site = workplace.sites.get(claims.value[0].billing_provider.npi)
    if site is None:
        return _refuse((*claims.issues, _NO_SITE), service)
    refused = service.rule_book.tables.cited(validate_payers(claims.value, site.payers))
    if refused:
        return _refuse((*claims.issues, *refused), service)
    number = service.store.take_control_number() if service.store is not None else None
    written = write_837(claims.value, make_envelope(site, workplace.now, "P", number))
    issues = claims.issues + written.issues
    if written.value is None:
        return _refuse(issues, service)
    text = written.value.encode()
    if service.store is not None:
        keep_sent(text, service.store, workplace.now)
    return Answer(HTTPStatus.OK, text, issues, EDI_X12)


def answer_kept_claim(identity: str, service: Service) -> Answer:
    """Answer `Claim/{id}`: the Claim that was submitted, or the newest that was made here under this patient control number.

    404 where there is none. The references of one that was only made are those of the claim Bundle in which it was given.
    """
    submitted = _find_submitted(identity, service)
    if submitted is not None:
        return Answer(HTTPStatus.OK, submitted)
    bundle = _find_bundle(identity, service)
    if bundle is None:
        return answer_issues(HTTPStatus.NOT_FOUND, [_NOT_KEPT], service.rule_book)
    return Answer(HTTPStatus.OK, encode_json({**claim_of(bundle), "id": identity}))


def answer_kept_x12(identity: str, service: Service) -> Answer:
    """Answer `GET Claim/{id}/$to-x12`: the newest 837 that is kept of the claim, as it was sent; 404 where there is none."""
    found = None
    if service.store is not None:
        with service.store.reading() as unit:
            kept = unit.find_interchanges(identifier=identity)
            found = unit.find_queued(identity) or (kept[0] if kept else None)
    if found is None:
        return answer_issues(HTTPStatus.NOT_FOUND, [_NOT_KEPT], service.rule_book)
    return Answer(HTTPStatus.OK, found, content_type=EDI_X12)


def answer_kept_to_x12(identity: str, service: Service) -> Answer:
    """Answer `POST Claim/{id}/$to-x12`: the 837 of a claim that was made here, as `Claim/$to-x12` writes it.

    Of one that was submitted it is the 837 as it was kept then.
    """
    if service.store is not None:
        with service.store.reading() as unit:
            queued = unit.find_queued(identity)
        if queued is not None:
            return Answer(HTTPStatus.OK, queued, content_type=EDI_X12)
    bundle = _find_bundle(identity, service)
    if bundle is None:
        return answer_issues(HTTPStatus.NOT_FOUND, [_NOT_KEPT], service.rule_book)
    return answer_to_x12(bundle, service)


def claim_of(bundle: bytes) -> Tree:
    """Give the Claim of a claim Bundle that is kept here, wherever it stands in it."""
    entries = (decode_json(bundle).value or {})["entry"]
    return next(entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Claim")


def _find_submitted(identity: str, service: Service) -> bytes | None:
    if service.store is None:
        return None
    with service.store.reading() as unit:
        kept = unit.find("Claim", identity)
    return kept.data if kept is not None else None


def _find_bundle(identity: str, service: Service) -> bytes | None:
    kept = service.store.find_claims(identity) if service.store is not None else []
    return kept[0].bundle if kept else None


def answer_from_x12(data: bytes, service: Service) -> Answer:
    """Answer `Claim/$from-x12`: the text of an 837 in, its claims out, each in a claim Bundle.

    What the file says and a Claim has no place for stands last, in an OperationOutcome. 400 where the body is no
    interchange, 422 where it holds no claim, or one that contradicts itself.
    """
    context = build_restoring_context(data, service.workplace())
    claims = read_x12(data, context)
    if claims.value is None:
        return _refuse(claims.issues, service)
    written = write_read_claims(claims.value, context)
    issues = claims.issues + written.issues
    if written.value is None:
        return _refuse(issues, service)
    return Answer(HTTPStatus.OK, gather_bundles(written.value, issues), issues)


def _refuse(issues: Iterable[Issue], service: Service) -> Answer:
    told = tuple(issues)
    return answer_issues(status_of(told, is_done=False), told, service.rule_book)
