"""The narrative in FHIR XML: an XHTML div, kept as the text that it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.parsers import expat

from adapter.fhir.plain_json import MAX_DEPTH
from adapter.fhir.xml_shape import XHTML

__all__ = ["cut_narrative", "is_narrative"]

_TAG: Final = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_DECLARED: Final = re.compile(rb"\sxmlns\s*=")
_WHOLE: Final = re.compile(r"<(?:[^\s<>/:]+:)?div[\s/>].*(?:</(?:[^\s<>/:]+:)?div\s*|/)>", re.DOTALL)


def cut_narrative(data: bytes, span: tuple[int, int], prefixes: Sequence[str]) -> str:
    """Cut the narrative out of a text: `span` is where its start tag and its end tag begin.

    It is given as it was sent. Where it leans on a namespace that is declared around it (`prefixes` are those
    declared there), its tags lose that prefix and the div declares the namespace itself.

    >>> cut_narrative(b"<a><h:div><h:p>x</h:p></h:div></a>", (3, 22), ["h"])
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'
    """
    start, last = span
    found = _TAG.match(data, start)
    tag = found[0] if found else b""
    end = start + len(tag) if tag.endswith(b"/>") else data.index(b">", last) + 1
    text = data[start:end].decode("utf-8")
    for prefix in prefixes:
        text = re.sub(rf"(</?){re.escape(prefix)}:", r"\1", text)
    if text.startswith("<div") and not _DECLARED.search(tag):
        text = f'<div xmlns="{XHTML}"{text[4:]}'
    return text


def is_narrative(text: str) -> bool:
    """Tell whether a text is one div of XHTML, well-formed, of 64 levels at most, and nothing beside it.

    >>> is_narrative(f'<div xmlns="{XHTML}">x</div>'), is_narrative("<div>x</div>"), is_narrative("x")
    (True, False, False)
    """
    if not _WHOLE.fullmatch(text):
        return False
    parser = expat.ParserCreate("utf-8", " ")
    depth = 0

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH or not name.startswith(f"{XHTML} ") or (depth == 1 and name != f"{XHTML} div"):
            raise ValueError

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError):
        return False
    return True
