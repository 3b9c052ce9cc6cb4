"""The quick way from text to tree, for most texts: those that come back the same when they are written again.

A tree that is written as the text that it came from has lost nothing: no key stood twice, no number changed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

__all__ = ["CONTROL_ESCAPE", "MAX_DEPTH", "MAX_DIGITS", "MAX_SIZE", "decode_plain"]

MAX_SIZE: Final = 16 * 1024 * 1024
"""Bytes that are read."""

MAX_DEPTH: Final = 64
"""Levels of nesting that are read."""

MAX_DIGITS: Final = 40
"""Digits of a number that are read."""

CONTROL_ESCAPE: Final = re.compile(rb"\\(?:[bf]|u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F]))")
"""A control character that no string may hold, as JSON escapes it."""

_SPACE: Final = b" \t\r\n"
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def decode_plain(data: bytes) -> dict[str, Any] | None:
    r"""Decode the text of one object; None where anything in it may be a fault of JSON: `decode_json` looks closer then.

    Nulls, empty values and whole numbers of any length are given as they are: FHIR forbids them, and the schema of
    sound trees says so. An exponent, or an escape that could be written shorter, is looked at closer.

    >>> decode_plain(b'{"resourceType": "Flag", "n": 1.50}')
    {'resourceType': 'Flag', 'n': Decimal('1.50')}
    >>> decode_plain(b'{"a": 1, "a": 1}') is decode_plain(b'{"a": "\\u0041"}') is decode_plain(b'{"a": 1') is None
    True
    """
    if len(data) > MAX_SIZE or not _is_shallow(data) or (b"\\" in data and CONTROL_ESCAPE.search(data)):
        return None
    try:
        tree = _DECODER.decode(data)
    except (ValueError, RecursionError):
        return None
    again = _ENCODER.encode(tree)
    same = again == data or again.translate(None, _SPACE) == data.translate(None, _SPACE)
    return tree if same and type(tree) is dict else None


def _is_shallow(data: bytes) -> bool:
    """Tell whether the brackets close within the levels that are read; one in a string may hide that."""
    brackets = data.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(MAX_DEPTH // 2):  # each turn takes one level away, or two
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return True
    return False


def _read_number(written: str) -> Decimal:
    """Read a number with a fraction; one with an exponent, or with many digits, is looked at closer."""
    if len(written) > MAX_DIGITS or "e" in written or "E" in written:
        raise ValueError("look closer")
    return Decimal(written)


_DECODER: Final = msgspec.json.Decoder(float_hook=_read_number)
