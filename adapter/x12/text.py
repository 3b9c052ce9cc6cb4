"""Bytes of an interchange to text: what X12 lets stand in a file, and what is read all the same."""

from __future__ import annotations

import re

from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["decode_text", "is_x12"]

_BOM = b"\xef\xbb\xbf"
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def is_x12(data: bytes) -> bool:
    r"""Tell whether bytes begin as an interchange does: with ISA, behind a byte order mark and white space or none.

    >>> is_x12(b"\r\nISA*00*"), is_x12(b'{"resourceType": "Claim"}')
    (True, False)
    """
    return data.removeprefix(_BOM).lstrip(b" \t\r\n").startswith(b"ISA")


def decode_text(data: bytes) -> Outcome[str]:
    """Decode the bytes of an interchange: ASCII, or UTF-8 with a warning.

    X12: the basic and extended character sets are ASCII. A letter beyond it is read where UTF-8 says which one it is. In
    every other encoding it would be a guess, and a name would change: that is refused, with the line.
    Errors: `x12.not-utf8`. Warnings: `x12.character-beyond-ascii`.

    >>> decode_text("NM1*IL*1*M\u00dcLLER~".encode()).issues[0].rule
    'x12.character-beyond-ascii'
    >>> decode_text("NM1*IL*1*M\u00dcLLER~".encode("latin-1")).issues[0].rule
    'x12.not-utf8'
    """
    body = data.removeprefix(_BOM)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Outcome(None, (Issue(
            Severity.ERROR, IssueType.STRUCTURE, "x12.not-utf8", "A byte is neither ASCII nor part of a letter in UTF-8, "
            "so nobody can tell which letter it is. Ask the sender for the file in ASCII, the character set of X12.",
            line=body.count(b"\n", 0, error.start) + 1,
        ),))
    foreign = _FOREIGN.search(text)
    if foreign is None:
        return Outcome(text)
    return Outcome(text, (Issue(
        Severity.WARNING, IssueType.VALUE, "x12.character-beyond-ascii", "The text holds a character that X12 does not "
        "have; it is read as UTF-8. Ask the sender to write names in plain letters.",
        line=text.count("\n", 0, foreign.start()) + 1,
    ),))
