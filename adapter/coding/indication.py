"""Do the diagnoses speak for a systemic pump? What speaks for another device or route is an alarm; it never decides the code."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.coding.decision import Visit, by_row
from adapter.coding.drug_code import find_drug_codes, is_chemotherapy
from adapter.coding.route import Route
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import SitePayer

__all__ = ["judge_coverage", "judge_indication"]

_CHEMOTHERAPY = "Z51.11"
_NOT_DONE = ("declined", "not-carried-out")
_LIVER, _SECOND = "liver-metastasis", "second-metastasis"


def judge_indication(visit: Visit, sources: Mapping[str, str], meanings: Mapping[str, str], route: Route) -> list[Issue]:
    """Judge the diagnoses of the claim, with their places and meanings, against the route of the refill.

    Source: the tables diagnosis (what always speaks of another device) and diagnosis-group (what does so alone).
    """
    issues = []
    for code, source in sources.items():
        meaning = meanings.get(code)
        if meaning == "points-away" and route.branch == "systemic":
            issues.append(visit.issue("diagnosis.points-away", f"{code} points away from a systemic pump.", source))
        if meaning == "insulin" or (meaning == "spinal-complication" and route.branch == "systemic"):
            text = f"{code} speaks of another device than a systemic pump."
            issues.append(visit.issue("diagnosis.contradicts-pump", text, source))
    rows = {code: visit.one("diagnosis-group", code=code) for code in sources}
    groups = {code: row.text("group") for code, row in rows.items() if row}
    if route.branch == "systemic" and "systemic" not in [row.then.get("speaks_for") for row in rows.values() if row]:
        is_certain = len(groups) == len(rows)
        for code, row in rows.items():
            alone = row.then.get("alone") if row else None
            if row is None or alone is None:
                continue
            if alone == "contradicts" and is_certain:
                text = f"{code} speaks for a spinal pump, and no diagnosis of the claim speaks for a systemic one."
                issues.append(by_row(visit.issue("diagnosis.speaks-for-spinal", text, sources[code]), row))
            elif meanings.get(code) != "points-away":
                text = f"{code} speaks for a spinal pump, and no other diagnosis is known to speak for a systemic one."
                issues.append(by_row(visit.issue("diagnosis.points-away", text, sources[code]), row))
    if sources.keys() & {_CHEMOTHERAPY} and _is_without_chemotherapy(visit):
        text = f"{_CHEMOTHERAPY} tells a visit for chemotherapy, and no drug of the visit is one."
        issues.append(visit.issue("diagnosis.no-chemotherapy", text, sources[_CHEMOTHERAPY]))
    issues += _judge_not_done(visit, sources, groups)
    told = groups.values()
    if _SECOND in told and _LIVER in told and route.name == "intra-arterial":
        second = [code for code, group in groups.items() if group == _SECOND]
        text = f"{', '.join(second)} beside a liver metastasis: the metastases are not limited to the liver."
        issues.append(visit.issue("diagnosis.second-metastasis", text, *[sources[code] for code in second]))
    return issues


def _judge_not_done(visit: Visit, sources: Mapping[str, str], groups: Mapping[str, str]) -> list[Issue]:
    """Compare diagnoses of what was not carried out with the acts: 53 and 52 tell a stop, never what the patient declined."""
    issues = []
    states = {act.status.value for act in visit.facts.acts if act.is_active}
    for code in [code for code, group in groups.items() if group in _NOT_DONE]:
        if groups[code] == "declined" and "stopped" in states:
            text = f"{code} tells that the patient declined; 53 and 52 tell a stop for safety, and not that."
            issues.append(visit.issue("diagnosis.declined", text, sources[code]))
        elif "stopped" not in states:
            text = f"{code} tells that something was not carried out, and every act of the visit is completed."
            issues.append(visit.issue("diagnosis.not-carried-out", text, sources[code]))
    return issues


def judge_coverage(visit: Visit, payer: SitePayer | None, codes: tuple[str, ...]) -> list[Issue]:
    """Warn where the payer covers an implanted pump for no drug of the visit, and no diagnosis speaks for a systemic pump.

    Source: the column not_covered of the table drug, by kind of payer. Heparin that keeps a pump of chemotherapy open is covered.
    """
    drugs = [(drug, visit.one("drug", code=code)) for drug in visit.facts.drugs for code in find_drug_codes(visit, drug)]
    if payer is None or not drugs or not all(row and _is_excluded(row, payer.kind) for _, row in drugs):
        return []
    groups = [visit.one("diagnosis-group", code=code) for code in codes]
    if any(row and row.then.get("speaks_for") == "systemic" for row in groups):
        return []
    text = f"A payer of kind {payer.kind} does not cover an implanted pump for the only drug of the visit."
    return [visit.issue("drug.not-covered", text, *[drug.source for drug, _ in drugs])]


def _is_excluded(row: Row, kind: str) -> bool:
    return "not_covered" in row.then and kind in row.texts("not_covered")


def _is_without_chemotherapy(visit: Visit) -> bool:
    """Tell whether the visit tells drugs by listed codes, and chemotherapy among none of them."""
    codes = [code for drug in visit.facts.drugs for code in find_drug_codes(visit, drug)]
    if not codes or any(is_chemotherapy(code) for code in codes):
        return False
    rows = [visit.one("drug", code=code) for code in codes]
    return all(row is not None and row.then.get("unlisted") is not True for row in rows)
