"""The last handler: what HTTP, the router or a bug raises becomes an OperationOutcome, and a bug a line in the log."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import Final
from uuid import uuid4

import structlog
from werkzeug.exceptions import HTTPException

from adapter.issues import Issue
from adapter.web.media import FHIR_JSON
from adapter.web.status import http_issue

__all__ = ["log_fault", "read_http_fault"]

_LOG = structlog.wrap_logger(
    structlog.PrintLogger(),
    processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
)

_HEADERS: Final = {
    415: (("Accept", FHIR_JSON), ("Accept-Encoding", "identity")),
    503: (("Retry-After", "5"),),
}


def read_http_fault(fault: HTTPException) -> tuple[int, Issue, list[tuple[str, str]]]:
    """Read status, issue and headers of an HTTP fault; its own text, which may quote the request, is left.

    Headers: Allow of 405; what is taken instead, of 415 (RFC 9110 section 15.5.16); when to come again, of 503.
    """
    status = fault.code or 500
    allow = [(name, value) for name, value in fault.get_headers() if name == "Allow"]
    return status, http_issue(status), [*allow, *_HEADERS.get(status, ())]


def log_fault(fault: BaseException, request_id: str) -> Issue:
    """Log a bug and give its issue: type and places in the code, no message and no value of the input."""
    log_id = str(uuid4())
    frames = traceback.extract_tb(fault.__traceback__)
    places = [f"{frame.filename.rpartition('/adapter/')[2]}:{frame.lineno}" for frame in frames]
    _LOG.error("fault", log_id=log_id, request_id=request_id, kind=type(fault).__name__, places=places[-8:])
    issue = http_issue(500)
    return replace(issue, text=f"{issue.text} Tell the operator this log id: {log_id}.")
