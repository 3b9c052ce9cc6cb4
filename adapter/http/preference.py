"""What a head asks of a request that changes or searches: Prefer, and the conditions on versions.

Source: RFC 7240; http://hl7.org/fhir/R4/http.html#ops, #versioning, #cond-update.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["Conditions", "Preference", "read_conditions", "read_preference"]

_RETURNS: Final = ("minimal", "representation", "OperationOutcome")
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Preference:
    """What an answer shall hold, whether an unknown parameter is refused, and whether the answer may come later."""

    answer: str | None = None
    is_strict: bool = False
    is_async: bool = False


def read_preference(text: str) -> Preference:
    """Read Prefer: values stand between commas or semicolons, the first of a name counts, unknown ones are ignored.

    >>> read_preference("return=presentation; handling=strict, return=minimal")
    Preference(answer='minimal', is_strict=True, is_async=False)
    """
    told = [part.strip().strip('"') for part in re.split("[,;]", text)]
    answers = [part.removeprefix("return=").strip('"') for part in told if part.startswith("return=")]
    return Preference(
        next((one for one in answers if one in _RETURNS), None), "handling=strict" in told, "respond-async" in told
    )


@dataclass(frozen=True, slots=True)
class Conditions:
    """The versions that must be there, those that must not, a time, and the query of a conditional create."""

    match: tuple[str, ...] | None = None
    none_match: tuple[str, ...] | None = None
    since: datetime | None = None
    none_exist: str | None = None


def read_conditions(head: Mapping[str, str]) -> Conditions:
    """Read If-Match, If-None-Match, If-Modified-Since and If-None-Exist; a date that is none is ignored (RFC 9110 13.1.3).

    >>> read_conditions({"If-Match": 'W/"3"'}).match
    ('3',)
    """
    since = None
    try:
        since = parsedate_to_datetime(head.get("If-Modified-Since", ""))
    except ValueError:
        since = None
    if since is not None and since.tzinfo is None:
        since = None
    return Conditions(_tags(head.get("If-Match")), _tags(head.get("If-None-Match")), since, head.get("If-None-Exist"))


def _tags(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return ("*",) if text.strip() == "*" else tuple(_TAG.findall(text)) or (text.strip(),)
