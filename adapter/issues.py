"""Problems are values: an issue, how bad it is, and a step's value beside its issues.

Severities and codes are the FHIR R4 value sets issue-severity and issue-type and nothing else
(http://hl7.org/fhir/R4/valueset-issue-type.html). No issue text holds patient data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

__all__ = ["Issue", "IssueType", "Outcome", "Severity", "has_errors"]

T = TypeVar("T")


class Severity(StrEnum):
    """How bad an issue is: FHIR R4 issue-severity."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class IssueType(StrEnum):
    """What kind of problem an issue is: FHIR R4 issue-type."""

    INVALID = "invalid"
    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    SECURITY = "security"
    LOGIN = "login"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    SUPPRESSED = "suppressed"
    PROCESSING = "processing"
    NOT_SUPPORTED = "not-supported"
    DUPLICATE = "duplicate"
    MULTIPLE_MATCHES = "multiple-matches"
    NOT_FOUND = "not-found"
    DELETED = "deleted"
    TOO_LONG = "too-long"
    CODE_INVALID = "code-invalid"
    EXTENSION = "extension"
    TOO_COSTLY = "too-costly"
    BUSINESS_RULE = "business-rule"
    CONFLICT = "conflict"
    TRANSIENT = "transient"
    LOCK_ERROR = "lock-error"
    NO_STORE = "no-store"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    INCOMPLETE = "incomplete"
    THROTTLED = "throttled"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class Issue:
    """Name one problem, its place and its rule.

    `expression` is FHIRPath from the resource root, 0-based; for X12 it is `loop/segment/element`.
    `line` and `column` are 1-based places in the text as it was sent, where they are known. A verdict of validation tells
    more: `found` says what stood there, no patient's value, `resource` (Type/id) and `full_url` the entry that it is in;
    `page` is the address at which the rule is explained, `remedy` what a person can do about whatever breaks it.

    >>> Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route.").is_error
    True
    """

    severity: Severity
    code: IssueType
    rule: str
    text: str
    expression: tuple[str, ...] = ()
    citation: str | None = None
    line: int | None = None
    column: int | None = None
    found: str | None = None
    resource: str | None = None
    full_url: str | None = None
    page: str | None = None
    remedy: str | None = None

    @property
    def is_error(self) -> bool:
        """Tell whether the issue stops what it stands beside."""
        return self.severity in (Severity.ERROR, Severity.FATAL)


def has_errors(issues: Iterable[Issue]) -> bool:
    """Tell whether any issue is an error or fatal."""
    return any(issue.is_error for issue in issues)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """Hold a step's value and all that it found: an error among the issues means no value.

    >>> Outcome(3).value
    3
    """

    value: T | None
    issues: tuple[Issue, ...] = ()

    def __post_init__(self) -> None:
        if self.value is not None and has_errors(self.issues):
            object.__setattr__(self, "value", None)
