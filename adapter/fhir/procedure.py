"""Procedure: the acts on a pump, and the other services of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adapter.fhir.billing_code import CODE, MODIFIER, keep_sound
from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, own_extension, own_extension_codes, read_codes, read_day
from adapter.fhir.encounter import read_locations
from adapter.fhir.inactive import is_inactive
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import CPT, HCPCS, own_code_system
from adapter.terms import Told

__all__ = ["ActSource", "read_act_source", "read_days", "read_modifiers", "read_service_codes", "read_skills"]

_OWN = own_code_system("refill-act")
_OWN_ACTS = {"refill", "flush", "aspiration", "analysis", "reprogramming", "infusion-start", "implantation"}


@dataclass(frozen=True, slots=True)
class ActSource:
    """One Procedure that is an act, with what places it: patient, days, parents, encounters, locations."""

    resource: Tree
    path: str
    acts: tuple[Told[str], ...]
    asserted: tuple[Told[str], ...]
    patient: Found | None
    days: tuple[Told[date], ...]
    parents: tuple[str, ...]
    encounters: list[Found]
    locations: list[Found]
    is_active: bool

    @property
    def day(self) -> date | None:
        """Give the one day of the act, None where there is none or several."""
        days = {told.value for told in self.days}
        return days.pop() if len(days) == 1 else None


def read_act_source(chart: Chart, found: Found) -> ActSource | None:
    """Read a Procedure as an act on a pump, None where its code is no such act.

    FHIR: Procedure.code (refill-act, a code of the family, a code mapped in the site file), .subject, .performed[x], .partOf.
    """
    resource, path = found
    site_acts = chart.site.refill_acts
    acts: list[Told[str]] = []
    asserted: list[Told[str]] = []
    for code in read_codes(resource, "code", path):
        if code.system == _OWN:
            if code.code in _OWN_ACTS:
                acts.append(Told(code.code, code.source))
            else:
                chart.say("act.unknown", "This is no code of refill-act.", code.source)
        elif code.system in (CPT, HCPCS):
            asserted.append(Told(code.code, code.source))
        elif (code.system or "", code.code) in site_acts:
            acts.append(Told(site_acts[code.system or "", code.code], code.source))
    if not acts and not any(chart.tables.one("asserted", None, code=told.value) for told in asserted):
        return None
    subject = chart.follow(resource, "subject", path, "Patient")
    is_active = not is_inactive(resource)
    days = read_days(chart, resource, "performed", path) if is_active else ()
    parents = tuple(where for _, where in chart.follow(resource, "partOf", path, "Procedure"))
    encounters = chart.follow(resource, "encounter", path, "Encounter")
    sound = keep_sound(chart, asserted, CODE)
    return ActSource(
        resource, path, tuple(acts), sound, subject[0] if subject else None, days, parents, encounters,
        read_locations(chart, found, encounters), is_active,
    )


def read_days(chart: Chart, resource: Tree, element: str, path: str) -> tuple[Told[date], ...]:
    """Read the local calendar days that `element`DateTime or `element`Period tell.

    FHIR: both ends of a Period must lie on one day; a month or a year alone is an issue.
    """
    written: list[tuple[str, str]] = []
    place = f"{path}.{element}"
    if moment := resource.get(f"{element}DateTime"):
        written.append((moment, place))
    if period := resource.get(f"{element}Period"):
        if "start" in period:
            written += [(period[name], f"{place}.{name}") for name in ("start", "end") if name in period]
        else:
            chart.say("service-date.imprecise", "The period has no start, and the day of service is that of its start.", place)
    days: list[Told[date]] = []
    for value, where in written:
        read = read_day(value, chart.site.time_zone)
        if read is None:
            chart.say("service-date.imprecise", "The date names no calendar day; a full date was expected.", where)
            continue
        if read.is_utc:
            note = "The time is written in UTC and the site file has no time_zone: its UTC day is used."
            chart.say("service-date.utc", note, where)
        days.append(Told(read.day, where))
    return tuple(days)


def read_service_codes(resource: Tree, path: str) -> list[Told[str]]:
    """Give the CPT and HCPCS codes of Procedure.code or ChargeItem.code, of whatever form."""
    return [Told(code.code, code.source) for code in read_codes(resource, "code", path) if code.system in (CPT, HCPCS)]


def read_modifiers(chart: Chart, resource: Tree, path: str) -> tuple[Told[str], ...]:
    """Give the modifiers asserted on a service: our extension `modifier` on Procedure or ChargeItem; one in words is an issue."""
    told = own_extension_codes(resource, "modifier", path)
    for _, where in own_extension(resource, "modifier", path):
        if not any(one.source.startswith(f"{where}.") for one in told):
            chart.say("modifier.not-understood", "The modifier is told in words, or without a code.", where)
    return keep_sound(chart, told, MODIFIER)


def read_skills(resource: Tree, path: str) -> tuple[Told[str], ...]:
    """Give the performer-skill codes of a Procedure and of its performers."""
    told = own_extension_codes(resource, "performer-skill", path)
    for performer, where in children(resource, path, "performer"):
        told += own_extension_codes(performer, "performer-skill", where)
    return tuple(told)
