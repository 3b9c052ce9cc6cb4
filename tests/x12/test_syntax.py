"""Segments and text: nothing written can be read as syntax, and no text raises."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from adapter.x12.syntax import (
    DELIMITERS,
    Delimiters,
    Segment,
    build_segment,
    decode_segments,
    encode_segments,
    fold_segment,
    fold_text,
)
from tests.x12.examples import OWN

ISA = OWN.split("\n", maxsplit=1)[0]
VALUES = st.text(st.characters(max_codepoint=0x17F, exclude_categories=("Cs",)), max_size=12).filter(
    lambda value: fold_text(value) is not None
)
ELEMENTS = st.lists(VALUES, min_size=1, max_size=4).map(tuple)
SEGMENTS = st.builds(
    lambda name, elements: Segment(name, tuple(elements)),
    st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(lambda name: name != "ISA"),
    st.lists(ELEMENTS, max_size=6),
)


@given(st.lists(SEGMENTS, max_size=6))
def test_what_is_encoded_decodes_to_the_same_segments_folded(segments):
    isa = decode_segments(ISA).value.segments[0]
    text = encode_segments([isa, *segments])
    decoded = decode_segments(text)
    assert decoded.issues == ()
    assert decoded.value.delimiters == DELIMITERS
    assert list(decoded.value.segments) == [isa, *map(fold_segment, segments)]
    assert text.count("~") == len(segments) + 1


@given(st.text())
def test_a_folded_text_is_upper_case_ascii_and_folding_again_changes_nothing(text):
    folded = fold_text(text)
    if folded is not None:
        assert folded.isascii()
        assert folded.isprintable()
        assert folded == folded.upper().strip()
        assert not set(folded) & set("*~:^`")
        assert fold_text(folded) == folded


def test_a_planted_segment_stays_one_value():
    assert encode_segments([build_segment("N3", "12*ELM~ST:A^B")]) == "N3*12 ELM ST A B~\n"


def test_a_harness_that_does_not_fold_would_let_the_planted_segment_through():
    raw = DELIMITERS.element.join(["N3", "12*ELM~ST*X"]) + DELIMITERS.terminator
    assert len(decode_segments(ISA + raw).value.segments) == 3


@pytest.mark.parametrize(("name", "folded"), [
    ("Núñez", "NUNEZ"), ("Straße", "STRASSE"), ("Ægir Ørsted", "AEGIR ORSTED"), ("Łódź", "LODZ"), ("Þór", "THOR"),
    ("O\u2019Brien\u2013Smith", "O'BRIEN-SMITH"), ("e\u0301", "E"), ("a\r\nb", "A  B"), ("ﬁn", "FIN"), ("\u200b", ""),
])
def test_names_are_folded_by_letters_not_by_bytes(name, folded):
    assert fold_text(name) == folded


@pytest.mark.parametrize("name", ["Ελένη", "Иван", "李", "שרה", "٣"])
def test_a_name_in_another_script_is_refused_and_never_dropped(name):
    assert fold_text(name) is None
    with pytest.raises(ValueError, match="without an ASCII form"):
        encode_segments([build_segment("NM1", "QC", "1", name)])


def test_the_isa_has_its_106_characters():
    text = encode_segments(decode_segments(OWN).value.segments)
    assert text == OWN
    assert text.index("~") == 105


def test_an_isa_value_too_long_for_its_place_is_never_written():
    with pytest.raises(ValueError, match="longer than its place"):
        encode_segments([build_segment("ISA", *["X" * 16] * 16)])


@pytest.mark.parametrize("change", [
    lambda text: "\ufeff" + text,
    lambda text: "\r\n" + text.replace("\n", "\r\n"),
    lambda text: text.replace("\n", ""),
    lambda text: text.replace("~\n", "\n"),
    lambda text: text.replace("*", "|").replace(":", ">").replace("~", "'").replace("^", "+"),
])
def test_other_delimiters_and_line_breaks_give_the_same_segments(change):
    segments = decode_segments(change(OWN)).value.segments
    expected = decode_segments(OWN).value.segments
    assert segments[1:] == expected[1:]
    assert [segment.number for segment in segments] == list(range(1, len(expected) + 1))


def test_segments_know_their_lines():
    lines = [segment.line for segment in decode_segments(OWN).value.segments]
    assert lines == list(range(1, OWN.count("\n") + 1))
    assert {segment.line for segment in decode_segments(OWN.replace("\n", "")).value.segments} == {1}


@pytest.mark.parametrize(("text", "rule"), [
    ("", "x12.isa-unreadable"),
    ("ISA*00*", "x12.isa-unreadable"),
    (OWN.replace("*00*          *00", "*00*         *00", 1), "x12.isa-unreadable"),
    (OWN.replace("*T*:~", "*T**~", 1), "x12.isa-unreadable"),
    (OWN.replace("*T*:~", "*T*^~", 1), "x12.delimiters-unusable"),
    (OWN.replace("*T*:~", "*T*A~", 1), "x12.delimiters-unusable"),
    (OWN.replace("ST*837", "st*837", 1), "x12.segment-unreadable"),
    (OWN.replace("~\nHL*1", "\x0b~\nHL*1", 1), "x12.control-character"),
    (OWN.replace("ST*837", "ST*8\x1d37", 1), "x12.control-character"),
    (OWN.replace("~\nHL*1", "~~\nHL*1", 1), "x12.segment-unreadable"),
    (OWN + "IEA*1*000000042", "x12.terminator-missing"),
])
def test_a_text_that_is_no_interchange_is_refused_with_its_reason(text, rule):
    answer = decode_segments(text)
    assert answer.value is None
    assert [issue.rule for issue in answer.issues] == [rule]


@given(st.text(max_size=300), st.integers(0, 400))
def test_any_text_is_refused_or_read_and_never_raises(text, place):
    for damaged in (text, ISA + text, OWN[:place] + text + OWN[place:]):
        answer = decode_segments(damaged)
        assert (answer.value is None) == bool(answer.issues)


def test_an_element_that_is_not_there_is_empty():
    segment = build_segment("SV1", ("HC", "96522"), "310.00")
    assert [segment.get(1, 2), segment.get(1, 3), segment.get(9)] == ["96522", "", ""]
    assert Delimiters() == DELIMITERS
