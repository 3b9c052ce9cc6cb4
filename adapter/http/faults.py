"""The last handler: what HTTP, the router or a bug raises becomes an OperationOutcome, and a bug a line in the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import uuid4

import structlog
from werkzeug.exceptions import HTTPException

from adapter.bug import tell_bug
from adapter.http.media import FHIR_JSON, FHIR_XML
from adapter.http.status import http_issue
from adapter.issues import Issue

__all__ = ["log_fault", "read_http_fault"]

_LOG = structlog.wrap_logger(
    structlog.PrintLogger(),
    processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
)

_HEADERS: Final = {
    415: (("Accept", f"{FHIR_JSON}, {FHIR_XML}"), ("Accept-Encoding", "identity")),
}


def read_http_fault(fault: HTTPException) -> tuple[int, Issue, list[tuple[str, str]]]:
    """Read status, issue and headers of an HTTP fault; its own text, which may quote the request, is left.

    Headers: Allow of 405; what is taken instead, of 415 (RFC 9110 section 15.5.16); Retry-After of 429 and 503, where the
    fault knows when there will be room.
    """
    status = fault.code or 500
    told = [(name, value) for name, value in fault.get_headers() if name in ("Allow", "Retry-After")]
    return status, http_issue(status), [*told, *_HEADERS.get(status, ())]


def log_fault(fault: BaseException, request_id: str) -> Issue:
    """Log a bug and give its issue."""
    log_id = str(uuid4())
    _LOG.error("fault", request_id=request_id, **tell_bug(fault, log_id))
    issue = http_issue(500)
    return replace(issue, text=f"{issue.text} Tell the operator this log id: {log_id}.")
