"""Modifiers of the refill line: derived from facts, in order, at most four; what the record asserts is checked."""

from __future__ import annotations

from dataclasses import replace

from adapter.coding.act import ActCode
from adapter.coding.decision import Decision, Visit
from adapter.coding.line import DraftLine
from adapter.coding.place import Setting
from adapter.terms import Reason, SitePayer, Told

__all__ = ["decide_drug_modifiers", "decide_refill_modifiers"]

_STOPPED = {"professional": "53", "institutional": "52"}


def decide_refill_modifiers(
    visit: Visit, refill: ActCode, setting: tuple[Setting, SitePayer | None], separate: str | None
) -> Decision[tuple[tuple[str, ...], tuple[Reason, ...]]]:
    """Decide the modifiers of 96522: stopped (53 or 52), separate access, off-campus department; then asserted coverage ones."""
    place, payer = setting
    modifiers: list[str] = []
    because: list[Reason] = []
    status = refill.act.status
    if status.value == "stopped" and place.form:
        modifiers.append(_STOPPED[place.form])
        because.append(visit.reason("modifier.stopped", status.source))
    if separate:
        modifiers.append(separate)
        because.append(visit.reason("modifier.separate-access", refill.act.source))
    off_campus = visit.site.off_campus_modifier
    if place.place == "19" and place.form == "institutional" and payer is not None and payer.kind == "medicare" and off_campus:
        modifiers.append(off_campus)
        because.append(visit.reason("modifier.off-campus", visit.facts.places[0].source))
    issues = []
    for told in _asserted(visit, refill):
        row = visit.one("modifier", modifier=told.value, on="refill")
        use = row.text("use") if row else "refused"
        if row is not None and use == "kept":
            if told.value not in modifiers:
                modifiers.append(told.value)
                because.append(visit.reason(row.id, told.source))
        elif told.value not in modifiers:
            text = f"The record asserts modifier {told.value} on {refill.code}; " + (
                "the facts do not support it." if use == "derived" else "it is not valid on this code.")
            if told.value == "11":
                text += " 11 is a place of service, never a modifier."
            issues.append(visit.issue("modifier.not-allowed", text, told.source))
    if {"GA", "GZ"} <= set(modifiers):
        text = "GA says that the patient signed a notice, GZ that none was signed: both are asserted."
        issues.append(visit.issue("modifier.contradiction", text, refill.act.source))
    if len(modifiers) > 4:
        issues.append(visit.issue("modifier.too-many", "A line holds four modifiers.", refill.act.source))
    return Decision((tuple(modifiers), tuple(because)), tuple(issues))


def _asserted(visit: Visit, refill: ActCode) -> tuple[Told[str], ...]:
    charged = [told for service in visit.facts.services if service.code == refill.code for told in service.modifiers]
    return tuple({told.value: told for told in (*refill.act.modifiers, *charged)}.values())


def decide_drug_modifiers(visit: Visit, lines: tuple[DraftLine, ...]) -> Decision[tuple[DraftLine, ...]]:
    """Compare the modifiers that ChargeItems assert on drugs with those derived; one that the table keeps is added."""
    issues = []
    settled = list(lines)
    for service in visit.facts.services:
        places = [place for place, line in enumerate(settled) if line.code == service.code]
        derived = {modifier for place in places for modifier in settled[place].modifiers}
        for told in service.modifiers if places else ():
            row = visit.one("modifier", modifier=told.value, on="drug")
            if row is not None and row.text("use") == "kept":
                for place in places:
                    line = settled[place]
                    because = (*line.because, visit.reason(row.id, told.source))
                    settled[place] = replace(line, modifiers=(*line.modifiers, told.value), because=because)
            elif told.value not in derived:
                text = f"The record asserts modifier {told.value} on {service.code}; the facts do not support it."
                issues.append(visit.issue("drug.modifier-contradiction", text, told.source))
    return Decision(tuple(settled), tuple(issues))
