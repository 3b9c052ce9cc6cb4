"""Codes of systems that are known whole, whatever the binding; and units of measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from adapter.conformance.finding import Finding
from adapter.conformance.unit import is_unit
from adapter.conformance.walk import Spot
from adapter.issues import IssueType

__all__ = ["UCUM", "check_coding", "check_unit", "is_known_code"]

UCUM: Final = "http://unitsofmeasure.org"

_CODE: Final = "is no code of its code system; one of {} was expected. Correct code or system"
_UNIT: Final = "is no unit of UCUM; a code such as mg, mL or ug/d was expected. Correct code or system"


def is_known_code(coding: Mapping[str, Any], codes_of: Callable[[str], frozenset[str] | None]) -> bool:
    """Tell whether a code is one of its system; True where it has none, names a version, or the system is not here.

    FHIR: Coding.system, .code. A version may have more codes than the one that is here.

    >>> codes = {"urn:s": frozenset("a")}
    >>> [is_known_code({"system": one, "code": "b"}, codes.get) for one in ("urn:s", "http://snomed.info/sct")]
    [False, True]
    """
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str) or "version" in coding:
        return True
    if system == UCUM:
        return is_unit(code)
    known = codes_of(system)
    return known is None or code in known


def check_coding(spot: Spot, codes_of: Callable[[str], frozenset[str] | None]) -> Iterator[Finding]:
    """Check a Coding: its code is one of the system that it names, where that is here whole."""
    if not is_known_code(spot.value, codes_of):
        if spot.value["system"] == UCUM:
            yield from _unit(spot)
            return
        name = str(spot.value["system"]).rstrip("/").rpartition("/")[2]
        yield Finding("base.unknown-code", IssueType.CODE_INVALID, _CODE.format(name), (spot.link, "code"), "code")


def check_unit(spot: Spot) -> Iterator[Finding]:
    """Check a Quantity: a code of UCUM is one by the grammar and the atoms of UCUM."""
    code = spot.value.get("code")
    if spot.value.get("system") == UCUM and isinstance(code, str) and not is_unit(code):
        yield from _unit(spot)


def _unit(spot: Spot) -> Iterator[Finding]:
    yield Finding("base.unit", IssueType.CODE_INVALID, _UNIT, (spot.link, "code"), "code")
