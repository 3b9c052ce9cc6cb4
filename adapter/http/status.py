"""Issues to HTTP status: the only place that does it, and the issues of statuses that HTTP itself raises."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from http import HTTPStatus
from typing import Final

from adapter.issues import Issue, IssueType, Severity, has_errors

__all__ = ["http_issue", "status_of", "validation_status"]

_UNPARSABLE: Final = (
    "json.", "xml.", "document.x12", "parameters.", "submit.key-form", "x12.not-utf8", "x12.isa-unreadable",
    "x12.delimiters-unusable", "x12.control-character", "x12.segment-unreadable", "x12.terminator-missing",
)

# Status: FHIR issue type, rule, what is wrong, what to do.
_HTTP: Final = {
    400: (IssueType.STRUCTURE, "http.bad-request", "The request is not HTTP as it is written. Correct it."),
    404: (IssueType.NOT_FOUND, "http.not-found", "There is nothing here. GET /fhir/metadata lists what there is."),
    405: (
        IssueType.NOT_SUPPORTED, "http.method-not-allowed",
        "This method is not served here. Allow names those that are.",
    ),
    406: (IssueType.NOT_SUPPORTED, "http.not-acceptable", "Only JSON and XML are written. Ask for application/fhir+json."),
    408: (IssueType.TIMEOUT, "http.request-timeout", "The request did not arrive in time. Send it again."),
    411: (IssueType.STRUCTURE, "http.length-required", "The length of the body is not told. Send Content-Length."),
    413: (IssueType.TOO_LONG, "http.too-large", "The body is larger than 16 MiB. Send less at once."),
    414: (IssueType.TOO_LONG, "http.uri-too-long", "The address is too long. Send the data in the body."),
    415: (
        IssueType.NOT_SUPPORTED, "http.unsupported-media-type",
        "A body is plain application/fhir+json or fhir+xml in UTF-8, FHIR 4.0. Set Content-Type, leave out Content-Encoding.",
    ),
    417: (IssueType.NOT_SUPPORTED, "http.expectation-failed", "This expectation is not met. Leave out Expect."),
    429: (
        IssueType.THROTTLED, "http.too-many-requests",
        "More requests came from this address than the service allows it. Wait as long as Retry-After says.",
    ),
    431: (IssueType.TOO_LONG, "http.headers-too-large", "The headers are too large. Send fewer and shorter ones."),
    500: (IssueType.EXCEPTION, "http.internal-error", "The service failed on this request and logged it."),
    501: (IssueType.NOT_SUPPORTED, "http.not-implemented", "This transfer coding is not served. Send the body chunked."),
    503: (IssueType.TRANSIENT, "http.not-ready", "The service cannot take this now. Send it again later."),
}


def status_of(issues: Iterable[Issue], is_done: bool) -> HTTPStatus:
    """Give the status of an answer: 200 where it is done, 400 where the body was not understood, else 422.

    >>> status_of([Issue(Severity.ERROR, IssueType.STRUCTURE, "json.syntax", "Not JSON.")], False).value
    400
    >>> status_of([Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route.")], False).value
    422
    """
    if is_done:
        return HTTPStatus.OK
    errors = [issue for issue in issues if issue.is_error]
    if any(issue.rule.startswith(_UNPARSABLE) for issue in errors):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNPROCESSABLE_ENTITY


def validation_status(issues: Iterable[Issue], nominated: Collection[str]) -> HTTPStatus:
    """Give the status of `$validate`: 200 whatever was found, else 400.

    400 is for a body that cannot be read and for a nominated profile that is not known.
    """
    found = list(issues)
    unread = has_errors(found) and status_of(found, is_done=False) is HTTPStatus.BAD_REQUEST
    unknown = bool(nominated) and any(issue.rule == "profile.not-found" and issue.is_error for issue in found)
    return HTTPStatus.BAD_REQUEST if unread or unknown else HTTPStatus.OK


def http_issue(status: int) -> Issue:
    """Give the issue of a status that HTTP, the router or a bug raised.

    >>> http_issue(404).rule, http_issue(500).severity.value, http_issue(418).rule
    ('http.not-found', 'fatal', 'http.bad-request')
    """
    code, rule, text = _HTTP.get(status, _HTTP[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    severity = Severity.FATAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Severity.ERROR
    return Issue(severity, code, rule, text)
