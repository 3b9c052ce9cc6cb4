"""Bytes to text: ASCII is read, UTF-8 is read and told, every other letter is nobody's to guess."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from adapter.issues import Severity
from adapter.x12.text import decode_text, is_x12
from tests.x12.examples import OWN

ACCENTED = OWN.replace("SYNTHETIC*PAT", "M\u00dcLLER*PAT")
LINE = ACCENTED[: ACCENTED.index("\u00dc")].count("\n") + 1


def test_ascii_is_read_as_it_is():
    assert decode_text(OWN.encode("ascii")).issues == ()
    assert decode_text(OWN.encode("ascii")).value == OWN


def test_a_letter_in_utf8_is_read_and_told_with_its_line():
    answer = decode_text(ACCENTED.encode("utf-8-sig"))
    assert answer.value == ACCENTED
    assert [(issue.severity, issue.rule, issue.line) for issue in answer.issues] == [
        (Severity.WARNING, "x12.character-beyond-ascii", LINE)
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437", "mac-roman"])
def test_a_letter_in_another_encoding_is_refused_with_its_line_and_never_guessed(encoding):
    answer = decode_text(ACCENTED.encode(encoding))
    assert answer.value is None
    assert [(issue.severity, issue.rule, issue.line) for issue in answer.issues] == [(Severity.ERROR, "x12.not-utf8", LINE)]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_whole_or_refused(data):
    answer = decode_text(data)
    assert (answer.value is None) == any(issue.is_error for issue in answer.issues)
    if answer.value is not None:
        assert answer.value.encode() == data.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize(("data", "is_one"), [
    (b"ISA*00*", True), (b"\xef\xbb\xbfISA*00*", True), (b" \r\n\tISA*", True),
    (b"", False), (b'{"resourceType": "ISA"}', False), (b"GS*HC*", False), (b"isa*00*", False),
])
def test_an_interchange_is_known_by_its_first_segment(data, is_one):
    assert is_x12(data) is is_one
