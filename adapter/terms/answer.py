"""What a payer answers to a file of claims: received, read, accepted or refused. X12 TA1, 999 and 277CA."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapter.terms.parties import Payer

__all__ = [
    "ClaimStatus", "ElementFault", "FileAnswer", "InterchangeAnswer", "LineStatus", "SegmentFault", "Status", "StatusReport",
    "TransactionAnswer",
]


@dataclass(frozen=True, slots=True)
class InterchangeAnswer:
    """What became of an interchange: X12 TA1. `status` A taken, E taken with errors, R refused; `note` is TA105."""

    control_number: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class ElementFault:
    """One element that is refused: X12 IK4. Places count from 1, `component` 0 where the whole element is meant."""

    element: int
    code: str
    component: int = 0
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """One segment that is refused: X12 IK3. `position` counts from ST, which is 1; `code` is IK304."""

    segment: str
    position: int
    loop: str | None = None
    code: str | None = None
    elements: tuple[ElementFault, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionAnswer:
    """What became of one transaction: X12 AK2 and IK5. `status` A, E (taken with errors), R, M, W or X (refused)."""

    kind: str
    control_number: str
    status: str
    codes: tuple[str, ...] = ()
    faults: tuple[SegmentFault, ...] = ()
    guide: str | None = None


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What became of a functional group: X12 999, AK1 and AK9. `status` A, E, P (in part), R, M, W or X."""

    group_control_number: str
    functional_code: str
    guide: str
    status: str
    included: int
    received: int
    accepted: int
    codes: tuple[str, ...] = ()
    transactions: tuple[TransactionAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """One status: X12 STC01. `category` is a claim status category code, `code` a claim status code, `entity` whom about."""

    category: str
    code: str
    entity: str | None = None

    @property
    def is_rejection(self) -> bool:
        """Tell whether the payer refuses: A3, A6, A7 and A8 (X12 RFI 2203: nothing is accepted with a warning)."""
        return self.category in ("A3", "A6", "A7", "A8")


@dataclass(frozen=True, slots=True)
class LineStatus:
    """The statuses of one service line: X12 2220D. `control_number` is ours (REF*FJ, our REF*6R)."""

    control_number: str | None
    code: str
    charge: Decimal
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """What became of one claim: X12 2200D. `identifier` is ours (CLM01), `payer_claim_number` the payer's (REF*1K)."""

    identifier: str
    statuses: tuple[Status, ...]
    action: str
    charge: Decimal
    status_date: date
    family: str = ""
    member_id: str | None = None
    provider_npi: str | None = None
    service_dates: tuple[date, date] | None = None
    payer_claim_number: str | None = None
    bill_type: str | None = None
    lines: tuple[LineStatus, ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Tell whether the claim, or a line of it, is refused."""
        found = (*self.statuses, *(one for line in self.lines for one in line.statuses))
        return self.action == "U" or any(one.is_rejection for one in found)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The first word of a payer about the claims of a file: X12 277CA.

    `batch_id` is our BHT03; `batch_statuses` are those of the whole file (2200B), `provider_statuses` those of all claims of a
    billing provider (2200C).
    """

    reference: str
    payer: Payer
    batch_id: str
    batch_statuses: tuple[Status, ...]
    provider_statuses: tuple[Status, ...]
    claims: tuple[ClaimStatus, ...]
    batch_is_refused: bool = False
    provider_is_refused: bool = False
