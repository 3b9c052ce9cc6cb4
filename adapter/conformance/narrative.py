"""Narratives: the XHTML of text.div, well formed, with permitted elements and attributes only, and safe to show.

http://hl7.org/fhir/R4/narrative.html: the elements of HTML 4.0 chapters 7 to 11 (without section 4 of chapter 9) and 15,
`a` with name or href, images, style attributes; no head, body, style sheets, deprecated elements, scripts, forms, base,
link, xlink, frames, iframes, objects, and no attributes of events.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

__all__ = ["find_narrative_fault"]

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_SPACE: Final = "\x1f"
_words: Final = str.split
_ELEMENTS: Final = frozenset(_words(
    "div span p br hr h1 h2 h3 h4 h5 h6 blockquote q pre address em strong dfn code samp kbd var cite abbr acronym sub sup "
    "ins del bdo b i u tt big small ul ol li dl dt dd table caption thead tfoot tbody colgroup col tr th td a img map area"
))
# The core and international attributes of HTML 4.0, then those of single elements.
_COMMON: Final = frozenset(_words("id class style title lang dir xml:lang tabindex accesskey"))
_TABLE: Final = frozenset(_words("align valign char charoff width"))
_ATTRIBUTES: Final = {
    "a": frozenset(_words("name href hreflang type rel rev target charset coords shape")),
    "img": frozenset(_words("src alt longdesc name height width align border hspace vspace usemap ismap")),
    "area": frozenset(_words("shape coords href alt nohref")), "map": frozenset({"name"}),
    "table": frozenset(_words("summary width border frame rules cellspacing cellpadding align bgcolor")),
    "td": _TABLE | frozenset(_words("abbr axis headers scope rowspan colspan bgcolor nowrap height")),
    "th": _TABLE | frozenset(_words("abbr axis headers scope rowspan colspan bgcolor nowrap height")),
    "col": _TABLE | {"span"}, "colgroup": _TABLE | {"span"}, "tr": _TABLE | {"bgcolor"},
    "thead": _TABLE, "tbody": _TABLE, "tfoot": _TABLE, "caption": frozenset({"align"}),
    "q": frozenset({"cite"}), "blockquote": frozenset({"cite"}), "ins": frozenset({"cite", "datetime"}),
    "del": frozenset({"cite", "datetime"}), "br": frozenset({"clear"}),
    "ol": frozenset({"start", "type", "compact"}), "ul": frozenset({"type", "compact"}), "li": frozenset({"value", "type"}),
    "hr": frozenset(_words("align noshade size width")), "pre": frozenset({"width"}),
    **dict.fromkeys(("div", "p", "h1", "h2", "h3", "h4", "h5", "h6"), frozenset({"align"})),
}
_LINKS: Final = frozenset({"href", "src", "longdesc", "cite", "usemap"})
# The schemes that a link may have; `data:` only as the source of an image.
_SCHEME: Final = re.compile(r"[\s\x00-\x1f]*([A-Za-z][A-Za-z0-9+.\-\s]*):")
_SAFE: Final = frozenset({"http", "https", "mailto", "tel", "ftp", "urn", "cid"})
_IMAGE: Final = re.compile(r"data:\s*image/(?:png|jpe?g|gif|bmp|webp)\s*[;,]")
# What a style may not do: run something, hide what it says behind escapes, load from elsewhere (relative names and images in
# the text itself are as good as `img`).
_ACTIVE_STYLE: Final = re.compile(
    r"expression\s*\(|@import|javascript:|vbscript:|-moz-binding|behavior\s*:|\\|/\*"
    r"|url\s*\(\s*[\"']?\s*(?!data:\s*image/)(?:[a-z][a-z0-9+.\-]*:|//)", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9:.\-]{0,30}")


class _Fault(Exception):  # noqa: N818 # it carries what was found, and ends the parser
    """What is wrong with a narrative."""


def find_narrative_fault(text: str) -> str | None:
    """Find the first fault of a div; None where there is none. The words hold names, never content.

    >>> find_narrative_fault('<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">Ann</p></div>')
    'the attribute onclick of the element p (line 1, column 43)'
    >>> find_narrative_fault('<div xmlns="http://www.w3.org/1999/xhtml"><p>Ann</p></div>')
    """
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except _Fault as fault:
        return str(fault)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        return f"XML that is not well formed: {reason} (line {error.lineno}, column {error.offset + 1})"
    return None if reader.has_content else "no text and no image (txt-2)"


class _Reader:
    """Read one div with Expat: no document type, so that no entity but those of XML can stand in it."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=_SPACE)
        self.parser.namespace_prefixes = False
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.has_content = False
        self._is_open = False

    def _fail(self, found: str) -> None:
        place = f"(line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1})"
        raise _Fault(f"{found} {place}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(_SPACE)
        shown = local if _NAME.fullmatch(local) else "with an impossible name"
        if not self._is_open and local != "div":
            self._fail(f"the element {shown} where div was expected")
        self._is_open = True
        if space != _XHTML:
            self._fail(f"the element {shown} outside of the namespace {_XHTML}")
        if local not in _ELEMENTS:
            self._fail(f"the element {shown}")
        if local == "img":
            self.has_content = True
        for key, value in attributes.items():
            self._attribute(local, key.replace(f"http://www.w3.org/XML/1998/namespace{_SPACE}", "xml:"), value)

    def _attribute(self, element: str, key: str, value: str) -> None:
        if key not in _COMMON and key not in _ATTRIBUTES.get(element, ()):
            shown = key if _NAME.fullmatch(key) else "with an impossible name"
            self._fail(f"the attribute {shown} of the element {element}")
        if key in _LINKS and (scheme := _SCHEME.match(value)):
            name = re.sub(r"\s", "", scheme[1]).lower()
            if name not in _SAFE and not (element == "img" and _IMAGE.match(value)):
                self._fail(f"a link that may run a script in the attribute {key} of the element {element}")
        if key == "style" and _ACTIVE_STYLE.search(value):
            self._fail(f"a style that loads or runs something in the element {element}")

    def _text(self, data: str) -> None:
        self.has_content = self.has_content or not data.isspace()

    def _doctype(self, *_: object) -> None:
        self._fail("a document type")

    def _instruction(self, *_: object) -> None:
        self._fail("a processing instruction")
