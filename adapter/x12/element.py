"""Single elements: the code tables between FHIR or terms and X12, and how numbers and days are written.

Each table is read both ways and has no default: what is not in it is an issue, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

__all__ = [
    "ACCEPT_ASSIGNMENT",
    "FILING_INDICATORS",
    "GENDERS",
    "MONEY_PLACES",
    "NDC_UNITS",
    "QUANTITY_PLACES",
    "RELATIONSHIPS",
    "RELEASE_OF_INFORMATION",
    "SEQUENCES",
    "STATES",
    "UNCLASSIFIED_DRUGS",
    "YES_NO",
    "read_table",
    "write_day",
    "write_number",
]

K = TypeVar("K")

_LONGEST_NUMBER = 40
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,9}(?:\.[0-9]{1,2})?")  # written as it stands, however many places there may be

RELATIONSHIPS: Mapping[str, str] = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
"""FHIR subscriber-relationship to X12 element 1069 (SBR02, PAT01). Source:
hl7.org/fhir/R4/valueset-subscriber-relationship and the code lists in public CMS companion guides. `parent`, `common`
and `injured` have no certain partner, and 20, 21, 39, 40, 53 none in FHIR: both are issues."""

GENDERS: Mapping[str, str] = {"male": "M", "female": "F", "unknown": "U", "other": "U"}
"""FHIR administrative-gender to X12 element 1068 (DMG03): M, F and U, so `other` comes back as `unknown`."""

SEQUENCES: Mapping[int, str] = dict(enumerate("PSTABCDEFGH", start=1))
"""Place of a coverage in the order of payment to X12 element 1138 (SBR01): primary to eleventh."""

YES_NO: Mapping[bool | None, str] = {True: "Y", False: "N"}
"""X12 element 1073: provider signature (CLM06), benefits assignment (CLM08; W, not applicable, is an issue)."""

ACCEPT_ASSIGNMENT: Mapping[bool | None, str] = {True: "A", False: "C"}
"""X12 element 1359 (CLM07): assigned, not assigned. B (laboratory services only) is an issue."""

RELEASE_OF_INFORMATION: Mapping[bool | None, str] = {True: "Y", False: "I"}
"""X12 element 1363 (CLM09): signed statement on file, informed consent by law."""

NDC_UNITS = frozenset({"F2", "GR", "ML", "UN"})
"""X12 CTP05-1 as payers take it. ME (milligram) stands in the X12 list but several payers refuse it."""

FILING_INDICATORS = frozenset({
    "11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF",
    "TV", "VA", "WC", "ZZ",
})
"""X12 element 1032 (SBR09) in a 005010X222A1 claim."""

STATES = frozenset({
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA", "HI", "IA",
    "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND",
    "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD", "TN", "TX", "UT",
    "VA", "VI", "VT", "WA", "WI", "WV", "WY",
})
"""USPS state and military codes. Source: USPS Publication 28, appendix B."""

UNCLASSIFIED_DRUGS = frozenset(["C9399", "J3490", "J3590", "J7799", "J7999", "J8499", "J8999", "J9999"])
"""HCPCS codes that say a drug without saying which: SV101-7 has to. Source: CMS HCPCS Level II file."""

MONEY_PLACES = 2
"""Decimal places of a charge: X12 CLM02, SV102."""

QUANTITY_PLACES = 3
"""Decimal places of a quantity: X12 SV104, CTP04."""


def read_table(table: Mapping[K, str]) -> Mapping[str, K]:
    """Turn a table round, the first of two rows with one code winning.

    >>> read_table(GENDERS)["U"]
    'unknown'
    """
    turned: dict[str, K] = {}
    for key, code in table.items():
        turned.setdefault(code, key)
    return turned


def write_number(value: Decimal, places: int) -> str:
    """Write a number as X12 type R: no exponent, no leading zero; zeros after `places` decimals go, others stay.

    A number far beyond any element keeps its own notation: `validate_837` refuses it.

    >>> [write_number(Decimal(text), 2) for text in ("310.00", "1E+2", "0.50", "0.00", "1.5000")]
    ['310.00', '100', '.50', '0', '1.50']
    """
    plain = str(value)
    if _PLAIN_NUMBER.fullmatch(plain):
        return plain
    if not value:
        return "0"
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST_NUMBER:
        return str(value)
    text = format(value, "f")
    whole, point, fraction = text.partition(".")
    while len(fraction) > places and fraction.endswith("0"):
        fraction = fraction[:-1]
    return whole.lstrip("0") + (point + fraction if fraction else "")


def write_day(day: date) -> str:
    """Write a day as X12 format D8.

    >>> write_day(date(2026, 3, 2))
    '20260302'
    """
    return day.isoformat().replace("-", "")
