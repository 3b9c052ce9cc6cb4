"""Positions: the line and column of the node that a FHIRPath names, found in the JSON or XML text as it was sent.

One pass over the text, run only where there is an issue to place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from adapter.fhir.xml_position import Place as _Place, is_xml, scan_xml
from adapter.issues import Issue

__all__ = ["locate", "locate_issues", "locate_paths", "read_path"]

_BOM: Final = b"\xef\xbb\xbf"
_STEP: Final = re.compile(r"(?:ofType\([A-Za-z]+\))|([A-Za-z][A-Za-z0-9]*)((?:\[\d{1,9}\])*)")
_LEXEME: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


def locate(data: bytes, expression: str) -> tuple[int, int] | None:
    """Find the line and column, both from 1, of the node that a FHIRPath names.

    The path begins with the resource type, its indices count from 0, a choice may be named without its type. A node
    that is not there gives the nearest one around it that is. Columns count characters. None where the text is neither
    JSON nor XML, or the path is none of this kind.

    >>> locate(b'{"resourceType": "Claim", "item": [{"sequence": 1}]}', "Claim.item[0].sequence")
    (1, 49)
    """
    steps = _read_steps(expression)
    text = _text(data)
    if steps is None or text is None:
        return None
    places = _read_places(text)
    return None if places is None else _line_column(text, _find(places, steps))


def locate_issues(data: bytes, issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """Give each issue that has a FHIRPath and no line the line and column of its node in the text.

    >>> from adapter.issues import IssueType, Severity
    >>> issue = Issue(Severity.ERROR, IssueType.VALUE, "claim.total-wrong", "Wrong.", ("Claim.total",))
    >>> [(found.line, found.column) for found in locate_issues(b'{"total": 1}', [issue])]
    [(1, 11)]
    """
    text = _text(data) if any(issue.expression and issue.line is None for issue in issues) else None
    places = _read_places(text) if text is not None else None
    if text is None or places is None:
        return tuple(issues)
    return tuple(_place(issue, text, places) for issue in issues)


def locate_paths(data: bytes, paths: Sequence[Sequence[str | int]]) -> list[tuple[int, int] | None]:
    """Find the line and column of the nodes that JSON paths (keys, indices) name; the text may write a key in escapes.

    >>> locate_paths(b'{"a": [1, 2]}', [["a", 1]])
    [(1, 11)]
    """
    text = _text(data)
    places = _scan(text) if text is not None else None
    if text is None or places is None:
        return [None] * len(paths)
    return [_line_column(text, _find(places, path)) for path in paths]


def _text(data: bytes) -> str | None:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _read_steps(expression: str) -> list[str | int] | None:
    """Split `Bundle.entry[3].resource` into entry, 3, resource: the root's own name falls away."""
    steps: list[str | int] = []
    for part in expression.split("."):
        found = _STEP.fullmatch(part)
        if found is None:
            return None
        if found[1]:
            steps.append(found[1])
            steps.extend(int(index) for index in re.findall(r"\d+", found[2]))
    return steps[1:]


def _read_places(text: str) -> _Place | None:
    return scan_xml(text) if is_xml(text) else _scan(text)


def _scan(text: str) -> _Place | None:
    """Find the offset of every node in one pass; None where the text is not JSON."""
    root: list[_Place] = []
    stack: list[Any] = [root]
    key: str | None = None
    for lexeme, offset in _lexemes(text):
        top = stack[-1]
        if lexeme in "}]":
            stack.pop()
            if not stack or isinstance(top, dict) != (lexeme == "}"):
                return None
        elif lexeme in {":", ","}:
            key = None if lexeme == "," else key
        elif isinstance(top, dict) and key is None:
            key = _key(lexeme)
        else:
            members: Any = {} if lexeme == "{" else [] if lexeme == "[" else None
            if isinstance(top, dict):
                top[key] = (offset, members)
            else:
                top.append((offset, members))
            if members is not None:
                stack.append(members)
                key = None
    return root[0] if len(stack) == 1 and root else None


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


def _lexemes(text: str) -> Iterator[tuple[str, int]]:
    for found in _LEXEME.finditer(text):
        yield found[0], found.start()


def _find(place: _Place, steps: Sequence[str | int]) -> int:
    """Go down as far as the steps lead and give the offset of the last node that is there."""
    around: Any = None
    name = ""
    for step in steps:
        members = place[1]
        following: Any = None
        if isinstance(step, int):
            if isinstance(members, list):
                following = members[step] if step < len(members) else None
            elif step == 0:
                continue
        elif isinstance(members, dict):
            around, name = members, step
            following = _member(members, step)
        elif members is None and isinstance(around, dict) and f"_{name}" in around:
            following = _member(around[f"_{name}"][1] or {}, step)
        if following is None:
            return place[0]
        place = following
    return place[0]


def _member(members: Any, step: str) -> _Place | None:
    if not isinstance(members, dict):
        return None
    found: _Place | None = members.get(step) or members.get(f"_{step}")
    if found is not None:
        return found
    size = len(step)
    variants = (place for key, place in members.items() if key.startswith(step) and key[size : size + 1].isupper())
    return next(variants, None)


def _line_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _place(issue: Issue, text: str, places: _Place) -> Issue:
    steps = _read_steps(issue.expression[0]) if issue.expression and issue.line is None else None
    if steps is None:
        return issue
    line, column = _line_column(text, _find(places, steps))
    return replace(issue, line=line, column=column)
