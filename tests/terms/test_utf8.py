"""Bytes are told by how they begin, and no text in UTF-8 is taken for another form."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, strategies as st

from adapter.terms.utf8 import decode_utf8, name_other_form


@given(st.text(st.characters(min_codepoint=9, codec="utf-8")))
def test_a_text_without_control_characters_is_given_as_it_is(text):
    assert decode_utf8(b"\xef\xbb\xbf" + text.encode()) == text
    assert name_other_form(text.encode()) is None or text.startswith(("%PDF-", "PK\x03\x04"))


@pytest.mark.parametrize(("data", "words"), [
    (b"a = 1\nb = \xff", "line 2 holds a byte that is not UTF-8"), ("a = 1".encode("utf-16"), "this is UTF-16. Write it in UTF-8."),
    (gzip.compress(b"a = 1", mtime=0), "this is packed by gzip. Unpack it first."), (b"PK\x03\x04", "a zip archive"),
])
def test_what_is_no_text_in_utf8_is_said_in_our_words(data, words):
    with pytest.raises(ValueError, match=words) as caught:
        decode_utf8(data)
    assert "codec" not in str(caught.value)
