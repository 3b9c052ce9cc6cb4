"""What a payer before this one decided of a claim: coordination of benefits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["Adjustment", "LineDecision", "PayerDecision"]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What was not paid, and why: X12 CAS. `group` is CO, OA, PI or PR, `reason` a claim adjustment reason code (number only)."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What was paid for the line of this `sequence`, as it was billed: X12 loop 2430, FHIR ClaimResponse.item."""

    sequence: int
    paid: Decimal
    units: Decimal
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class PayerDecision:
    """What a payer decided of the whole claim, and on which day: X12 loop 2320 with 2330B and 2430, FHIR ClaimResponse.

    `paid` is AMT*D, `claim_number` the payer's own (REF*F8); `adjustments` are of the claim, those of a line stand with it.
    """

    decided_on: date
    paid: Decimal
    claim_number: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LineDecision, ...] = ()
