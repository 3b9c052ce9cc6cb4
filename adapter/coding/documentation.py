"""What the note must show and where it does, a warning for what is asked for and missing; and what the pump's label says."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.issues import Issue
from adapter.tables import Table
from adapter.terms import Documentation, Drug, Element, RefillFacts

__all__ = ["Listed", "find_places", "judge_documentation", "judge_udi", "read_documentation"]

_HRF = re.compile(r"\((\d{2})\)([^(]+)")


class Listed(NamedTuple):
    """One element of a note: the places that show it, or, where none does, the places where it was looked for."""

    element: Element
    sources: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


def read_documentation(visit: Visit, acts: tuple[ActCode, ...]) -> Documentation | None:
    """Read which elements of a refill note apply to the visit.

    Source: the table documentation. Where the patient is not known nothing is read: the record has a graver fault.
    """
    facts = visit.facts
    if facts.patient is None:
        return None
    has = (any(act.pump.is_programmable for act in acts), bool(facts.drugs), any(map(_is_single_dose, facts.drugs)))
    elements, asked = _elements(visit.tables["documentation"], visit.table_day, has)
    return Documentation(elements, asked, facts)


def judge_documentation(visit: Visit, documentation: Documentation | None) -> list[Issue]:
    """Warn of each element that is asked for and that the record does not show."""
    if documentation is None:
        return []
    facts = documentation.facts
    observed = {one.code for one in facts.observations}
    return [
        visit.issue("documentation.missing", f"The record does not show: {one.name}.", *find_places(one, facts).expected)
        for one in documentation.asked
        if observed.isdisjoint(one.ways) and not find_places(one, facts).sources
    ]


def find_places(element: Element, facts: RefillFacts) -> Listed:
    """Find where a visit shows an element: in each of its drugs, or in one place at least."""
    of_drug = _OF_DRUG.get(element.ways[0])
    if of_drug is not None:
        ours = [drug for drug in facts.drugs if element.ways[0] != "discarded" or _is_single_dose(drug)]
        lacking = tuple(f"{drug.source}.medication" for drug in ours if of_drug(drug) is None)
        return Listed(element, () if lacking else tuple(filter(None, map(of_drug, ours))), lacking)
    sources = [one.source for one in facts.observations if one.code in element.ways]
    sources += [source for way in element.ways if way in _OF_VISIT for source in _OF_VISIT[way](facts)]
    return Listed(element, tuple(sources), () if sources else (facts.acts[0].source,))


@lru_cache(maxsize=64)
def _elements(
    table: Table, day: date | None, has: tuple[bool, bool, bool]
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Give the elements of a day, and those asked for; `has`: a programmable pump, a drug, a single-dose container."""
    applies = {"all", *(name for name, there in zip(("programmable", "drug", "single-dose"), has, strict=True) if there)}
    elements = tuple(
        Element(row.when["element"][0], row.id, row.texts("shown_by"), row.then["asked"] is True)
        for row in table.find(day)
        if row.text("applies") in applies
    )
    return elements, tuple(one for one in elements if one.is_asked)


def _is_single_dose(drug: Drug) -> bool:
    return any(told.value == "single-dose" for told in drug.containers)


def _performers(facts: RefillFacts) -> list[str]:
    return list(dict.fromkeys(one.source for one in facts.practitioners if not one.is_supervisor))


def _routes(facts: RefillFacts) -> list[str]:
    tellers = [*(act.routes for act in facts.acts), *(one.routes for one in facts.devices), *(one.routes for one in facts.drugs)]
    return [told.source for routes in tellers for told in routes]


def _days(facts: RefillFacts) -> list[str]:
    days = [told.source for told in facts.service_dates]
    return days if any(source.endswith(".end") for source in days) else []


# What each drug of a visit shows, and where.
_OF_DRUG: Mapping[str, Callable[[Drug], str | None]] = {
    "order": lambda drug: drug.order,
    "ndc": lambda drug: drug.ndc[0].source if drug.ndc else None,
    "lot": lambda drug: drug.lot_number.source if drug.lot_number else None,
    "expiry": lambda drug: drug.expires_on.source if drug.expires_on else None,
    "concentration": lambda drug: f"{drug.source}.medication" if drug.concentration else None,
    "container": lambda drug: drug.containers[0].source if drug.containers else None,
    "discarded": lambda drug: drug.discarded.source if drug.discarded else None,
}
# What a visit shows beside its observations, and where.
_OF_VISIT: Mapping[str, Callable[[RefillFacts], Iterable[str]]] = {
    "consent": lambda facts: facts.consents,
    "performer": _performers,
    "second-performer": lambda facts: _performers(facts) if len(_performers(facts)) > 1 else (),
    "supervisor": lambda facts: [one.source for one in facts.practitioners if one.is_named],
    "route": _routes,
    "pump-identity": lambda facts: [
        one.source for one in facts.devices if one.has_udi or one.pump.model_number or one.pump.serial_number],
    "diagnosis": lambda facts: [one.source for one in facts.diagnoses],
    "place": lambda facts: [told.source for told in facts.places],
    "times": _days,
    "kit": lambda facts: [one.source for one in facts.services if one.code == "A4220"],
}


def judge_udi(visit: Visit, refill: ActCode) -> tuple[Issue, ...]:
    """Compare the pump's carrier with its Device elements: GS1 human-readable form (01, 10, 11, 17, 21)."""
    device = next((one for one in visit.facts.devices if one.source == refill.pump.source), None)
    if device is None:
        return ()
    pump = device.pump
    if pump.udi is None:
        if device.has_udi:
            return ()
        text = "The pump has no UDI; it would tie the refill to the device."
        return (visit.issue("pump.udi-missing", text, f"{device.source}.udiCarrier"),)
    carried = dict(_HRF.findall(pump.udi))
    pairs = [
        ("01", "udiCarrier[0].deviceIdentifier", pump.device_identifier),
        ("10", "lotNumber", pump.lot_number),
        ("11", "manufactureDate", _gs1_date(device.manufactured_on, carried.get("11"))),
        ("17", "expirationDate", _gs1_date(device.expires_on, carried.get("17"))),
        ("21", "serialNumber", pump.serial_number),
    ]
    wrong = [f"{device.source}.{element}" for key, element, value in pairs if value and carried.get(key, value).strip() != value]
    text = "The UDI carrier and the Device's own elements differ."
    return (visit.issue("pump.udi-differs", text, *wrong),) if wrong else ()


def _gs1_date(written: str | None, carried: str | None) -> str | None:
    """Write the day of a dateTime as the carrier does, YYMMDD; a carrier's day 00 is the last of its month and fits it.

    >>> _gs1_date("2034-01-15", "340115"), _gs1_date("2034-01-31", "340100")
    ('340115', '340100')
    """
    if written is None or not re.match(r"\d{4}-\d\d-\d\d", written):
        return None
    digits = written[2:10].replace("-", "")
    if carried is None or not carried.strip().endswith("00"):
        return digits
    is_last = written[8:10] == f"{monthrange(int(written[:4]), int(written[5:7]))[1]}"
    return digits[:4] + "00" if is_last else digits
