"""FHIR data types read from a well-shaped tree (shaped.py): an element is absent or what R4 says that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import UCUM, canonical_system, own_structure
from adapter.terms import Identifier, Quantity, Told

__all__ = [
    "Code",
    "Day",
    "children",
    "codes",
    "day",
    "extension",
    "number",
    "own_extension",
    "own_extension_codes",
    "positive",
    "read_codes",
    "read_day",
    "read_decimal",
    "read_identifiers",
    "read_quantity",
    "text",
]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


class Code(NamedTuple):
    """One Coding: canonical system, code and its FHIRPath."""

    system: str | None
    code: str
    source: str


class Day(NamedTuple):
    """A local calendar day, and whether its time was written in UTC without a zone to read it in."""

    day: date
    is_utc: bool


def children(tree: Tree, path: str, name: str) -> Sequence[Found]:
    """Give each object of an element with its FHIRPath: an array is indexed, a single object is not.

    >>> children({"code": {"text": "x"}}, "Procedure", "code")
    (({'text': 'x'}, 'Procedure.code'),)
    """
    value = tree.get(name)
    if value is None:
        return ()
    if isinstance(value, dict):
        return ((value, f"{path}.{name}"),)
    if len(value) == 1:  # by far the most arrays: half the time of the line below
        return ((value[0], f"{path}.{name}[0]"),)
    return [(item, f"{path}.{name}[{position}]") for position, item in enumerate(value)]


def text(tree: Tree | None, name: str) -> str | None:
    """Give a string element that says something; a resource of another type than was asked for may have no string there.

    >>> text({"name": " "}, "name") is None
    True
    """
    value = tree.get(name) if tree else None
    return value if isinstance(value, str) and not value.isspace() and value else None


def read_codes(tree: Tree, name: str, path: str) -> list[Code]:
    """Give every Coding of a CodeableConcept element (one or many).

    >>> read_codes({"code": {"coding": [{"system": "s", "code": "c"}]}}, "code", "Procedure")
    [Code(system='s', code='c', source='Procedure.code.coding[0]')]
    """
    return [
        Code(canonical_system(coding.get("system")), code, f"{where}.coding[{position}]")
        for concept, where in children(tree, path, name)
        for position, coding in enumerate(concept.get("coding", ()))
        if (code := coding.get("code"))
    ]


def own_extension(tree: Tree, name: str, path: str) -> list[Found]:
    """Give each extension of ours by its short name, with its FHIRPath."""
    if "extension" not in tree:
        return []
    url = own_structure(name)
    return [found for found in children(tree, path, "extension") if found[0].get("url") == url]


def own_extension_codes(tree: Tree, name: str, path: str) -> list[Told[str]]:
    """Give the codes of an extension of ours: valueCode, or the codings of valueCodeableConcept."""
    told: list[Told[str]] = []
    for extension, where in own_extension(tree, name, path):
        if code := extension.get("valueCode"):
            told.append(Told(code, f"{where}.value"))
        codings = read_codes(extension, "valueCodeableConcept", where)
        told += [Told(one.code, one.source.replace("valueCodeableConcept", "value")) for one in codings]
    return told


def read_decimal(value: object) -> Decimal | None:
    """Give a JSON number as a Decimal, every digit kept; a boolean is no number.

    >>> read_decimal(180), read_decimal(True)
    (Decimal('180'), None)
    """
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def read_quantity(quantity: Tree | None) -> Quantity | None:
    """Read a Quantity with its UCUM code; without one the unit is empty and converts to nothing; with a comparator it is none.

    FHIR: Quantity.value, .code, .system, .comparator.

    >>> read_quantity({"value": 180, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"})
    Quantity(value=Decimal('180'), unit='mg')
    """
    value = read_decimal(quantity.get("value")) if quantity else None
    if quantity is None or value is None or "comparator" in quantity:
        return None
    return Quantity(value, quantity.get("code", "") if quantity.get("system") == UCUM else "")


def read_identifiers(tree: Tree, path: str) -> Iterator[Told[Identifier]]:
    """Give the business identifiers of a resource with their canonical systems."""
    for identifier, where in children(tree, path, "identifier"):
        if value := text(identifier, "value"):
            yield Told(Identifier(canonical_system(identifier.get("system")), value.strip()), where)


def read_day(written: str, zone: tzinfo | None) -> Day | None:
    """Give the local calendar day of a dateTime; None for a month, a year or no date at all.

    A time with an offset is local already. A `Z` time is read in `zone`, else it gives the UTC day.
    FHIR: dateTime (http://hl7.org/fhir/R4/datatypes.html#dateTime).

    >>> read_day("2026-06-09T23:30:00-04:00", None)
    Day(day=datetime.date(2026, 6, 9), is_utc=False)
    >>> read_day("2026-06", None) is None
    True
    """
    if not _DATE_TIME.fullmatch(written):
        return None
    try:
        local = date.fromisoformat(written[:10])
        if not written.endswith("Z"):
            return Day(local, False)
        moment = datetime.fromisoformat(written)
        return Day(moment.astimezone(zone).date(), False) if zone else Day(local, True)
    except (OverflowError, ValueError):
        return None


def number(tree: Tree | None, name: str) -> Decimal | None:
    """Give a decimal element exactly; binary floating point is refused.

    >>> number({"value": 2}, "value"), number({"value": 2.5}, "value")
    (Decimal('2'), None)
    """
    exact = read_decimal(tree.get(name)) if tree else None
    return exact if exact is not None and exact.is_finite() else None


def positive(value: object) -> int | None:
    """Give a positiveInt.

    >>> positive(2), positive(0), positive(True)
    (2, None, None)
    """
    exact = number({"value": value}, "value")
    return int(exact) if exact is not None and exact >= 1 and exact == exact.to_integral_value() else None


def day(value: object) -> date | None:
    """Give the calendar day that a date or dateTime names, as it is written; None for a month or a year alone.

    >>> day("2026-03-02T23:30:00-05:00"), day("2026-03")
    (datetime.date(2026, 3, 2), None)
    """
    found = _DAY.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def codes(concept: Tree | None, *systems: str) -> tuple[str, ...]:
    """Give the different codes of a CodeableConcept that stand in these systems or their aliases, in order.

    >>> codes({"coding": [{"system": "urn:oid:2.16.840.1.113883.6.12", "code": "96522"}]},
    ...       "http://www.ama-assn.org/go/cpt")
    ('96522',)
    """
    if concept is None:
        return ()
    found = [one.get("code") for one in concept.get("coding", ()) if canonical_system(one.get("system")) in systems]
    return tuple(dict.fromkeys(code for code in found if code))


def extension(tree: Tree, url: str) -> Tree | None:
    """Give the extension with this url where there is exactly one.

    >>> extension({"extension": [{"url": "u", "valueBoolean": True}]}, "u")
    {'url': 'u', 'valueBoolean': True}
    """
    found = [one for one in tree.get("extension", ()) if one.get("url") == url]
    return found[0] if len(found) == 1 else None
