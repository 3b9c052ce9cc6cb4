"""An 837 in pieces: the same claims as at once, in the memory of one of them."""

from __future__ import annotations

import tracemalloc

import pytest

from adapter.x12 import read_837
from adapter.x12.stream import LONGEST_SEGMENT, stream_claims, stream_segments
from adapter.x12.syntax import decode_segments
from tests.x12.examples import DEPENDENT, OWN

START, END = OWN.index("CLM*"), OWN.index("\nSE*") + 1
MANY = 8_000


def pieces(text, size):
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 7, 106, 500, 10_000])
@pytest.mark.parametrize("text", [OWN, DEPENDENT, OWN.replace("~\n", "~").replace("*", "|"), "\n\n" + OWN])
def test_a_text_in_pieces_is_the_text_at_once(text, size):
    found = [one for batch in stream_segments(pieces(text, size)) for one in batch.value]
    whole = decode_segments(text).value.segments
    assert found == list(whole)
    assert [one.number for one in found] == [one.number for one in whole]
    assert [one.line for one in found] == [one.line for one in whole]
    assert [one.value for one in stream_claims(pieces(text, size))] == list(read_837(text).value.claims)


def many():
    yield OWN[:START]
    for _ in range(MANY):
        yield OWN[START:END]
    yield OWN[END:]


@pytest.mark.long
def test_a_long_file_takes_the_memory_of_one_claim():
    assert len(OWN[START:END]) * MANY > 3_500_000
    tracemalloc.start()
    assert sum(one.value is not None for one in stream_claims(many())) == MANY
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_claim_that_cannot_be_read_stops_no_other():
    text = DEPENDENT.replace("*185.00***11", "*186.00***11")
    first, second = stream_claims([text])
    assert [issue.rule for issue in first.issues] == ["x12.total-differs"]
    assert second.value.identifier == "VISIT-0003"


@pytest.mark.parametrize(("text", "rule"), [
    ("ISA*00*", "x12.isa-unreadable"), (OWN[:400], "x12.terminator-missing"), (OWN[:300] + "X" * LONGEST_SEGMENT * 2, "x12.terminator-missing"),
    (OWN.replace("0001*005010X222A1", "0001*005010X224A2"), "x12.transaction-not-supported"), (OWN.replace("LX*2", "?*2"), "x12.segment-unreadable"),
])
def test_what_is_no_file_of_claims_ends_with_its_issue(text, rule):
    last = list(stream_claims(pieces(text, 200)))[-1]
    assert [issue.rule for issue in last.issues] == [rule]


def test_segments_that_no_claim_holds_are_kept_beside_them():
    text = OWN.replace("SE*40*", "ZZ9*KEEP*ME~\nSE*41*")
    assert [(one.id, one.get(2)) for one in read_837(text).value.unkept] == [("ZZ9", "ME")]
    assert read_837(OWN).value.unkept == ()
