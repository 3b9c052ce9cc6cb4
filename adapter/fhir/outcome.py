"""OperationOutcome: the only place where issues become FHIR, and FHIR becomes issues again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from adapter.fhir.json import Tree
from adapter.fhir.systems import own_code_system, own_structure
from adapter.issues import Issue, IssueType, Severity

__all__ = ["ALL_OK", "read_outcome", "write_outcome"]

_RULES: Final = own_code_system("refill-rule")
# Extensions pack definitions that HAPI and the HL7 validator write too; R4 core has none of its own.
_LINE: Final = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
_COLUMN: Final = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"
_VERDICT: Final = own_structure("issue-verdict")
# What a verdict tells beside: the part of the extension, and the type of its value.
_TOLD: Final = (
    ("found", "valueString"), ("resource", "valueString"), ("full-url", "valueUri"), ("page", "valueUrl"),
    ("remedy", "valueString"),
)

ALL_OK: Final = Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, "outcome.all-ok", "No problem was found.")


def write_outcome(issues: Sequence[Issue]) -> Tree:
    """Write issues as an OperationOutcome; no issue gives one that says so.

    FHIR: OperationOutcome.issue with severity, code, details (rule and text), diagnostics (citation), expression, and
    line and column in their two standard extensions; what was found, the entry, the page of the rule and what a person can
    do in issue-verdict.

    >>> write_outcome([])["issue"][0]["code"]
    'informational'
    >>> told = Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route is told.", ("Device.extension",))
    >>> write_outcome([told])["issue"][0]["details"]["coding"][0]["code"]
    'route.missing'
    """
    return {"resourceType": "OperationOutcome", "issue": [_write_issue(issue) for issue in issues or [ALL_OK]]}


def read_outcome(tree: Tree) -> tuple[Issue, ...]:
    """Read the issues of an OperationOutcome, our own or another system's.

    A foreign issue has the rule `outcome.foreign` and its details, else its diagnostics, as text. A severity or type
    that R4 does not know is read on the safe side: error, and processing.

    >>> read_outcome({"resourceType": "OperationOutcome", "issue": [
    ...     {"severity": "warning", "code": "value", "diagnostics": "Odd."}]})[0].text
    'Odd.'
    """
    found = tree.get("issue")
    return tuple(_read_issue(part) for part in found if isinstance(part, dict)) if isinstance(found, list) else ()


def _write_issue(issue: Issue) -> Tree:
    tree: Tree = {}
    places = ((_LINE, issue.line), (_COLUMN, issue.column))
    extension: list[Tree] = [{"url": url, "valueInteger": place} for url, place in places if place is not None]
    told = [(url, key, getattr(issue, url.replace("-", "_"))) for url, key in _TOLD]
    parts = [{"url": url, key: text} for url, key, text in told if text]
    if parts:
        extension.append({"url": _VERDICT, "extension": parts})
    if extension:
        tree["extension"] = extension
    tree["severity"] = str(issue.severity)
    tree["code"] = str(issue.code)
    tree["details"] = {"coding": [{"system": _RULES, "code": issue.rule}], "text": issue.text}
    if issue.citation:
        tree["diagnostics"] = issue.citation
    if issue.expression:
        tree["expression"] = list(issue.expression)
    return tree


def _read_issue(tree: Tree) -> Issue:
    details = tree.get("details")
    details = details if isinstance(details, dict) else {}
    rule = next((coding["code"] for coding in _trees(details.get("coding")) if _is_rule(coding)), None)
    diagnostics = _text(tree.get("diagnostics"))
    text = _text(details.get("text")) or next(
        (shown for coding in _trees(details.get("coding")) if (shown := _text(coding.get("display")))), None
    )
    severity, code = _text(tree.get("severity")), _text(tree.get("code"))
    places = tree.get("expression") or tree.get("location") or []
    return Issue(
        Severity(severity) if severity in set(Severity) else Severity.ERROR,
        IssueType(code) if code in set(IssueType) else IssueType.PROCESSING,
        rule or "outcome.foreign",
        text or diagnostics or "The other system gave no text.",
        tuple(place for place in places if isinstance(place, str)) if isinstance(places, list) else (),
        diagnostics if rule is not None else None,
        _integer(tree, _LINE),
        _integer(tree, _COLUMN),
        *_read_verdict(tree),
    )


def _read_verdict(tree: Tree) -> Iterator[str | None]:
    inner = next((part.get("extension") for part in _trees(tree.get("extension")) if part.get("url") == _VERDICT), None)
    for url, key in _TOLD:
        yield next((text for part in _trees(inner) if part.get("url") == url and (text := _text(part.get(key)))), None)


def _trees(value: Any) -> list[Tree]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _is_rule(coding: Tree) -> bool:
    return coding.get("system") == _RULES and isinstance(coding.get("code"), str)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _integer(tree: Tree, url: str) -> int | None:
    found = [part.get("valueInteger") for part in _trees(tree.get("extension")) if part.get("url") == url]
    return found[0] if found and isinstance(found[0], int) else None
