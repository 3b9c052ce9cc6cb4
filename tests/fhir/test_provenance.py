"""What explains a claim travels in its Provenance and comes back whole."""

from __future__ import annotations

import copy

from hypothesis import given, settings, strategies as st

from adapter.fhir.claim_bundle import write_claim
from adapter.fhir.provenance import Explanation, read_provenance, write_absences
from adapter.fhir.references import Tree
from adapter.terms import CodingRecord, Dropped, Reason, TraceStep
from tests.fhir.claim_cases import PROFESSIONAL, RECORD, STAMP
from tests.strategies import words

reasons = st.builds(Reason, words, words, st.none() | words)
maybe = st.just("") | words
records = st.builds(
    CodingRecord,
    status=st.just("coded"),
    claim=st.just(PROFESSIONAL),
    because=st.tuples(*[st.lists(reasons, max_size=2).map(tuple)] * len(PROFESSIONAL.lines)),
    dropped=st.lists(st.builds(Dropped, words, words, maybe), max_size=2).map(tuple),
    trace=st.lists(st.builds(TraceStep, words, maybe, maybe, words), max_size=3).map(tuple),
)


def written(record: CodingRecord) -> Tree:
    tree = write_claim(record, STAMP).value
    assert tree is not None
    return tree


@given(records)
@settings(max_examples=60, deadline=None)
def test_reasons_dropped_services_and_trace_come_back_as_they_went(record: CodingRecord) -> None:
    assert read_provenance(written(record)) == Explanation(record.because, record.dropped, record.trace)


def test_a_reason_moved_to_another_line_is_noticed() -> None:
    tree = copy.deepcopy(written(RECORD))
    tree["entry"][-1]["resource"]["extension"][0]["extension"][0]["valuePositiveInt"] = 2
    assert read_provenance(tree).because != RECORD.because


def test_a_provenance_of_another_writer_explains_nothing_and_harms_nothing() -> None:
    other = {"resourceType": "Provenance", "extension": [{"url": "urn:x", "valueString": "y"}, {}]}
    tree = {"resourceType": "Bundle", "entry": [{"resource": other}]}
    assert read_provenance(tree) == Explanation()


def test_clock_and_version_stand_in_it_and_the_claim_is_its_target() -> None:
    tree = written(RECORD)
    resource = tree["entry"][-1]["resource"]
    assert resource["recorded"] == "2026-03-05T14:00:00+00:00"
    assert resource["agent"][0]["who"]["display"] == "refill-adapter 0.1.0"
    assert resource["target"] == [{"reference": tree["entry"][0]["fullUrl"]}]


def test_an_absent_fact_is_written_with_its_reason() -> None:
    assert write_absences({"route": "none"})[0]["extension"] == [
        {"url": "fact", "valueString": "route"}, {"url": "reason", "valueString": "none"}]
