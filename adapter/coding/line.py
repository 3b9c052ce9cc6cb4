"""A line before it has a number, a charge and pointers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adapter.terms import Ndc, Pump, Reason

__all__ = ["DraftLine"]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What a question decided to bill: code, whole units, modifiers in order and the reasons.

    `acts` are the indices of the acts that it bills, none where it is the whole visit's.
    """

    code: str
    units: Decimal
    modifiers: tuple[str, ...] = ()
    because: tuple[Reason, ...] = ()
    ndc: Ndc | None = None
    description: str | None = None
    pump: Pump | None = None
    acts: tuple[int, ...] = ()

    @property
    def source(self) -> str:
        """Give the place that the line comes from, empty where no reason names one."""
        return self.because[0].source if self.because else ""
