"""Does what was found in the reservoir fit what was expected? Warnings that ask for an explanation: no code hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from adapter.coding.act import ActCode, name_of_act
from adapter.coding.decision import Decision, Visit
from adapter.issues import Issue
from adapter.terms import Observation, RefillFacts, TraceStep

__all__ = ["Fill", "gather_measures", "judge_reservoir", "last_fill", "millilitres", "millilitres_a_day"]

# No number of a refill has so many digits: nothing is rounded before it is compared.
_EXACT = Context(prec=2000)
# No pump holds a cubic metre: an amount beyond is no volume of a refill.
_MOST = Decimal(1_000_000)
_THREE_PLACES = Decimal("0.001")
_VOLUMES = ("residual-expected", "residual-aspirated", "volume-injected", "volume-measured-after")


@dataclass(frozen=True, slots=True)
class Fill:
    """The fill of one pump before this one: its day, and what was measured then."""

    day: date
    measures: Mapping[str, Observation]


def judge_reservoir(visit: Visit, act: ActCode, measures: Mapping[str, Observation]) -> Decision[None]:
    """Compare the volumes told of one refill: residual, filling, capacity and flow. Exact; mL and mL a day.

    What is told twice, in two amounts, is not compared. A note on an Observation explains what was found there.
    Source: the tables tolerance and pump-model; `act` is a refill, `measures` what was observed of it.
    """
    volumes = {code: volume for code in _VOLUMES if (volume := millilitres(visit, measures.get(code))) is not None}
    rate = measures.get("flow-rate-programmed")
    if not volumes and rate is None:
        return Decision(None)
    case = _Case(visit, act, measures, volumes, last_fill(visit, act) if visit.facts.earlier else None)
    found = [*_judge_measures(case), *_judge_residual(case), *_judge_filling(case)]
    if case.last:
        found += _judge_flow(case, case.last)
    issues = tuple(one for one in found if isinstance(one, Issue))
    return Decision(None, issues, tuple(one for one in found if isinstance(one, TraceStep)))


@dataclass(frozen=True, slots=True)
class _Case:
    """One refill under judgement: what was measured of it, in mL where it is a volume, and the fill before."""

    visit: Visit
    act: ActCode
    measures: Mapping[str, Observation]
    volumes: Mapping[str, Decimal]
    last: Fill | None

    @property
    def model(self) -> str:
        """Give the model number of the pump, empty where it is not told."""
        pump = self.act.pump.pump
        return (pump.model_number if pump else None) or ""

    @property
    def capacity(self) -> str:
        """Give the mL of the reservoir by the table of pump models, empty where it is not known."""
        row = self.visit.one("pump-model", model=self.model) if self.model else None
        return row.text("capacity") if row is not None and "capacity" in row.then else ""

    def allowed(self, check: str, expected: Decimal) -> tuple[Decimal, str] | None:
        """Give by how much a measure may differ, the greater of percent and volume, and the row that says so."""
        pump = self.act.pump.pump
        kind = (pump.kind if pump else None) or ""
        row = self.visit.one("tolerance", check=check, kind=kind, capacity=self.capacity, model=self.model)
        if row is None:
            return None
        percent = row.text("percent") if "percent" in row.then else None
        bounds = [_EXACT.multiply(expected, Decimal(percent)).scaleb(-2, _EXACT)] if percent else []
        bounds += [Decimal(row.text("volume"))] if "volume" in row.then else []
        return (max(bounds), row.id) if bounds else None

    def differ(self, rule: str, text: str, *codes: str) -> Issue | TraceStep:
        """Warn of measures that differ, or note that an Observation of them explains it."""
        told = [self.measures[code] for code in codes if code in self.measures]
        explained = next((one for one in told if one.is_explained), None)
        if explained:
            return TraceStep("explanation", explained.code, explained.source, rule)
        return self.visit.issue(rule, text, *[one.source for one in told])


def gather_measures(visit: Visit, position: int, facts: RefillFacts | None = None) -> dict[str, Observation]:
    """Give the observations of one act by code: its own, and those of the whole visit where it is the only act on a pump."""
    facts = facts or visit.facts
    if len(facts.acts) == 1:
        ours = facts.observations
    else:
        there = visit if facts is visit.facts else replace(visit, facts=facts)
        family = there.family(position)
        alone = all(number in family for number, act in enumerate(facts.acts) if act.is_active)
        ours = tuple(one for one in facts.observations if (family & set(one.acts) if one.acts else alone))
    once = {one.code: one for one in ours}
    if len(once) == len(ours):
        return once
    twice = {one.code for one in ours if (once[one.code].quantity, once[one.code].day) != (one.quantity, one.day)}
    return {code: one for code, one in once.items() if code not in twice}


def last_fill(visit: Visit, act: ActCode) -> Fill | None:
    """Find the latest completed refill of the same pump on an earlier day, where the Bundle tells one."""
    for facts in visit.facts.earlier:
        ours = {position for position, device in enumerate(facts.devices) if device.source == act.pump.source}
        for position, other in enumerate(facts.acts):
            done = other.is_active and other.status.value == "completed" and ours & set(other.devices)
            if done and facts.day and name_of_act(visit, other).value == "refill":
                return Fill(facts.day, gather_measures(visit, position, facts))
    return None


def millilitres_a_day(visit: Visit, told: Observation | None) -> Decimal | None:
    """Read a flow in mL a day, None where it is none above zero in a unit that converts."""
    if told is None or told.quantity is None or told.quantity.value <= 0:
        return None
    row = visit.one("flow-unit", unit=told.quantity.unit)
    if row is None or told.quantity.value >= _MOST:
        return None
    return _EXACT.multiply(told.quantity.value, Decimal(row.text("factor")))


def millilitres(visit: Visit, told: Observation | None) -> Decimal | None:
    """Read a volume in mL, None where it is none of zero or more in a unit that converts."""
    if told is None or told.quantity is None or told.quantity.value < 0:
        return None
    amount, unit = told.quantity.value, told.quantity.unit
    if unit != "mL":
        row = visit.one("unit", unit=unit)
        if row is None or row.text("base") != "mL" or amount >= _MOST:
            return None
        amount = _EXACT.multiply(amount, Decimal(row.text("factor")))
    return amount if amount < _MOST else None


def _apart(one: Decimal, other: Decimal) -> Decimal:
    return _EXACT.subtract(one, other).copy_abs()


def _judge_measures(case: _Case) -> list[Issue]:
    """Warn of an amount that is no volume or flow, and of a programmed rate where nothing can be programmed."""
    visit, found = case.visit, []
    for code in _VOLUMES:
        told = case.measures.get(code)
        if told is not None and told.quantity is not None and code not in case.volumes:
            text = f"The amount of {code} is no volume: zero or more in a UCUM unit of volume was expected."
            found.append(visit.issue("reservoir.not-a-volume", text, told.source))
    rate = case.measures.get("flow-rate-programmed")
    if rate is not None and rate.quantity is not None and millilitres_a_day(visit, rate) is None:
        text = "The flow is not above zero in a unit of volume a day or hour."
        found.append(visit.issue("reservoir.not-a-flow", text, rate.source))
    if rate is not None and case.act.pump.is_programmable is False:
        text = "A programmed flow is told of a pump that is not programmable; its flow is fixed, and follows from its volumes."
        found.append(visit.issue("reservoir.flow-not-programmable", text, rate.source, case.act.pump.source))
    return found


def _judge_residual(case: _Case) -> list[Issue | TraceStep]:
    """Compare the residual aspirated with the one told as expected, else with what the last fill leads to expect."""
    aspirated, expected = case.volumes.get("residual-aspirated"), case.volumes.get("residual-expected")
    if aspirated is None:
        return []
    if expected is None and case.last:
        expected = _expected_residual(case, case.last)
    allowed = case.allowed("residual", expected) if expected is not None else None
    if expected is None or allowed is None or _apart(aspirated, expected) <= allowed[0]:
        return []
    text = "More was left in the pump than expected" if aspirated > expected else "Less was left in the pump than expected"
    text += f", by more than {allowed[1]} allows."
    return [case.differ("reservoir.residual-differs", text, "residual-aspirated", "residual-expected")]


def _expected_residual(case: _Case, last: Fill) -> Decimal | None:
    """Take from what the last fill left in the pump what its flow has given since; nothing is left below zero."""
    filled, rate = _filled(case.visit, last), millilitres_a_day(case.visit, last.measures.get("flow-rate-programmed"))
    if filled is None or rate is None or case.visit.day is None:
        return None
    given = _EXACT.multiply(rate, Decimal((case.visit.day - last.day).days))
    return max(_EXACT.subtract(filled, given), Decimal(0))


def _filled(visit: Visit, fill: Fill) -> Decimal | None:
    measured = millilitres(visit, fill.measures.get("volume-measured-after"))
    return measured if measured is not None else millilitres(visit, fill.measures.get("volume-injected"))


def _judge_filling(case: _Case) -> list[Issue | TraceStep]:
    """Compare what was injected with what the pump holds afterwards, and both with the reservoir."""
    injected, after = case.volumes.get("volume-injected"), case.volumes.get("volume-measured-after")
    found: list[Issue | TraceStep] = []
    allowed = case.allowed("after-refill", injected) if injected is not None and after is not None else None
    if injected is not None and after is not None and allowed is not None and _apart(injected, after) > allowed[0]:
        text = f"What was injected and what the pump holds afterwards differ by more than {allowed[1]} allows."
        found.append(case.differ("reservoir.filling-differs", text, "volume-measured-after", "volume-injected"))
    for code in ("volume-injected", "volume-measured-after"):
        volume = case.volumes.get(code)
        if volume is not None and case.capacity and volume > Decimal(case.capacity):
            text = f"{code} is more than the {case.capacity} mL that a reservoir of this model holds."
            found.append(case.visit.issue("reservoir.overfilled", text, case.measures[code].source))
    return found


def _judge_flow(case: _Case, last: Fill) -> list[Issue | TraceStep]:
    """Count the flow from two fills, and compare it with the flow told at the first of them."""
    filled, left = _filled(case.visit, last), case.volumes.get("residual-aspirated")
    if filled is None or left is None or case.visit.day is None:
        return []
    if left > filled:
        text = "More was left in the pump than the last fill put in."
        return [case.differ("reservoir.residual-differs", text, "residual-aspirated")]
    days = Decimal((case.visit.day - last.day).days)
    given = _EXACT.subtract(filled, left)
    flow = _EXACT.divide(given, days).quantize(_THREE_PLACES, ROUND_HALF_UP, _EXACT)
    told = case.measures["residual-aspirated"]
    found: list[Issue | TraceStep] = [TraceStep("flow", f"{flow:f} mL/d", told.source, "reservoir.flow")]
    label = millilitres_a_day(case.visit, last.measures.get("flow-rate-programmed"))
    allowed = case.allowed("flow", label) if label is not None else None
    if label is None or allowed is None:
        return found
    if _apart(given, _EXACT.multiply(label, days)) > _EXACT.multiply(allowed[0], days):
        text = f"The flow counted from the last fill differs from the flow told then by more than {allowed[1]} allows."
        found.append(case.differ("reservoir.flow-differs", text, "residual-aspirated"))
    return found
