"""FHIR JSON: bytes to tree and back with every digit kept, and the place of a node in the text.

Numbers are int or Decimal, never float. What JSON or FHIR JSON forbids is refused before anybody reads the tree;
no issue text holds anything of the input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

import jiter
import msgspec

from adapter.fhir.plain_json import CONTROL_ESCAPE, MAX_DEPTH, MAX_DIGITS, MAX_SIZE
from adapter.fhir.position import locate as locate, locate_issues as locate_issues, locate_paths, read_path
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms.utf8 import name_other_form

__all__ = ["Tree", "decode_json", "encode_json", "is_in_range", "locate", "locate_issues", "review_plain"]

Tree: TypeAlias = dict[str, Any]

_MAX_EXPONENT: Final = 307
_MAX_ISSUES: Final = 10_000
_INTEGER_LIMIT: Final[int] = 10**MAX_DIGITS

_BOM: Final = b"\xef\xbb\xbf"
_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_AT: Final = re.compile(r" at line (\d+) column (\d+)$")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NUMBER: Final = b"0123456789+-.eE"
_LETTERS: Final = b"aeflnrstu"
_RESOURCE_TYPE: Final = re.compile(r'^\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")

_CITE_JSON: Final = "RFC 8259"
_CITE_FHIR: Final = "http://hl7.org/fhir/R4/json.html"

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

# What a rule means: FHIR issue type, sentence, source.
_RULES: Final[dict[str, tuple[IssueType, str, str]]] = {
    "json.too-large": (IssueType.TOO_LONG, "The text is larger than {limit} bytes. Send less at once.", _CITE_JSON),
    "json.empty": (IssueType.STRUCTURE, "The text is empty; a JSON object was expected.", _CITE_JSON),
    "json.not-utf8": (IssueType.STRUCTURE, "The text is not UTF-8{detail}.", _CITE_JSON),
    "json.syntax": (IssueType.STRUCTURE, "This is not JSON: {detail}. Correct it and send it again.", _CITE_JSON),
    "json.duplicate-key": (
        IssueType.STRUCTURE, "A key stands twice in one object; once was expected. Keep one of them.", _CITE_FHIR,
    ),
    "json.not-a-number": (
        IssueType.STRUCTURE, "NaN and Infinity are not JSON; a number or nothing was expected.", _CITE_JSON,
    ),
    "json.number-out-of-range": (
        IssueType.VALUE, "A number has more than 40 digits or an exponent beyond 307 either way. Send a shorter one.",
        _CITE_FHIR,
    ),
    "json.too-deep": (IssueType.STRUCTURE, "The text is nested more than 64 deep. Flatten it.", _CITE_JSON),
    "json.lone-surrogate": (
        IssueType.STRUCTURE, "Half of a surrogate pair stands alone in a string; a whole character was expected.",
        _CITE_JSON,
    ),
    "json.control-character": (
        IssueType.VALUE, "A string holds a control character; only tab, line feed and carriage return may stand there.",
        "http://hl7.org/fhir/R4/datatypes.html#string",
    ),
    "json.not-an-object": (
        IssueType.STRUCTURE, "The text is JSON but not an object; a resource was expected.", _CITE_FHIR,
    ),
    "json.null": (
        IssueType.STRUCTURE, "null stands for an element; FHIR allows it only in arrays of primitives. Leave it out.",
        _CITE_FHIR,
    ),
    "json.empty-value": (
        IssueType.STRUCTURE, "An empty {kind} stands for an element; FHIR leaves out what has no value.", _CITE_FHIR,
    ),
    "json.too-many-issues": (
        IssueType.TOO_COSTLY, "There are more than {limit} issues: the others are not told. Mend these and send it again.",
        _CITE_FHIR,
    ),
}

# What the parser says, by how it begins: never its own words, which hold input.
_FAULTS: Final = (
    ("Detected duplicate key", "json.duplicate-key", ""),
    ("recursion limit exceeded", "json.too-deep", ""),
    ("number out of range", "json.number-out-of-range", ""),
    ("Internal error", "json.number-out-of-range", ""),
    ("invalid unicode code point", "json.not-utf8", ""),
    ("EOF while parsing a string", "json.syntax", "a string is not closed"),
    ("EOF while parsing an object", "json.syntax", "an object is not closed"),
    ("EOF while parsing a list", "json.syntax", "an array is not closed"),
    ("EOF", "json.syntax", "the text ends too early"),
    ("expected `:`", "json.syntax", "a colon was expected after the key"),
    ("expected `,` or `}`", "json.syntax", "a comma or the end of the object was expected"),
    ("expected `,` or `]`", "json.syntax", "a comma or the end of the array was expected"),
    ("expected ident", "json.syntax", "true, false or null was expected"),
    ("expected value", "json.syntax", "a value was expected"),
    ("invalid number", "json.syntax", "a number is not written as JSON writes it"),
    ("invalid escape", "json.syntax", "a string holds an unknown escape"),
    ("control character", "json.syntax", "a string holds a raw control character"),
    ("key must be a string", "json.syntax", "a key in double quotes was expected"),
    ("trailing comma", "json.syntax", "a comma stands before the end of an object or array"),
    ("trailing characters", "json.syntax", "something follows the end of the object"),
)


def decode_json(data: bytes, limit: int = MAX_SIZE) -> Outcome[Tree]:
    """Decode the JSON text of one resource, losslessly.

    UTF-8, a byte order mark is dropped. Every number is int or Decimal with all its digits. Refused are: more than
    `limit` bytes, anything that is not JSON, duplicate keys, NaN, numbers beyond 40 digits or an exponent beyond 307,
    more than 64 levels, lone surrogates, control characters, nulls and empty values where FHIR forbids them.

    >>> decode_json(b'{"resourceType": "Patient", "multipleBirthInteger": 2}').value
    {'resourceType': 'Patient', 'multipleBirthInteger': 2}
    >>> [(issue.rule, issue.line, issue.column) for issue in decode_json(b'{"a": [1, 2}').issues]
    [('json.syntax', 1, 12)]
    """
    if len(data) > limit:
        return Outcome(None, (_issue("json.too-large", limit=limit),))
    data = data.removeprefix(_BOM)
    if not data.strip(b" \t\r\n"):
        return Outcome(None, (replace(_issue("json.empty"), line=1, column=1),))
    try:
        tree = jiter.from_json(data, float_mode="decimal", catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError as error:
        return Outcome(None, (_read_fault(data, str(error)),))
    if not isinstance(tree, dict):
        before = data[: len(data) - len(data.lstrip())]
        issue = replace(_issue("json.not-an-object"), line=before.count(b"\n") + 1, column=len(before) - before.rfind(b"\n"))
        return Outcome(None, (issue,))
    return _review(tree, data, CONTROL_ESCAPE.search(data) is not None)


def review_plain(tree: Tree, data: bytes) -> Outcome[Tree]:
    """Find what FHIR forbids in a tree that `decode_plain` made of a text: the rest of what `decode_json` does.

    >>> [issue.rule for issue in review_plain({"a": None}, b'{"a": null}').issues]
    ['json.null']
    """
    return _review(tree, data, may_hold_controls=False)


def _review(tree: Tree, data: bytes, may_hold_controls: bool) -> Outcome[Tree]:
    faults = _walk(tree, may_hold_controls)
    if not faults:
        return Outcome(tree)
    places = locate_paths(data, [path for _, path in faults])
    return Outcome(None, tuple(_place(issue, place) for (issue, _), place in zip(faults, places, strict=True)))


def encode_json(tree: Tree) -> bytes:
    """Encode a tree as UTF-8 JSON, keys in their order, numbers with all their digits.

    >>> encode_json({"resourceType": "Claim", "total": {"value": Decimal("185.00")}})
    b'{"resourceType":"Claim","total":{"value":185.00}}'
    """
    return _ENCODER.encode(tree)


def _issue(rule: str, expression: tuple[str, ...] = (), **shown: object) -> Issue:
    code, text, citation = _RULES[rule]
    return Issue(Severity.ERROR, code, rule, text.format(**shown), expression, citation)


def _read_fault(data: bytes, message: str) -> Issue:
    """Turn the parser's message into an issue of our own words at its line and column."""
    found = _AT.search(message)
    offset = _offset(data, int(found[1]), int(found[2])) if found else 0
    before, rest = data[:offset], data[offset:]
    rule, detail = next(((rule, detail) for start, rule, detail in _FAULTS if message.startswith(start)), ("", ""))
    other = name_other_form(data)
    if other is not None:
        rule, detail, before = "json.not-utf8", f", but {other[0]}. {other[1]}", b""
    elif not _is_utf8(data):
        rule, detail = "json.not-utf8", ". Write it in UTF-8"
    elif message.startswith("expected value") and rest.startswith((b"NaN", b"Infinity")):
        rule = "json.not-a-number"
    elif "surrogate" in message or "hex escape" in message:
        start = max(0, offset - 12)
        rule, detail = _read_escape_fault(data[start : offset + 1])
        half = max((found.start() for found in _SURROGATE.finditer(data[start : offset + 1])), default=len(before) - start)
        before = data[: start + half]
    elif message.startswith("invalid number") and data[: offset + 1].endswith((b"-N", b"-I")):
        rule = "json.not-a-number"
    elif message.startswith("trailing characters") and rest.lstrip().startswith(b"{"):
        detail = "another object follows, as in NDJSON; one document, one object was expected"
    elif rule == "json.duplicate-key":
        before = data[: _last_string(before)]
    elif rule == "json.number-out-of-range":
        before = before.rstrip(_NUMBER)
    elif message.startswith("expected ident"):
        before = before.removesuffix(b"\n").rstrip(_LETTERS)
    line, start = before.count(b"\n") + 1, before.rfind(b"\n") + 1
    text = data.decode("utf-8", "replace")
    keys = read_path(text, len(before.decode("utf-8", "replace")))
    named = _RESOURCE_TYPE.search(text)
    issue = _issue(rule or "json.syntax", (_write_path(named and named[1], keys),), detail=detail or "it cannot be read")
    return replace(issue, line=line, column=len(before[start:].decode("utf-8", "ignore")) + 1)


def _offset(data: bytes, line: int, column: int) -> int:
    """Give how many bytes stand before a line and column of bytes, both from 1."""
    start = 0
    for _ in range(line - 1):
        start = data.find(b"\n", start) + 1
    return min(len(data), start + max(0, column - 1))


def _last_string(text: bytes) -> int:
    """Give the offset at which the last string of a text begins: a key that a colon may follow."""
    end = max(0, text.rstrip(b": \t\r\n").rfind(b'"'))
    start = text.rfind(b'"', 0, end)
    while start > 0 and _is_escaped(text, start):
        start = text.rfind(b'"', 0, start)
    return max(0, start)


def _is_escaped(text: bytes, place: int) -> bool:
    before = place
    while before and text[before - 1] == ord("\\"):
        before -= 1
    return (place - before) % 2 == 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read_escape_fault(text: bytes) -> tuple[str, str]:
    if _SURROGATE.search(text):
        return "json.lone-surrogate", ""
    return "json.syntax", "a string holds an escape that is not four hexadecimal digits"


# A link is (link of the parent, key or index, depth): a path that is written out only where there is a fault.
_Link: TypeAlias = Any
_Fault: TypeAlias = tuple[Issue, list[str | int]]


def _walk(tree: Tree, may_hold_controls: bool) -> list[_Fault]:
    """Find what JSON allows and FHIR forbids, in the order of the text, iteratively: nothing nests the interpreter."""
    issues: list[_Fault] = []
    root: _Link = (None, "", 1)
    stack = [_open(tree, root)]
    while stack:
        node, link, members = stack[-1]
        depth = link[2] + 1
        if depth > MAX_DEPTH + 1:
            return [_fault("json.too-deep", tree, link)]
        nulls_stand = None
        for key, value in members:
            kind = type(value)
            if kind is str:
                if value and not (may_hold_controls and _CONTROL.search(value)):
                    continue
            elif kind is dict or kind is list:
                if value:
                    stack.append(_open(value, (link, key, depth)))
                    break
            elif value is None:
                if nulls_stand is None:  # asked once an array
                    nulls_stand = type(node) is list and _may_hold_null(node, link)
                if nulls_stand:
                    continue
            elif kind is bool or is_in_range(value):
                continue
            issues.append(_name_fault(value, tree, (link, key, depth)))
            if len(issues) >= _MAX_ISSUES:
                return [*issues, _fault("json.too-many-issues", tree, root, limit=_MAX_ISSUES)]
        else:
            stack.pop()
    return issues


def _open(node: Any, link: _Link) -> tuple[Any, _Link, Iterator[tuple[Any, Any]]]:
    """Open a node: what stands in it is looked at one by one, each with all that stands below it."""
    return node, link, iter(enumerate(node) if type(node) is list else node.items())


def is_in_range(value: int | Decimal) -> bool:
    """Tell whether a number has no more digits, and no larger exponent, than are read.

    >>> is_in_range(Decimal("185.00")), is_in_range(10**40)
    (True, False)
    """
    if isinstance(value, int):
        return -_INTEGER_LIMIT < value < _INTEGER_LIMIT
    return (
        value.is_finite()
        and -_MAX_EXPONENT <= value.adjusted() <= _MAX_EXPONENT
        and len(value.as_tuple().digits) <= MAX_DIGITS
    )


def _may_hold_null(array: list[Any], link: _Link) -> bool:
    """Tell whether null may stand in the array: among primitives, or among the objects of a `_x` sibling."""
    return str(link[1]).startswith("_") or not any(isinstance(value, (dict, list)) for value in array)


def _name_fault(value: object, tree: Tree, link: _Link) -> _Fault:
    if value is None:
        return _fault("json.null", tree, link)
    if isinstance(value, str) and value:
        return _fault("json.control-character", tree, link)
    if isinstance(value, (int, Decimal)):
        return _fault("json.number-out-of-range", tree, link)
    kind = "string" if isinstance(value, str) else "object" if isinstance(value, dict) else "array"
    return _fault("json.empty-value", tree, link, kind=kind)


def _fault(rule: str, tree: Tree, link: _Link, **shown: object) -> _Fault:
    """Make the issue of a node and give the node's JSON path beside it."""
    keys: list[str | int] = []
    while link[0] is not None:
        keys.append(link[1])
        link = link[0]
    keys.reverse()
    return _issue(rule, (_write_path(tree.get("resourceType"), keys),), **shown), keys


def _write_path(root: object, keys: Sequence[str | int]) -> str:
    """Write a JSON path from a resource of a type, as far as its keys are names."""
    path = root if isinstance(root, str) and _NAME.fullmatch(root) else "Resource"
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        elif _NAME.fullmatch(key):
            path += f".{key.removeprefix('_')}"
        else:
            break
    return path


def _place(issue: Issue, place: tuple[int, int] | None) -> Issue:
    return issue if place is None else replace(issue, line=place[0], column=place[1])
