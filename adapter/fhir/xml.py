"""FHIR XML: bytes to the tree that the equal JSON gives, every digit kept.

Expat reads the text; no entity, no document type and no address in it is followed. What XML or FHIR XML forbids is
refused; an element that FHIR does not define comes through as a string or an object, for the validator to name.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias
from xml.parsers import expat

from adapter.fhir.json import Tree, is_in_range
from adapter.fhir.plain_json import MAX_DEPTH, MAX_DIGITS, MAX_SIZE
from adapter.fhir.xml_encoding import encode_xml as encode_xml
from adapter.fhir.xml_fault import explain_syntax, make_issue
from adapter.fhir.xml_narrative import cut_narrative
from adapter.fhir.xml_position import is_xml as is_xml
from adapter.fhir.xml_shape import FHIR, XHTML, Member, Shape, Shapes
from adapter.issues import Issue, Outcome
from adapter.terms.utf8 import name_other_form

__all__ = ["decode_xml", "encode_xml", "is_xml"]

_MAX_ISSUES: Final = 100
_BOM: Final = b"\xef\xbb\xbf"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_ENCODING: Final = re.compile(rb"""<\?xml\s[^<>]*?\sencoding\s*=\s*["']([^"'<>]*)["']""")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<inexact>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")

_SPACE: Final = " \t\r\n"
_XML_NAMESPACE: Final = "http://www.w3.org/XML/1998/namespace "
_SCHEMA_LOCATION: Final = "http://www.w3.org/2001/XMLSchema-instance schemaLocation"
_PRIMITIVES: Final = frozenset({"string", "number", "boolean"})


def decode_xml(data: bytes, shapes: Shapes, limit: int = MAX_SIZE) -> Outcome[Tree]:
    """Decode the XML text of one resource into the tree that its JSON gives, losslessly.

    UTF-8, a byte order mark is dropped. Repeatable elements are arrays, numbers int or Decimal with all their digits;
    id and extensions of a primitive stand in `_name`; the narrative is its text as it was sent. An attribute keeps its
    white space. Each issue has line and column. Refused are: more than `limit` bytes, anything that is not XML, a
    document type, entities, other namespaces, more than 64 levels, elements out of order or too often, stray text.
    Source: http://hl7.org/fhir/R4/xml.html.

    >>> schema = {"$defs": {"Flag": {"properties": {"resourceType": {"const": "Flag"}}}}}
    >>> [(issue.rule, issue.line, issue.column) for issue in decode_xml(b"<Flag>", Shapes(schema)).issues]
    [('xml.namespace', 1, 1), ('xml.syntax', 1, 7)]
    """
    if len(data) > limit:
        return Outcome(None, (make_issue("xml.too-large", None, (1, 1), str(limit)),))
    data = data.removeprefix(_BOM)
    if not data.strip(b" \t\r\n"):
        return Outcome(None, (make_issue("xml.empty", None, (1, 1)),))
    if (fault := _find_encoding_fault(data, shapes)) is not None:
        return Outcome(None, (fault,))
    reader = _Reader(data, shapes)
    reader.run()
    return Outcome(reader.tree, tuple(reader.issues))


def _find_encoding_fault(data: bytes, shapes: Shapes) -> Issue | None:
    """Find what another encoding than UTF-8 shows by: how the text begins, its declaration, or a byte."""
    other = name_other_form(data)
    if other is not None:
        return make_issue("xml.not-utf8", None, (1, 1), f", but {other[0]}. {other[1]}")
    declared = _ENCODING.match(data)
    if declared is not None and declared[1].upper() not in (b"UTF-8", b"UTF8"):
        before = declared[0][: declared.start(1)].decode("ascii", "replace")
        detail = ": it declares another encoding. Write it in UTF-8, and declare that"
        return make_issue("xml.not-utf8", None, _end_of(before), detail)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        readable = _Reader(data[: error.start], shapes)
        readable.run()  # as far as it can be read, for the element that is open there
        place = _end_of(data[: error.start].decode("utf-8"))
        return make_issue("xml.not-utf8", readable.path(None), place, ". Write it in UTF-8")
    return None


def _end_of(text: str) -> tuple[int, int]:
    """Give the line and column behind a text, both from 1."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


class _StopError(Exception):
    """Nothing more is read: what stops it is among the issues."""


# An element that is open: what is made of it (of a primitive: what will stand in `_name`), its shape, how deep it is,
# its member, and, in a list of one, the rank of the last of its children.
_Frame: TypeAlias = tuple[Tree, Shape, int, Member, list[int]]

# Shapes of what has no members of its own: an element that holds a resource, and one in which nothing is looked for.
_WRAPPER: Final = Shape({}, {}, frozenset(), frozenset())
_CLOSED: Final = Shape({}, {}, frozenset(), frozenset())

# The rank of the last child of a primitive, with a value and without: only extension can stand there.
_VALUED: Final = [0]
_NOTHING: Final = [0]

_ROOT: Final = Member("", -1, False, "resource", "", 0)
_IGNORED: Final = Member("", -1, False, "ignored", "", 1)


class _Reader:
    """One reading of a text: Expat calls its methods, element by element."""

    def __init__(self, data: bytes, shapes: Shapes) -> None:
        self.tree: Tree = {}
        self.issues: list[Issue] = []
        self._data = data
        self._shapes = shapes
        self._element = shapes["Element"]
        self._stack: list[_Frame] = [(self.tree, _WRAPPER, 1, _ROOT, [-1])]
        self._siblings: list[tuple[Tree, str]] = []  # arrays of primitives with id or extension
        self._prefixes: list[tuple[int, str]] = []  # with the depth that declares each
        self._narrative = (0, 0)  # depth and offset of the div that is open
        self._parser = expat.ParserCreate("utf-8", " ")

    def run(self) -> None:
        """Read the whole text in one piece."""
        parser = self._parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._read_text
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as error:
            self.issues.append(explain_syntax(error, self.path(None)))
        except _StopError:
            pass
        del self._parser  # it holds this reader: together they would stay until they are looked for
        self._even_out()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        node, shape, depth, _, last = frame = self._stack[-1]
        member = shape.members.get(name) or self._meet(name, attributes, frame)
        rank = member.rank
        if rank > last[0]:
            last[0] = rank
        elif rank >= 0 and (rank < last[0] or not member.is_list):
            last[0] = rank  # what follows in order after this one is told no more
            member = self._misplace(member, node)
        key, kind = member.name, member.kind
        depth += member.levels
        if depth > MAX_DEPTH:
            raise self._stop("xml.too-deep")
        below: Tree = {}
        value: Any = below
        if kind == "string" or kind in _PRIMITIVES:
            shape = self._element
            depth += 1  # `_name` is an object of its own in JSON
            value = attributes.pop("value", None)
            last = _VALUED
            if value is None:
                last = _NOTHING
            elif kind != "string" or not value:
                value = self._read_value(value, kind)
        elif kind == "complex":
            shape = self._shapes[member.type]
            last = [-1]
        else:
            last = [-1]
            key, value, below, shape, depth = self._open(member, frame)
        if member.is_list:
            if key in node:
                node[key].append(value)
            else:
                node[key] = [value]
        elif value is not None:
            node[key] = value
        self._stack.append((below, shape, depth, member, last))
        if attributes:
            self._read_attributes(attributes, below, shape)

    def _open(self, member: Member, frame: _Frame) -> tuple[str, Any, Tree, Shape, int]:
        """Open what is neither primitive nor complex: give the key and value to put around it, its node, shape and depth."""
        node, depth = frame[0], frame[2]
        below: Tree = {}
        if member.kind == "resource":
            return member.name, below, below, _WRAPPER, depth + member.levels
        if member.kind == "typed":
            return "resourceType", member.type, node, self._shapes[member.type], depth
        if member.kind == "xhtml":
            self._narrative = (len(self._stack), self._parser.CurrentByteIndex)
            return "", None, below, _CLOSED, 0
        return "", None, below, _CLOSED, depth + member.levels

    def _meet(self, name: str, attributes: dict[str, str], frame: _Frame) -> Member:
        """Meet an element that is no member of the one around it: a resource, something of a narrative, or a stranger."""
        node, shape = frame[:2]
        namespace, _, local = name.rpartition(" ")
        if shape is _CLOSED:
            if self._narrative[0] and namespace != XHTML:
                self._report("xml.namespace")
            return _IGNORED
        if namespace != FHIR or f"{XHTML} {local}" in shape.members:
            return self._skip("xml.namespace")
        if shape is _WRAPPER:
            return self._skip("xml.resource") if node else Member("", -1, False, "typed", local, 0)
        if local in shape.names or local[0] == "_":
            return self._skip("xml.not-an-element")
        if local in node:  # the validator tells the first
            return _IGNORED
        kind = "string" if "value" in attributes else "complex"
        return Member(local, -1, False, kind, "", int(kind == "complex"))

    def _skip(self, rule: str, member: Member | None = None) -> Member:
        self._report(rule, member)
        return _IGNORED

    def _misplace(self, member: Member, node: Tree) -> Member:
        told = member.name in node or f"_{member.name}" in node
        return self._skip("xml.repeated" if told and not member.is_list else "xml.order", member)

    def _read_value(self, text: str, kind: str) -> str | bool | int | Decimal:
        """Read the value of a primitive; what is none of its kind stays text, for the validator to name."""
        if not text:
            self._report("xml.empty-value")
        if kind == "boolean":
            return text == "true" if text in ("true", "false") else text
        written = _NUMBER.fullmatch(text) if kind == "number" else None
        if written is None:
            return text
        try:
            number = Decimal(text) if written["inexact"] or len(text) > MAX_DIGITS + 1 else int(text)
            fits = is_in_range(number)
        except InvalidOperation:
            fits = False
        if not fits:
            self._report("xml.number-out-of-range")
            return text
        return number

    def _read_attributes(self, attributes: dict[str, str], node: Tree, shape: Shape) -> None:
        for name, value in attributes.items():
            if shape is _CLOSED:
                if self._narrative[0] and " " in name and not name.startswith(_XML_NAMESPACE):
                    self._report("xml.namespace")
            elif name == _SCHEMA_LOCATION:
                self._report("xml.schema-location")
            elif name not in shape.attributes:
                self._report("xml.attribute")
            elif not value:
                self._report("xml.empty-value")
            else:
                node[name] = value

    def _end(self, _name: str) -> None:
        node, _, _, member, last = self._stack.pop()
        if last is _VALUED and not node:
            return
        kind = member.kind
        if kind == "xhtml":
            level, start = self._narrative
            outer = [prefix for depth, prefix in self._prefixes if depth < level]
            self._stack[-1][0][member.name] = cut_narrative(self._data, (start, self._parser.CurrentByteIndex), outer)
            self._narrative = (0, 0)
        elif not node:
            if kind != "ignored":
                self._report("xml.resource" if kind == "resource" else "xml.empty-value", member)
        elif kind in _PRIMITIVES:
            self._put_sibling(member, node)

    def _put_sibling(self, member: Member, sibling: Tree) -> None:
        """Put id and extensions of a primitive beside its value, in an array at the same index."""
        parent, name = self._stack[-1][0], f"_{member.name}"
        if not member.is_list:
            parent[name] = sibling
            return
        beside = parent.get(name)
        if beside is None:
            beside = parent[name] = []
            self._siblings.append((parent, member.name))
        beside += [None] * (len(parent[member.name]) - 1 - len(beside))
        beside.append(sibling)

    def _even_out(self) -> None:
        """Make an array of primitives and that of their ids and extensions equally long; one of nulls alone is left out."""
        for node, name in self._siblings:
            values, beside = node[name], node[f"_{name}"]
            beside += [None] * (len(values) - len(beside))
            if not any(value is not None for value in values):
                del node[name]

    def _read_text(self, text: str) -> None:
        if text.strip(_SPACE) and self._stack[-1][1] is not _CLOSED:
            self._report("xml.text")

    def _declare(self, prefix: str | None, _: str) -> None:
        if prefix:
            self._prefixes.append((len(self._stack), prefix))

    def _refuse_doctype(self, *_: object) -> None:
        raise self._stop("xml.doctype")

    def _report(self, rule: str, member: Member | None = None) -> None:
        """Add an issue at the place that is read, about the element that is open or about a member of it."""
        place = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        self.issues.append(make_issue(rule, self.path(member), place))
        node, shape = self._stack[-1][:2]
        if shape is not _WRAPPER and self.issues[-1].is_error:
            node[""] = None  # there is something in it: that it is empty would be told besides
        if len(self.issues) >= _MAX_ISSUES:
            raise _StopError

    def _stop(self, rule: str) -> _StopError:
        self._report(rule)
        return _StopError()

    def path(self, member: Member | None) -> str:
        """Write the FHIRPath of the innermost open element, or of a member of it."""
        root = self.tree.get("resourceType", "")
        path = root if _NAME.fullmatch(root) else "Resource"
        around = [frame[0] for frame in self._stack]
        members = [frame[3] for frame in self._stack[1:]]
        for node, one in zip(around, members + [member] * (member is not None), strict=False):
            if one is not None and _NAME.fullmatch(one.name):
                count = len(node.get(one.name, ())) if one.is_list else 0
                path += f".{one.name}" + (f"[{count - 1}]" if count else "")
        return path
