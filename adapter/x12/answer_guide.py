"""The rules of the answers: envelope, order of segments, each element; one pass tells all that is wrong.

Rules are named as in `guide`: `x12.<SNIP type>.<loop>.<element>.<n>`, here with n 1 missing, 2 length, 4 form, 5 code, 6
segment missing, 7 segment not expected, 8 too many, 9 not used. The expression is `loop/segment/element`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.x12.answer_tables import ENVELOPE, GRAMMARS, GUIDES
from adapter.x12.grammar import ElementRow, Node, SegmentRow, read_grammar, walk_segments
from adapter.x12.loop import parse_day
from adapter.x12.syntax import Segment, decode_segments

__all__ = ["AnswerFile", "Checking", "Transaction", "is_answer", "read_answer_file"]

_NUMBER: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d+", re.ASCII)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of an answer: ST01, its group and the loops in it."""

    kind: str
    group: Segment
    root: Node

    @property
    def start(self) -> Segment:
        """Give the ST."""
        return self.root.segments[0][1]


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """An interchange of answers: its ISA, the TA1 in it, and its transactions."""

    isa: Segment
    acknowledgements: tuple[Segment, ...]
    transactions: tuple[Transaction, ...]


@dataclass(slots=True)
class Checking:
    """Collect what is wrong with an answer, each with its place."""

    issues: list[Issue] = field(default_factory=list)

    def report(self, rule: tuple[str, IssueType], text: str, place: str, segment: Segment) -> None:
        """Add an error; `text` says what was expected and what to do."""
        self._add(Severity.ERROR, rule, text, place, segment)

    def warn(self, rule: tuple[str, IssueType], text: str, place: str, segment: Segment) -> None:
        """Add a warning: the answer can be read, and is not as it should be."""
        self._add(Severity.WARNING, rule, text, place, segment)

    def _add(self, severity: Severity, rule: tuple[str, IssueType], text: str, place: str, segment: Segment) -> None:
        told = f"Segment {segment.number}, {segment.id}: {text}"
        self.issues.append(Issue(severity, rule[1], rule[0], told, (place,), line=segment.line or None))


def is_answer(text: str) -> bool:
    """Tell whether an interchange holds answers and no claims: its first ST, or a TA1 alone, says so.

    >>> is_answer("ISA*00*...")
    False
    """
    decoded = decode_segments(text)
    first = {one.id: one for one in reversed(decoded.value.segments)} if decoded.value else {}
    return first["ST"].get(1) in GRAMMARS if "ST" in first else "TA1" in first


def read_answer_file(text: str) -> Outcome[AnswerFile]:
    """Cut an interchange of answers into its transactions and check each by its table.

    Errors: those of `decode_segments`, and the rules of this module.
    """
    decoded = decode_segments(text)
    if decoded.value is None:
        return Outcome(None, decoded.issues)
    checking, segments = Checking(), decoded.value.segments
    transactions: list[Transaction] = []
    for group, part in _cut(segments, checking):
        transaction = _read_transaction(group, part, checking)
        if transaction is not None:
            transactions.append(transaction)
    acknowledgements = tuple(one for one in segments if one.id == "TA1")
    envelope = read_grammar(ENVELOPE)
    rows = {row.id: row for row in envelope.rows if isinstance(row, SegmentRow)}
    _check_elements(Node(envelope, [(rows[one.id], one) for one in segments if one.id in rows]), checking)
    if not (transactions or acknowledgements or checking.issues):
        place = "ISA.ST"
        checking.report((f"x12.2.{place}.6", IssueType.REQUIRED), "The interchange holds no answer: neither TA1 nor a "
                        "transaction. Ask for the file again.", "ISA/ST", segments[0])
    return Outcome(AnswerFile(segments[0], acknowledgements, tuple(transactions)), tuple(checking.issues))


# ---------------------------------------------------------------- envelope

_CLOSES: Final = {"SE": ("ST", 2), "GE": ("GS", 6), "IEA": ("ISA", 13)}
_INSIDE: Final = {"ISA": "", "GS": "ISA", "ST": "GS", "TA1": "ISA"}


def _cut(segments: Sequence[Segment], checking: Checking) -> Iterator[tuple[Segment, list[Segment]]]:
    """Cut an interchange at its envelopes, which are checked for order, counts and numbers; give (GS, ST to SE)."""
    opened: list[Segment] = []
    counts: dict[str, int] = {}
    part: list[Segment] = []
    closed = False
    for segment in segments:
        name, inner = segment.id, opened[-1].id if opened else ""
        place = f"{inner or 'ISA'}.{name}"
        if name in _INSIDE:
            if closed or inner != _INSIDE[name]:
                checking.report((f"x12.1.{place}.7", IssueType.STRUCTURE), "this does not stand here in the order ISA, "
                                "GS, ST, SE, GE, IEA. Ask for the file again.", f"{name}/{name}", segment)
                return
            counts[inner] = counts.get(inner, 0) + (name != "TA1")
            if name != "TA1":
                opened.append(segment)
                counts[name] = 0
                part = [segment]
        elif name in _CLOSES:
            if inner != _CLOSES[name][0]:
                checking.report((f"x12.1.{place}.7", IssueType.STRUCTURE), "this closes what is not open. Ask for the "
                                "file again.", f"{name}/{name}", segment)
                return
            part.append(segment)
            _check_close(opened.pop(), segment, len(part) if name == "SE" else counts[inner], checking)
            closed = name == "IEA"
            if name == "SE":
                yield opened[-1], part
        elif inner == "ST":
            part.append(segment)
        else:
            checking.report((f"x12.1.{place}.7", IssueType.STRUCTURE), "this stands outside of a transaction. Ask for "
                            "the file again.", f"{inner or 'ISA'}/{name}", segment)
            return
    if not closed:
        checking.report(("x12.1.IEA.IEA.6", IssueType.STRUCTURE), "what is open at the end is not closed (SE, GE, IEA). "
                        "Ask for the whole file.", "IEA/IEA", segments[-1])


def _check_close(start: Segment, end: Segment, counted: int, checking: Checking) -> None:
    element = _CLOSES[end.id][1]
    if end.get(1).strip().lstrip("0") != str(counted).lstrip("0"):
        checking.report(("x12.count-differs", IssueType.STRUCTURE), f"{end.id}01 is not the count of what it closes, {counted}. "
                        "Something was lost or added on the way: ask for the file again.", f"{end.id}/{end.id}/01", end)
    if end.get(2).strip() != start.get(element).strip():
        checking.report(("x12.control-number-differs", IssueType.STRUCTURE), f"{end.id}02 is not the control number of "
                        f"{start.id}{element:02}. Two files may have run together: ask for the file again.",
                        f"{end.id}/{end.id}/02", end)


def _read_transaction(group: Segment, part: Sequence[Segment], checking: Checking) -> Transaction | None:
    start = part[0]
    kind = start.get(1).strip()
    if kind not in GRAMMARS:
        place = "ST.ST01"
        checking.report((f"x12.2.{place}.5", IssueType.NOT_SUPPORTED), f"ST01 is none of {', '.join(GRAMMARS)}. Claims (837) "
                        "are read by another reader; other transactions are not read.", "ST/ST/01", start)
        return None
    code, guides = GUIDES[kind]
    for segment, element, wanted in ((group, 1, (code,)), (group, 8, guides), (start, 3, guides)):
        value = segment.get(element).strip()
        if value not in wanted and (value or (segment, kind) != (start, "835")):
            place = f"{segment.id}.{segment.id}{element:02}"
            checking.report((f"x12.2.{place}.5", IssueType.CODE_INVALID), f"element {element:02} is not {wanted[0]}, which a "
                            f"{kind} names. Ask for a file of this guide.", f"{segment.id}/{segment.id}/{element:02}", segment)
    root, misfits = walk_segments(part, read_grammar(GRAMMARS[kind]))
    for what, where, segment in misfits:
        _report_misfit(what, where, segment, checking)
    _check_elements(root, checking)
    return Transaction(kind, group, root) if root.segments else None


def _report_misfit(what: str, where: str, segment: Segment, checking: Checking) -> None:
    loop, _, name = where.partition("/")
    place = f"{loop}.{name or segment.id}"
    if what == "missing":
        checking.report((f"x12.2.{place}.6", IssueType.REQUIRED), f"{name} is missing from loop {loop} that stands "
                        "here. Ask the sender to complete it.", where, segment)
    elif what == "many":
        checking.report((f"x12.2.{place}.8", IssueType.STRUCTURE), f"loop {loop} holds more of these than it may. "
                        "Ask the sender to correct it.", f"{loop}/{segment.id}", segment)
    else:
        checking.report((f"x12.2.{place}.7", IssueType.STRUCTURE), f"this does not stand here, in or after loop "
                        f"{loop}. Ask the sender to correct it.", f"{loop}/{segment.id}", segment)


# ---------------------------------------------------------------- elements


def _check_elements(node: Node, checking: Checking) -> None:
    for row, segment in node.segments:
        loop = segment.id if node.row.name == "ISA" else node.row.name
        for element in range(1, max(len(row.elements), len(segment.elements)) + 1):
            wanted = row.elements[element - 1] if element <= len(row.elements) else None
            _check_element(wanted, (loop, segment, element), checking)
        for letter, elements in row.notes:
            _check_note(letter, elements, (loop, segment), checking)
    for inner in node.loops:
        _check_elements(inner, checking)


def _check_element(row: ElementRow | None, at: tuple[str, Segment, int], checking: Checking) -> None:
    loop, segment, element = at
    parts = segment.elements[element - 1] if element <= len(segment.elements) else ()
    told, name = any(parts), f"{segment.id}{element:02}"
    place = f"{loop}/{segment.id}/{element:02}"
    if row is None:
        if told:
            checking.report((_rule(9, f"{loop}.{name}"), IssueType.STRUCTURE), f"element {element:02} is not used here. Ask the "
                            "sender to leave it out.", place, segment)
        return
    if not told:
        if row.is_needed:
            checking.report((_rule(1, f"{loop}.{name}"), IssueType.REQUIRED), f"element {element:02} is empty. Ask the sender to "
                            "fill it.", place, segment)
        return
    rows = row.parts or (row,)
    for number in range(1, max(len(rows), len(parts)) + 1):
        wanted = rows[number - 1] if number <= len(rows) else None
        value = parts[number - 1] if number <= len(parts) else ""
        where, called = (f"{place}-{number}", f"{name}-{number}") if row.parts else (place, name)
        for figure, code, text in _faults(wanted, value):
            checking.report((_rule(figure, f"{loop}.{called}"), code), f"element {where.rpartition('/')[2]} {text}. Ask the "
                            "sender to correct it.", where, segment)


def _rule(figure: int, place: str) -> str:
    """Name the rule of an element by what is wrong with it."""
    return {
        1: f"x12.2.{place}.1", 2: f"x12.1.{place}.2", 4: f"x12.1.{place}.4", 5: f"x12.2.{place}.5", 9: f"x12.2.{place}.9",
    }[figure]


def _faults(row: ElementRow | None, value: str) -> Iterator[tuple[int, IssueType, str]]:
    """Give what is wrong with one value: the figure of the rule, the kind of issue, and words."""
    if row is None:
        if value:
            yield 9, IssueType.STRUCTURE, "is not used here"
        return
    plain = value.strip()
    if not plain:
        if row.is_needed:
            yield 1, IssueType.REQUIRED, "is empty"
        return
    length = len(re.sub(r"[-.]", "", plain)) if row.kind in ("N", "R") else len(plain)
    if not row.shortest <= length <= row.longest:
        shown = str(row.shortest) if row.shortest == row.longest else f"{row.shortest} to {row.longest}"
        yield 2, IssueType.TOO_LONG if length > row.longest else IssueType.VALUE, f"does not hold {shown} characters"
    elif not _has_form(row.kind, plain):
        yield 4, IssueType.VALUE, f"is not {_FORMS.get(row.kind, 'plain text')}"
    elif row.codes and plain not in row.codes:
        yield 5, IssueType.CODE_INVALID, "holds a code that does not stand in its list"


_FORMS: Final = {
    "N": "a whole number", "R": "a plain decimal number", "DT": "a day written CCYYMMDD", "TM": "a time written HHMM",
}


def _has_form(kind: str, value: str) -> bool:
    match kind:
        case "N":
            return _WHOLE.fullmatch(value) is not None
        case "R":
            return _NUMBER.fullmatch(value) is not None
        case "DT":
            return _read_day(value) is not None
        case "TM":
            return _TIME.fullmatch(value) is not None
    return value.isprintable()


def _read_day(value: str) -> date | None:
    return parse_day(f"20{value}" if len(value) == len("YYMMDD") else value)


def _check_note(letter: str, elements: tuple[int, ...], at: tuple[str, Segment], checking: Checking) -> None:
    """Check a condition between elements (X12.6 syntax notes P, R, C, L)."""
    loop, segment = at
    told = [element <= len(segment.elements) and any(segment.elements[element - 1]) for element in elements]
    first, others = told[0], told[1:]
    broken = {
        "P": any(told) and not all(told), "R": not any(told),
        "C": first and not all(others), "L": first and not any(others),
    }[letter]
    if broken:
        element = elements[told.index(False)]
        checking.report((_rule(1, f"{loop}.{segment.id}{element:02}"), IssueType.REQUIRED), f"element {element:02} is empty, and "
                        "another element of the segment wants it. Ask the sender to fill it.",
                        f"{loop}/{segment.id}/{element:02}", segment)
