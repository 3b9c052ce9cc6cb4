"""What else was done that day: what stands beside the refill, what is dropped, what takes the refill in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from adapter.coding.act import ActCode
from adapter.coding.decision import Decision, Visit, by_row
from adapter.coding.line import DraftLine
from adapter.coding.pair import SEPARATE, drop_paired, find_pairs
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import Device, Dropped, Service, SitePayer

__all__ = ["SameDay", "decide_same_day", "is_charged_only", "is_paid_service", "is_second_pump"]

# Acts that take a refill of the same day in, whether or not the record tells their code.
_TAKES_IN = {"implantation", "infusion-start"}
# Visits of which one provider is paid one a day; prolonged services and planning of care may stand beside one.
_ENCOUNTER = re.compile(r"992\d\d|993[0-4]\d|99350|G0463", re.ASCII)


@dataclass(frozen=True, slots=True)
class SameDay:
    """The services of the day decided.

    `refill_modifier` is what separates the refill from a service that would take it in; `absorbed_by` names
    services that do take it in.
    """

    lines: tuple[DraftLine, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    refill_modifier: str | None = None
    absorbed_by: tuple[str, ...] = ()

    def joined(self, other: SameDay) -> SameDay:
        """Add another service's decision."""
        return SameDay(
            (*self.lines, *other.lines),
            (*self.dropped, *other.dropped),
            self.refill_modifier or other.refill_modifier,
            (*self.absorbed_by, *other.absorbed_by),
        )


def decide_same_day(
    visit: Visit, refill: ActCode, others: tuple[ActCode, ...], settled: tuple[SitePayer | None, frozenset[str]]
) -> Decision[SameDay]:
    """Decide every other service and act of the day; `settled` is the payer and the codes that are lines already."""
    payer, codes = settled
    result = SameDay()
    issues = list(_judge_repeats(visit))
    for other in others:
        decided = _uncoded(visit, other)
        result = result.joined(decided.value)
        issues += decided.issues
    services = _merged((*_acts_as_services(others), *visit.facts.services))
    pairs = find_pairs(visit, [service.code for service in services]) if len(services) > 1 else {}
    for service in sorted(services, key=lambda one: one.code):
        if service.code == refill.code or service.code in codes:
            continue
        if service.units is not None and (service.units < 1 or service.units != service.units.to_integral_value()):
            issues.append(visit.issue("service.units-invalid", f"{service.code} is not charged in whole units.", service.source))
            continue
        if _is_drug(visit, service.code):
            text = f"{service.code} is charged and no administration of it belongs to the refill: it makes no line."
            issues.append(visit.issue("drug.charge-without-administration", text, service.source))
            dropped = Dropped(service.code, "drug.charge-without-administration", service.source)
            result = result.joined(SameDay(dropped=(dropped,)))
            continue
        decided = _decide_service(visit, refill, service, payer)
        act = next((one for one in others if _code_of(one) == service.code), None)
        value = decided.value
        if service.units is None and value.lines:
            text = f"How many units of {service.code} are charged is not told."
            issues.append(visit.issue("service.units-missing", text, service.counted_at))
        lines = tuple(_of_act(visit, line, act) if act else line for line in value.lines)
        kept = _kept_modifiers(visit, service, (value, service.code in pairs))
        issues += kept.issues
        lines = tuple(replace(line, modifiers=(*line.modifiers, *kept.value)) for line in lines)
        result = result.joined(replace(value, lines=lines))
        issues += decided.issues
    visits = [line for line in result.lines if _ENCOUNTER.fullmatch(line.code)]
    if len(visits) > 1:
        text = f"{' and '.join(line.code for line in visits)} are told of one day, and a provider is paid one visit."
        issues.append(visit.issue("visit.several", text, *[line.source for line in visits]))
    paired = drop_paired(visit, result.lines)
    result = replace(result, lines=paired.value[0], dropped=(*result.dropped, *paired.value[1]))
    return Decision(result, (*issues, *paired.issues))


def _uncoded(visit: Visit, other: ActCode) -> Decision[SameDay]:
    """Say what an act of the day without a code leaves open beside the refill."""
    if _code_of(other) is not None:
        return Decision(SameDay())
    if other.name == "refill":
        text = "A second refill of the day has no code that its facts point to: whether and how it is billed is not settled."
        return Decision(SameDay(), (visit.issue("same-day.second-refill-undecided", text, other.act.source),))
    if other.name in _TAKES_IN:
        text = f"An act of the same day ({other.name}) takes the refill in, and no code for it is told."
        return Decision(SameDay(absorbed_by=("",)), (visit.issue("same-day.absorbed", text, other.act.source),))
    return Decision(SameDay())


def _judge_repeats(visit: Visit) -> list[Issue]:
    """Find services that two ChargeItems charge: once or twice is for a person."""
    charged: dict[str, list[Service]] = {}
    for service in visit.facts.services:
        if service.is_charge and not visit.tables["drug"].find(visit.table_day, code=service.code):
            charged.setdefault(service.code, []).append(service)
    return [
        visit.issue("service.repeated", f"Two ChargeItems of the day charge {code}.", *[one.source for one in same])
        for code, same in charged.items()
        if len(same) > 1
    ]


def is_charged_only(act: ActCode) -> bool:
    """Tell whether the record gives an act by a code alone, that of no refill: a service of the day like any other.

    A refill is judged by its own pump, route and performer, however it is told: its code is an assertion to be checked.
    """
    return not act.act.acts and act.name != "refill"


def _code_of(act: ActCode) -> str | None:
    """Give the code by which another act is judged: what the facts point to first, else what the record asserts."""
    if act.candidates and not is_charged_only(act):
        return act.candidates[0]
    return act.act.asserted[0].value if act.act.asserted else None


def _acts_as_services(others: tuple[ActCode, ...]) -> list[Service]:
    """Take every other act that has a code for a service of the day."""
    return [
        Service(act.act.source, code, act.act.modifiers, Decimal(1), None, act.act.devices)
        for act in others
        if (code := _code_of(act))
    ]


def _merged(services: tuple[Service, ...]) -> list[Service]:
    """Take a Procedure and a ChargeItem of one code for one service: both tell its modifiers, either its note."""
    merged: dict[str, Service] = {}
    for service in services:
        known = merged.get(service.code)
        if known is None:
            merged[service.code] = service
        else:
            modifiers = tuple({told.value: told for told in (*known.modifiers, *service.modifiers)}.values())
            units = max((one.units for one in (known, service) if one.units is not None), default=None)
            merged[service.code] = replace(known, modifiers=modifiers, units=units, note=known.note or service.note)
    return list(merged.values())


def _decide_service(visit: Visit, refill: ActCode, service: Service, payer: SitePayer | None) -> Decision[SameDay]:
    row = visit.one("same-day", code=service.code, kind=visit.site.kind)
    old = visit.tables.one("asserted", None, code=service.code) if row is None else None
    if old is not None and old.then["retired"] is True:
        text = f"{service.code} is an old number, and is not billed; {old.text('code')} took its place."
        return Decision(SameDay(), (visit.issue("service.retired-code", text, service.source),))
    if row is None:
        text = f"What {service.code} means beside the refill is not in the tables; a person must decide whether it is billed."
        return Decision(SameDay(), (visit.issue("same-day.unknown", text, service.source),))
    relation = row.text("relation")
    if relation == "drop":
        return Decision(SameDay(dropped=(Dropped(service.code, row.id, service.source),)))
    if relation == "beside":
        return Decision(SameDay(lines=(_line(visit, service, row),)))
    if relation in ("visit", "kit") and service.units is not None and service.units > 1:
        text = f"{service.code} is billed once a day; {service.units:f} units are charged."
        return Decision(SameDay(), (visit.issue("service.units-invalid", text, service.source),))
    if relation == "kit":
        return _kit(visit, service, row, payer)
    if relation == "visit":
        return _office_visit(visit, service, row)
    modifier = next((one for one in SEPARATE if one in [told.value for told in service.modifiers]), None)
    if relation == "separate":
        return _separate(visit, service, (row, modifier))
    if relation == "second":
        return _second_pump(visit, refill, service, (row, modifier))
    return _absorbing(visit, refill, service, (row, modifier))


def is_paid_service(visit: Visit, code: str) -> bool:
    """Tell whether a service would be paid beside a flush: drugs and the kit are no services of their own."""
    row = visit.one("same-day", code=code, kind=visit.site.kind)
    return not _is_drug(visit, code) and (row is None or row.text("relation") != "kit")


def is_second_pump(visit: Visit, code: str) -> bool:
    """Tell whether a service is the refill of a second pump: where the pump is not proved, both codes are proposed."""
    row = visit.one("same-day", code=code, kind=visit.site.kind) if code else None
    return row is not None and row.text("relation") == "second"


def _is_drug(visit: Visit, code: str) -> bool:
    """Tell whether a code is that of a drug, on whatever day."""
    return any(code in row.when["code"] for row in visit.tables["drug"].rows)


def _of_act(visit: Visit, line: DraftLine, act: ActCode) -> DraftLine:
    """Add to a line what was decided of its act: the reasons, the pump, and that it was stopped."""
    stopped = act.act.status.value == "stopped"
    modifier = ("52" if visit.site.kind == "hospital" else "53",) if stopped else ()
    reason = (visit.reason("modifier.stopped", act.act.status.source),) if stopped else ()
    because = (*line.because, *act.because, *reason)
    modifiers = (*modifier, *line.modifiers)
    return replace(line, because=because, pump=act.pump.pump, modifiers=modifiers, acts=(act.position,))


def _kept_modifiers(visit: Visit, service: Service, settled: tuple[SameDay, bool]) -> Decision[tuple[str, ...]]:
    """Decide the modifiers that a service asserts and that no rule here has used: kept by the table, or for a person.

    `settled` is what was decided of the service, and whether another of the day excludes it but for such a modifier.
    """
    decided, is_paired = settled
    used = {modifier for line in decided.lines for modifier in line.modifiers} | {decided.refill_modifier}
    kept = []
    issues = []
    for told in service.modifiers if decided.lines else ():
        row = visit.one("modifier", modifier=told.value, on="service")
        if told.value in used:
            continue
        if (row is not None and row.text("use") == "kept") or (is_paired and told.value in SEPARATE):
            kept.append(told.value)
        else:
            text = f"The record asserts modifier {told.value} on {service.code}; whether it belongs there is for a person."
            issues.append(visit.issue("service.modifier-unknown", text, told.source))
    return Decision(tuple(dict.fromkeys(kept)), tuple(issues))


def _line(visit: Visit, service: Service, row: Row, *modifiers: str) -> DraftLine:
    units = service.units if service.units is not None else Decimal(1)  # not told: the record is held, see decide_same_day
    return DraftLine(service.code, units, modifiers, (visit.reason(row.id, service.source),))


def _kit(visit: Visit, service: Service, row: Row, payer: SitePayer | None) -> Decision[SameDay]:
    if payer is not None and payer.kit_a4220:
        return Decision(SameDay(lines=(_line(visit, service, row),)))
    return Decision(SameDay(dropped=(Dropped(service.code, "kit.not-paid-apart", service.source),)))


def _office_visit(visit: Visit, service: Service, row: Row) -> Decision[SameDay]:
    """Keep a visit that asserts 25 and has a note of its own; 25 goes on the visit, never on the refill."""
    asserts = "25" in [told.value for told in service.modifiers]
    if asserts and service.note:
        line = _line(visit, service, row, "25")
        return Decision(SameDay(lines=(replace(line, because=(*line.because, visit.reason("visit.separate", service.note))),)))
    missing = "modifier 25" if service.note else "a note of its own" if asserts else "modifier 25 and a note of its own"
    text = f"{service.code} is not billed beside the refill: {missing} is missing."
    issue = by_row(visit.issue("visit.not-separate", text, service.source), row)
    return Decision(SameDay(dropped=(Dropped(service.code, row.id, service.source),)), (issue,))


def _separate(visit: Visit, service: Service, found: tuple[Row, str | None]) -> Decision[SameDay]:
    """Keep a service that a modifier tells apart from the refill; without one NCCI pays the refill alone."""
    row, modifier = found
    if modifier:
        return Decision(SameDay(lines=(_line(visit, service, row, modifier),)))
    text = f"{service.code} is not billed beside the refill: 59, XE, XS or XU on it was expected."
    issue = by_row(visit.issue("same-day.not-separate", text, service.source), row)
    return Decision(SameDay(dropped=(Dropped(service.code, row.id, service.source),)), (issue,))


def _other_devices(visit: Visit, refill: ActCode, service: Service) -> list[Device]:
    devices = visit.facts.devices
    own = [devices[position] for position in service.devices] or list(devices)
    pumps = [device for device in own if any(visit.one("pump-kind", kind=told.value) for told in device.kinds)]
    return [device for device in pumps if device.source != refill.pump.source and device.is_patients]


def _has_second_device(visit: Visit, refill: ActCode, service: Service) -> bool:
    """Tell whether the record shows a second Device for a service: of the pump that the act table asks for its code, if any."""
    rows = [row for row in visit.tables["act"].rows if service.code in row.texts("code")]
    return any(not rows or any(_fits(visit, device, row) for row in rows) for device in _other_devices(visit, refill, service))


def _is_for_spinal_pump(visit: Visit, code: str) -> bool:
    """Tell whether the act table has a code for spinal pumps only."""
    rows = [row for row in visit.tables["act"].rows if code in row.texts("code")]
    return bool(rows) and all(tuple(row.when.get("route_class", ())) == ("spinal",) for row in rows)


def _fits(visit: Visit, device: Device, row: Row) -> bool:
    """Tell whether a Device is of the pump class of a row of the act table, and tells no other route class or programming."""
    kinds = [kind for told in device.kinds if (kind := visit.one("pump-kind", kind=told.value))]
    routes = {route.text("class") for told in device.routes if (route := visit.tables.one("route", None, code=told.value))}
    programmable = {"yes" if kind.then["programmable"] is True else "no" for kind in kinds}
    asked = row.when
    return (
        {kind.text("class") for kind in kinds} == set(asked["pump"])
        and routes <= set(asked.get("route_class", routes))
        and programmable <= set(asked.get("programmable", programmable))
    )


def _second_pump(visit: Visit, refill: ActCode, service: Service, found: tuple[Row, str | None]) -> Decision[SameDay]:
    row, modifier = found
    is_pair = row.then["pair"] is True
    if (modifier or not is_pair) and _has_second_device(visit, refill, service):
        return Decision(SameDay(lines=(_line(visit, service, row, *([modifier] if modifier else [])),)))
    text = f"{service.code} needs a pump of its own beside the refill, and its Device is not shown."
    if is_pair:
        text = (f"{service.code} and the refill exclude each other unless two pumps were refilled: 59, XE, XS or XU on "
                f"{service.code} and two Devices were expected.")
    issue = by_row(visit.issue("same-day.second-pump-unproved", text, service.source), row)
    return Decision(SameDay(absorbed_by=(service.code,)), (issue,))


def _absorbing(visit: Visit, refill: ActCode, service: Service, found: tuple[Row, str | None]) -> Decision[SameDay]:
    row, modifier = found
    if row.then.get("separable") is True and modifier and _has_second_device(visit, refill, service):
        return Decision(SameDay(lines=(_line(visit, service, row),), refill_modifier=modifier))
    if _is_for_spinal_pump(visit, service.code) and not _other_devices(visit, refill, service):
        text = f"{service.code} is for a spinal pump, and none is in the record beside that of the refill."
        return Decision(SameDay(), (by_row(visit.issue("same-day.second-pump-unproved", text, service.source), row),))
    text = f"{service.code} of the same day takes the refill in."
    if row.then.get("separable") is True:
        text += " That the two were apart is not proved: 59, XE, XS or XU on it, and a second Device of its kind."
    issue = by_row(visit.issue("same-day.absorbed", text, service.source), row)
    return Decision(SameDay(absorbed_by=(service.code,)), (issue,))
