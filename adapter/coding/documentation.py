"""What the note must show: one warning for each element that is missing; and what the pump's label says of itself."""

from __future__ import annotations

import re
from calendar import monthrange

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.issues import Issue

__all__ = ["judge_documentation", "judge_udi"]

_HRF = re.compile(r"\((\d{2})\)([^(]+)")


def judge_documentation(visit: Visit, acts: tuple[ActCode, ...]) -> tuple[Issue, ...]:
    """Warn of each documentation element that the record does not show."""
    facts = visit.facts
    shown = {observation.code for observation in facts.observations}
    shown |= {"consent"} if facts.consents else set()
    shown |= {"performer"} if any(not one.is_supervisor for one in facts.practitioners) else set()
    shown |= {"lot"} if all(drug.lot_number for drug in facts.drugs) else set()
    programmable = any(act.pump.is_programmable for act in acts)
    issues = []
    for row in visit.tables["documentation"].find(visit.table_day):
        if row.text("applies") == "programmable" and not programmable:
            continue
        ways = row.then["shown_by"]
        if isinstance(ways, tuple) and not shown & set(ways):
            text = f"The record does not show: {row.when['element'][0]}."
            issues.append(visit.issue("documentation.missing", text, *_expected(visit, ways)))
    return tuple(issues)


def _expected(visit: Visit, ways: tuple[str, ...]) -> list[str]:
    if ways == ("lot",):
        return [f"{drug.source}.medication" for drug in visit.facts.drugs if not drug.lot_number]
    return [visit.facts.acts[0].source]


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
