"""Forms of single values: what an element of a claim has to look like, with what is wanted in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapter.terms.npi import is_npi
from adapter.x12.element import STATES

__all__ = [
    "BILL_TYPE", "DIAGNOSIS", "EIN", "FREQUENCY", "GROUP", "INTERCHANGE_ID", "LONG_ZIP", "MODIFIER", "NDC",
    "NINE", "NOTHING", "NPI", "PHONE", "PLACE", "PROCEDURE", "REPORT", "REVENUE", "STATE", "STREET",
    "TAXONOMY", "TRANSMISSION", "USAGE", "ZIP", "Check",
]

_PO_BOX = re.compile(r"\bP\.? ?O\.? ?BOX\b|\bPOST OFFICE BOX\b")

Check = tuple[Callable[[str], bool], str]


def _form(pattern: str, wanted: str) -> Check:
    """Make a check of the form of a folded value, with what is wanted in words."""
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None, wanted


NPI: Check = (is_npi, "an NPI of ten digits whose check digit is right")
TAXONOMY = _form(r"[0-9]{3}[0-9A-Z]{6}X", "a taxonomy code of ten characters")
EIN = _form(r"[0-9]{9}", "an employer identification number of nine digits without hyphen")
ZIP = _form(r"[0-9]{5}(?:[0-9]{4})?", "a ZIP code of five or nine digits")
LONG_ZIP = _form(r"[0-9]{9}", "a ZIP code of nine digits")
STATE: Check = (STATES.__contains__, "a state code of the United States")
STREET: Check = (lambda value: not _PO_BOX.search(value), "a street address: a PO box is no place where care is given")
NOTHING: Check = (lambda _: False, "two lines: N3 holds no third")
PLACE = _form(r"[0-9]{2}", "a place of service of two digits")
BILL_TYPE = _form(r"0[0-9A-Z]{3}", "a type of bill of four digits, the first of them 0")
REVENUE = _form(r"[0-9]{4}", "a revenue code of four digits")
REPORT = _form(r"[0-9A-Z]{2}", "a report type code of two characters")
TRANSMISSION = _form(r"AA|BM|EL|EM|FT|FX", "a transmission code")
FREQUENCY = _form(r"[178]", "1 (original), 7 (replacement) or 8 (void)")
PROCEDURE = _form(r"[0-9A-Z]{5}", "a CPT or HCPCS code of five characters")
MODIFIER = _form(r"[0-9A-Z]{2}", "a modifier of two characters")
DIAGNOSIS = _form(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?", "an ICD-10-CM code")
NDC = _form(r"[0-9]{11}", "an NDC of eleven digits without hyphens")
PHONE = _form(r"[0-9]{10}", "a telephone number of ten digits")
NINE = _form(r"[0-9]{9}", "a control number of nine digits")
GROUP = _form(r"[1-9][0-9]{0,8}", "a number of one to nine digits without leading zeros")
USAGE = _form(r"[TP]", "T (test) or P (production)")
INTERCHANGE_ID = _form(r".{2,15}", "two to fifteen characters")
