"""A query finds in the databases what it finds in memory."""

from datetime import UTC, datetime

from adapter.fhir.search_query import read_query
from adapter.fhir.search_value import gather_values
from adapter.terms import SearchValue
from tests.searches import PATIENT, QUERIES

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def disagreements(unit):
    wrong = []
    for query, expected in QUERIES:
        read = read_query("Patient", [tuple(part.split("=", 1)) for part in query.split("&")], "http://localhost/fhir")
        if bool(unit.search("Patient", read.value.conditions, read.value.order)) is not expected:
            wrong.append(query)
    return wrong


def test_every_query_finds_what_it_finds_in_memory(store):
    with store.begin() as unit:
        unit.write("Patient", "p", b"{}", gather_values(PATIENT), NOW)
        assert disagreements(unit) == []


def test_the_harness_catches_values_that_are_not_kept(store):
    with store.begin() as unit:
        unit.write("Patient", "p", b"{}", [SearchValue("gender", "male")], NOW)
        assert len(disagreements(unit)) > 10
