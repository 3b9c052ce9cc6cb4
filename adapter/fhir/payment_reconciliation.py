"""PaymentReconciliation: one payment of an 835 and what it is made of; and the Task of an interchange that was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapter.fhir.claim_response import PAYER_CLAIM_NUMBER, PAYER_ID, Answered, claim_reference
from adapter.fhir.elements import filled, write_concept, write_identifier, write_money
from adapter.fhir.references import Tree
from adapter.fhir.stamp import Stamp
from adapter.fhir.systems import NPI, own_identifier_system
from adapter.terms import ClaimPayment, InterchangeAnswer, ProviderAdjustment, Remittance
from adapter.terms.npi import is_npi

__all__ = ["write_interchange_task", "write_payment_reconciliation"]

_TYPE: Final = "http://terminology.hl7.org/CodeSystem/payment-type"
_PROVIDER_REASONS: Final = "https://codesystem.x12.org/005010/426"
_TRACE: Final = own_identifier_system("payment-trace-number")
_INTERCHANGE: Final = own_identifier_system("interchange-control-number")


def write_payment_reconciliation(
    remittance: Remittance, responses: Sequence[tuple[ClaimPayment, Answered | None, str]], stamp: Stamp, number: int = 1
) -> Tree:
    """Write one payment; its details add up to it.

    `responses` gives for each claim of the remittance our Claim where it is kept and the id of its ClaimResponse.
    FHIR: PaymentReconciliation.paymentAmount (BPR02), .paymentDate (BPR16), .paymentIdentifier (TRN02), .paymentIssuer, and
    a .detail for each CLP (payment) and PLB (adjustment, with the sign turned: X12 subtracts it).
    """
    return filled(
        resourceType="PaymentReconciliation",
        id=stamp.make_id(f"payment-reconciliation-{number}"),
        status="active",
        created=stamp.now.isoformat(timespec="seconds"),
        paymentIssuer=filled(identifier=write_identifier(PAYER_ID, remittance.payer.id), display=remittance.payer.name),
        outcome="complete",
        paymentDate=remittance.payment_date.isoformat(),
        paymentAmount=write_money(remittance.amount),
        paymentIdentifier=write_identifier(_TRACE, remittance.trace_number),
        detail=[
            *(_write_detail(remittance, *one) for one in responses),
            *(_write_adjustment(remittance, one) for one in remittance.provider_adjustments),
        ],
    )


def _write_detail(remittance: Remittance, payment: ClaimPayment, answered: Answered | None, response: str) -> Tree:
    return filled(
        identifier=write_identifier(PAYER_CLAIM_NUMBER, payment.payer_claim_number),
        type=write_concept(_TYPE, "payment"),
        request=claim_reference(payment.identifier, answered),
        response={"reference": f"urn:uuid:{response}"},
        date=remittance.payment_date.isoformat(),
        payee=_write_payee(remittance.payee_id, remittance.payee_name),
        amount=write_money(payment.paid),
    )


def _write_adjustment(remittance: Remittance, adjustment: ProviderAdjustment) -> Tree:
    codings = [{"system": _TYPE, "code": "adjustment"}, {"system": _PROVIDER_REASONS, "code": adjustment.reason}]
    return filled(
        identifier=write_identifier(None, adjustment.reference) if adjustment.reference else None,
        type={"coding": codings},
        date=remittance.payment_date.isoformat(),
        payee=_write_payee(adjustment.provider, None),
        amount=write_money(-adjustment.amount),
    )


def _write_payee(number: str, name: str | None) -> Tree:
    return filled(identifier=write_identifier(NPI if is_npi(number) else None, number), display=name)


def write_interchange_task(answer: InterchangeAnswer, stamp: Stamp, number: int = 1) -> Tree:
    """Write what became of sending an interchange: failed where TA1 refuses it, else accepted.

    FHIR: Task.status, .identifier (ISA13), .statusReason (TA105). X12: TA1.
    """
    return {
        "resourceType": "Task",
        "id": stamp.make_id(f"interchange-{number}"),
        "identifier": [write_identifier(_INTERCHANGE, answer.control_number)],
        "status": "failed" if answer.status == "R" else "accepted",
        "statusReason": {"text": f"TA1 {answer.status}, note {answer.note}"},
        "intent": "order",
        "description": "Send an X12 interchange of claims",
        "lastModified": stamp.now.isoformat(timespec="seconds"),
    }
