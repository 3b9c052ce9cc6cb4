"""Positions: the line and column of the node that a FHIRPath names, found in the JSON or XML text as it was sent.

Run only where there is an issue to place; what no path leads to is passed over.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import msgspec

from adapter.fhir.xml_position import Place as _Place, is_xml, scan_xml
from adapter.issues import Issue

__all__ = ["Places", "locate", "locate_issues", "locate_paths", "read_lexeme", "read_path", "read_places", "read_steps"]

_BOM: Final = b"\xef\xbb\xbf"
_STEP: Final = re.compile(r"(?:ofType\([A-Za-z]+\))|([A-Za-z][A-Za-z0-9]*)((?:\[\d{1,9}\])*)")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
# A value that is neither object nor array, and what stands between it and the next one.
_SCALAR: Final = re.compile(r'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s{}\[\],:"]++)[ \t\n\r]*+(?:,[ \t\n\r]*+)?', re.DOTALL)
_COMMA: Final = re.compile(r"[ \t\n\r]*+(?:,[ \t\n\r]*+)?")
_BETWEEN: Final = re.compile(r"[ \t\n\r]*+:[ \t\n\r]*+")
# Numbers are passed over as text: none is too long.
_DECODER: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
_LEXEME: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


class Places:
    """The places of the nodes of one text; what no path leads to is passed over."""

    def __init__(self, text: str, root: _Place, is_xml: bool) -> None:
        self.text = text
        self.root = root
        self.is_xml = is_xml

    @cached_property
    def _lines(self) -> list[int]:
        """The offsets at which lines begin."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Give line and column, both from 1; columns count characters."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def find(self, steps: Sequence[str | int]) -> tuple[_Place, bool]:
        """Go down as far as the steps lead: the last place that is there, and whether it is that of the last step."""
        return _find(self.root, steps)

    @staticmethod
    def members(place: _Place) -> Any:
        """Give what stands below a place: a dict of places, a sequence of them, or None."""
        return _members(place)


def locate(data: bytes, expression: str) -> tuple[int, int] | None:
    """Find the line and column, both from 1, of the node that a FHIRPath names.

    The path begins with the resource type, its indices count from 0, a choice may be named without its type. A node
    that is not there gives the nearest one around it that is. Columns count characters. None where the text is neither
    JSON nor XML, or the path is none of this kind.

    >>> locate(b'{"resourceType": "Claim", "item": [{"sequence": 1}]}', "Claim.item[0].sequence")
    (1, 49)
    """
    steps = read_steps(expression)
    places = read_places(data) if steps is not None else None
    return None if places is None or steps is None else places.line_column(places.find(steps)[0][0])


def locate_issues(data: bytes, issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """Give each issue that has a FHIRPath and no line the line and column of its node in the text.

    >>> from adapter.issues import IssueType, Severity
    >>> issue = Issue(Severity.ERROR, IssueType.VALUE, "claim.total-wrong", "Wrong.", ("Claim.total",))
    >>> [(found.line, found.column) for found in locate_issues(b'{"total": 1}', [issue])]
    [(1, 11)]
    """
    places = read_places(data) if any(issue.expression and issue.line is None for issue in issues) else None
    return tuple(issues) if places is None else tuple(_place(issue, places) for issue in issues)


def locate_paths(data: bytes, paths: Sequence[Sequence[str | int]]) -> list[tuple[int, int] | None]:
    """Find the line and column of the nodes that JSON paths (keys, indices) name; the text may write a key in escapes.

    >>> locate_paths(b'{"a": [1, 2]}', [["a", 1]])
    [(1, 11)]
    """
    text = _text(data)
    root = _read_json(text) if text is not None else None
    if text is None or root is None:
        return [None] * len(paths)
    places = Places(text, root, is_xml=False)
    return [places.line_column(places.find(path)[0][0]) for path in paths]


def read_places(data: bytes) -> Places | None:
    """Find the places of the nodes of a text; None where it is neither JSON nor XML."""
    text = _text(data)
    if text is None:
        return None
    root = scan_xml(text) if is_xml(text) else _read_json(text)
    return None if root is None else Places(text, root, is_xml(text))


def _text(data: bytes) -> str | None:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        return None


def read_steps(expression: str) -> list[str | int] | None:
    """Split a FHIRPath into names and indices: the root's own name falls away. None where it is none of this kind.

    >>> read_steps("Bundle.entry[3].resource")
    ['entry', 3, 'resource']
    """
    steps: list[str | int] = []
    for part in expression.split("."):
        found = _STEP.fullmatch(part)
        if found is None:
            return None
        if found[1]:
            steps.append(found[1])
            steps.extend(int(index) for index in re.findall(r"\d+", found[2]))
    return steps[1:]


def _read_json(text: str) -> _Place | None:
    """Give the place of the root; None where the text is not JSON. What is below is read where a path leads to it."""
    start = _skip(text, 0)
    return (start, _Members(text)) if _is_json(text, start) else None


def _is_json(text: str, start: int) -> bool:
    """Tell whether a text is JSON, or would be but for what is told of it elsewhere: NaN, lone surrogates, control characters."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (ValueError, RecursionError):
        try:
            return _skip(text, _DECODER.raw_decode(text, start)[1]) == len(text)
        except (ValueError, RecursionError):
            return False
    return True


def _skip(text: str, offset: int) -> int:
    return _end(_SPACE, text, offset)


class _Members:
    """What stands in the objects and arrays of a JSON text, read one level at a time, when it is asked for."""

    __slots__ = ("_known", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, dict[str, _Place] | _Entries] = {}

    def at(self, offset: int) -> dict[str, _Place] | _Entries | None:
        """Give the places of the members of the node at an offset; None of what is neither object nor array."""
        if offset not in self._known:
            opening = self._text[offset]
            if opening not in "{[":
                return None
            self._known[offset] = self._object(offset) if opening == "{" else _Entries(self._text, offset, self)
        return self._known[offset]

    def _object(self, offset: int) -> dict[str, _Place]:
        text, found = self._text, dict[str, _Place]()
        place = _skip(text, offset + 1)
        while text[place] != "}":
            key, place = _DECODER.raw_decode(text, place)
            place = _end(_BETWEEN, text, place)
            found[key] = (place, self)
            place = _behind(text, place)
        return found


class _Entries(Sequence[_Place]):
    """The places of the entries of a JSON array, read as far as they are asked for: a wide one is rarely asked for whole."""

    __slots__ = ("_around", "_following", "_known", "_text")

    def __init__(self, text: str, offset: int, around: _Members) -> None:
        self._text, self._around = text, around
        self._known: list[int] = []
        self._following = _skip(text, offset + 1)

    def __getitem__(self, index: Any) -> Any:
        self._read(index + 1)
        return self._known[index], self._around

    def __len__(self) -> int:
        return self._read(None)

    def _read(self, most: int | None) -> int:
        """Read so many entries, or all; give how many are known."""
        text, known, place = self._text, self._known, self._following
        while text[place] != "]" and (most is None or len(known) < most):
            known.append(place)
            place = _behind(text, place)
        self._following = place
        return len(known)


def _behind(text: str, place: int) -> int:
    """Give the offset of what follows a value and its comma."""
    found = _SCALAR.match(text, place)
    return found.end() if found else _end(_COMMA, text, _DECODER.raw_decode(text, place)[1])


def _end(form: re.Pattern[str], text: str, offset: int) -> int:
    found = form.match(text, offset)
    return found.end() if found else offset


def read_path(text: str, offset: int) -> list[str | int]:
    """Give the JSON path of the node that stands at an offset, though the text may be no JSON from there on.

    >>> read_path('{"a": [{"b": 1}, {"c": tru', 23)
    ['a', 1, 'c']
    """
    stack: list[tuple[bool, str | int | None]] = []
    for lexeme, place in _lexemes(text):
        is_object, step = stack[-1] if stack else (False, None)
        if place >= offset and not (place == offset and is_object and step is None and lexeme[0] == '"'):
            break
        if lexeme in "{[":
            stack.append((lexeme == "{", None if lexeme == "{" else 0))
        elif lexeme in "}]" and stack:
            stack.pop()
        elif lexeme == "," and stack:
            stack[-1] = (is_object, None if is_object else int(step or 0) + 1)
        elif stack and is_object and step is None:
            stack[-1] = (True, _key(lexeme))
    return [step for _, step in stack if step is not None]


def _key(lexeme: str) -> str:
    """Give a key as its escapes mean it: a path holds names, whatever way the text writes them."""
    if "\\" not in lexeme:
        return lexeme[1:-1]
    try:
        return str(msgspec.json.decode(lexeme))
    except msgspec.DecodeError:
        return lexeme[1:-1]


def read_lexeme(text: str, offset: int) -> str:
    """Give what stands at the offset of a node in JSON: a string with its quotes, a word, a number, or a bracket.

    >>> read_lexeme('{"a": -1.50}', 6)
    '-1.50'
    """
    found = _LEXEME.match(text, offset)
    return found[0] if found else ""


def _lexemes(text: str) -> Iterator[tuple[str, int]]:
    for found in _LEXEME.finditer(text):
        yield found[0], found.start()


def _find(place: _Place, steps: Sequence[str | int]) -> tuple[_Place, bool]:
    """Go down as far as the steps lead and give the last place that is there, and whether it is the last step's."""
    around: Any = None
    name = ""
    for step in steps:
        members = _members(place)
        following: Any = None
        if isinstance(step, int):
            if isinstance(members, Sequence):
                following = _entry(members, step)
            elif step == 0:
                continue
        elif isinstance(members, dict):
            around, name = members, step
            following = _member(members, step)
        elif members is None and isinstance(around, dict) and f"_{name}" in around:
            following = _member(_members(around[f"_{name}"]) or {}, step)
        if following is None:
            return place, False
        place = following
    return place, True


def _members(place: _Place) -> Any:
    """Give what stands below a place: that of XML is read at once."""
    return place[1].at(place[0]) if isinstance(place[1], _Members) else place[1]


def _entry(members: Sequence[_Place], index: int) -> _Place | None:
    try:
        return members[index]
    except IndexError:
        return None


def _member(members: Any, step: str) -> _Place | None:
    if not isinstance(members, dict):
        return None
    found: _Place | None = members.get(step) or members.get(f"_{step}")
    if found is not None:
        return found
    size = len(step)
    variants = (place for key, place in members.items() if key.startswith(step) and key[size : size + 1].isupper())
    return next(variants, None)


def _place(issue: Issue, places: Places) -> Issue:
    steps = read_steps(issue.expression[0]) if issue.expression and issue.line is None else None
    if steps is None:
        return issue
    line, column = places.line_column(places.find(steps)[0][0])
    return replace(issue, line=line, column=column)
