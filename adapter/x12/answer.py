"""An interchange of answers as a whole: TA1, 999, 277CA and 835, read into what they say."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import FileAnswer, InterchangeAnswer, Remittance, StatusReport
from adapter.x12.answer_277ca import read_277ca
from adapter.x12.answer_835 import read_835
from adapter.x12.answer_999 import read_999, read_ta1
from adapter.x12.answer_guide import Checking, read_answer_file
from adapter.x12.syntax import Segment, build_segment

__all__ = ["AnswerEnvelope", "Answers", "read_answers", "validate_answers", "wrap_answer"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one interchange says, each kind in the order of the file. `control_number` is its ISA13."""

    control_number: str
    sender: str
    interchanges: tuple[InterchangeAnswer, ...] = ()
    files: tuple[FileAnswer, ...] = ()
    reports: tuple[StatusReport, ...] = ()
    remittances: tuple[Remittance, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerEnvelope:
    """Under which numbers an answer goes from whom to whom: ISA13, GS06; ISA06 and ISA08; day CCYYMMDD, time HHMM; ISA15."""

    interchange_control_number: str
    group_control_number: str
    sender: str
    receiver: str
    day: str
    clock: str
    usage: str


def read_answers(text: str) -> Outcome[Answers]:
    """Read an interchange of answers; each error names segment and element.

    Errors: those of `read_answer_file`, `read_999`, `read_277ca`, `read_835`.

    >>> read_answers("ISA*00*").issues[0].rule
    'x12.isa-unreadable'
    """
    checked = read_answer_file(text)
    if checked.value is None:
        return Outcome(None, checked.issues)
    file, checking = checked.value, Checking(list(checked.issues))
    answers = Answers(
        control_number=file.isa.get(13).strip(),
        sender=file.isa.get(6).strip(),
        interchanges=tuple(map(read_ta1, file.acknowledgements)),
        files=tuple(read_999(one, checking) for one in file.transactions if one.kind == "999"),
        reports=tuple(report for one in file.transactions if one.kind == "277" for report in read_277ca(one, checking)),
        remittances=tuple(read_835(one, checking) for one in file.transactions if one.kind == "835"),
    )
    return Outcome(answers, tuple(checking.issues))


def validate_answers(text: str) -> tuple[Issue, ...]:
    """Check an interchange of answers, and tell all that is wrong; a clean one gives nothing."""
    return read_answers(text).issues


def wrap_answer(transaction: tuple[Segment, ...], envelope: AnswerEnvelope) -> Outcome[tuple[Segment, ...]]:
    """Put a transaction (ST to SE) into ISA and GS of its kind.

    Errors: `answer.envelope-wrong` where a number or party does not fit its element.
    """
    number, group = envelope.interchange_control_number, envelope.group_control_number
    fits = len(number) == len("000000000") and number.isdigit() and group.isdigit() and 1 <= len(group) <= len(number)
    if not (fits and group[0] != "0" and all(2 <= len(one) <= 15 for one in (envelope.sender, envelope.receiver))):
        text = ("An ISA13 of nine digits, a GS06 of one to nine digits and parties of 2 to 15 characters were expected. Give "
                "others.")
        return Outcome(None, (Issue(Severity.ERROR, IssueType.VALUE, "answer.envelope-wrong", text, ("ISA/ISA/13",)),))
    code, guide = _GROUPS[transaction[0].get(1)]
    return Outcome((
        build_segment("ISA", "00", "", "00", "", "ZZ", envelope.sender, "ZZ", envelope.receiver, envelope.day[2:], envelope.clock,
                      "", "00501", number, "0", envelope.usage),
        build_segment("GS", code, envelope.sender, envelope.receiver, envelope.day, envelope.clock, group, "X", guide),
        *transaction,
        build_segment("GE", "1", group),
        build_segment("IEA", "1", number),
    ))


_GROUPS = {"999": ("FA", "005010X231A1"), "277": ("HN", "005010X214")}
