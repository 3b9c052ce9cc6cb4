"""Drug lines: whole units by exact arithmetic, waste, packages, modifiers. What cannot be counted is not billed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from adapter.coding.act import ActCode
from adapter.coding.amount import ratio, whole_down, whole_up
from adapter.coding.decision import Decision, Visit, agreed, row_step
from adapter.coding.drug_code import decide_ndc, find_drug_codes, find_site_drug
from adapter.coding.line import DraftLine
from adapter.issues import Issue, has_errors
from adapter.tables import Row
from adapter.terms import Drug, Ndc, Quantity, Reason, SiteDrug, SitePayer

__all__ = ["decide_drugs", "judge_drug_routes"]

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class _Fill:
    """One administration while it becomes lines."""

    drug: Drug
    code: str
    row: Row
    site_drug: SiteDrug | None
    container: str | None


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
    for drug in sorted(drugs, key=lambda one: _order(visit, one)):
        fill = _read_fill(visit, drug, payer)
        issues += fill.issues
        if fill.value is None:
            continue
        trace.append(row_step("drug", fill.value.code, drug.source, fill.value.row))
        bill = _compound_lines if fill.value.container == "compounded" else _lines
        made = bill(visit, fill.value, payer)
        issues += made.issues
        lines += [replace(line, pump=acts[drug.act].pump.pump) for line in made.value]
    return Decision(tuple(lines), tuple(issues), tuple(trace))


def judge_drug_routes(visit: Visit, acts: tuple[ActCode, ...]) -> list[Issue]:
    """Find drugs that contradict the route of their act: the drug never decides the code, it raises the alarm.

    `acts` run beside the acts of the facts.
    """
    issues = []
    for drug in visit.facts.drugs:
        branch = acts[drug.act].route.branch
        for code in find_drug_codes(visit, drug):
            row = visit.one("drug", code=code)
            if row is not None and branch is not None and row.then.get("contradicts") == branch:
                text = f"{code} is a drug that a pump does not give by a {branch} route."
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


def _read_fill(visit: Visit, drug: Drug, payer: SitePayer | None) -> Decision[_Fill | None]:
    """Settle code, table row and container of one administration."""
    issues: list[Issue] = []
    if not drug.is_completed:
        text = "The administration is neither completed nor stopped: what was given is not settled."
        issues.append(visit.issue("drug.not-completed", text, f"{drug.source}.status"))
    site_drug = find_site_drug(visit, drug)
    told = [*drug.containers]
    containers = {one.value for one in told} | ({site_drug.container} if site_drug else set())
    if len(drug.ingredients) > 1:
        containers.add("compounded")
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
    return Decision(_Fill(drug, code.value, row, site_drug, container), tuple(issues))


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


def _because(fill: _Fill, rule: str | None = None) -> tuple[Reason, ...]:
    reasons = [Reason(fill.row.id, fill.drug.source, str(fill.row.source))]
    return (*reasons, Reason(rule, fill.drug.source)) if rule else tuple(reasons)


def _modifiers(payer: SitePayer | None, *extra: str) -> tuple[str, ...]:
    kd = ("KD",) if payer is not None and payer.kd_on_pump_drugs else ()
    return (*kd, *extra)


def _compound_lines(visit: Visit, fill: _Fill, payer: SitePayer | None) -> Decision[tuple[DraftLine, ...]]:
    """Bill a compounded fill as one unit of the payer's code, described, without package or waste."""
    if not fill.drug.name:
        text = "A compounded fill is billed with a description of its drugs; the Medication has no text."
        issue = visit.issue("drug.description-missing", text, f"{fill.drug.source}.medication")
        return Decision((), (issue,))
    modifiers = _modifiers(payer)
    line = DraftLine(fill.code, _ONE, modifiers, _because(fill, "drug.compounded"), description=fill.drug.name)
    return Decision((line,))


def _lines(visit: Visit, fill: _Fill, payer: SitePayer | None) -> Decision[tuple[DraftLine, ...]]:
    """Bill a fill by the code's own unit, with waste on a line of its own."""
    ndc = decide_ndc(visit, fill.drug)
    issues = list(ndc.issues)
    given = _units(visit, fill, fill.drug.dose.value if fill.drug.dose else None)
    if not given:
        where = fill.drug.dose.source if fill.drug.dose else f"{fill.drug.source}.dosage.dose"
        text = f"The dose cannot be counted in units of {fill.code}: a dose in a UCUM unit that converts was expected."
        return Decision((), (*issues, visit.issue("drug.dose-not-countable", text, where)))
    description = fill.drug.name if fill.row.then.get("unlisted") is True else None
    if fill.row.then.get("unlisted") is True and not description:
        text = f"{fill.code} is an unlisted code and is billed with a description; the Medication has no text."
        issues.append(visit.issue("drug.description-missing", text, f"{fill.drug.source}.medication"))
    waste = _waste(visit, fill, payer, given)
    issues += waste.issues
    modifier, wasted = waste.value
    line = DraftLine(fill.code, whole_up(given), _modifiers(payer, *([modifier] if modifier else [])),
                     _because(fill, "drug.jz" if modifier else None), description=description)
    lines = [line]
    if wasted:
        lines.append(replace(line, units=wasted, modifiers=_modifiers(payer, "JW"), because=_because(fill, "drug.jw")))
    if not fill.drug.ndc:
        text = "The drug has no NDC; many payers refuse a drug line without one."
        issues.append(visit.issue("drug.ndc-missing", text, f"{fill.drug.source}.medication"))
    elif ndc.value:
        packaged = _add_packages(visit, fill, ndc.value, lines)
        return Decision(packaged.value, (*issues, *packaged.issues))
    return Decision(tuple(lines), tuple(issues))


def _units(visit: Visit, fill: _Fill, quantity: Quantity | None) -> Decimal | None:
    """Say how many billing units an amount is, not rounded: by weight or units, by volume with a concentration, by packages."""
    if quantity is None or quantity.value < 0:
        return None
    if fill.row.then.get("unlisted") is True:
        return _ONE if quantity.value else None
    size = Quantity(Decimal(fill.row.text("amount")), fill.row.text("unit"))
    direct = ratio(visit, quantity, size)
    if direct is not None:
        return direct
    for drug, volume in _strengths(fill):
        times = ratio(visit, quantity, volume)
        units = ratio(visit, drug, size)
        if times is not None and units is not None:
            return times * units
    return None


def _strengths(fill: _Fill) -> list[tuple[Quantity, Quantity]]:
    """Give what is known as so much drug in so much volume or package."""
    known = [fill.drug.concentration] if fill.drug.concentration else []
    if fill.site_drug is not None:
        package = {"ML": "mL", "UN": "{vial}"}.get(fill.site_drug.unit)
        if package:
            known.append((Quantity(fill.site_drug.amount, fill.site_drug.amount_unit), Quantity(_ONE, package)))
    return known


def _waste(visit: Visit, fill: _Fill, payer: SitePayer | None, given: Decimal) -> Decision[tuple[str | None, Decimal | None]]:
    """Decide JZ, or the units of a JW line: only where the payer wants them, the drug is paid apart and the vial is single-dose.

    What a billed unit covers already is not waste: JW counts whole units of what was opened beyond the units given.
    """
    packaged = visit.site.kind == "hospital" and fill.row.then.get("packaged") is True
    if payer is None or not payer.discarded_drug_modifiers or packaged or fill.row.then.get("unlisted") is True:
        return Decision((None, None))
    if fill.container is None:
        text = "The payer wants JW or JZ; whether the container is single-dose is not told."
        return Decision((None, None), (visit.issue("drug.container-missing", text, f"{fill.drug.source}.extension"),))
    if fill.container != "single-dose":
        return Decision((None, None))
    if fill.drug.discarded is None:
        if _is_whole_packages(visit, fill):
            return Decision(("JZ", None))
        text = "The payer wants JW or JZ on a single-dose container; the discarded amount is not told."
        return Decision((None, None), (visit.issue("drug.discarded-missing", text, f"{fill.drug.source}.extension"),))
    discarded = _units(visit, fill, fill.drug.discarded.value)
    if discarded is None:
        text = "The discarded amount cannot be counted in units of the code."
        return Decision((None, None), (visit.issue("drug.discarded-not-countable", text, fill.drug.discarded.source),))
    wasted = whole_down(given + discarded) - whole_up(given)
    return Decision((None, wasted) if wasted >= 1 else ("JZ", None))


def _is_whole_packages(visit: Visit, fill: _Fill) -> bool:
    """Tell whether the dose used up whole packages, so that nothing can have been left."""
    if fill.site_drug is None or fill.site_drug.unit != "UN" or fill.drug.dose is None:
        return False
    package = Quantity(fill.site_drug.amount, fill.site_drug.amount_unit)
    times = ratio(visit, fill.drug.dose.value, package)
    return times is not None and times > 0 and times == times.to_integral_value()


def _add_packages(visit: Visit, fill: _Fill, ndc: str, lines: list[DraftLine]) -> Decision[tuple[DraftLine, ...]]:
    """Add the package and its quantity to the lines of a fill: volume or weight used, or packages opened.

    Packages are whole on a single line; where waste has its own line the two share the packages exactly.
    """
    amounts = [fill.drug.dose, fill.drug.discarded][: len(lines)]
    quantities = [_package_quantity(visit, fill, told.value) if told else None for told in amounts]
    if any(quantity is None for quantity in quantities):
        text = "How much of the package was used cannot be told: the site file has no row for this NDC in a unit that converts."
        return Decision((), (visit.issue("drug.ndc-not-countable", text, *[told.source for told in fill.drug.ndc]),))
    unit = fill.site_drug.unit if fill.site_drug else "ML"
    known = [quantity for quantity in quantities if quantity is not None]
    settled = [whole_up(known[0])] if unit == "UN" and len(lines) == 1 else known
    return Decision(tuple(
        replace(line, ndc=Ndc(ndc, _three_places(quantity), unit)) for line, quantity in zip(lines, settled, strict=True)
    ))


def _package_quantity(visit: Visit, fill: _Fill, quantity: Quantity) -> Decimal | None:
    if fill.site_drug is None:
        return ratio(visit, quantity, Quantity(_ONE, "mL"))
    direct = ratio(visit, quantity, Quantity(fill.site_drug.amount, fill.site_drug.amount_unit))
    if direct is not None:
        return direct
    package = {"ML": "mL", "UN": "{vial}"}.get(fill.site_drug.unit)
    return ratio(visit, quantity, Quantity(_ONE, package)) if package else None


def _three_places(quantity: Decimal) -> Decimal:
    """Round a package quantity half up to three places, without trailing zeros."""
    rounded = quantity.quantize(Decimal("0.001")).normalize()
    return rounded.quantize(_ONE) if rounded == rounded.to_integral_value() else rounded
