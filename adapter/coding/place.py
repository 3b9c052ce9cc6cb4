"""Where was it done, and may this provider bill it there: professional, institutional, or neither."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.coding.decision import Decision, Visit, agreed, row_step
from adapter.terms import SitePayer, TraceStep

__all__ = ["Setting", "decide_place"]


@dataclass(frozen=True, slots=True)
class Setting:
    """The place of service and the form it leads to; `bill_type` on institutional claims only."""

    place: str | None = None
    form: str | None = None
    bill_type: str | None = None


def decide_place(visit: Visit, payer: SitePayer | None) -> Decision[Setting]:
    """Decide place and form: all places must agree, and the pair of place and kind of provider must be one that is paid."""
    told = visit.facts.places
    place = agreed(told)
    sources = [one.source for one in told]
    kind = visit.site.kind
    if place is None:
        rule = "place.contradiction" if told else "place.missing"
        text = "No place-of-service code; one was expected on Location.type of the Procedure's or the Encounter's Location."
        if told:
            text = "The record tells several places of service: " + ", ".join(sorted({one.value for one in told})) + "."
        return Decision(Setting(), (visit.issue(rule, text, *(sources or [visit.facts.place_expected])),))
    known = visit.one("place-of-service", place=place)
    if known is None:
        text = "This is no place-of-service code; two digits of the CMS code set were expected."
        return Decision(Setting(), (visit.issue("place.unknown", text, *sources),))
    row = visit.one("place", place=place, kind=kind)
    if row is not None:
        bill_type = row.then.get("bill_type")
        setting = Setting(place, row.text("form"), bill_type if isinstance(bill_type, str) else None)
        return Decision(setting, (), tuple(row_step("place", place, source, row) for source in sources))
    if kind == "practice" and payer is not None and place in payer.places:
        steps = tuple(TraceStep("place", place, source, "place.of-payer") for source in sources)
        return Decision(Setting(place, "professional"), (), steps)
    text = f"A provider of kind {kind} is not paid for this service at place of service {place}."
    if kind == "practice" and known.then.get("rate") == "facility":
        text += " It is a facility: who owns it bills the refill."
    return Decision(Setting(place), (visit.issue("place.not-billable", text, *sources),))
