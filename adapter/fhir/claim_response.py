"""ClaimResponse: what a payer's 277CA or 835 says of one claim of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from adapter.fhir.claim_header import PATIENT_CONTROL_NUMBER
from adapter.fhir.code_set import code_set
from adapter.fhir.datatypes import extension, positive, text
from adapter.fhir.elements import filled, write_concept, write_identifier, write_money
from adapter.fhir.references import Tree
from adapter.fhir.stamp import Stamp
from adapter.fhir.systems import own_identifier_system, own_structure
from adapter.terms import Adjustment, ClaimPayment, ClaimStatus, LinePayment, Payer, Remittance, Status, StatusReport

__all__ = [
    "PAYER_CLAIM_NUMBER", "PAYER_ID", "Answered", "Describe", "PaymentContext", "claim_reference", "response_id",
    "write_claim_payment", "write_claim_status",
]

Describe = Callable[[str], str | None]
"""Give the text of a CARC or RARC from the customer's own list, or None where it is not loaded."""

PAYER_CLAIM_NUMBER: Final = own_identifier_system("payer-claim-control-number")
PAYER_ID: Final = own_identifier_system("payer-id")
_CONTROL_NUMBER: Final = own_structure("line-item-control-number")
_STATUS_CODES: Final = "https://x12.org/codes/claim-status-codes"
_STATUS_CATEGORIES: Final = "https://x12.org/codes/claim-status-category-codes"
_ENTITIES: Final = "https://codesystem.x12.org/005010/98"
_GROUPS: Final = "https://x12.org/codes/claim-adjustment-group-codes"
_REASONS: Final = "https://x12.org/codes/claim-adjustment-reason-codes"
_ADJUDICATION: Final = "http://terminology.hl7.org/CodeSystem/adjudication"
_CARIN: Final = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
_PAYMENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/ex-paymenttype"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_CATEGORIES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("PR", "1"): (_ADJUDICATION, "deductible"), ("PR", "2"): (_CARIN, "coinsurance"), ("PR", "3"): (_ADJUDICATION, "copay"),
}

# CLP02 (X12 element 1029): FHIR outcome, and what it says in words of our own.
_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "1": ("complete", "decided as the primary payer"), "2": ("complete", "decided as the secondary payer"),
    "3": ("complete", "decided as the tertiary payer"), "4": ("complete", "denied"),
    "19": ("complete", "decided as the primary payer and passed on"),
    "20": ("complete", "decided as the secondary payer and passed on"),
    "21": ("complete", "decided as the tertiary payer and passed on"),
    "22": ("complete", "an earlier payment is taken back"),
    "23": ("partial", "not this payer's claim, passed on"), "25": ("partial", "priced before the service, nothing is paid"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The Claim that an answer is about, as it is kept here, and the fullUrl of its entry."""

    resource: Tree
    full_url: str | None = None

    def find_sequence(self, control_number: str | None) -> int | None:
        """Find the sequence of the one line that has a control number, which may come back in capitals."""
        if control_number is None:
            return None
        items = self.resource.get("item")
        found = [
            positive(item.get("sequence")) for item in (items if isinstance(items, list) else [])
            if (text(extension(item, _CONTROL_NUMBER), "valueString") or "").upper() == control_number.upper()
        ]
        return found[0] if len(found) == 1 else None


def claim_reference(identifier: str, answered: Answered | None) -> Tree:
    """Refer to our Claim: by its number, and by its address where it is kept here."""
    number = write_identifier(PATIENT_CONTROL_NUMBER, identifier)
    return filled(reference=answered.full_url if answered else None, identifier=number)


def response_id(stamp: Stamp, kind: str, number: int) -> str:
    """Make the id of the n-th response of a kind in one document: the same document, the same id."""
    return stamp.make_id(f"{kind}-{number}")


def _write_frame(identifier: str, payer: Payer, answered: Answered | None, stamp: Stamp) -> Tree:
    """Write what every response has: whose claim, who answers, when. What the answer does not tell is not guessed."""
    claim: Tree = answered.resource if answered else {}
    insurer = claim.get("insurer") if isinstance(claim.get("insurer"), dict) else {}
    unknown = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    return {
        "type": claim.get("type") or unknown,
        **({"subType": claim["subType"]} if claim.get("subType") else {}),
        "use": "claim",
        "patient": claim.get("patient") or unknown,
        "created": stamp.now.isoformat(timespec="seconds"),
        "insurer": {**(insurer or {}), **filled(identifier=write_identifier(PAYER_ID, payer.id), display=payer.name)},
        "request": claim_reference(identifier, answered),
    }


# ---------------------------------------------------------------- 277CA


def write_claim_status(status: ClaimStatus, report: StatusReport, answered: Answered | None, made: tuple[Stamp, int]) -> Tree:
    """Write what a 277CA says of one claim: queued where the payer takes it, error where it refuses it.

    FHIR: ClaimResponse.identifier (REF*1K), .outcome, .disposition, .error.code (claim status code, category, entity),
    .error.itemSequence (the line by its control number). X12: 2200D, 2220D.
    """
    stamp, number = made
    refused = status.is_rejected or report.batch_is_refused or report.provider_is_refused
    errors = [_write_error(one, None) for one in status.statuses] if refused else []
    for line in status.lines if refused else ():
        sequence = answered.find_sequence(line.control_number) if answered else None
        errors += [_write_error(one, sequence) for one in line.statuses]
    errors += [_write_error(one, None) for one in (*report.batch_statuses, *report.provider_statuses) if one.is_rejection]
    codes = ", ".join(dict.fromkeys(f"{one.category}:{one.code}" for one in status.statuses))
    return {
        "resourceType": "ClaimResponse",
        "id": response_id(stamp, "claim-status", number),
        **filled(identifier=_payer_numbers(status.payer_claim_number)),
        "status": "active",
        **_write_frame(status.identifier, report.payer, answered, stamp),
        "outcome": "error" if refused else "queued",
        "disposition": f"{'Rejected' if refused else 'Taken, not decided yet'} (claim status {codes}).",
        **filled(error=errors),
    }


def _payer_numbers(number: str | None) -> list[Tree]:
    return [write_identifier(PAYER_CLAIM_NUMBER, number)] if number else []


def _write_error(status: Status, sequence: int | None) -> Tree:
    codings = [{"system": _STATUS_CODES, "code": status.code}, {"system": _STATUS_CATEGORIES, "code": status.category}]
    if status.entity:
        codings.append({"system": _ENTITIES, "code": status.entity})
    return filled(itemSequence=sequence, code={"coding": codings})


# ---------------------------------------------------------------- 835


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """What the response to a payment is written with: its remittance, our Claim where it is kept, and texts of codes."""

    remittance: Remittance
    answered: Answered | None
    describe: Describe


def write_claim_payment(payment: ClaimPayment, context: PaymentContext, made: tuple[Stamp, int]) -> Tree:
    """Write what an 835 says of one claim.

    A reversal is a response that is cancelled: it undoes and adds nothing. A line that no item of ours has stands in addItem.
    FHIR: ClaimResponse.identifier (CLP07), .outcome, .item.adjudication (submitted, eligible, each CAS, benefit), .addItem,
    .adjudication (claim level), .total, .payment, .processNote (remark codes; texts of the customer's list).
    """
    (stamp, number), answered, describe = made, context.answered, context.describe
    outcome, said = _OUTCOMES.get(payment.status, ("partial", "answered"))
    notes = _Notes(describe)
    own, added = _write_lines(payment, answered, notes)
    for code in payment.remarks:
        notes.number(code)
    return {
        "resourceType": "ClaimResponse",
        "id": response_id(stamp, "claim-payment", number),
        **filled(identifier=_payer_numbers(payment.payer_claim_number)),
        "status": "cancelled" if payment.is_reversal else "active",
        **_write_frame(payment.identifier, context.remittance.payer, answered, stamp),
        "outcome": outcome,
        "disposition": f"Claim {said} (CLP02 {payment.status}).",
        **filled(
            item=own, addItem=added, adjudication=[_write_adjustment(one, describe) for one in payment.adjustments],
            total=_write_totals(payment), payment=_write_payment(payment, context.remittance), processNote=notes.written(),
        ),
    }


class _Notes:
    """Number the remark codes of one response, each once; it holds the order in which they were met."""

    def __init__(self, describe: Describe) -> None:
        self.describe = describe
        self._codes: dict[str, int] = {}

    def number(self, code: str) -> int:
        return self._codes.setdefault(code, len(self._codes) + 1)

    def written(self) -> list[Tree]:
        told = ((number, code, self.describe(code)) for code, number in self._codes.items())
        return [{"number": number, "text": f"{code}: {said}" if said else code} for number, code, said in told]


def _write_lines(payment: ClaimPayment, answered: Answered | None, notes: _Notes) -> tuple[list[Tree], list[Tree]]:
    own: list[Tree] = []
    added: list[Tree] = []
    for line in payment.lines:
        numbers = [notes.number(code) for code in line.remarks]
        adjudication = _write_adjudication(line, notes)
        sequence = answered.find_sequence(line.control_number) if answered else None
        if sequence is not None and all(item["itemSequence"] != sequence for item in own):
            own.append(filled(itemSequence=sequence, noteNumber=numbers, adjudication=adjudication))
        else:
            added.append(_write_added(line, numbers, adjudication))
    return own, added


def _write_added(line: LinePayment, numbers: list[int], adjudication: list[Tree]) -> Tree:
    """Write a line that no item of ours has: the payer split or bundled it, or the Claim is not kept here."""
    system = code_set(line.code)
    concept = write_concept(system, line.code) if system else {"text": line.code}
    modifiers = [{"coding": [filled(system=code_set(one), code=one)]} for one in line.modifiers]
    return filled(
        productOrService=concept, modifier=modifiers,
        servicedDate=line.service_date.isoformat() if line.service_date else None,
        quantity={"value": line.units} if line.units is not None else None,
        net=write_money(line.charge), noteNumber=numbers, adjudication=adjudication,
    )


def _write_adjudication(line: LinePayment, notes: _Notes) -> list[Tree]:
    return [
        _write_amount("submitted", line.charge),
        *([_write_amount("eligible", line.allowed)] if line.allowed is not None else []),
        *(_write_adjustment(one, notes.describe) for one in line.adjustments),
        _write_amount("benefit", line.paid),
    ]


def _write_amount(category: str, amount: Decimal) -> Tree:
    return {"category": write_concept(_ADJUDICATION, category), "amount": write_money(amount)}


def _write_adjustment(adjustment: Adjustment, describe: Describe) -> Tree:
    """Write one CAS: its group (and what R4 or CARIN call it) as category, its CARC as reason."""
    known = _CATEGORIES.get((adjustment.group, adjustment.reason))
    codings = [{"system": _GROUPS, "code": adjustment.group}]
    if known:
        codings.insert(0, {"system": known[0], "code": known[1]})
    reason = filled(coding=[{"system": _REASONS, "code": adjustment.reason}], text=describe(adjustment.reason))
    return filled(
        category={"coding": codings}, reason=reason, amount=write_money(adjustment.amount), value=adjustment.quantity,
    )


def _write_totals(payment: ClaimPayment) -> list[Tree]:
    totals = [_write_amount("submitted", payment.charge), _write_amount("benefit", payment.paid)]
    if payment.allowed is not None:
        totals.insert(1, _write_amount("eligible", payment.allowed))
    if payment.patient_owes is not None:
        totals.append({"category": write_concept(_CARIN, "memberliability"), "amount": write_money(payment.patient_owes)})
    return totals


def _write_payment(payment: ClaimPayment, remittance: Remittance) -> Tree:
    return filled(
        type=write_concept(_PAYMENT_TYPE, "complete"), date=remittance.payment_date.isoformat(), amount=write_money(payment.paid),
        identifier=write_identifier(None, remittance.trace_number),
    )
