"""ClaimResponse of an earlier payer: what it decided of the claim, for the payer that comes after it."""

from __future__ import annotations

from decimal import Decimal

from adapter.fhir.claim_item import read_money
from adapter.fhir.datatypes import children, codes, day, number, positive, text
from adapter.fhir.elements import filled, write_concept, write_money
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.stamp import Urls
from adapter.issues import Severity
from adapter.terms import Adjustment, Claim, LineDecision, PayerDecision

__all__ = ["read_decision", "write_decision"]

_CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
_ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"
_PAYMENT = "http://terminology.hl7.org/CodeSystem/ex-paymenttype"
_GROUP = "https://codesystem.x12.org/005010/1033"
_REASON = "https://x12.org/codes/claim-adjustment-reason-codes"


def write_decision(claim: Claim, place: int, urls: Urls) -> Tree:
    """Write what the payer of the insurance at this place (from 1) decided.

    FHIR: ClaimResponse.created (day of the decision), .identifier (the payer's own number), .payment.amount,
    .adjudication and .item.adjudication: category benefit is what was paid, with the units in value; category a group of
    X12 (element 1033) is an adjustment, with its reason, amount and quantity in value. X12: 2320 CAS, AMT*D, 2430.
    """
    decision = (claim.insurance, *claim.other_insurance)[place - 1].decision
    if decision is None:
        raise ValueError("this payer has decided nothing")
    number_, paid = decision.claim_number, decision.paid
    return filled(
        resourceType="ClaimResponse",
        identifier=[{"value": number_}] if number_ else None,
        status="active",
        type=write_concept(_CLAIM_TYPE, claim.form),
        use="claim",
        patient=urls.reference("patient"),
        created=decision.decided_on.isoformat(),
        insurer=urls.reference(f"payer-{place}"),
        outcome="complete",
        item=[
            {"itemSequence": one.sequence, "adjudication": [_write_paid(one), *map(_write_adjustment, one.adjustments)]}
            for one in decision.lines
        ],
        adjudication=[_write_adjustment(one) for one in decision.adjustments],
        payment={"type": write_concept(_PAYMENT, "complete"), "amount": write_money(paid)},
    )


def _write_paid(line: LineDecision) -> Tree:
    return {"category": write_concept(_ADJUDICATION, "benefit"), "amount": write_money(line.paid), "value": line.units}


def _write_adjustment(one: Adjustment) -> Tree:
    return filled(
        category=write_concept(_GROUP, one.group), reason=write_concept(_REASON, one.reason), amount=write_money(one.amount),
        value=one.quantity,
    )


def read_decision(found: Found, reading: Reading) -> PayerDecision | None:
    """Read what a payer decided; None, with a warning, where day or payment is not told: then nothing is said of it."""
    tree, path = found
    created, payment = day(str(tree.get("created"))[:10]), tree.get("payment")
    parts: Tree = payment if isinstance(payment, dict) else {}
    paid = read_money((parts, f"{path}.payment"), "amount", reading) if "amount" in parts else None
    if tree.get("resourceType") != "ClaimResponse" or created is None or paid is None:
        note = "What this payer decided has no day or no payment; it is not told to the next payer. Give created and payment."
        reading.note(Severity.WARNING, "insurance.decision-incomplete", path, note)
        return None
    numbers = [text(one, "value") for one, _ in children(tree, path, "identifier")]
    lines = tuple(one for item in children(tree, path, "item") for one in _read_line(item, reading))
    return PayerDecision(created, paid, numbers[0] if len(numbers) == 1 else None, _read_adjustments(found, reading), lines)


def _read_line(item: Found, reading: Reading) -> list[LineDecision]:
    sequence = positive(item[0].get("itemSequence"))
    for part in children(*item, "adjudication"):
        if sequence is not None and "benefit" in codes(part[0].get("category"), _ADJUDICATION):
            paid, units = read_money(part, "amount", reading), number(part[0], "value")
            if paid is not None:
                return [LineDecision(sequence, paid, units or Decimal(0), _read_adjustments(item, reading))]
    return []


def _read_adjustments(owner: Found, reading: Reading) -> tuple[Adjustment, ...]:
    found = []
    for part in children(*owner, "adjudication"):
        groups, reasons = codes(part[0].get("category"), _GROUP), codes(part[0].get("reason"), _REASON)
        amount = read_money(part, "amount", reading) if groups else None
        if len(groups) == len(reasons) == 1 and amount is not None:
            found.append(Adjustment(groups[0], reasons[0], amount, number(part[0], "value")))
    return tuple(found)
