"""Places in FHIR XML: the offset of every element in the text, under the names that its JSON has."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias
from xml.parsers import expat

from adapter.terms.utf8 import name_other_form

__all__ = ["Place", "is_wide_xml", "is_xml", "scan_xml"]

Place: TypeAlias = tuple[int, Any]
"""An offset, and what stands there: a dict of places for an object, a list for an array, None for a primitive."""

_ATTRIBUTE: Final = re.compile(r"""\s+([^\s=<>"'/]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_ATTRIBUTES: Final = ("id", "url")


def is_xml(text: str | bytes) -> bool:
    r"""Tell whether a text can only be XML, and no JSON: it begins with a tag.

    >>> is_xml(b"\xef\xbb\xbf\n<Patient/>"), is_xml('{"text": "<div/>"}')
    (True, False)
    """
    if isinstance(text, str):
        return text.lstrip(" \t\r\n\ufeff").startswith("<")
    return text.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<")


def is_wide_xml(data: bytes) -> bool:
    """Tell whether bytes are XML in UTF-16 or UTF-32, which FHIR does not take, and which is said in the words of XML.

    >>> is_wide_xml("<Patient/>".encode("utf-16")), is_wide_xml("{}".encode("utf-16"))
    (True, False)
    """
    return data[:8].translate(None, b"\xff\xfe\0").startswith(b"<") and name_other_form(data) is not None


def scan_xml(text: str) -> Place | None:
    """Find the offset of every element, and of the attributes that FHIR names, in one pass; None where it is no XML.

    A resource stands at the element that holds it. Elements of one name are a list.

    >>> scan_xml('<List><entry id="a"/><entry><item/></entry></List>')
    (0, {'entry': (6, [(6, {'id': (13, None)}), (21, {'item': (28, {})})])})
    """
    reader = _Reader(text)
    return reader.root if reader.run() else None


class _Reader:
    """One pass of Expat over a text."""

    def __init__(self, text: str) -> None:
        self.root: Place | None = None
        self._text = text
        self._data = text.encode("utf-8", "surrogatepass")
        self._stack: list[dict[str, Any]] = []  # the members of each open element
        self._seen = (0, 0)  # one place, in bytes and in characters
        self._parser = expat.ParserCreate("utf-8")

    def run(self) -> bool:
        """Read the text; tell whether it is XML without a document type."""
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        try:
            self._parser.Parse(self._data, True)
        except (expat.ExpatError, ValueError):
            return False
        finally:
            del self._parser  # it holds this reader: together they would stay until they are looked for
        return True

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ValueError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        offset = self._offset()
        local = name.rpartition(":")[2]
        if self._stack and local[:1].isupper():  # a resource: its members are those of what holds it
            self._stack.append(self._stack[-1])
            return
        members: dict[str, Any] = {}
        if not self._stack:
            self.root = (offset, members)
        else:
            self._put(local, (offset, members))
        self._stack.append(members)
        if any(each in attributes for each in _ATTRIBUTES):
            self._put_attributes(offset + 1 + len(name))

    def _put(self, name: str, place: Place) -> None:
        around = self._stack[-1]
        first = around.get(name)
        if first is None:
            around[name] = place
        elif isinstance(first[1], list):
            first[1].append(place)
        else:
            around[name] = (first[0], [first, place])

    def _put_attributes(self, offset: int) -> None:
        while found := _ATTRIBUTE.match(self._text, offset):
            if found[1] in _ATTRIBUTES:
                self._stack[-1][found[1]] = (found.start(1), None)
            offset = found.end()

    def _end(self, _: str) -> None:
        self._stack.pop()

    def _offset(self) -> int:
        """Give the offset, in characters, of what is read."""
        before, offset = self._seen
        now = self._parser.CurrentByteIndex
        self._seen = now, offset + len(self._data[before:now].decode("utf-8", "replace"))
        return self._seen[1]
