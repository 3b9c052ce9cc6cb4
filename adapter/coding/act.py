"""What was done to which pump by which route, and the code of that: the act table decides, the record's own code is checked."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.coding.decision import Decision, Visit, agreed, row_step
from adapter.coding.drug_code import find_drug_codes, is_chemotherapy
from adapter.coding.pump import PumpKind, decide_pump
from adapter.coding.route import Route, decide_route, drugs_of_pump
from adapter.issues import Issue
from adapter.terms import Act, Reason, TraceStep

__all__ = ["ActCode", "decide_act", "name_of_act"]

# Acts that have a code of their own only together with the route.
_BY_ROUTE = {"refill", "infusion-start", "analysis", "reprogramming"}


@dataclass(frozen=True, slots=True)
class ActCode:
    """One act decided: its name, its code or codes, pump, route and reasons; `position` is its index in the facts."""

    act: Act
    name: str | None
    code: str | None = None
    candidates: tuple[str, ...] = ()
    pump: PumpKind = PumpKind()
    route: Route = Route()
    because: tuple[Reason, ...] = ()
    position: int = 0


def name_of_act(visit: Visit, act: Act) -> Decision[str | None]:
    """Name the act: what refill-act codes say; else what the asserted code stands for."""
    name = agreed(act.acts)
    if name is not None:
        return Decision(name, (), tuple(TraceStep("act", name, told.source, "act.told") for told in act.acts))
    if act.acts:
        text = "The Procedure's codes tell several acts: " + ", ".join(sorted({told.value for told in act.acts})) + "."
        return Decision(None, (visit.issue("act.contradiction", text, *[told.source for told in act.acts]),))
    rows = {told: visit.tables.one("asserted", None, code=told.value) for told in act.asserted}
    names = {row.text("act") for row in rows.values() if row}
    if len(names) == 1:
        name = names.pop()
        return Decision(name, (), tuple(row_step("act", name, told.source, row) for told, row in rows.items() if row))
    text = "The codes that the Procedure asserts stand for several acts."
    return Decision(None, (visit.issue("act.contradiction", text, *[told.source for told in act.asserted]),))


def decide_act(visit: Visit, position: int, named: Decision[str | None], *, reprogrammed: bool) -> Decision[ActCode]:
    """Decide the code of one act from its name, pump and route; compare it with the code that the record asserts."""
    act = visit.facts.acts[position]
    issues, trace = list(named.issues), list(named.trace)
    pump = decide_pump(visit, act)
    route = decide_route(visit, position, act)
    if named.value in _BY_ROUTE or named.value is None:
        issues += [*pump.issues, *route.issues]
        trace += [*pump.trace, *route.trace]
    elif named.value == "flush":
        issues += pump.issues
        trace += pump.trace
    facts = _facts(visit, position, named.value, (pump.value, route.value), reprogrammed)
    rows = visit.tables["act"].find(visit.table_day, **facts) if _is_pointed(facts) else ()
    candidates = tuple(dict.fromkeys(code for row in rows for code in row.texts("code")))
    code = candidates[0] if len(candidates) == 1 else None
    told_at = [told.source for told in (*act.acts, *act.asserted)] or [act.source]
    because = []
    for row in rows:
        trace.append(row_step("code", " or ".join(row.texts("code")), told_at[0], row))
        because.append(visit.reason(row.id, told_at[0]))
    because += [visit.reason(step.rule, step.source) for step in (*pump.trace, *route.trace)]
    if len(candidates) > 1 and facts["skill"] is None:
        text = f"The facts point to {' and '.join(candidates)}; who did it (performer-skill) decides between them."
        rule = "act.skill-contradiction" if act.skills else "act.skill-missing"
        places = [told.source for told in act.skills] or [f"{act.source}.performer"]
        issues.append(visit.issue(rule, text, *places))
    issues += _check_asserted(visit, act, candidates)
    decided = ActCode(act, named.value, code, candidates, pump.value, route.value, tuple(dict.fromkeys(because)), position)
    return Decision(decided, tuple(issues), tuple(trace))


def _facts(
    visit: Visit, position: int, name: str | None, where: tuple[PumpKind, Route], reprogrammed: bool
) -> dict[str, str | None]:
    pump, route = where
    act = visit.facts.acts[position]
    return {
        "act": name,
        "pump": pump.place,
        "route_class": route.branch,
        "route": route.name,
        "programmable": None if pump.is_programmable is None else "yes" if pump.is_programmable else "no",
        "reprogrammed": "yes" if reprogrammed else "no",
        "skill": agreed(act.skills),
        "drug": _drug(visit, position),
        "kind": visit.site.kind,
    }


def _drug(visit: Visit, position: int) -> str:
    """Say chemotherapy, other, or none of the drugs of an act."""
    codes = [code for drug in drugs_of_pump(visit, position) for code in find_drug_codes(visit, drug)]
    if not codes:
        return "none"
    return "chemotherapy" if any(is_chemotherapy(code) for code in codes) else "other"


def _is_pointed(facts: dict[str, str | None]) -> bool:
    """Tell whether the facts point anywhere: act and pump are known, and the route where it decides."""
    if facts["act"] is None or facts["pump"] is None:
        return False
    return facts["route_class"] is not None or facts["act"] not in (*_BY_ROUTE, "aspiration")


def _check_asserted(visit: Visit, act: Act, candidates: tuple[str, ...]) -> list[Issue]:
    """Compare what the record asserts with what its facts say; an old number stands for its successor."""
    issues = []
    for told in act.asserted:
        row = visit.tables.one("asserted", None, code=told.value)
        now = row.text("code") if row else told.value
        if row is not None and row.then["retired"] is True:
            text = f"{told.value} is an old number; {now} took its place and is what the facts are compared with."
            issues.append(visit.issue("asserted.retired-code", text, told.source))
        if candidates and now not in candidates:
            text = f"The record asserts {told.value}; its facts point to {' or '.join(candidates)}."
            issues.append(visit.issue("asserted.contradicts-facts", text, told.source))
        elif not candidates and row is not None:
            text = f"The record asserts {told.value}; its facts point to no code, so nothing supports it."
            issues.append(visit.issue("asserted.unsupported", text, told.source))
    return issues
