"""Which drugs are billed: each once, settled in code and container; what cannot be counted is not billed."""

from __future__ import annotations

from decimal import Decimal

from adapter.coding.act import ActCode
from adapter.coding.decision import Decision, Visit, agreed, row_step
from adapter.coding.drug_code import find_drug_codes, find_site_drug, find_substances
from adapter.coding.drug_count import Count, Fill, count_fill, join_counts, judge_dose
from adapter.coding.drug_line import bill_compound, bill_drug
from adapter.coding.line import DraftLine
from adapter.issues import Issue, has_errors
from adapter.terms import Drug, Pump, SitePayer

__all__ = ["decide_drugs", "judge_drug_routes"]


def decide_drugs(visit: Visit, acts: tuple[ActCode, ...], payer: SitePayer | None) -> Decision[tuple[DraftLine, ...]]:
    """Decide the lines of every drug of the visit.

    Without a payer the modifiers that it may want are not decided.
    """
    drugs, issues = _distinct(visit)
    issues += judge_drug_routes(visit, acts)
    lines: list[DraftLine] = []
    trace = []
    if not drugs and not has_errors(issues):
        source = visit.facts.acts[0].source
        issues.append(visit.issue("drug.missing", "No drug administration belongs to this act: no drug line is made.", source))
    counts: list[Count] = []
    compounds: dict[Pump | None, list[Fill]] = {}
    for drug in sorted(drugs, key=lambda one: _order(visit, one)):
        fill = _read_fill(visit, drug, (payer, acts[drug.act].pump.pump))
        issues += fill.issues
        if fill.value is None:
            continue
        trace.append(row_step("drug", fill.value.code, drug.source, fill.value.row))
        if fill.value.container == "compounded":
            issues += judge_dose(visit, fill.value)
            compounds.setdefault(fill.value.pump, []).append(fill.value)
            continue
        count = count_fill(visit, fill.value)
        issues += count.issues
        counts += [count.value] if count.value else []
    made = [bill_drug(visit, count, payer) for count in join_counts(counts)]
    made += [bill_compound(visit, fills, payer) for fills in compounds.values()]
    for lines_of_drug in made:
        issues += lines_of_drug.issues
        lines += lines_of_drug.value
    return Decision(tuple(lines), tuple(issues), tuple(trace))


def judge_drug_routes(visit: Visit, acts: tuple[ActCode, ...]) -> list[Issue]:
    """Find drugs, or ingredients of them, that contradict the route of their act: an alarm, and never a code.

    `acts` run beside the acts of the facts.
    """
    issues = []
    for drug in visit.facts.drugs:
        branch = acts[drug.act].route.branch
        codes = dict.fromkeys((*find_drug_codes(visit, drug), *(told.value for told in drug.ingredients)))
        rows = [row for code in codes if (row := visit.one("drug", code=code))]
        for row in {row.id: row for row in (*rows, *find_substances(visit, drug))}.values() if branch else ():
            if row.then.get("contradicts") == branch:
                text = f"{row.when['code'][0]} is a drug that a pump does not give by a {branch} route."
                issues.append(visit.issue("drug.route-contradiction", text, drug.source))
    return issues


def _distinct(visit: Visit) -> tuple[list[Drug], list[Issue]]:
    """Count a drug sent twice under one identifier once; the same fill under two identifiers is for a person."""
    kept: list[Drug] = []
    issues: list[Issue] = []
    for drug in visit.facts.drugs:
        same = next((one for one in kept if set(one.identifiers) & set(drug.identifiers)), None)
        if same and not _is_same_fill(visit, same, drug):
            text = "Two administrations have one identifier and tell different fills."
            issues.append(visit.issue("drug.identifier-contradiction", text, drug.source, same.source))
        elif same:
            text = "The administration was sent twice under one identifier; it counts once."
            issues.append(visit.issue("drug.sent-twice", text, drug.source, same.source))
        if same:
            continue
        twin = next((one for one in kept if _is_same_fill(visit, one, drug)), None)
        if twin:
            text = "Two administrations tell the same drug, time, dose and lot under different identifiers: one fill, or two?"
            issues.append(visit.issue("drug.duplicate", text, drug.source, twin.source))
        kept.append(drug)
    return kept, issues


def _order(visit: Visit, drug: Drug) -> tuple[object, ...]:
    """Order drugs by what they are, so that the order in which they were sent changes nothing."""
    dose = drug.dose.value if drug.dose else None
    return (
        find_drug_codes(visit, drug),
        tuple(sorted(told.value for told in drug.ndc)),
        (dose.unit, dose.value) if dose else ("", Decimal(0)),
        drug.lot_number.value if drug.lot_number else "",
        drug.given_at or "",
    )


def _is_same_fill(visit: Visit, one: Drug, other: Drug) -> bool:
    def told(drug: Drug) -> tuple[object, ...]:
        return (
            find_drug_codes(visit, drug),
            drug.given_at,
            drug.dose and drug.dose.value,
            drug.lot_number and drug.lot_number.value,
        )

    return told(one) == told(other)


def _read_fill(visit: Visit, drug: Drug, where: tuple[SitePayer | None, Pump | None]) -> Decision[Fill | None]:
    """Settle code, table row and container of one administration; `where` is the payer and the pump."""
    payer, pump = where
    issues: list[Issue] = []
    if not drug.is_completed:
        text = "The administration is neither completed nor stopped: what was given is not settled."
        issues.append(visit.issue("drug.not-completed", text, f"{drug.source}.status"))
    if drug.expires_on and visit.day and len(drug.expires_on.value) >= 10 and drug.expires_on.value[:10] < visit.day.isoformat():
        issues.append(visit.issue("drug.lot-expired", "The lot had expired on the day of service.", drug.expires_on.source))
    site_drug = find_site_drug(visit, drug)
    told = [*drug.containers]
    containers = {one.value for one in told} | ({site_drug.container} if site_drug else set())
    if len(containers) > 1:
        text = "Record and site file tell different containers: " + ", ".join(sorted(containers)) + "."
        issues.append(visit.issue("drug.container-contradiction", text, *[one.source for one in told] or [drug.source]))
    if containers - {"single-dose", "multi-dose", "compounded"}:
        text = "The container is none of single-dose, multi-dose, compounded."
        issues.append(visit.issue("drug.container-unknown", text, *[one.source for one in told]))
    container = agreed(drug.containers) or (containers.pop() if len(containers) == 1 else None)
    code = _code(visit, drug, container, payer)
    issues += code.issues
    row = visit.one("drug", code=code.value) if code.value else None
    if code.value and row is None:
        text = f"{code.value} is not a drug code that is in force on the day of service and known to the tables."
        issues.append(visit.issue("drug.code-not-in-force", text, *[one.source for one in drug.hcpcs] or [drug.source]))
    if row is None or code.value is None:
        return Decision(None, tuple(issues))
    return Decision(Fill(drug, code.value, row, site_drug, container, pump), tuple(issues))


def _code(visit: Visit, drug: Drug, container: str | None, payer: SitePayer | None) -> Decision[str | None]:
    if container == "compounded" and payer is not None:
        if payer.compound_code:
            return Decision(payer.compound_code)
        text = "The payer's row in the site file names no compound_code."
        return Decision(None, (visit.issue("drug.compound-code-missing", text, drug.source),))
    codes = find_drug_codes(visit, drug)
    if len(codes) == 1:
        return Decision(codes[0])
    if not codes:
        text = "The drug has no HCPCS code, and its NDC is not in the site file."
        return Decision(None, (visit.issue("drug.code-missing", text, f"{drug.source}.medication"),))
    text = f"The record and the site file name several codes for one drug: {', '.join(codes)}."
    return Decision(None, (visit.issue("drug.code-contradiction", text, *[one.source for one in (*drug.hcpcs, *drug.ndc)]),))
