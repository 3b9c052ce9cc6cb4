"""Task: a held record as an item of a coder's worklist, and what became of it.

Source: http://hl7.org/fhir/R4/task.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from adapter.fhir.amendment import Amendment
from adapter.fhir.elements import write_concept
from adapter.fhir.json import Tree
from adapter.fhir.outcome import read_outcome, write_outcome
from adapter.fhir.systems import BASE, own_code_system
from adapter.issues import Issue

__all__ = ["WORKLIST", "complete_task", "decision_audit", "decision_provenance", "read_held_issues", "write_task"]

_TASKS: Final = own_code_system("refill-task")
_RULES: Final = own_code_system("refill-rule")
_ISSUES: Final = "issues"
WORKLIST: Final = "held-record"
"""The code of a Task that waits for a decision on a held record: Task.code."""


def write_task(identity: str, document: str, issues: Sequence[Issue], now: datetime) -> Tree:
    """Write the Task of a held record.

    FHIR: Task.focus is the document that was sent, .reasonCode the rules of its errors, .input an OperationOutcome
    (contained) with each issue where it stands; status requested.
    """
    rules = dict.fromkeys(issue.rule for issue in issues if issue.is_error)
    return {
        "resourceType": "Task", "id": identity,
        "contained": [{**write_outcome(issues), "id": _ISSUES}],
        "status": "requested", "intent": "order", "code": write_concept(_TASKS, WORKLIST),
        "focus": {"reference": document}, "authoredOn": now.isoformat(timespec="seconds"),
        "reasonCode": {"coding": [{"system": _RULES, "code": rule} for rule in rules]},
        "input": [{"type": write_concept(_TASKS, _ISSUES), "valueReference": {"reference": f"#{_ISSUES}"}}],
    }


def read_held_issues(task: Tree) -> tuple[Issue, ...]:
    """Read the issues that a Task of ours was made for."""
    outcomes = (one for one in task.get("contained", ()) if one.get("id") == _ISSUES)
    return next((read_outcome(one) for one in outcomes), ())


def complete_task(task: Tree, made: Iterable[str], now: datetime) -> Tree:
    """Give a Task that was decided, with what came of it: FHIR Task.status completed, .output."""
    output = [{"type": write_concept(_TASKS, "made"), "valueReference": {"reference": one}} for one in made]
    told = {**task, "status": "completed", "lastModified": now.isoformat(timespec="seconds")}
    return {**told, "output": output} if output else told


def decision_provenance(
    targets: Iterable[str], document: str, decided: tuple[str, Sequence[Amendment]], now: datetime
) -> Tree:
    """Write who decided what, and why, and on which version of the document.

    FHIR: Provenance.target, .recorded, .agent (the coder, verifier), .reason (rule and reason of each decision), .entity
    (the document as it stood before).
    """
    coder, amendments = decided
    agent = {
        "type": write_concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "verifier"),
        "who": {"identifier": {"system": f"{BASE}/coder", "value": coder}, "display": coder},
    }
    return {
        "resourceType": "Provenance", "target": [{"reference": one} for one in targets],
        "recorded": now.isoformat(timespec="seconds"), "agent": [agent],
        "reason": [{"coding": [{"system": _RULES, "code": one.rule}], "text": one.reason} for one in amendments],
        "entity": [{"role": "revision", "what": {"reference": document}}],
    }


def decision_audit(task: str, coder: str, now: datetime) -> Tree:
    """Write that a coder decided a Task: FHIR AuditEvent, an operation that executed and succeeded."""
    return {
        "resourceType": "AuditEvent",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": _TASKS, "code": "decide"}],
        "action": "E", "recorded": now.isoformat(timespec="seconds"), "outcome": "0",
        "agent": [{"who": {"identifier": {"system": f"{BASE}/coder", "value": coder}}, "requestor": True}],
        "source": {"observer": {"identifier": {"system": BASE, "value": "refill-adapter"}}},
        "entity": [{"what": {"reference": task}}],
    }
