"""Verdicts: what an issue of validation tells beside its sentence, read in the text as it was sent.

The place, what stood there, and the resource that it stood in. What stood there is shown where it is a code that FHIR
binds, and only told by its kind else: it may be a patient's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from html import unescape
from typing import Any, Final

import msgspec

from adapter.fhir.position import Places, read_lexeme, read_places, read_steps
from adapter.fhir.xml_position import Place
from adapter.issues import Issue, IssueType

__all__ = ["complete_verdicts"]

# A resource about a person: even its codes are that person's.
_PERSONAL: Final = frozenset({"Patient", "Person", "RelatedPerson"})
# Kinds of issue that are about what stands in a place, and not about its being there.
_OF_VALUE: Final = frozenset({IssueType.CODE_INVALID, IssueType.STRUCTURE, IssueType.TOO_LONG, IssueType.VALUE})
_VALIDATION: Final = ("base.", "profile.")
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
_URL: Final = re.compile(r"(?:https?://|urn:(?:uuid|oid):)[A-Za-z0-9._~:/%-]{1,240}")
_TAG: Final = re.compile(r"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_VALUE: Final = re.compile(r"""<[^<>"']*?(?:"[^"]*"[^<>"']*?|'[^']*'[^<>"']*?)*?\svalue\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ATTRIBUTE: Final = re.compile(r"""[^\s=<>"'/]+\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def complete_verdicts(data: bytes, issues: Sequence[Issue], kinds: Collection[str], part: str = "") -> tuple[Issue, ...]:
    """Give each issue its line and column, what stood there, and type, id and fullUrl of the resource that it is in.

    `kinds` are the resource types of R4: no other name is one that may be shown. Expressions begin at the root of the text,
    or at the resource that the FHIRPath `part` leads to. An issue that names no place keeps what it has.

    >>> from adapter.issues import Severity
    >>> issue = Issue(Severity.ERROR, IssueType.CODE_INVALID, "base.code", "No code.", ("Flag.status",))
    >>> (told,) = complete_verdicts(b'{"resourceType": "Flag", "id": "f", "status": "on"}', [issue], {"Flag"})
    >>> told.line, told.column, told.found, told.resource, told.text
    (1, 47, '"on"', 'Flag/f', 'No code. Found: "on".')
    """
    places = read_places(data) if any(issue.expression for issue in issues) else None
    if places is None:
        return tuple(issues)
    before = (read_steps(part) or []) if part else []
    return tuple(_complete(issue, places, before, kinds) for issue in issues)


def _complete(issue: Issue, places: Places, before: list[str | int], kinds: Collection[str]) -> Issue:
    steps = read_steps(issue.expression[0]) if issue.expression else None
    if steps is None:
        return issue
    steps = before + steps
    place, is_there = places.find(steps)
    line, column = places.line_column(place[0]) if issue.line is None else (issue.line, issue.column)
    kind, identity, url = _name_resource(places, steps)
    resource = None if kind not in kinds else f"{kind}/{identity}" if identity else kind
    found = text = None
    if issue.rule.startswith(_VALIDATION):
        may_show = issue.rule.endswith(".code") and kind in kinds and kind not in _PERSONAL and "contained" not in steps
        found = _describe(places, place, may_show) if is_there else "nothing"
        text = f"{issue.text} Found: {found}." if is_there and issue.code in _OF_VALUE else None
    return replace(
        issue, line=line, column=column, text=text or issue.text, found=found, resource=resource, full_url=url,
    )


def _name_resource(places: Places, steps: Sequence[str | int]) -> tuple[str | None, str | None, str | None]:
    """Name the resource of the innermost entry that a path goes through, else the root: type, id and fullUrl."""
    ends = [index + 1 for index, step in enumerate(steps) if step == "resource" and isinstance(steps[index - 1], int)]
    ends = [end for end in ends if places.find(steps[:end])[1]]
    node = places.find(steps[: ends[-1]])[0] if ends else places.root
    entry = places.find(steps[: ends[-1] - 1])[0] if ends else None
    url = _read_member(places, entry, "fullUrl", _URL) if entry is not None else None
    return _read_type(places, node), _read_member(places, node, "id", _ID), url


def _read_type(places: Places, node: Place) -> str | None:
    if not places.is_xml:
        return _read_member(places, node, "resourceType", _TYPE)
    found = _TAG.match(places.text, node[0])
    if found is not None and found[1] == "resource":  # the type is named by the element inside
        found = _TAG.search(places.text, found.end())
    return found[1] if found is not None and _TYPE.fullmatch(found[1]) else None


def _read_member(places: Places, node: Place, name: str, form: re.Pattern[str]) -> str | None:
    """Read a text among the members of a node; None where it is not there, or not of the form in which it may be shown."""
    members = places.members(node)
    member = members.get(name) if isinstance(members, dict) else None
    text = _read_text(places, member) if member is not None else None
    return text if text is not None and form.fullmatch(text) else None


def _read_text(places: Places, place: Place) -> str | None:
    """Read the text that stands at a place; None where none stands there."""
    if places.is_xml:
        found = (_VALUE if places.text.startswith("<", place[0]) else _ATTRIBUTE).match(places.text, place[0])
        return None if found is None else unescape(found[1] if found[1] is not None else found[2])
    lexeme = read_lexeme(places.text, place[0])
    if not lexeme.startswith('"'):
        return None
    try:
        return str(msgspec.json.decode(lexeme))
    except msgspec.DecodeError:
        return lexeme[1:-1]


def _describe(places: Places, place: Place, may_show: bool) -> str:
    """Say what stands at a place: a code as it is written, anything else by its kind."""
    members: Any = places.members(place)
    if isinstance(members, Sequence):
        return f"an array of {len(members)}"
    text = _read_text(places, place)
    if text is not None:
        return f'"{text}"' if may_show and _CODE.fullmatch(text) else f"a text of {len(text)} characters"
    if isinstance(members, dict):
        return "an element without a value" if places.is_xml else "an object"
    word = read_lexeme(places.text, place[0])
    return {"true": "true or false", "false": "true or false", "null": "null"}.get(word, "a number")
