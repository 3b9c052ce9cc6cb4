"""What a payer pays: a remittance, the claims in it and why they are paid so. X12 835."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapter.terms.coordination import Adjustment
from adapter.terms.parties import Payer

__all__ = ["ClaimPayment", "LinePayment", "ProviderAdjustment", "Remittance", "find_standing"]


@dataclass(frozen=True, slots=True)
class LinePayment:
    """What is paid for one service: X12 2110. `allowed` is AMT*B6; `remarks` are RARCs; `control_number` is our REF*6R."""

    code: str
    modifiers: tuple[str, ...]
    charge: Decimal
    paid: Decimal
    units: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    control_number: str | None = None
    service_date: date | None = None
    allowed: Decimal | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """What is paid for one claim: X12 2100. `status` is CLP02, `payer_claim_number` CLP07.

    A reversal (22) has the amounts of the payment that it undoes, with the other sign.
    """

    identifier: str
    status: str
    charge: Decimal
    paid: Decimal
    patient_owes: Decimal | None
    payer_claim_number: str
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LinePayment, ...] = ()
    remarks: tuple[str, ...] = ()
    family: str = ""
    member_id: str | None = None
    provider_npi: str | None = None
    allowed: Decimal | None = None

    @property
    def is_reversal(self) -> bool:
        """Tell whether this undoes an earlier payment."""
        return self.status == "22"


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money that no claim accounts for: X12 PLB. A positive `amount` lowers the payment."""

    reason: str
    reference: str | None
    amount: Decimal
    provider: str
    fiscal_date: date


@dataclass(frozen=True, slots=True)
class Remittance:
    """One payment and what it is made of: X12 835. `amount` is BPR02, negative for a debit; `trace_number` is TRN02."""

    amount: Decimal
    method: str
    payment_date: date
    trace_number: str
    payer: Payer
    payee_name: str
    payee_id: str
    produced_on: date | None = None
    claims: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()


def find_standing(payments: Iterable[ClaimPayment]) -> tuple[tuple[ClaimPayment, ...], tuple[ClaimPayment, ...]]:
    """Find the payments of one claim, in their order, that stand, and the reversals that undo none of them.

    A reversal undoes the newest standing payment of the payer's number, else of the same amount; the two are gone together.

    >>> paid = ClaimPayment("R1", "1", Decimal(310), Decimal(150), None, "P1")
    >>> undone = ClaimPayment("R1", "22", Decimal(-310), Decimal(-150), None, "P1")
    >>> find_standing([paid, undone])
    ((), ())
    """
    standing: list[ClaimPayment] = []
    unmatched: list[ClaimPayment] = []
    for payment in payments:
        if not payment.is_reversal:
            standing.append(payment)
            continue
        same = [one for one in standing if (one.charge, one.paid) == (-payment.charge, -payment.paid)]
        found = [one for one in same if one.payer_claim_number == payment.payer_claim_number] or same
        if found:
            index = len(standing) - 1 - next(at for at, one in enumerate(reversed(standing)) if one is found[-1])
            del standing[index]
        else:
            unmatched.append(payment)
    return tuple(standing), tuple(unmatched)
