"""Where does the catheter end? All places must agree; two routes hold the record even where both give one code."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.coding.decision import Decision, Visit, agreed
from adapter.terms import Act, Drug, Told, TraceStep

__all__ = ["Route", "decide_route", "drugs_of_pump", "told_routes"]


@dataclass(frozen=True, slots=True)
class Route:
    """A route and the class (systemic, spinal, brain, other) that all told routes share; None where not known."""

    name: str | None = None
    branch: str | None = None


def told_routes(visit: Visit, position: int, act: Act) -> tuple[Told[str], ...]:
    """Gather the routes of one act: its own, its Devices', those of the drugs given into its pump and of other acts on it."""
    acts, used = visit.facts.acts, set(act.devices)
    others = [one for i, one in enumerate(acts) if i != position and one.is_active]
    sharing = [one for one in others if used & set(one.devices)]
    devices = [told for device in act.devices for told in visit.facts.devices[device].routes]
    drugs = [told for drug in drugs_of_pump(visit, position) for told in drug.routes]
    return (*act.routes, *devices, *drugs, *(told for one in sharing for told in one.routes))


def drugs_of_pump(visit: Visit, position: int) -> list[Drug]:
    """Give the drugs of an act, and those of the other acts on its pump: the catheter is the pump's."""
    acts = visit.facts.acts
    devices = set(acts[position].devices)
    return [drug for drug in visit.facts.drugs if drug.act == position or devices & set(acts[drug.act].devices)]


def decide_route(visit: Visit, position: int, act: Act) -> Decision[Route]:
    """Decide the route of one act.

    Two places that differ are an error; where both lead to the same class the class is still known.
    """
    told = told_routes(visit, position, act)
    classes = {row.text("class") for one in told if (row := visit.tables.one("route", None, code=one.value))}
    branch = classes.pop() if len(classes) == 1 else None
    name = agreed(told)
    sources = [one.source for one in told]
    if not told:
        expected = [facts.source for facts in (visit.facts.devices[d] for d in act.devices)] or [act.source]
        text = "No place tells the route of delivery; the Device, the Procedure or the administration was expected to."
        return Decision(Route(), (visit.issue("route.missing", text, *expected),))
    if name is None:
        values = " and ".join(sorted({one.value for one in told}))
        text = f"The record tells two routes: {values}. One of them is wrong, or the acts belong to two pumps."
        return Decision(Route(None, branch), (visit.issue("route.contradiction", text, *sources),))
    steps = tuple(TraceStep("route", name, source, "route.agreed") for source in sources)
    if branch == "other":
        text = f"No code of the family covers a pump that delivers by the {name} route."
        return Decision(Route(name, branch), (visit.issue("route.not-covered", text, *sources),), steps)
    return Decision(Route(name, branch), (), steps)
