"""Regular expressions that cannot hang: RE2, whose time is linear in the text (docs/decisions/0020)."""

from __future__ import annotations

from typing import Any, Final

import re2

from adapter.fhirpath.faults import PathError

__all__ = ["compile_pattern"]

_MAX_LENGTH: Final = 4_000


def compile_pattern(pattern: str) -> Any:
    r"""Compile a pattern in single-line mode: a dot matches every character, ^ and $ the ends of the text (N1, 5.6).

    What RE2 has not (look-around, back references) raises PathError.

    >>> bool(compile_pattern("^a.b$").search("a\nb"))
    True
    """
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    if len(pattern) > _MAX_LENGTH:
        raise PathError(f"The regular expression is longer than {_MAX_LENGTH} characters")
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise PathError(f"The regular expression cannot be run: {_told(error)}") from None


def _told(error: Exception) -> str:
    reason = error.args[0] if error.args else b""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
