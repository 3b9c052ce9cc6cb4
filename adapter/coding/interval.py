"""Was the pump refilled too early, and does the next refill come in time? Warnings: nothing found ties payment to an interval."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from adapter.coding.act import ActCode
from adapter.coding.decision import Visit
from adapter.coding.drug_code import find_drug_codes
from adapter.coding.reservoir import last_fill, millilitres, millilitres_a_day
from adapter.coding.route import drugs_of_pump
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import Observation, SitePayer

__all__ = ["judge_interval"]


def judge_interval(
    visit: Visit, act: ActCode, measures: Mapping[str, Observation], payer: SitePayer | None
) -> list[Issue]:
    """Judge the days from the last fill of the pump to this one, and from this one to the next that is planned.

    FHIR: an earlier refill in the Bundle; Observation next-refill-date, valueDateTime. Source: the table interval, by drug
    and payer; a payer's or the site's own interval is a row of the customer's.
    """
    planned = measures.get("next-refill-date")
    last = last_fill(visit, act) if visit.facts.earlier else None
    if visit.day is None or (last is None and (planned is None or planned.day is None)):
        return []
    issues = []
    rows = _rows(visit, act, payer)
    for row in rows if last else ():
        if last and "usual" in row.then and (visit.day - last.day).days < int(row.text("usual")):
            text = f"The pump was refilled sooner than the {row.text('usual')} days that are usual for {row.when['drug'][0]}."
            issues.append(visit.issue("interval.too-early", text, *[told.source for told in visit.facts.service_dates]))
    if planned is None or planned.day is None:
        return issues
    if planned.day <= visit.day:
        text = "The day of the next refill is not after the day of this one."
        return [*issues, visit.issue("next-refill.not-after", text, planned.source)]
    for row in rows:
        if "most" in row.then and planned.day > visit.day + timedelta(days=int(row.text("most"))):
            text = f"The next refill comes after the {row.text('most')} days for which {row.when['drug'][0]} is left in a pump."
            issues.append(visit.issue("next-refill.drug-too-long", text, planned.source))
    volume = millilitres(visit, measures.get("volume-measured-after") or measures.get("volume-injected"))
    rate = millilitres_a_day(visit, measures.get("flow-rate-programmed"))
    if volume is not None and rate is not None and rate * (planned.day - visit.day).days > volume:
        text = "The next refill comes after the flow that is told has emptied the pump."
        issues.append(visit.issue("next-refill.pump-empty", text, planned.source))
    return issues


def _rows(visit: Visit, act: ActCode, payer: SitePayer | None) -> list[Row]:
    """Give the rows of the drugs of a pump, each once."""
    codes = [code for drug in drugs_of_pump(visit, act.position) for code in find_drug_codes(visit, drug)]
    found = [visit.one("interval", drug=code, payer=payer.id if payer else "") for code in dict.fromkeys(codes)]
    return list({row.id: row for row in found if row}.values())
