"""The shape that an issue has wherever a command prints it as JSON: contract, section 4; a verdict of validation tells more."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result

from adapter.issues import IssueType, Severity

__all__ = ["broken_issues", "told"]

_ISSUE = {"severity", "code", "rule", "text", "expression", "line", "column", "citation"}
_VERDICT = _ISSUE | {"found", "resource", "full_url", "page"}
_PLACES = ("line", "column")


def told(result: Result) -> list[dict[str, Any]]:
    """Give the objects that a command printed, one a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def broken_issues(value: Any) -> list[object]:
    """Find, under every `issues` in a value, what has not the shape of an issue."""
    if isinstance(value, list):
        return [one for part in value for one in broken_issues(part)]
    if not isinstance(value, dict):
        return []
    found = [one for one in value.get("issues", []) if not _is_issue(one)]
    return found + [one for name, part in value.items() if name != "result" for one in broken_issues(part)]


def _is_issue(issue: Any) -> bool:
    return (
        isinstance(issue, dict)
        and set(issue) in (_ISSUE, _VERDICT)
        and issue["severity"] in list(Severity)
        and issue["code"] in list(IssueType)
        and all(isinstance(issue[name], str) and issue[name] for name in ("rule", "text"))
        and isinstance(issue["expression"], list)
        and all(issue[name] is None or isinstance(issue[name], int) for name in _PLACES)
        and isinstance(issue["citation"], str)
    )
