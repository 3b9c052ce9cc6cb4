"""Text in UTF-8, and what bytes are that are none."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["decode_utf8", "name_other_form"]

_WIDE: Final = "Write it in UTF-8"
# How bytes of another form begin (RFC 1952, APPNOTE.TXT 4.3.7, ISO 32000-1, RFC 4627 section 3), and what to do.
_FORMS: Final = tuple((re.compile(begins, re.DOTALL), form, remedy) for begins, form, remedy in (
    (rb"\x1f\x8b", "packed by gzip", "Unpack it first"),
    (rb"PK\x03\x04", "a zip archive, or a workbook", "Give the text that is in it"),
    (rb"%PDF-", "a PDF", "Give the text or the data that it was made of"),
    (rb"\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0|\0\0\0[^\0]", "UTF-32", _WIDE),
    (rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]|\0[^\0]", "UTF-16", _WIDE),
))


def name_other_form(data: bytes) -> tuple[str, str] | None:
    r"""Name what bytes are that no text in UTF-8 begins with, and what to do; None where they may be one.

    >>> name_other_form("{}".encode("utf-16")), name_other_form(b"\x1f\x8b\x08")[0], name_other_form(b"{}")
    (('UTF-16', 'Write it in UTF-8'), 'packed by gzip', None)
    """
    return next(((form, remedy) for begins, form, remedy in _FORMS if begins.match(data)), None)


def decode_utf8(data: bytes) -> str:
    r"""Decode a text in UTF-8; a byte order mark is dropped. Errors: ValueError says what it is instead, and where it is none.

    >>> decode_utf8(b"\xef\xbb\xbfa = 1")
    'a = 1'
    """
    other = name_other_form(data)
    if other is not None:
        raise ValueError(f"text in UTF-8 was expected, this is {other[0]}. {other[1]}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} holds a byte that is not UTF-8. Write the file in UTF-8.") from None
