"""For how much: what the Bundle says for the code, else the site's fee on the day."""

from __future__ import annotations

from decimal import Decimal

from adapter.coding.decision import Decision, Visit
from adapter.coding.line import DraftLine
from adapter.issues import Issue

__all__ = ["decide_charges"]

_CENT = Decimal("0.01")


def decide_charges(visit: Visit, lines: tuple[DraftLine, ...]) -> Decision[tuple[Decimal | None, ...]]:
    """Decide the total charge of each line: ChargeItem.priceOverride, else fee times units. US dollars and whole cents."""
    issues: list[Issue] = []
    charges: list[Decimal | None] = []
    for line in lines:
        same = [one for one in lines if one.code == line.code]
        decided = _override(visit, line, same)
        if decided is None:
            decided = _fee(visit, line)
        issues += decided.issues
        charges.append(decided.value)
    return Decision(tuple(charges), tuple(dict.fromkeys(issues)))


def _override(visit: Visit, line: DraftLine, same: list[DraftLine]) -> Decision[Decimal | None] | None:
    """Give the price of the Bundle; it is the total of its item, split over the lines of one code only where that is exact."""
    told = [charge for charge in visit.facts.charges if charge.code == line.code]
    if not told:
        return None
    sources = [charge.source for charge in told]
    if len({(charge.amount, charge.units) for charge in told}) > 1:
        text = f"The Bundle gives {line.code} several prices."
        return Decision(None, (visit.issue("charge.contradiction", text, *sources),))
    charge = told[0]
    if charge.currency not in (None, "USD") or charge.amount < 0:
        text = "The price is not an amount in US dollars."
        return Decision(None, (visit.issue("charge.not-dollars", text, *sources),))
    units = sum((one.units for one in same), Decimal(0))
    amount = charge.amount if len(same) == 1 else charge.amount * line.units / units
    if amount != amount.quantize(_CENT):
        text = f"The price for {line.code} does not divide into whole cents over its lines."
        return Decision(None, (visit.issue("charge.not-divisible", text, *sources),))
    return Decision(amount.quantize(_CENT))


def _fee(visit: Visit, line: DraftLine) -> Decision[Decimal | None]:
    day = visit.day
    fees = [fee for fee in visit.site.fees if fee.code == line.code and day is not None
            and fee.start <= day and (fee.end is None or day <= fee.end)]
    if len(fees) == 1:
        return Decision((fees[0].charge * line.units).quantize(_CENT))
    if day is None:
        return Decision(None)
    text = f"Neither a priceOverride in the Bundle nor the site's fee table gives a charge for {line.code} on the day of service."
    source = line.because[0].source if line.because else ""
    return Decision(None, (visit.issue("charge.missing", text, source),))
