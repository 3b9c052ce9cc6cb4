"""Values as a biller writes them into a box: names, addresses, days, amounts, yes and no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from adapter.terms import Address, Insurance, Ndc, Person, Practitioner, ServiceLine

__all__ = [
    "show_address", "show_amount", "show_answer", "show_day", "show_name", "show_ndc", "show_paid", "show_subscriber",
    "split_pages",
]


def show_name(person: Person | Practitioner | None) -> str:
    """Show a name, family first.

    >>> show_name(Person("Sample", ("Ada", "B"), "Jr"))
    'Sample, Ada B, Jr'
    """
    if person is None:
        return ""
    return ", ".join(filter(None, (person.family, " ".join(person.given), person.suffix)))


def show_address(address: Address | None) -> list[str]:
    """Show an address in lines; a ZIP code of nine digits has its hyphen."""
    if address is None:
        return []
    code = address.postal_code
    zip_code = f"{code[:5]}-{code[5:]}" if len(code) > len("00000") else code
    return [*address.line, f"{address.city} {address.state} {zip_code}"]


def show_day(day: date | None) -> str:
    """Show a day as billers do, month first.

    >>> show_day(date(2026, 3, 2)), show_day(None)
    ('03 02 2026', '')
    """
    return f"{day.month:02} {day.day:02} {day.year:04}" if day else ""


def show_amount(amount: Decimal) -> str:
    """Show US dollars with their cents.

    >>> show_amount(Decimal("1310"))
    '1310.00'
    """
    return f"{amount:.2f}"


def show_paid(coverages: Sequence[Insurance]) -> str:
    """Show what the payers of these coverages have paid already, or nothing where none of them has decided."""
    paid = [one.decision.paid for one in coverages if one.decision]
    return show_amount(sum(paid, Decimal(0))) if paid else ""


def show_answer(answer: bool | None) -> str:
    """Show yes or no, or nothing where it is not told."""
    return "" if answer is None else "YES" if answer else "NO"


def show_ndc(ndc: Ndc | None) -> str:
    """Show a drug package as the shaded line holds it: N4, the code, unit and quantity.

    >>> show_ndc(Ndc("00000111122", Decimal("20.50"), "ML"))
    'N400000111122 ML20.5'
    """
    return f"N4{ndc.code} {ndc.unit}{ndc.quantity.normalize():f}" if ndc else ""


def show_subscriber(insurance: Insurance, patient: Person) -> Person:
    """Give whose coverage it is: the patient's own where nobody else's is told."""
    return insurance.subscriber or patient


def split_pages(lines: Sequence[ServiceLine], most: int) -> list[Sequence[ServiceLine]]:
    """Split the lines of a claim into pages; a claim without lines has one."""
    return [lines[start:start + most] for start in range(0, len(lines), most)] or [()]
