"""Of several names or addresses the one in use is read; where none stands out, nothing is chosen."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.elements import identifiers, read_address, read_name
from adapter.fhir.reading import Reading
from adapter.terms import Address, Identifier

HOME = {"line": ["2 Sample Street"], "city": "Exampleville", "state": "OH", "postalCode": "44001-0001"}


def found(**elements: Any) -> tuple[dict[str, Any], str]:
    return elements, "Patient"


@pytest.mark.parametrize(("names", "family"), [
    ([{"family": "A"}], "A"),
    ([{"family": "A", "use": "old"}, {"family": "B"}], "B"),
    ([{"family": "A"}, {"family": "B", "use": "official"}], "B"),
    ([{"family": "A"}, {"family": "A"}], "A"),
])
def test_the_name_in_use_is_read(names: list[dict[str, str]], family: str) -> None:
    name = read_name(found(name=names), Reading({}, ""))
    assert name is not None
    assert name[0] == family


@pytest.mark.parametrize(("names", "rule", "place"), [
    ([{"family": "A"}, {"family": "B"}], "name.ambiguous", "Patient.name"),
    ([{"text": "A B"}], "name.missing", "Patient.name[0].family"),
    ([], "name.missing", "Patient.name.family"),
    ([{"family": "A", "use": "maiden"}], "name.missing", "Patient.name.family"),
])
def test_no_name_is_chosen_or_taken_apart(names: list[dict[str, str]], rule: str, place: str) -> None:
    reading = Reading({}, "")
    assert read_name(found(name=names), reading) is None
    assert [(issue.rule, issue.expression) for issue in reading.issues] == [(rule, (place,))]


def test_the_zip_code_loses_its_hyphen_and_an_old_address_is_passed_over() -> None:
    reading = Reading({}, "")
    address = read_address(found(address=[{**HOME, "use": "old", "city": "Elsewhere"}, HOME]), reading)
    assert address == Address(("2 Sample Street",), "Exampleville", "OH", "440010001")
    assert reading.issues == []


@pytest.mark.parametrize(("addresses", "rule"), [
    ([HOME, {**HOME, "city": "Elsewhere"}], "address.ambiguous"),
    ([{**HOME, "state": ""}], "address.incomplete"),
    ([{**HOME, "postalCode": "AB1 2CD"}], "address.postal-code"),
])
def test_an_address_that_is_unclear_or_incomplete_is_an_error(addresses: list[dict[str, Any]], rule: str) -> None:
    reading = Reading({}, "")
    read_address(found(address=addresses), reading)
    assert [issue.rule for issue in reading.issues] == [rule]


def test_identifiers_are_found_by_system_alias_or_type_and_counted_once() -> None:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    tree = {"identifier": [{"type": kind, "value": "1"}, {"type": kind, "value": "1"}, {"system": "urn:x", "value": "2"}, {}]}
    assert identifiers(tree, kind="MR") == (Identifier(None, "1"),)
    assert identifiers(tree, ["urn:x"]) == (Identifier("urn:x", "2"),)
    assert len(identifiers(tree)) == 2
