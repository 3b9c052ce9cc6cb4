"""What we answer to an 837 that we received: a 999 whose segments and elements are those that its check names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import ElementFault, FileAnswer, SegmentFault, TransactionAnswer
from adapter.x12.answer import AnswerEnvelope, wrap_answer
from adapter.x12.answer_999 import TAKEN, write_999
from adapter.x12.syntax import LINE_BREAK, Segment, decode_segments, encode_segments

__all__ = ["Check", "acknowledge_837", "judge_837"]

Check = Callable[[str], Iterable[Issue]]
"""Check the text of an 837: issues with the line, and `loop/segment/element` as expression."""

_ELEMENT_CODES: Final[Mapping[IssueType, str]] = {
    IssueType.REQUIRED: "1", IssueType.TOO_LONG: "5", IssueType.CODE_INVALID: "7",
}
_RULE_CODES: Final[Mapping[str, str]] = {
    "x12.element-missing": "1", "x12.date-unreadable": "8", "x12.time-unreadable": "9", "x12.number-unreadable": "6",
    "x12.code-not-known": "7",
}
_SET_CODES: Final[Mapping[str, str]] = {"x12.count-differs": "4", "x12.control-number-differs": "3"}
_GROUP_CODES: Final[Mapping[str, str]] = {"x12.count-differs": "5", "x12.control-number-differs": "4"}
_CLOSING: Final = ("SE", "GE", "IEA")
_IK5_CODES: Final = 5


def acknowledge_837(text: str, check: Check, envelope: AnswerEnvelope) -> Outcome[str]:
    """Write a 999 for an 837 as it was received: accepted, or refused with each fault.

    `envelope` says under which numbers; who answers whom is turned round from the 837 (ISA08, ISA06) where it leaves that
    empty.
    Errors: `answer.cannot-acknowledge` where the interchange has no ISA, GS and ST to name; `answer.envelope-wrong`.
    """
    decoded = decode_segments(text)
    segments = decoded.value.segments if decoded.value else ()
    first = {one.id: one for one in reversed(segments)}
    if not {"ISA", "GS", "ST"} <= first.keys():
        told = "A 999 names the group and transaction that it answers, and this text has none to read. Tell the sender so."
        issue = Issue(Severity.ERROR, IssueType.STRUCTURE, "answer.cannot-acknowledge", told, ("ISA",))
        return Outcome(None, (*decoded.issues, issue))
    if not envelope.sender:
        envelope = replace(envelope, sender=first["ISA"].get(8).strip(), receiver=first["ISA"].get(6).strip())
    wrapped = wrap_answer(write_999(judge_837(text, check), "0001"), envelope)
    return Outcome(encode_segments(wrapped.value) if wrapped.value else None, wrapped.issues)


def judge_837(text: str, check: Check) -> FileAnswer:
    """Judge the first group of a readable 837 by its check, each issue at the segment that it names.

    The text is checked with one segment a line, so that a line is a segment, however it was sent.
    """
    lined = _one_a_line(text)
    decoded = decode_segments(lined).value
    segments = decoded.segments if decoded else ()
    numbered = {one.line: place for place, one in enumerate(segments)}
    by_transaction: dict[int, list[tuple[Issue, Segment]]] = {}
    starts = [place for place, one in enumerate(segments) if one.id == "ST"]
    others: list[Issue] = []
    for issue in check(lined):
        place = numbered.get(issue.line or 0)
        inside = [start for start in starts if place is not None and start <= place]
        if issue.is_error and inside and segments[place or 0].id not in ("GE", "IEA"):
            by_transaction.setdefault(inside[-1], []).append((issue, segments[place or 0]))
        elif issue.is_error:
            others.append(issue)
    group = next(one for one in segments if one.id == "GS")
    transactions = tuple(_judge(segments[start], by_transaction.get(start, []), bool(others)) for start in starts)
    accepted = sum(one.status in TAKEN for one in transactions)
    status = "A" if accepted == len(transactions) else "P" if accepted else "R"
    codes = tuple(dict.fromkeys(_GROUP_CODES[one.rule] for one in others if one.rule in _GROUP_CODES))
    return FileAnswer(
        group.get(6).strip(), group.get(1).strip(), group.get(8).strip(), status, len(transactions), len(transactions), accepted,
        codes, transactions,
    )


def _one_a_line(text: str) -> str:
    decoded = decode_segments(text).value
    terminator = decoded.delimiters.terminator if decoded else LINE_BREAK
    if terminator == LINE_BREAK:
        return text
    pieces = (piece.strip("\r\n") for piece in text.split(terminator))
    return "".join(f"{piece}{terminator}{LINE_BREAK}" for piece in pieces if piece.strip())


def _judge(start: Segment, found: Sequence[tuple[Issue, Segment]], refused: bool) -> TransactionAnswer:
    faults = tuple(_read_faults(start, [pair for pair in found if pair[1].id not in _CLOSING]))
    codes = [_SET_CODES[issue.rule] for issue, segment in found if segment.id == "SE" and issue.rule in _SET_CODES]
    if faults:
        codes.append("5")
    status = "R" if found or refused else "A"
    return TransactionAnswer(
        start.get(1).strip(), start.get(2).strip(), status, tuple(dict.fromkeys(codes))[:_IK5_CODES], faults,
        start.get(3).strip() or None,
    )


def _read_faults(start: Segment, found: Sequence[tuple[Issue, Segment]]) -> Iterator[SegmentFault]:
    """Gather the issues of one segment into one fault, missing segments apart."""

    def told(pair: tuple[Issue, Segment]) -> tuple[int, str, str]:
        issue, segment = pair
        loop, name, _ = _split(issue, segment)
        return segment.number, name, loop

    for (number, name, loop), pairs in groupby(sorted(found, key=told), told):
        issues = [issue for issue, _ in pairs]
        elements = tuple(
            dict.fromkeys(_element_fault(issue, element) for issue in issues if (element := _split_element(issue)) is not None)
        )
        missing = any(issue.code is IssueType.REQUIRED or issue.rule == "x12.segment-missing" for issue in issues)
        code = "8" if elements else "3" if missing else "2"
        yield SegmentFault(name, number - start.number + 1, loop[:4] or None, code, elements)


def _split(issue: Issue, segment: Segment) -> tuple[str, str, str]:
    parts = [*(issue.expression[0] if issue.expression else "").split("/"), "", "", ""]
    is_place = len(parts) > len(("", "", "")) + 1
    return (parts[0], parts[1], parts[2]) if is_place else ("", segment.id, "")


def _split_element(issue: Issue) -> tuple[int, int] | None:
    """Give element and component of `loop/segment/05-3`; None where the whole segment is meant."""
    parts = (issue.expression[0] if issue.expression else "").split("/")
    element, _, component = parts[2].partition("-") if len(parts) > len(("loop", "segment")) else ("", "", "")
    return (int(element), int(component or 0)) if element.isdigit() and (component or "0").isdigit() else None


def _element_fault(issue: Issue, place: tuple[int, int]) -> ElementFault:
    code = _RULE_CODES.get(issue.rule) or _ELEMENT_CODES.get(issue.code, "I12")
    return ElementFault(place[0], code, place[1])
