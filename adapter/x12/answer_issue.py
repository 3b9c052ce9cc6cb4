"""What an answer says as issues, each with the FHIRPath of the element of our own Claim that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from adapter.issues import Issue, IssueType, Severity
from adapter.terms import ClaimStatus, FileAnswer, InterchangeAnswer, Status, StatusReport, TransactionAnswer
from adapter.terms.answer import ElementFault, SegmentFault
from adapter.x12.answer_999 import TAKEN
from adapter.x12.position import Place, PositionIndex
from adapter.x12.status_place import find_status_place

__all__ = ["AnswerIssue", "read_file_issues", "read_interchange_issue", "read_report_issues", "read_status_issues"]

_SEVERITIES: Final[Mapping[str, Severity]] = {"A": Severity.INFORMATION, "E": Severity.WARNING, "P": Severity.WARNING}

# IK304 and IK403 (X12 elements 620 and 621) in words of our own, and the kind of issue.
_SEGMENT_FAULTS: Final[Mapping[str, tuple[IssueType, str]]] = {
    "1": (IssueType.STRUCTURE, "is not known"), "2": (IssueType.STRUCTURE, "is not expected there"),
    "3": (IssueType.REQUIRED, "is missing there"), "4": (IssueType.STRUCTURE, "opens its loop once too often"),
    "5": (IssueType.STRUCTURE, "stands there once too often"), "6": (IssueType.STRUCTURE, "does not belong to this transaction"),
    "7": (IssueType.STRUCTURE, "does not stand in its order"), "8": (IssueType.VALUE, "has elements that are wrong"),
    "I4": (IssueType.STRUCTURE, "is not used there"), "I6": (IssueType.REQUIRED, "is missing, and what was sent wants it"),
    "I7": (IssueType.REQUIRED, "opens its loop too seldom"), "I8": (IssueType.REQUIRED, "stands there too seldom"),
    "I9": (IssueType.STRUCTURE, "is not used beside what was sent"),
}
_ELEMENT_FAULTS: Final[Mapping[str, tuple[IssueType, str]]] = {
    "1": (IssueType.REQUIRED, "is missing"), "2": (IssueType.REQUIRED, "is missing, and another element wants it"),
    "3": (IssueType.STRUCTURE, "is one too many"), "4": (IssueType.VALUE, "is too short"),
    "5": (IssueType.TOO_LONG, "is too long"), "6": (IssueType.VALUE, "holds a sign that is not allowed"),
    "7": (IssueType.CODE_INVALID, "holds a code that is not in its list"),
    "8": (IssueType.VALUE, "is no day"), "9": (IssueType.VALUE, "is no time"),
    "10": (IssueType.STRUCTURE, "may not stand beside another element"), "12": (IssueType.STRUCTURE, "is repeated too often"),
    "13": (IssueType.STRUCTURE, "has too many components"), "I10": (IssueType.STRUCTURE, "is not used"),
    "I11": (IssueType.REQUIRED, "is repeated too seldom"), "I12": (IssueType.VALUE, "has not the form that was expected"),
    "I13": (IssueType.STRUCTURE, "is not used beside what was sent"),
    "I6": (IssueType.CODE_INVALID, "holds a code that is not used"),
    "I9": (IssueType.REQUIRED, "is missing, and what was sent wants it"),
}
_UNKNOWN_FAULT: Final = (IssueType.PROCESSING, "is refused")


class AnswerIssue(NamedTuple):
    """An issue, and the claim (CLM01) that it is about; none where it is about the whole file."""

    claim: str | None
    issue: Issue


def read_interchange_issue(answer: InterchangeAnswer) -> Issue:
    """Say what became of an interchange: X12 TA104 and TA105."""
    if answer.status == "R":
        text = f"The payer refuses the interchange whole (TA1 R, note {answer.note}). Correct it and send it under a new number."
        return Issue(Severity.ERROR, IssueType.STRUCTURE, "answer.interchange-refused", text, ("ISA",))
    text = f"The payer takes the interchange (TA1 {answer.status}, note {answer.note})."
    severity = _SEVERITIES.get(answer.status, Severity.WARNING)
    return Issue(severity, IssueType.INFORMATIONAL, "answer.interchange-taken", text, ("ISA",))


def read_file_issues(answer: FileAnswer, index: PositionIndex | None) -> Iterator[AnswerIssue]:
    """Say what became of a functional group: one issue for each IK4, each IK3 without IK4, else each status.

    With the index of the 837 that is answered each names its claim, and the FHIRPath in it; without, loop and element.
    """
    for one in answer.transactions:
        yield from _read_transaction_issues(one, index)
    if answer.codes or not answer.transactions:
        severity = _SEVERITIES.get(answer.status, Severity.ERROR)
        text = f"The payer answers the group with {answer.status}, codes {', '.join(answer.codes) or 'none'} (AK9)."
        yield AnswerIssue(None, Issue(severity, _kind(severity), "answer.group", text, ("GS",)))


def _kind(severity: Severity) -> IssueType:
    return IssueType.INFORMATIONAL if severity is Severity.INFORMATION else IssueType.PROCESSING


def _read_transaction_issues(answer: TransactionAnswer, index: PositionIndex | None) -> Iterator[AnswerIssue]:
    severity = _SEVERITIES.get(answer.status, Severity.ERROR)
    for fault in answer.faults:
        place = index.find_place(answer.control_number, fault.position) if index else None
        for element in fault.elements:
            yield _element_issue(fault, element, place, severity)
        if not fault.elements:
            yield _segment_issue(fault, place, severity)
    if not answer.faults:
        places = index.transactions.get(answer.control_number, ()) if index else ()
        claims = dict.fromkeys(place.claim for place in places if place.claim)
        rule, said = ("answer.file-taken", "takes") if answer.status in TAKEN else ("answer.file-refused", "refuses")
        codes = f", codes {', '.join(answer.codes)}" if answer.codes else ""
        text = f"The payer {said} the transaction (IK5 {answer.status}{codes})."
        for claim in claims or (None,):
            yield AnswerIssue(claim, Issue(severity, _kind(severity), rule, text, ("Claim",) if claim else ("ST",)))


def _segment_issue(fault: SegmentFault, place: Place | None, severity: Severity) -> AnswerIssue:
    code, said = _SEGMENT_FAULTS.get(fault.code or "", _UNKNOWN_FAULT)
    same = place is not None and place.segment.id == fault.segment
    expression = (place.find_expression() if same else place.find_missing(fault.segment)) if place else None
    told = f"Segment {fault.position}, {fault.segment}: the payer says that it {said} (IK304 {fault.code or 'empty'})."
    where = (expression or "/".join(filter(None, (fault.loop, fault.segment))),)
    return AnswerIssue(place.claim or None if place else None, Issue(severity, code, "answer.segment-refused", told, where))


def _element_issue(fault: SegmentFault, element: ElementFault, place: Place | None, severity: Severity) -> AnswerIssue:
    code, said = _ELEMENT_FAULTS.get(element.code, _UNKNOWN_FAULT)
    name = f"{fault.segment}{element.element:02}" + (f"-{element.component}" if element.component else "")
    matched = place if place is not None and place.segment.id == fault.segment else None
    expression = matched.find_expression(element.element, element.component) if matched else None
    told = f"Segment {fault.position}, element {name}: the payer says that it {said} (IK403 {element.code})."
    part = name.removeprefix(fault.segment)
    where = (expression or "/".join(filter(None, (fault.loop, fault.segment, part))),)
    return AnswerIssue(matched.claim or None if matched else None, Issue(severity, code, "answer.element-refused", told, where))


def read_report_issues(report: StatusReport) -> Iterator[Issue]:
    """Say what a 277CA says of a file, or of all claims of a provider, where it refuses them."""
    for refused, statuses, what in (
        (report.batch_is_refused, report.batch_statuses, "file"),
        (report.provider_is_refused, report.provider_statuses, "billing provider's claims"),
    ):
        for status in statuses if refused else ():
            if status.is_rejection:
                text = f"The payer refuses the whole {what} (STC {_show(status)}). Correct it and send it again."
                where = find_status_place(status, None)
                yield Issue(Severity.ERROR, IssueType.PROCESSING, "answer.batch-rejected", text, (where,))


def read_status_issues(status: ClaimStatus, index: PositionIndex | None) -> Iterator[Issue]:
    """Say what a 277CA says of one claim: one issue for each STC, with the element that its code is about.

    A3, A6, A7 and A8 refuse: the claim is corrected and sent again as an original.
    """
    for one in status.statuses:
        yield _status_issue(one, None, status.is_rejected)
    for line in status.lines:
        number = index.find_line(status.identifier, line.control_number) if index and line.control_number else None
        for one in line.statuses:
            yield _status_issue(one, number, status.is_rejected)


def _status_issue(status: Status, line: int | None, refused: bool) -> Issue:
    where = (find_status_place(status, line),)
    if status.is_rejection or refused:
        text = f"The payer rejects the claim (STC {_show(status)}). Correct it and send it again as an original claim."
        return Issue(Severity.ERROR, IssueType.PROCESSING, "answer.claim-rejected", text, where)
    text = f"The payer takes the claim (STC {_show(status)}): it is not decided yet."
    return Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, "answer.claim-taken", text, where)


def _show(status: Status) -> str:
    return ":".join(filter(None, (status.category, status.code, status.entity)))
