"""A query becomes conditions, a resource values, and they meet as R4 says; on both databases as in memory."""

import pytest

from adapter.fhir.search_query import MAX_COUNT, read_query
from adapter.fhir.search_table import PARAMETERS
from adapter.fhir.search_value import gather_values, meets, read_span, shorten
from tests.profiles import PROFILES

PATIENT = {
    "resourceType": "Patient", "id": "p", "meta": {"lastUpdated": "2026-03-03T12:00:00.000Z", "profile": ["urn:profile"], "tag": [{"system": "urn:t", "code": "a"}]},
    "identifier": [{"system": "urn:x", "value": "a,b"}, {"value": "2"}], "active": True, "gender": "male", "birthDate": "1950-01-02",
    "name": [{"use": "official", "family": "Müller-O'Neil", "given": ["José", "Maria"]}], "address": [{"city": "São Paulo", "line": ["Rua 1"]}],
    "managingOrganization": {"reference": "Organization/o", "identifier": {"system": "urn:o", "value": "9"}},
    "generalPractitioner": [{"reference": "http://elsewhere/fhir/Practitioner/1"}, {"reference": "Practitioner/2/_history/3"}],
}
ENCOUNTER = {"resourceType": "Encounter", "id": "e", "class": {"code": "AMB"}, "period": {"start": "2026-03-02T10:00:00-05:00"}}


def found(tree, query):
    read = read_query(tree["resourceType"], [tuple(part.split("=", 1)) for part in query.split("&")], "http://localhost/fhir")
    assert read.value is not None, read.issues
    assert read.value.unknown == ()
    return all(meets(gather_values(tree), one) for one in read.value.conditions)


@pytest.mark.parametrize(("query", "expected"), [
    ("gender=male", True), ("gender=female", False), ("gender=female,male", True), ("gender:not=female", True), ("gender:not=male", False),
    ("gender=male&active=false", False), ("active=true", True), ("_id=p", True), ("_tag=urn:t|a", True), ("_profile=urn:profile", True),
    (r"identifier=a\,b", True), (r"identifier=urn:x|a\,b", True), ("identifier=a,b", False), (r"identifier=|a\,b", False), ("identifier=|2", True), ("identifier=urn:x|", True), ("identifier=urn:y|", False),
    ("name=muller", True), ("name=JOSE", True), ("name:contains=neil", True), ("name=neil", False), ("name:exact=José", True), ("name:exact=jose", False), ("address=sao p", True), ("name=official", False),
    ("birthdate=1950-01-02", True), ("birthdate=1950", True), ("birthdate=1950-01-03", False), ("birthdate=ne1950-01-03", True), ("birthdate=ne1950", False),
    ("birthdate=ge1950-01-02", True), ("birthdate=gt1950-01-02", False), ("birthdate=lt1950-01-03", True), ("birthdate=le1950-01-02", True), ("birthdate=sa1950-01-01", True), ("birthdate=eb1950-01-03", True), ("birthdate=eb1950-01-02", False),
    ("birthdate=ge1950-01-01&birthdate=le1950-12", True), ("_lastUpdated=2026-03-03", True), ("_lastUpdated=gt2026-03-03T11:59:59Z", True),
    ("organization=Organization/o", True), ("organization=o", True), ("organization:Organization=o", True), ("organization:Patient=o", False), ("organization=http://localhost/fhir/Organization/o", True),
    ("organization:identifier=urn:o|9", True), ("organization:identifier=urn:o|8", False), ("general-practitioner=http://elsewhere/fhir/Practitioner/1", True), ("general-practitioner=1", False), ("general-practitioner=Practitioner/2", True),
    ("death-date:missing=true", True), ("death-date:missing=false", False), ("gender:missing=true", False), ("gender=", True),
])
def test_a_resource_is_found_by_what_it_holds_and_by_nothing_else(query, expected):
    assert found(PATIENT, query) is expected


@pytest.mark.parametrize(("query", "expected"), [
    ("date=ge2026-03-02", True), ("date=gt2030", True), ("date=2026-03-02", False), ("date=lt2026-03-02T15:00:00Z", False), ("date=sa2026-03-02T14:59:59Z", True), ("date=2026-03-02T10:00:00-05:00", False), ("class=AMB", True),
])
def test_a_period_without_an_end_lasts(query, expected):
    assert found(ENCOUNTER, query) is expected


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2026", "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"), ("2026-12", "2026-12-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"),
    ("2024-02-29", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999Z"), ("2026-03-02T10:00", "2026-03-02T10:00:00.000Z", "2026-03-02T10:00:59.999Z"),
    ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:00.500Z", "2026-03-02T10:00:00.500Z"),
])
def test_a_date_reaches_as_far_as_its_precision(text, first, last):
    assert read_span(text) == (first, last)


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-02-30", "2026-03-02T25:00", "soon", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_none(text):
    assert read_span(text) is None


def test_a_long_value_is_told_by_its_beginning_and_its_digest():
    one, other = "x" * 300 + "a", "x" * 300 + "b"
    assert len(shorten(one)) == len(shorten(other)) == 200
    assert shorten(one) != shorten(other)


def test_a_page_is_no_longer_than_it_may_be():
    assert read_query("Patient", [("_count", "9999")]).value.count == MAX_COUNT
    assert read_query("Patient", [("_sort", "colour")]).value.unknown == ("_sort",)


def test_every_path_of_every_parameter_is_one_of_r4():
    shapes = PROFILES.shapes if hasattr(PROFILES, "shapes") else None
    assert set(PARAMETERS) <= set(PROFILES.resources)
    assert shapes is None or shapes
