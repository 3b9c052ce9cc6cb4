"""FHIR XML: tree to bytes, elements in the order of their definition, nothing lost: what XML cannot hold is an issue."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from adapter.fhir.json import Tree
from adapter.fhir.xml_fault import make_issue
from adapter.fhir.xml_narrative import is_narrative
from adapter.fhir.xml_shape import FHIR, Member, Shape, Shapes
from adapter.issues import Issue, Outcome

__all__ = ["encode_xml"]

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL: Final = re.compile('[&<>"\t\n\r]')
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_FORMS: Final[dict[str, tuple[type, ...]]] = {"string": (str,), "xhtml": (str,), "number": (int, Decimal), "boolean": (bool,)}

# A link is (link of the parent, name, index or None), None at the root.
_Link: TypeAlias = Any


def encode_xml(tree: Tree, shapes: Shapes) -> Outcome[bytes]:
    """Encode the tree of one resource as UTF-8 XML that `decode_xml` reads back to the same tree.

    An issue, and no text, where XML has no place for something: an element that FHIR does not define or of another
    form, an empty one, a character that XML forbids, a narrative that is no XHTML div.
    Source: http://hl7.org/fhir/R4/xml.html.

    >>> properties = {"resourceType": {"const": "Flag"}, "n": {"$ref": "#/$defs/decimal"}}
    >>> shapes = Shapes({"$defs": {"Flag": {"properties": properties}, "decimal": {"type": "number"}}})
    >>> encode_xml({"resourceType": "Flag", "n": Decimal("1.50")}, shapes).value[38:]
    b'<Flag xmlns="http://hl7.org/fhir"><n value="1.50"/></Flag>'
    """
    writer = _Writer(shapes, tree.get("resourceType"))
    writer.write_resource(tree, None)
    return Outcome(None if writer.issues else "".join(writer.parts).encode("utf-8"), tuple(writer.issues))


class _Writer:
    """One writing of a tree: the pieces of its text, and what has no place in it."""

    def __init__(self, shapes: Shapes, root: Any) -> None:
        self.parts = [_DECLARATION]
        self.issues: list[Issue] = []
        self._shapes = shapes
        self._root = root if shapes.is_resource(root) else "Resource"

    def write_resource(self, node: Any, link: _Link) -> None:
        name = node.get("resourceType") if isinstance(node, dict) else None
        if name is None or not self._shapes.is_resource(name):
            self._refuse("no resource of a type of FHIR R4", link)
            return
        shape = self._shapes[name]
        self.parts.append(f"<{name}>" if link else f'<{name} xmlns="{FHIR}">')
        self._write_children(node, shape, link)
        self.parts.append(f"</{name}>")

    def _write_children(self, node: Tree, shape: Shape, link: _Link) -> None:
        found: dict[str, Member] = {}
        for key in node:
            name = key.removeprefix("_")
            member = shape.by_name.get(name)
            if member is not None and (key == name or key in shape.names):
                found[name] = member
            elif key not in (shape.attributes or ("resourceType",)):
                self._refuse("an element that FHIR does not define", (link, key, None))
        for member in sorted(found.values(), key=_rank):
            self._write_member(node, member, link)

    def _write_member(self, node: Tree, member: Member, link: _Link) -> None:
        name = member.name
        values, beside = node.get(name), node.get(f"_{name}")
        if not member.is_list:
            self._write_one(member, values, beside, (link, name, None))
            return
        for told in (values, beside):
            if told is not None and (not isinstance(told, list) or not told):
                self._refuse("no array, or an empty one, where elements repeat", (link, name, None))
                return
        for index, (value, sibling) in enumerate(zip_longest(values or (), beside or ())):
            self._write_one(member, value, sibling, (link, name, index))

    def _write_one(self, member: Member, value: Any, sibling: Any, link: _Link) -> None:
        if member.kind == "resource":
            self.parts.append(f"<{member.name}>")
            self.write_resource(value, link)
            self.parts.append(f"</{member.name}>")
        elif member.kind == "xhtml":
            self._write_narrative(value, sibling, link)
        elif member.kind == "complex":
            self._write_element(member, "", value, link)
        elif value is None:
            self._write_element(member, "", sibling, link)
        elif (text := self._write_value(member, value, link)) is not None:
            self._write_element(member, f' value="{text}"', sibling, link)

    def _write_element(self, member: Member, value: str, node: Any, link: _Link) -> None:
        """Write an element with its value, if it has one, its attributes and its children, if `node` holds any."""
        if node is None and value:
            self.parts.append(f"<{member.name}{value}/>")
            return
        if not isinstance(node, dict) or not node:
            self._refuse("nothing, or no object, where an element was expected", link)
            return
        shape = self._shapes[member.type]
        attributes = ""
        for name in sorted(shape.attributes & node.keys()):
            text = self._write_text(node[name], (link, name, None))
            attributes += f' {name}="{text}"'
        self.parts.append(f"<{member.name}{attributes}{value}>")
        self._write_children(node, shape, link)
        self.parts.append(f"</{member.name}>")

    def _write_narrative(self, value: Any, sibling: Any, link: _Link) -> None:
        if sibling is not None or not isinstance(value, str) or not is_narrative(value):
            self._refuse("a narrative that is no well-formed XHTML div", link)
            return
        self.parts.append(value)

    def _write_value(self, member: Member, value: Any, link: _Link) -> str | None:
        if not isinstance(value, _FORMS[member.kind]) or (isinstance(value, bool) and member.kind != "boolean"):
            self._refuse(f"no {member.kind} where one was expected", link)
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        return self._write_text(value, link) if isinstance(value, str) else str(value)

    def _write_text(self, value: Any, link: _Link) -> str | None:
        if not isinstance(value, str) or not value or _FORBIDDEN.search(value):
            self._refuse("an empty text, or a character that XML forbids", link)
            return None
        return _SPECIAL.sub(_escape, value)

    def _refuse(self, what: str, link: _Link) -> None:
        path = ""
        while link is not None:
            link, name, index = link
            shown = name if _NAME.fullmatch(name.removeprefix("_")) else ""
            path = f".{shown.removeprefix('_')}{'' if index is None else f'[{index}]'}{path}" if shown else ""
        self.issues.append(make_issue("xml.no-place", f"{self._root}{path}", detail=what))


def _rank(member: Member) -> int:
    return member.rank


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]
