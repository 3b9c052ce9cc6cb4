"""Elements: names, addresses, identifiers and concepts, written and read."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from adapter.fhir.datatypes import children, codes, text
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import NPI, V2_0203, canonical_system
from adapter.terms import Address, Identifier
from adapter.terms.npi import is_npi

__all__ = [
    "check_npis", "filled", "identifiers", "names_in_use", "read_address", "read_name", "strings", "write_address",
    "write_concept", "write_identifier", "write_money", "write_name",
]

_PAST_NAMES = ("old", "maiden", "nickname", "anonymous", "temp")
_PAST_ADDRESSES = ("old", "temp")
_ADDRESS = ("city", "state", "postalCode")


def filled(**elements: object) -> Tree:
    """Build an element from those of its parts that say something: false and zero do.

    >>> filled(family="Sample", given=[], suffix=None)
    {'family': 'Sample'}
    """
    return {name: value for name, value in elements.items() if value or value == 0}


def write_concept(system: str, code: str) -> Tree:
    """Write a CodeableConcept of one coding.

    >>> write_concept("http://hl7.org/fhir/sid/icd-10-cm", "C78.7")
    {'coding': [{'system': 'http://hl7.org/fhir/sid/icd-10-cm', 'code': 'C78.7'}]}
    """
    return {"coding": [{"system": system, "code": code}]}


def write_identifier(system: str | None, value: str, kind: str | None = None) -> Tree:
    """Write an Identifier; `kind` is its v2-0203 type.

    >>> write_identifier("http://hl7.org/fhir/sid/us-npi", "1993999907")
    {'system': 'http://hl7.org/fhir/sid/us-npi', 'value': '1993999907'}
    """
    return filled(type=write_concept(V2_0203, kind) if kind else None, system=system, value=value)


def write_money(amount: Decimal) -> Tree:
    """Write US dollars as Money.

    >>> write_money(Decimal("185.00"))
    {'value': Decimal('185.00'), 'currency': 'USD'}
    """
    return {"value": amount, "currency": "USD"}


def write_name(family: str, given: tuple[str, ...], suffix: str | None) -> Tree:
    """Write a HumanName.

    >>> write_name("Sample", ("Ada",), None)
    {'family': 'Sample', 'given': ['Ada']}
    """
    return filled(family=family, given=list(given), suffix=[suffix] if suffix else None)


def write_address(address: Address | None) -> Tree | None:
    """Write an Address: X12 N3 and N4.

    >>> write_address(Address(("1 Billing Way",), "Exampleville", "OH", "440010001"))["postalCode"]
    '440010001'
    """
    if address is None:
        return None
    return filled(line=list(address.line), city=address.city, state=address.state, postalCode=address.postal_code)


def identifiers(tree: Tree, systems: Sequence[str] = (), kind: str | None = None) -> tuple[Identifier, ...]:
    """Give the different identifiers of a resource that stand in one of the systems or have the v2-0203 type.

    With neither asked for, all are given.

    >>> identifiers({"identifier": [{"system": "urn:oid:2.16.840.1.113883.4.6", "value": "1993999907"}]},
    ...             ["http://hl7.org/fhir/sid/us-npi"])
    (Identifier(system='http://hl7.org/fhir/sid/us-npi', value='1993999907'),)
    """
    found: dict[Identifier, None] = {}
    for one, _ in children(tree, "", "identifier"):
        system, value = canonical_system(one.get("system")), text(one, "value")
        asked = systems or kind
        if value and (not asked or system in systems or (kind and kind in codes(one.get("type"), V2_0203))):
            found[Identifier(system, value)] = None
    return tuple(found)


def check_npis(found: Found, reading: Reading) -> None:
    """Note each NPI of a party whose check digit is wrong: it names nobody, or another.

    FHIR: identifier in the system us-npi. Errors: `identifier.npi-wrong`.
    """
    if not all(is_npi(one.value) for one in identifiers(found[0], [NPI])):
        text_ = "An NPI is not ten digits whose check digit is right. Correct it at its source."
        reading.error("identifier.npi-wrong", f"{found[1]}.identifier", text_)


def read_name(found: Found, reading: Reading) -> tuple[str, tuple[str, ...], str | None] | None:
    """Read the one name in use of a person: family, given names, suffix.

    FHIR: HumanName of Patient.name or Practitioner.name; the official one where several are in use.
    X12: NM103, NM104 and NM105, NM107. No family name, or two names and none official, is an error.
    """
    path = found[1]
    names = names_in_use(found)
    if len(names) > 1:
        message = "Several names are in use; one was expected. Mark one official."
        reading.error("name.ambiguous", f"{path}.name", message)
        return None
    name = names[0][0] if names else {}
    family = text(name, "family")
    if family is None:
        reading.missing("name.missing", f"{names[0][1] if names else path + '.name'}.family", "The family name")
        return None
    return family, strings(name.get("given")), " ".join(strings(name.get("suffix"))) or None


def names_in_use(found: Found) -> list[Found]:
    """Give the different names that a person goes by: the official ones where several are in use.

    >>> maiden = {"use": "maiden", "family": "Before"}
    >>> names_in_use(({"name": [maiden, {"family": "Now"}]}, "Practitioner"))
    [({'family': 'Now'}, 'Practitioner.name[1]')]
    """
    names = [one for one in children(*found, "name") if one[0].get("use") not in _PAST_NAMES]
    if len(names) < 2:
        return names
    chosen = [one for one in names if one[0].get("use") == "official"] or names
    return [one for place, one in enumerate(chosen) if one[0] not in [other[0] for other in chosen[:place]]]


def read_address(found: Found, reading: Reading) -> Address | None:
    """Read the one address in use; None where there is none, an error where it is incomplete or one of several.

    FHIR: Address of Patient, Organization or Location; `home` or `work` first. X12: N3, N4. ZIP codes lose hyphens.
    """
    tree, path = found
    known = [one for one in children(tree, path, "address") if one[0].get("use") not in _PAST_ADDRESSES]
    if len(known) > 1:
        known = [one for one in known if one[0].get("use") in ("home", "work")] or known
    if len(known) > 1 and any(one[0] != known[0][0] for one in known):
        text_ = "Several addresses are in use; one was expected. Mark one as home or work, the others as old."
        reading.error("address.ambiguous", f"{path}.address", text_)
        return None
    if not known:
        return None
    address, place = known[0]
    line, (city, state, written) = strings(address.get("line")), [text(address, name) or "" for name in _ADDRESS]
    if not (line and city and state and written):
        for name, part in zip((*_ADDRESS, "line"), (city, state, written, line), strict=True):
            if not part:
                reading.missing("address.incomplete", f"{place}.{name}", "A part of the address")
    postal_code = written.replace("-", "").replace(" ", "")
    if written and not (postal_code.isascii() and postal_code.isdigit()):
        reading.error("address.postal-code", f"{place}.postalCode", "The ZIP code has other characters than digits.")
    return Address(line, city, state, postal_code)


def strings(value: Sequence[str | None] | None) -> tuple[str, ...]:
    """Give the strings of an array that say something; null stands where a string has only an extension.

    >>> strings(["Ann", " ", None])
    ('Ann',)
    """
    return tuple([one for one in value if one and not one.isspace()]) if value else ()
