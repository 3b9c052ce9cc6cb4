"""The acknowledgements of a file, TA1 and 999 (005010X231A1), read and written side by side."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.issues import IssueType
from adapter.terms import ElementFault, FileAnswer, InterchangeAnswer, SegmentFault, TransactionAnswer
from adapter.x12.answer_guide import Checking, Transaction
from adapter.x12.grammar import Node
from adapter.x12.syntax import Segment, build_segment

__all__ = ["TAKEN", "read_999", "read_ta1", "write_999"]

TAKEN = ("A", "E")
"""IK501 of a transaction that is taken, with or without errors."""

_CODES = range(2, 7)
_GROUP_CODES = range(5, 10)


def read_ta1(segment: Segment) -> InterchangeAnswer:
    """Read what became of an interchange.

    X12: TA101 the ISA13 that is answered, TA104 status, TA105 note.

    >>> read_ta1(build_segment("TA1", "000000042", "260303", "0915", "R", "018")).status
    'R'
    """
    return InterchangeAnswer(segment.get(1).strip(), segment.get(4).strip(), segment.get(5).strip())


def read_999(transaction: Transaction, checking: Checking) -> FileAnswer:
    """Read a transaction that `read_answer_file` has checked, and check its statuses against each other.

    X12: AK1, AK2, IK3, IK4, IK5, AK9. Bad values (IK404) and contexts (CTX) are not read: they may hold patient data.
    Errors: `x12.3.ST.AK904.1`, `x12.4.ST.AK901.1`, `x12.4.2000.IK501.1`.
    """
    root = transaction.root
    answer = FileAnswer(
        group_control_number=root.get("AK1", 2), functional_code=root.get("AK1", 1), guide=root.get("AK1", 3),
        status=root.get("AK9", 1), included=_whole(root.get("AK9", 2)), received=_whole(root.get("AK9", 3)),
        accepted=_whole(root.get("AK9", 4)), codes=_codes(root, "AK9", _GROUP_CODES),
        transactions=tuple(_read_transaction(node) for node in root.loops),
    )
    _check(answer, root, checking)
    return answer


def _codes(node: Node, name: str, elements: range) -> tuple[str, ...]:
    return tuple(code for element in elements if (code := node.get(name, element)))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _read_transaction(node: Node) -> TransactionAnswer:
    return TransactionAnswer(
        kind=node.get("AK2", 1), control_number=node.get("AK2", 2), guide=node.get("AK2", 3) or None,
        status=node.get("IK5", 1), codes=_codes(node, "IK5", _CODES), faults=tuple(_read_fault(one) for one in node.loops),
    )


def _read_fault(node: Node) -> SegmentFault:
    return SegmentFault(
        segment=node.get("IK3", 1), position=_whole(node.get("IK3", 2)), loop=node.get("IK3", 3) or None,
        code=node.get("IK3", 4) or None,
        elements=tuple(
            ElementFault(_whole(one.get("IK4", 1)), one.get("IK4", 3), _whole(one.get("IK4", 1, 2)), one.get("IK4", 2) or None)
            for one in node.loops
        ),
    )


def _check(answer: FileAnswer, root: Node, checking: Checking) -> None:
    end, told = root.find("AK9"), [one.status for one in answer.transactions]
    if end is None:
        return
    taken = sum(status in TAKEN for status in told)
    if not answer.accepted <= answer.received <= max(answer.included, answer.received) or (
        len(told) == answer.received and taken != answer.accepted
    ):
        checking.report(("x12.3.ST.AK904.1", IssueType.INVARIANT), "AK904 is not the number of transactions that are taken "
                        f"(IK501 A or E), {taken}. Ask the payer which is right.", "ST/AK9/04", end)
    whole, none = answer.accepted == answer.received, answer.accepted == 0
    allowed = {"A": whole, "E": whole, "P": not whole and not none}.get(answer.status, none)
    if not allowed:
        checking.report(("x12.4.ST.AK901.1", IssueType.INVARIANT), "AK901 does not agree with how many transactions are taken "
                        "(AK903, AK904). Ask the payer which is right.", "ST/AK9/01", end)
    for node, one in zip(root.loops, answer.transactions, strict=True):
        status = node.find("IK5")
        if status is not None and one.status == "A" and (one.faults or one.codes):
            checking.report(("x12.4.2000.IK501.1", IssueType.INVARIANT), "IK501 says that all is taken, and faults of the "
                            "transaction are named. Ask the payer which is right.", "2000/IK5/01", status)


def write_999(answer: FileAnswer, control_number: str) -> tuple[Segment, ...]:
    """Write a 999, ST to SE; `control_number` is ST02. SE01 is counted.

    X12: ST, AK1, per transaction AK2, IK3, IK4, IK5, then AK9, SE.

    >>> one = TransactionAnswer("837", "0001", "A", guide="005010X222A1")
    >>> told = FileAnswer("42", "HC", "005010X222A1", "A", 1, 1, 1, (), (one,))
    >>> [segment.id for segment in write_999(told, "0001")]
    ['ST', 'AK1', 'AK2', 'IK5', 'AK9', 'SE']
    """
    body = [
        build_segment("ST", "999", control_number, "005010X231A1"),
        build_segment("AK1", answer.functional_code, answer.group_control_number, answer.guide),
        *(segment for one in answer.transactions for segment in _write_transaction(one)),
        build_segment("AK9", answer.status, str(answer.included), str(answer.received), str(answer.accepted), *answer.codes),
    ]
    return (*body, build_segment("SE", str(len(body) + 1), control_number))


def _write_transaction(answer: TransactionAnswer) -> Iterator[Segment]:
    yield build_segment("AK2", answer.kind, answer.control_number, answer.guide or "")
    for fault in answer.faults:
        yield build_segment("IK3", fault.segment, str(fault.position), fault.loop or "", fault.code or "")
        for one in fault.elements:
            place = (str(one.element), str(one.component) if one.component else "")
            yield build_segment("IK4", place, one.reference or "", one.code)
    yield build_segment("IK5", answer.status, *answer.codes)
