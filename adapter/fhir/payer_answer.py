"""What a payer's endpoint says to `Claim/$submit`: the ClaimResponse to the claim that was sent, or issues.

Source: http://hl7.org/fhir/R4/claim-operation-submit.html.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from adapter.fhir.json import Tree, decode_json
from adapter.fhir.outcome import read_outcome
from adapter.issues import Issue, IssueType, Severity, has_errors

__all__ = ["Verdict", "read_payer_answer"]

_OK: Final = range(200, 300)
_LATER: Final = 202
_REFUSED: Final = 400


_LATER_ANSWER: Final = Issue(
    Severity.WARNING, IssueType.INCOMPLETE, "payer.answers-later", "The payer took the claim and will answer later. Ask where it "
    "says (Content-Location), or the payer.",
)


class Verdict(NamedTuple):
    """What came back, if it is FHIR, beside what is wrong with it or with the claim: a refusal is shown too."""

    resource: Tree | None
    issues: tuple[Issue, ...] = ()


def read_payer_answer(status: int, body: bytes, sent: Tree) -> Verdict:
    """Read the answer to a claim Bundle: the resource that came back, with what is wrong with it or with the claim.

    The resource is a ClaimResponse, a Bundle that holds it, or an OperationOutcome; whatever came is given, and there is an
    error where the payer refused the claim, rejected it (ClaimResponse.outcome error), or answered to another one.

    >>> read_payer_answer(200, b"<html>", {}).issues[0].rule
    'payer.answer-unreadable'
    """
    if status == _LATER and not body.strip():
        return Verdict(None, (_LATER_ANSWER,))
    tree = decode_json(body).value if body.strip() else None
    kind = tree.get("resourceType") if isinstance(tree, dict) else None
    if tree is None or kind not in ("Bundle", "ClaimResponse", "OperationOutcome"):
        advice = "Ask the payer." if status in _OK else f"In this case {_advise(status)}"
        text = f"The payer answered with HTTP {status} and no ClaimResponse or OperationOutcome. {advice}"
        return Verdict(None, (_issue(IssueType.STRUCTURE, "payer.answer-unreadable", text),))
    parts = _parts(tree)
    told = tuple(issue for part in parts if part.get("resourceType") == "OperationOutcome" for issue in read_outcome(part))
    responses = [part for part in parts if part.get("resourceType") == "ClaimResponse"]
    issues = (*told, *(issue for one in responses for issue in _judge(one, sent)))
    if status not in _OK and not has_errors(issues):
        text = f"The payer answered with HTTP {status}: {_advise(status)}"
        issues = (*issues, _issue(IssueType.PROCESSING, "payer.refused", text))
    elif status == _LATER and not responses and not has_errors(issues):
        issues = (*issues, _LATER_ANSWER)
    elif status in _OK and not responses and not has_errors(issues):
        text = "The payer took the claim and sent no ClaimResponse; whether it is queued is not known. Ask the payer."
        issues = (*issues, _issue(IssueType.INCOMPLETE, "payer.response-missing", text))
    return Verdict(tree, issues)


def _parts(tree: Tree) -> list[Tree]:
    """Give the resources of an answer: itself, or those in its Bundle."""
    if tree.get("resourceType") != "Bundle":
        return [tree]
    entries = tree.get("entry")
    found = [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return [one for one in found if isinstance(one, dict)]


def _judge(response: Tree, sent: Tree) -> list[Issue]:
    if not _names(response.get("request"), sent):
        text = "The ClaimResponse answers another claim than the one that was sent. Ask the payer before anything is sent again."
        return [_issue(IssueType.CONFLICT, "payer.other-claim", text, "ClaimResponse.request")]
    if response.get("outcome") != "error":
        return []
    errors = response.get("error")
    said = [_said(one) for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    text = ("; ".join(filter(None, said)) or _word(response.get("disposition"))).rstrip(".") or "no reason is given"
    return [_issue(IssueType.BUSINESS_RULE, "payer.rejected", f"The payer rejected the claim: {text}.", "ClaimResponse.error")]


def _said(error: Tree) -> str:
    """Give code and text of ClaimResponse.error."""
    code = error.get("code")
    code = code if isinstance(code, dict) else {}
    codings = code.get("coding")
    codes = [_word(one.get("code")) for one in codings if isinstance(one, dict)] if isinstance(codings, list) else []
    return " ".join(filter(None, (*codes, _word(code.get("text")))))


def _names(request: Any, sent: Tree) -> bool:
    """Tell whether ClaimResponse.request names a Claim of the Bundle that was sent; one that names none contradicts nothing."""
    if not isinstance(request, dict):
        return False
    entries = [one for one in sent.get("entry", []) if one["resource"].get("resourceType") == "Claim"]
    identifier, reference = request.get("identifier"), request.get("reference")
    if isinstance(identifier, dict):
        known = [(one.get("system"), one.get("value")) for entry in entries for one in entry["resource"].get("identifier", [])]
        return (identifier.get("system"), identifier.get("value")) in known
    # A server that keeps the Claim names it by an address of its own, which is not known here.
    urn = isinstance(reference, str) and reference.startswith("urn:")
    return isinstance(reference, str) and (not urn or reference in [entry.get("fullUrl") for entry in entries])


def _advise(status: int) -> str:
    if status in (401, 403):
        return "it asks for a sign-in that this version does not have. Send through a proxy that signs in."
    if status in (408, 425, 429) or status >= 500:
        return "the claim may have arrived or not. Post the same claim again later: its Idempotency-Key stays the same."
    if status < _REFUSED:
        return "redirects are not followed. Name the address that it gives, if it is the payer's own."
    return "the claim was refused without a reason. Ask the payer."


def _word(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _issue(code: IssueType, rule: str, text: str, *expression: str) -> Issue:
    return Issue(Severity.ERROR, code, rule, text, expression)
