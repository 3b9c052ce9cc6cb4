"""Claim.item.detail: the drug package of a line, by its NDC."""

from __future__ import annotations

from adapter.fhir.datatypes import children, codes, extension, number, text
from adapter.fhir.elements import filled, write_concept
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import NDC, UCUM, canonical_system, own_structure
from adapter.issues import IssueType
from adapter.terms import Ndc
from adapter.terms.ndc import pad_ndc

__all__ = ["NDC_UNITS", "read_ndc", "write_ndc"]

NDC_UNITS = {"UN": "{unit}", "ML": "mL", "GR": "g", "F2": "[IU]", "ME": "mg"}
"""X12 CTP05 unit to UCUM: units, millilitres, grams, international units, milligrams."""

_X12_UNIT = "https://codesystem.x12.org/005010/355"
_FROM_UCUM = {**{ucum: unit for unit, ucum in NDC_UNITS.items()}, "{vial}": "UN"}
_PRESCRIPTION = own_structure("line-prescription-number")


def write_ndc(ndc: Ndc) -> Tree:
    """Write a drug package as the one detail of a line.

    FHIR: Claim.item.detail.productOrService (NDC, 11 digits), .quantity (UCUM), extension line-prescription-number.
    X12: 2410 LIN03, CTP04, CTP05, REF*XZ.

    >>> from decimal import Decimal
    >>> write_ndc(Ndc("98765432101", Decimal(2), "ML"))["quantity"]["code"]
    'mL'
    """
    number_ = ndc.prescription_number
    return filled(
        extension=[{"url": _PRESCRIPTION, "valueString": number_}] if number_ else None,
        sequence=1,
        productOrService=write_concept(NDC, ndc.code),
        quantity={"value": ndc.quantity, "unit": ndc.unit, "system": UCUM, "code": NDC_UNITS.get(ndc.unit, "")},
    )


def read_ndc(item: Found, reading: Reading) -> Ndc | None:
    """Read the drug package of a line; None where no detail has an NDC, an error where two have or a part is wrong."""
    details = [
        (one, where, code)
        for one, where in children(*item, "detail")
        for code in codes(one.get("productOrService"), NDC)
    ]
    if len(details) > 1:
        message = "Several NDCs stand on this line; a line carries one. Give each its own line."
        reading.error("item.ndc-several", f"{item[1]}.detail", message, IssueType.CONFLICT)
    if len(details) != 1:
        return None
    tree, path, sent = details[0]
    code = pad_ndc(sent)
    if code is None:
        message = "The NDC does not give 11 digits. Send 11 digits, or 10 with the hyphens of the label."
        reading.error("item.ndc", f"{path}.productOrService", message, IssueType.CODE_INVALID)
    amount, unit = number(tree.get("quantity"), "value"), _read_unit(tree.get("quantity"))
    if amount is None:
        reading.missing("item.ndc-quantity-missing", f"{path}.quantity.value", "The quantity of the drug package")
    if unit is None:
        message = f"The unit is none of {', '.join(NDC_UNITS.values())} in {UCUM}."
        reading.error("item.ndc-unit", f"{path}.quantity.code", message, IssueType.CODE_INVALID)
    if code is None or amount is None or unit is None:
        return None
    return Ndc(code, amount, unit, text(extension(tree, _PRESCRIPTION), "valueString"))


def _read_unit(quantity: Tree | None) -> str | None:
    system = canonical_system(text(quantity, "system"))
    code = text(quantity, "code") or ""
    if system == UCUM:
        return _FROM_UCUM.get(code)
    return code if system == _X12_UNIT and code in NDC_UNITS else None
