"""How much of a drug: billing units and package quantity of one fill, exactly, before anything is rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from adapter.coding.amount import ratio
from adapter.coding.decision import Decision, Visit
from adapter.coding.drug_code import decide_ndc
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import Drug, Pump, Quantity, SiteDrug

__all__ = ["Count", "Fill", "count_fill", "join_counts", "judge_dose"]

_ONE = Decimal(1)
_PACKAGES = {"ML": "mL", "UN": "{vial}"}


@dataclass(frozen=True, slots=True)
class Fill:
    """One administration with its code, the code's row, the site's row for its package and its container."""

    drug: Drug
    code: str
    row: Row
    site_drug: SiteDrug | None
    container: str | None
    pump: Pump | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """One fill counted, or several of one drug and package: units are of the code, packages of the NDC.

    `discarded` is None where nothing is told of it; `sources` are the administrations, `acts` the acts that they belong to.
    """

    fill: Fill
    ndc: str | None
    given: Fraction
    discarded: Fraction | None
    packages: Fraction | None
    packages_discarded: Fraction | None
    sources: tuple[str, ...]
    acts: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """Tell what makes two fills one line: code, package, container, pump."""
        return (self.fill.code, self.ndc, self.fill.container, self.fill.pump)


def count_fill(visit: Visit, fill: Fill) -> Decision[Count | None]:
    """Count one fill; what cannot be counted is an issue."""
    ndc = decide_ndc(visit, fill.drug)
    issues: list[Issue] = list(ndc.issues)
    dose, discarded = fill.drug.dose, fill.drug.discarded
    issues += _judge_strengths(visit, fill)
    given = _units(visit, fill, dose.value if dose else None)
    if not given:
        return Decision(None, (*issues, _not_countable(visit, fill)))
    thrown = _units(visit, fill, discarded.value) if discarded else None
    if discarded and thrown is None:
        text = "The discarded amount cannot be counted in units of the code."
        issues.append(visit.issue("drug.discarded-not-countable", text, discarded.source))
    packages = _package_quantity(visit, fill, dose.value) if dose else None
    if discarded is None and _is_whole(fill, packages):
        thrown = Fraction(0)
    packages = packages if ndc.value else None
    if ndc.value and packages is None:
        text = "How much of the package was used cannot be told: the site file has no row for this NDC in a unit that converts."
        issues.append(visit.issue("drug.ndc-not-countable", text, *[told.source for told in fill.drug.ndc]))
    rest = _package_quantity(visit, fill, discarded.value) if discarded and ndc.value else None
    count = Count(fill, ndc.value, given, thrown, packages, rest, (fill.drug.source,), (fill.drug.act,))
    return Decision(None if discarded and thrown is None else count, tuple(issues))


def judge_dose(visit: Visit, fill: Fill) -> tuple[Issue, ...]:
    """Ask for a dose above zero in a known unit where the line is one unit whatever the dose: a compound."""
    return () if fill.drug.dose and _is_amount(visit, fill.drug.dose.value) else (_not_countable(visit, fill),)


def _not_countable(visit: Visit, fill: Fill) -> Issue:
    dose = fill.drug.dose
    text = f"The dose cannot be counted in units of {fill.code}: a dose above zero in a UCUM unit that converts was expected."
    return visit.issue("drug.dose-not-countable", text, dose.source if dose else f"{fill.drug.source}.dosage.dose")


def _is_amount(visit: Visit, quantity: Quantity) -> bool:
    """Tell whether a quantity is above zero in a unit that the tables know."""
    return quantity.value > 0 and visit.one("unit", unit=quantity.unit) is not None


def join_counts(counts: list[Count]) -> list[Count]:
    """Add up the fills of one drug, package and pump, before rounding: two lots of one drug are one line."""
    joined: dict[tuple[object, ...], Count] = {}
    for count in counts:
        known = joined.get(count.key)
        joined[count.key] = count if known is None else replace(
            known,
            given=known.given + count.given,
            discarded=_sum(known.discarded, count.discarded),
            packages=_sum(known.packages, count.packages),
            packages_discarded=_sum(known.packages_discarded, count.packages_discarded),
            sources=(*known.sources, *count.sources),
            acts=(*known.acts, *count.acts),
        )
    return list(joined.values())


def _sum(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


def _units(visit: Visit, fill: Fill, quantity: Quantity | None) -> Fraction | None:
    """Say how many billing units an amount is, not rounded: by weight or units, by volume with a concentration, by packages."""
    if quantity is None or quantity.value < 0:
        return None
    if fill.row.then.get("unlisted") is True:
        return Fraction(1) if _is_amount(visit, quantity) else None
    size = Quantity(Decimal(fill.row.text("amount")), fill.row.text("unit"))
    direct = ratio(visit, quantity, size)
    if direct is not None:
        return direct
    found = set()
    for drug, volume in _strengths(fill):
        times = ratio(visit, quantity, volume)
        units = ratio(visit, drug, size)
        if times is not None and units is not None:
            found.add(times * units)
    return found.pop() if len(found) == 1 else None


def _judge_strengths(visit: Visit, fill: Fill) -> list[Issue]:
    """Compare the concentration that the record tells with that of the package in the site file, whatever the dose is told in."""
    known = _strengths(fill)
    if len(known) < 2:
        return []
    (drug, volume), (other, package) = known
    strength, size = ratio(visit, drug, other), ratio(visit, volume, package)
    if strength is None or size is None or strength == size:
        return []
    text = "The Medication and the site file's row for its NDC tell different concentrations."
    places = [f"{fill.drug.source}.medication", *(told.source for told in fill.drug.ndc)]
    return [visit.issue("drug.concentration-contradiction", text, *places)]


def _strengths(fill: Fill) -> list[tuple[Quantity, Quantity]]:
    """Give what is known as so much drug in so much volume or package."""
    known = [fill.drug.concentration] if fill.drug.concentration else []
    if fill.site_drug is not None:
        package = _PACKAGES.get(fill.site_drug.unit)
        if package:
            known.append((Quantity(fill.site_drug.amount, fill.site_drug.amount_unit), Quantity(_ONE, package)))
    return known


def _is_whole(fill: Fill, packages: Fraction | None) -> bool:
    """Tell whether the dose used up whole packages, so that nothing can have been left."""
    is_counted = fill.site_drug is not None and fill.site_drug.unit == "UN"
    return is_counted and packages is not None and packages > 0 and packages.denominator == 1


def _package_quantity(visit: Visit, fill: Fill, quantity: Quantity) -> Fraction | None:
    if fill.site_drug is None:
        return ratio(visit, quantity, Quantity(_ONE, "mL"))
    direct = ratio(visit, quantity, Quantity(fill.site_drug.amount, fill.site_drug.amount_unit))
    if direct is not None:
        return direct
    package = _PACKAGES.get(fill.site_drug.unit)
    counted = ratio(visit, quantity, Quantity(_ONE, package)) if package else None
    if counted is None and fill.drug.concentration:
        drug, volume = fill.drug.concentration
        times = ratio(visit, quantity, volume)
        packages = ratio(visit, drug, Quantity(fill.site_drug.amount, fill.site_drug.amount_unit))
        counted = times * packages if times is not None and packages is not None else None
    return counted
