"""For how much: what the Bundle says for the code, else the site's fee on the day, else the customer's fee schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from adapter.coding.amount import whole_cents
from adapter.coding.decision import Decision, Visit
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import Fee

__all__ = ["decide_charges", "explain_fees", "judge_charged_units"]

# X12 SV102 holds ten characters: less than a hundred million dollars.
_MOST = Decimal(100_000_000)


def decide_charges(visit: Visit, lines: tuple[DraftLine, ...]) -> Decision[tuple[Decimal | None, ...]]:
    """Decide the total charge of each line: ChargeItem.priceOverride, else fee times units. US dollars, whole cents."""
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


def explain_fees(visit: Visit, lines: tuple[DraftLine, ...]) -> tuple[DraftLine, ...]:
    """Add to each line that is charged by the customer's fee schedule the row that says so."""
    if not visit.tables["fee"].rows:
        return lines
    priced = {charge.code for charge in visit.facts.charges}
    rows = [None if line.code in priced or _site_fees(visit, line) else _scheduled(visit, line) for line in lines]
    return tuple(
        replace(line, because=(*line.because, visit.reason(row.id, line.source))) if row else line
        for line, row in zip(lines, rows, strict=True)
    )


def judge_charged_units(visit: Visit, lines: tuple[DraftLine, ...], acts: Mapping[str, int]) -> list[Issue]:
    """Compare the units of ChargeItems without a price with the lines of their code; a price is compared with its own.

    `acts` tells how many acts of a code the day has, of which one is billed: a ChargeItem may count them all.
    FHIR: ChargeItem.quantity.
    """
    priced = {charge.code for charge in visit.facts.charges}
    issues = []
    for code in dict.fromkeys(line.code for line in lines if line.code not in priced):
        told = {one.counted_at: one.units for one in visit.facts.services if one.code == code and one.is_charge}
        counted = [units for units in told.values() if units is not None]
        units = sum((line.units for line in lines if line.code == code), Decimal(0))
        right = {units, Decimal(acts.get(code, units))}
        if counted and not (set(counted) <= right or sum(counted) in right):
            found = " and ".join(f"{one:f}" for one in counted)
            text = f"The ChargeItem charges {found} of {code}, and the facts come to {units:f}."
            issues.append(visit.issue("charge.units-differ", text, *told))
    return issues


def _override(visit: Visit, line: DraftLine, same: list[DraftLine]) -> Decision[Decimal | None] | None:
    """Give the price of the Bundle; it is the total of its item, split over the lines of one code only where that is exact.

    Where an item asserts JW, it is that of the line with JW, and the other items are those of the other lines.
    """
    told = [charge for charge in visit.facts.charges if charge.code == line.code]
    if any(charge.is_waste for charge in told):
        told = [charge for charge in told if charge.is_waste == ("JW" in line.modifiers)]
        same = [one for one in same if ("JW" in one.modifiers) == ("JW" in line.modifiers)]
    if not told:
        return None
    sources = [charge.source for charge in told]
    if len({(charge.amount, charge.units) for charge in told}) > 1:
        text = f"The Bundle gives {line.code} several prices."
        return Decision(None, (visit.issue("charge.contradiction", text, *sources),))
    if len(told) > 1:
        text = f"Several ChargeItems give {line.code} one price: once or twice is not told."
        return Decision(None, (visit.issue("service.repeated", text, *sources),))
    charge = told[0]
    if charge.currency not in (None, "USD") or not 0 < charge.amount < _MOST:
        text = "The price is not an amount in US dollars above zero and below a hundred million, the most that a line holds."
        return Decision(None, (visit.issue("charge.not-dollars", text, *sources),))
    issues: tuple[Issue, ...] = ()
    if charge.currency is None:
        text = "The price has no currency and is read as US dollars."
        issues = (visit.issue("charge.currency-missing", text, *sources),)
    units = sum((one.units for one in same), Decimal(0))
    if charge.units is not None and charge.units != units:
        text = f"The ChargeItem charges {charge.units:f} of {line.code}, and the facts come to {units:f}."
        places = [source.removesuffix("priceOverride") + "quantity" for source in sources]
        return Decision(None, (visit.issue("charge.units-differ", text, *places),))
    share = Fraction(charge.amount) * Fraction(line.units) / Fraction(units)
    amount = whole_cents(share)
    if amount is None:
        text = f"The price for {line.code} does not divide into whole cents over its lines."
        return Decision(None, (visit.issue("charge.not-divisible", text, *sources),))
    return Decision(amount, issues)


def _fee(visit: Visit, line: DraftLine) -> Decision[Decimal | None]:
    fees, row = _site_fees(visit, line), None
    if not fees:
        row = _scheduled(visit, line)
    if len(fees) == 1 or row is not None:
        amount = whole_cents(Decimal(row.text("charge")) if row else fees[0].charge, line.units)
        if amount is not None and amount < _MOST:
            return Decision(amount)
        text = f"Fee times units of {line.code} is no amount in whole cents that a claim can hold."
        return Decision(None, (visit.issue("charge.not-divisible", text, line.source),))
    if visit.day is None:
        return Decision(None)
    text = f"No priceOverride in the Bundle, no fee of the site and no fee schedule gives {line.code} a charge on that day."
    return Decision(None, (visit.issue("charge.missing", text, line.source),))


def _site_fees(visit: Visit, line: DraftLine) -> list[Fee]:
    """Give the fees of the site file for a code on the day of service."""
    day = visit.day
    return [fee for fee in visit.site.fees if fee.code == line.code and fee.charge > 0 and day is not None
            and fee.start <= day and (fee.end is None or day <= fee.end)]


def _scheduled(visit: Visit, line: DraftLine) -> Row | None:
    """Give the row of the customer's fee schedule; a charge is that of the day of service, whatever the tables' day."""
    return visit.tables.one("fee", visit.day, code=line.code) if visit.day is not None else None
