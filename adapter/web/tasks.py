"""`Task/[id]/$decide`: a coder supplies what is missing or decides a contradiction, and the record is coded anew.

Whoever decides names the rule of each issue that no longer holds the record, and why: nothing is overruled in passing.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from adapter.bulk import id_maker
from adapter.fhir.amendment import Amendment, amend, read_amendments
from adapter.fhir.document import decode_document
from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.placing import Placed
from adapter.fhir.position import locate_issues
from adapter.fhir.task import complete_task, decision_audit, decision_provenance, read_held_issues
from adapter.flow import validate_document
from adapter.http.answer import Answer, answer_issues
from adapter.http.status import status_of
from adapter.issues import Issue, IssueType, Severity, has_errors
from adapter.store import Store, StoredVersion, Unit
from adapter.web.service import Service
from adapter.web.submission import keep_resource, keep_submission, leave_out_kept, read_refill

__all__ = ["answer_decision"]

_NO_CODER: Final = Issue(
    Severity.ERROR, IssueType.REQUIRED, "decision.missing", "The parameter coder, a valueString that says who decides, was "
    "expected once. Add it.", ("Parameters.parameter",),
)
_NOT_OPEN: Final = Issue(
    Severity.ERROR, IssueType.CONFLICT, "decision.not-open", "The Task was decided already, or is none of a held record. Read "
    "it.", ("Task.status",),
)
_UNNAMED: Final = Issue(
    Severity.ERROR, IssueType.BUSINESS_RULE, "decision.unnamed", "The decision would overrule {}, which it does not name. Name "
    "each rule that is decided, with its reason.", ("Parameters.parameter",),
)
_FOREIGN: Final = Issue(
    Severity.ERROR, IssueType.BUSINESS_RULE, "decision.foreign", "The decision on {} answers no issue of the Task at that place. "
    "Decide what the Task tells, where it tells it.", ("Parameters.parameter",),
)
_FOLLOWING: Final = frozenset({"act.no-code", "act.not-submitted"})
_UNKNOWN: Final = Issue(Severity.ERROR, IssueType.NOT_FOUND, "http.not-found", "There is no such Task here.")


def answer_decision(data: bytes, identity: str, service: Service, store: Store) -> Answer:
    """Answer `Task/[id]/$decide`: the record is coded with what is decided, and its claims are submitted.

    200 as `Claim/$submit` answers; 400 where the Parameters cannot be read; 404, 409 where there is no open Task; 422 where a
    decision leads to no element, overrules what it does not name, or leaves the record held: nothing is kept then.
    """
    book = service.rule_book
    issues = validate_document(data, book)
    parameters = decode_document(data, book.shapes).value
    if parameters is None or has_errors(issues) or parameters.get("resourceType") != "Parameters":
        return _refuse(issues if has_errors(issues) else read_amendments({}).issues, service)
    coders = [one.get("valueString", "").strip() for one in parameters.get("parameter", ()) if one.get("name") == "coder"]
    amendments = read_amendments(parameters)
    if amendments.value is None or len(coders) != 1 or not coders[0]:
        told = (*amendments.issues, *(() if len(coders) == 1 and coders[0] else (_NO_CODER,)))
        return _refuse(locate_issues(data, told), service)
    with store.begin() as unit:
        unit.hold(f"task:{identity}")
        return _decide(unit, identity, (coders[0], amendments.value), service)


def _decide(unit: Unit, identity: str, decided: tuple[str, tuple[Amendment, ...]], service: Service) -> Answer:
    book, (_, amendments) = service.rule_book, decided
    task = _tree(unit.find("Task", identity))
    if task is None:
        return answer_issues(HTTPStatus.NOT_FOUND, (_UNKNOWN,), book)
    kind, _, focus = task.get("focus", {}).get("reference", "").partition("/")
    before = unit.find(kind, focus)
    if task["status"] != "requested" or before is None or before.data is None:
        return answer_issues(HTTPStatus.CONFLICT, (_NOT_OPEN,), book)
    foreign = sorted({one.rule for one in amendments if not _answers(one, task)})
    if foreign:
        return _refuse((replace(_FOREIGN, text=_FOREIGN.text.format(", ".join(foreign))),), service)
    amended = amend(_tree(before) or {}, amendments, book.shapes)
    if amended.value is None:
        return _refuse(amended.issues, service)
    data = encode_json(amended.value)
    submission = read_refill(data, service.workplace())
    passed = _overruled(task, submission.issues) - {one.rule for one in amendments}
    if passed:
        return _refuse((replace(_UNNAMED, text=_UNNAMED.text.format(", ".join(sorted(passed)))),), service)
    if submission.is_held or not (submission.written or submission.is_done):
        return _refuse(submission.issues, service)
    answer = keep_submission(unit, data, leave_out_kept(unit, submission), service)
    if answer.status == HTTPStatus.OK:
        _keep_decision(unit, task, (before, amended.value), (decided, answer), service)
    return answer


def _refuse(issues: tuple[Issue, ...], service: Service) -> Answer:
    return answer_issues(status_of(issues, is_done=False), issues, service.rule_book)


def _answers(amendment: Amendment, task: Tree) -> bool:
    """Tell whether a decision answers an issue of the Task, at a place that it names, in it or around it."""
    places = [place for one in read_held_issues(task) if one.rule == amendment.rule for place in one.expression or ("",)]
    path = amendment.path
    return any(
        not path or path == place or path.startswith((f"{place}.", f"{place}[")) or place.startswith((f"{path}.", f"{path}["))
        for place in places
    )


def _overruled(task: Tree, after: tuple[Issue, ...]) -> set[str]:
    """Give the rules that held the record and do so no longer; not those that only say what follows from the others."""
    held = {one.rule for one in read_held_issues(task) if one.is_error}
    return (held - _FOLLOWING or held) - {one.rule for one in after if one.is_error}


def _keep_decision(
    unit: Unit, task: Tree, document: tuple[StoredVersion, Tree],
    done: tuple[tuple[str, tuple[Amendment, ...]], Answer], service: Service,
) -> None:
    """Keep the document as it was decided, who decided it and why, and the Task as completed."""
    (before, after), (decided, answer), now = document, done, service.clock()
    version = keep_resource(unit, Placed(before.kind, before.id, after), service)
    made = [one["request"]["reference"] for one in _responses(decode_json(answer.body).value or {})]
    stood = f"{before.kind}/{before.id}/_history/{before.version}"
    provenance = decision_provenance([*made, version], stood, decided, now)
    make_id = id_maker(answer.body)
    for tree in (provenance, decision_audit(f"Task/{task['id']}", decided[0], now)):
        identity = make_id(f"{task['id']}/{tree['resourceType']}")
        keep_resource(unit, Placed(tree["resourceType"], identity, {**tree, "id": identity}), service)
    keep_resource(unit, Placed("Task", task["id"], complete_task(task, made, now)), service)


def _responses(tree: Tree) -> list[Tree]:
    parts = [tree, *(one["resource"] for one in tree.get("entry", ()))]
    return [one for one in parts if one["resourceType"] == "ClaimResponse"]


def _tree(kept: StoredVersion | None) -> Tree | None:
    return decode_json(kept.data).value if kept is not None and kept.data is not None else None
