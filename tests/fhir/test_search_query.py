"""A query becomes conditions, a resource values, and they meet as R4 says; on both databases as in memory."""

import pytest

from adapter.fhir.search_query import MAX_COUNT, read_query
from adapter.fhir.search_table import PARAMETERS, Parameter
from adapter.fhir.search_value import gather_values, meets, read_span, shorten
from adapter.load import load_rule_book
from tests.searches import PATIENT, QUERIES

ENCOUNTER = {"resourceType": "Encounter", "id": "e", "class": {"code": "AMB"}, "period": {"start": "2026-03-02T10:00:00-05:00"}}


def found(tree, query):
    read = read_query(tree["resourceType"], [tuple(part.split("=", 1)) for part in query.split("&")], "http://localhost/fhir")
    assert read.value is not None, read.issues
    assert read.value.unknown == ()
    return all(meets(gather_values(tree), one) for one in read.value.conditions)


@pytest.mark.parametrize(("query", "expected"), QUERIES)
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


def unknown_paths(shapes, table):
    """Give the paths of parameters that lead to no element of R4."""
    wrong = []
    for kind, parameters in table.items():
        for parameter in parameters.values():
            for path in parameter.paths:
                name = kind
                for step in path.split("."):
                    member = shapes[name].by_name.get(step)
                    if member is None:
                        wrong.append(f"{kind}.{path}")
                        break
                    name = member.type
    return wrong


def test_every_path_of_every_parameter_is_one_of_r4():
    assert unknown_paths(load_rule_book().shapes, PARAMETERS) == []


def test_a_planted_path_is_caught():
    assert unknown_paths(load_rule_book().shapes, {"Patient": {"colour": Parameter("token", ("colour",))}}) == ["Patient.colour"]
