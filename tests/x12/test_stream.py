"""An 837 in pieces: the same claims as at once, in the memory of one of them."""

from __future__ import annotations

import tracemalloc

import pytest

from adapter.x12 import read_837
from adapter.x12.check_837 import check_text
from adapter.x12.file_837 import read_segments
from adapter.x12.stream import LONGEST_SEGMENT, check_chunks, stream_claims, stream_segments
from adapter.x12.syntax import decode_segments
from tests.x12.examples import DEPENDENT, OWN, recounted
from tests.x12.test_check_837 import FILES, MUTANTS

BODY = OWN[OWN.index("HL*2*"):OWN.index("\nSE*") + 1]
FOREIGN = [
    recounted(OWN.replace("\nSE*", "\n" + BODY.replace("HL*2*1", "HL*3*1") + "SE*")), recounted(OWN.replace("\nSE*", "\n" + BODY[BODY.index("CLM*"):] + "SE*")),
    OWN + OWN, OWN[OWN.index("GS*"):], OWN[:106], OWN.replace("ST*837", "ST*999"), recounted(OWN.replace("HL*2*1*22", "HL*2*1*99")), recounted(OWN.replace("HL*2*1", "ST*837*0001~\nHL*2*1")),
    recounted(OWN.replace("NM1*40", "REF*ZZ*KEEP~\nNM1*40").replace("LX*2", "AMT*F5*3~\nLX*2")), OWN[:OWN.index("HL*")] + OWN[OWN.index("SE*"):], OWN.replace("SE*40", "SE*40*0001~\nSE*40"),
    OWN.replace("IEA*", "NTE*ADD*X~\nIEA*"), recounted(OWN.replace("BHT*", "ZZ1*A~\nBHT*")), recounted(OWN.replace("CLM*", "LX*1~\nCLM*")),
]

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
    assert peak < 2_000_000


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


# ------------------------------------------------------------ a file in pieces is checked and read as a file at once


def told(issues):
    return sorted({(one.severity, one.rule, one.expression, one.line or 0) for one in issues if one.rule != "x12.terminator-missing"})


@pytest.mark.parametrize("text", [one.values[0] for one in MUTANTS[::3]] + list(FILES.values()) + FOREIGN)
def test_a_file_in_pieces_has_the_verdict_of_the_file_at_once(text):
    assert told(check_chunks(pieces(text, 900))) == told(check_text(text))


@pytest.mark.parametrize("text", [one.values[0] for one in MUTANTS[::3]] + list(FILES.values()) + FOREIGN)
def test_a_file_in_pieces_is_read_as_the_file_at_once(text):
    outcomes, whole = list(stream_claims(pieces(text, 900))), read_segments(text)
    issues = [issue for one in outcomes for issue in one.issues]
    if whole.value is None:
        assert any(issue.is_error for issue in issues)
        assert told(issue for issue in issues if issue.is_error) == told(issue for issue in whole.issues if issue.is_error)
    else:
        assert tuple(one.value for one in outcomes) == whole.value.claims
        assert told(issues) == told(whole.issues)
