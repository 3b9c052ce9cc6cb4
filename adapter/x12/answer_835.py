"""The remittance advice, 835 (005010X221A1), read and balanced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from adapter.issues import IssueType
from adapter.terms import Adjustment, ClaimPayment, LinePayment, Payer, ProviderAdjustment, Remittance
from adapter.x12.answer_guide import Checking, Transaction
from adapter.x12.grammar import Node
from adapter.x12.loop import parse_day
from adapter.x12.syntax import Segment

__all__ = ["read_835"]

_TRIPLES: Final = range(2, 20, 3)
_PAIRS: Final = range(3, 14, 2)
_MODIFIERS: Final = range(3, 7)
_REMARKS: Final = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
_REVERSAL: Final = "22"


def read_835(transaction: Transaction, checking: Checking) -> Remittance:
    """Read a transaction that `read_answer_file` has checked, and balance it.

    Errors: `x12.3.ST.BPR02.1` (BPR02 = sum of CLP04 - PLB), `x12.3.2100.CLP04.1` (CLP04 = CLP03 - CAS),
    `x12.3.2100.CLP03.1` (CLP03 = sum of SVC02), `x12.3.2110.SVC03.1` (SVC03 = SVC02 - CAS). Warning: `x12.3.2100.CLP05.1`
    (CLP05 = sum of CAS*PR).
    """
    root = transaction.root
    payer, payee = (next(root.inside(name), Node(root.row)) for name in ("1000A", "1000B"))
    amount = _amount(root.get("BPR", 2))
    remittance = Remittance(
        amount=-amount if root.get("BPR", 3) == "D" else amount,
        method=root.get("BPR", 4),
        payment_date=parse_day(root.get("BPR", 16)) or date.min,
        trace_number=root.get("TRN", 2),
        payer=Payer(_payer_id(payer, root), payer.get("N1", 2)),
        payee_name=payee.get("N1", 2),
        payee_id=payee.get("N1", 4),
        produced_on=parse_day(root.get("DTM", 2, qualifier="405")),
        claims=tuple(_read_claim(node, checking) for node in root.inside("2100")),
        provider_adjustments=tuple(_read_provider_adjustments(root)),
    )
    _balance(remittance, root, checking)
    return remittance


def _payer_id(payer: Node, root: Node) -> str:
    """Give the number of the payer: REF*2U as in the claim, else N104, else TRN03."""
    return payer.get("REF", 2, qualifier="2U") or payer.get("N1", 4) or root.get("TRN", 3)


def _amount(text: str) -> Decimal:
    return _optional(text) or Decimal(0)


def _optional(text: str) -> Decimal | None:
    plain = text.removeprefix("-").replace(".", "", 1)
    return Decimal(text) if plain.isascii() and plain.isdigit() else None


def _read_adjustments(node: Node) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(segment.get(1).strip(), segment.get(start).strip(), _amount(segment.get(start + 1).strip()),
                   _optional(segment.get(start + 2).strip()))
        for segment in node.find_all("CAS") for start in _TRIPLES if segment.get(start).strip()
    )


def _sum(adjustments: Iterable[Adjustment], group: str | None = None) -> Decimal:
    return sum((one.amount for one in adjustments if group in (None, one.group)), Decimal(0))


def _read_claim(node: Node, checking: Checking) -> ClaimPayment:
    name, remarks = node.find("NM1", "QC"), [
        code for kind, elements in _REMARKS.items() for element in elements if (code := node.get(kind, element))
    ]
    claim = ClaimPayment(
        identifier=node.get("CLP", 1),
        status=node.get("CLP", 2),
        charge=_amount(node.get("CLP", 3)),
        paid=_amount(node.get("CLP", 4)),
        patient_owes=_optional(node.get("CLP", 5)),
        payer_claim_number=node.get("CLP", 7),
        adjustments=_read_adjustments(node),
        lines=tuple(_read_line(line, checking) for line in node.loops),
        remarks=tuple(dict.fromkeys(remarks)),
        family=name.get(3).strip() if name else "",
        member_id=name.get(9).strip() or None if name else None,
        provider_npi=next((one.get(9).strip() for one in node.find_all("NM1", "82") if one.get(8).strip() == "XX"), None),
        allowed=_optional(node.get("AMT", 2, qualifier="AU")),
    )
    _balance_claim(claim, node, checking)
    return claim


def _read_line(node: Node, checking: Checking) -> LinePayment:
    told = [modifier for part in _MODIFIERS if (modifier := node.get("SVC", 1, part))]
    line = LinePayment(
        code=node.get("SVC", 1, 2),
        modifiers=tuple(told),
        charge=_amount(node.get("SVC", 2)),
        paid=_amount(node.get("SVC", 3)),
        units=_optional(node.get("SVC", 5)) if node.get("SVC", 5) else Decimal(1),
        adjustments=_read_adjustments(node),
        control_number=node.get("REF", 2, qualifier="6R") or None,
        service_date=parse_day(node.get("DTM", 2)),
        allowed=_optional(node.get("AMT", 2, qualifier="B6")),
        remarks=tuple(one.get(2).strip() for one in node.find_all("LQ", "HE")),
    )
    segment = node.find("SVC")
    if segment is not None and line.charge - _sum(line.adjustments) != line.paid:
        _report("x12.3.2110.SVC03.1", "SVC03 is not SVC02 less the adjustments of the line (CAS)", ("2110", 3, segment), checking)
    return line


def _report(rule: str, text: str, at: tuple[str, int, Segment], checking: Checking) -> None:
    loop, element, segment = at
    checking.report((rule, IssueType.INVARIANT), f"{text}. Post nothing of it and ask the payer for a file that balances.",
                    f"{loop}/{segment.id}/{element:02}", segment)


def _balance_claim(claim: ClaimPayment, node: Node, checking: Checking) -> None:
    segment = node.find("CLP")
    if segment is None:
        return
    every = [*claim.adjustments, *(one for line in claim.lines for one in line.adjustments)]
    if claim.charge - _sum(every) != claim.paid:
        _report("x12.3.2100.CLP04.1", "CLP04 is not CLP03 less the adjustments of the claim and its lines (CAS)",
                ("2100", 4, segment), checking)
    if claim.lines and sum((line.charge for line in claim.lines), Decimal(0)) != claim.charge:
        _report("x12.3.2100.CLP03.1", "CLP03 is not the sum of the charges of the lines (SVC02)", ("2100", 3, segment), checking)
    if claim.patient_owes is not None and claim.status != _REVERSAL and _sum(every, "PR") != claim.patient_owes:
        checking.warn(("x12.3.2100.CLP05.1", IssueType.INVARIANT), "CLP05 is not the sum of the adjustments that the patient "
                      "owes (CAS*PR). Bill the patient by the adjustments.", "2100/CLP/05", segment)


def _read_provider_adjustments(root: Node) -> Iterator[ProviderAdjustment]:
    for segment in root.find_all("PLB"):
        for start in _PAIRS:
            if segment.get(start).strip():
                yield ProviderAdjustment(
                    segment.get(start).strip(), segment.get(start, 2).strip() or None, _amount(segment.get(start + 1).strip()),
                    segment.get(1).strip(), parse_day(segment.get(2).strip()) or date.min,
                )


def _balance(remittance: Remittance, root: Node, checking: Checking) -> None:
    segment = root.find("BPR")
    paid = sum((claim.paid for claim in remittance.claims), Decimal(0))
    kept = sum((one.amount for one in remittance.provider_adjustments), Decimal(0))
    if segment is not None and remittance.amount != paid - kept:
        _report("x12.3.ST.BPR02.1", "BPR02 is not the sum of the payments of claims (CLP04) less the adjustments of the "
                "provider (PLB)", ("ST", 2, segment), checking)
