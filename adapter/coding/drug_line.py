"""The lines of a drug: whole units, waste on a line of its own, package, modifiers in order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from adapter.coding.amount import three_places, whole_down, whole_up
from adapter.coding.decision import Decision, Visit
from adapter.coding.drug_count import Count, Fill
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.terms import Ndc, Reason, SitePayer

__all__ = ["bill_compound", "bill_drug"]

_ONE = Decimal(1)


def bill_compound(visit: Visit, fills: list[Fill], payer: SitePayer | None) -> Decision[tuple[DraftLine, ...]]:
    """Bill what was compounded into one pump as one unit of the payer's code, described, without package or waste."""
    names = [fill.drug.name for fill in fills if fill.drug.name]
    if len(names) < len(fills):
        text = "A compounded fill is billed with a description of its drugs; the Medication has no text."
        return Decision((), (visit.issue("drug.description-missing", text, f"{fills[0].drug.source}.medication"),))
    because = tuple(reason for fill in fills for reason in _because(visit, fill, (fill.drug.source,), "drug.compounded"))
    line = DraftLine(fills[0].code, _ONE, _modifiers(payer), because, description="; ".join(dict.fromkeys(names)))
    return Decision((replace(line, pump=fills[0].pump, acts=tuple(fill.drug.act for fill in fills)),))


def bill_drug(visit: Visit, count: Count, payer: SitePayer | None) -> Decision[tuple[DraftLine, ...]]:
    """Bill a counted drug by the code's own unit; whole units of waste stand on a line of their own."""
    fill = count.fill
    issues: list[Issue] = []
    description = fill.drug.name if fill.row.then.get("unlisted") is True else None
    if fill.row.then.get("unlisted") is True and not description:
        text = f"{fill.code} is an unlisted code and is billed with a description; the Medication has no text."
        issues.append(visit.issue("drug.description-missing", text, f"{fill.drug.source}.medication"))
    waste = _waste(visit, count, payer)
    issues += [*waste.issues, *_judge_opened(visit, count)]
    modifier, wasted = waste.value
    line = DraftLine(
        code=fill.code,
        units=whole_up(count.given),
        modifiers=_modifiers(payer, *([modifier] if modifier else [])),
        because=_because(visit, fill, count.sources, "drug.jz" if modifier else None),
        description=description,
        pump=fill.pump,
        acts=count.acts,
    )
    lines = [line]
    if wasted:
        because = _because(visit, fill, count.sources, "drug.jw")
        lines.append(replace(line, units=wasted, modifiers=_modifiers(payer, "JW"), because=because))
    lines = _packaged(count, lines)
    if any(line.ndc and not line.ndc.quantity for line in lines):
        text = "The quantity of the package comes to nothing in the three places that a claim holds."
        issues.append(visit.issue("drug.ndc-not-countable", text, *[told.source for told in fill.drug.ndc]))
    if not fill.drug.ndc:
        text = "The drug has no NDC; many payers refuse a drug line without one."
        issues.append(visit.issue("drug.ndc-missing", text, f"{fill.drug.source}.medication"))
    return Decision(tuple(lines), tuple(issues))


def _because(visit: Visit, fill: Fill, sources: tuple[str, ...], rule: str | None) -> tuple[Reason, ...]:
    rules = (fill.row.id, rule) if rule else (fill.row.id,)
    return tuple(visit.reason(one, source) for one in rules for source in sources)


def _modifiers(payer: SitePayer | None, *extra: str) -> tuple[str, ...]:
    kd = ("KD",) if payer is not None and payer.kd_on_pump_drugs else ()
    return (*kd, *extra)


def _waste(visit: Visit, count: Count, payer: SitePayer | None) -> Decision[tuple[str | None, Decimal | None]]:
    """Decide JZ, or the units of a JW line: only where the payer wants them, the drug is paid apart and the vial is single-dose.

    What a billed unit covers already is not waste: JW counts whole units of what was opened beyond the units given.
    """
    fill = count.fill
    if payer is None or not payer.discarded_drug_modifiers:
        return Decision((None, None))
    told = fill.row.then
    payment = "unlisted" if told.get("unlisted") is True else "packaged" if told.get("packaged") is True else "apart"
    container = fill.container or "single-dose"  # not told: asked for below, where it would matter
    row = visit.one("discarded", container=container, payment=payment, kind=visit.site.kind)
    if row is None or row.then["jw"] is not True:
        return Decision((None, None))
    if fill.container is None:
        text = "The payer wants JW or JZ; whether the container is single-dose is not told."
        return Decision((None, None), (visit.issue("drug.container-missing", text, f"{fill.drug.source}.extension"),))
    if count.discarded is None:
        text = "The payer wants JW or JZ on a single-dose container; the discarded amount is not told."
        return Decision((None, None), (visit.issue("drug.discarded-missing", text, f"{fill.drug.source}.extension"),))
    wasted = whole_down(count.given + count.discarded) - whole_up(count.given)
    return Decision((None, wasted) if wasted >= 1 else ("JZ" if row.then["jz"] is True else None, None))


def _judge_opened(visit: Visit, count: Count) -> tuple[Issue, ...]:
    """Warn where what was given and thrown away are no whole single-dose packages: the vials opened do not add up."""
    fill = count.fill
    is_vial = fill.container == "single-dose" and fill.site_drug is not None and fill.site_drug.unit == "UN"
    if not is_vial or count.packages is None or count.packages_discarded is None:
        return ()
    if (count.packages + count.packages_discarded).denominator == 1:
        return ()
    text = "What was given and what was thrown away do not add up to whole single-dose packages of this NDC."
    return (visit.issue("drug.discarded-uneven", text, fill.drug.discarded.source if fill.drug.discarded else fill.drug.source),)


def _packaged(count: Count, lines: list[DraftLine]) -> list[DraftLine]:
    """Add the package to the lines: volume or weight used, or packages opened.

    Packages are whole on a single line; where waste has its own line the two share the packages exactly.
    """
    if count.ndc is None or count.packages is None:
        return lines
    unit = count.fill.site_drug.unit if count.fill.site_drug else "ML"
    used = Fraction(whole_up(count.packages)) if unit == "UN" and len(lines) == 1 else count.packages
    quantities = [used, count.packages_discarded or Fraction(0)]
    return [
        replace(line, ndc=Ndc(count.ndc, three_places(quantity), unit)) for line, quantity in zip(lines, quantities, strict=False)
    ]
