"""A tree that a program made: whether it holds only what JSON holds, and its text."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

from adapter.fhir.json import encode_json
from adapter.fhir.plain_json import MAX_DEPTH, MAX_SIZE
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["encode_tree"]

_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_MAX_ISSUES: Final = 100
_MAX_VALUES: Final = MAX_SIZE // 4
_MAX_BITS: Final = 1000


def encode_tree(tree: Any) -> Outcome[bytes]:
    """Encode a tree of dicts, lists, tuples, texts, numbers, True, False and None as UTF-8 JSON.

    What JSON has no place for is an issue: another kind of value or key, a number that is none, half of a surrogate pair,
    more than 64 levels or a circle, more values than a text of 16 MiB holds.

    >>> encode_tree({"resourceType": "Flag", "n": 1.5}).value
    b'{"resourceType":"Flag","n":1.5}'
    >>> [issue.expression for issue in encode_tree({"resourceType": "Flag", "period": {"start": {1}}}).issues]
    [('Flag.period.start',)]
    """
    name = tree.get("resourceType") if isinstance(tree, dict) else None
    root = name if isinstance(name, str) and _NAME.fullmatch(name) else "Resource"
    issues: list[Issue] = []
    stack: list[tuple[Any, str, int]] = [(tree, root, 1)]
    seen = 0
    while stack and len(issues) < _MAX_ISSUES:
        value, path, depth = stack.pop()
        seen += 1
        if seen > _MAX_VALUES:  # shared parts count as often as they are written
            return Outcome(None, (_issue("more values than a text of 16 MiB holds", root),))
        if depth > MAX_DEPTH and isinstance(value, dict | list | tuple):
            return Outcome(None, (_issue("more than 64 levels, or a circle", path),))
        fault = _fault(value)
        if fault:
            issues.append(_issue(fault, path))
        elif isinstance(value, dict):
            stack += [(inner, _step(path, key), depth + 1) for key, inner in value.items()]
        elif isinstance(value, list | tuple):
            stack += [(inner, f"{path}[{index}]", depth + 1) for index, inner in enumerate(value)]
    return Outcome(None, tuple(issues)) if issues else Outcome(encode_json(tree))


def _fault(value: object) -> str | None:
    """Say what JSON has no place for in a value, looking at its own kind and keys alone."""
    if isinstance(value, str):
        return None if _is_encodable(value) else "half of a surrogate pair"
    if isinstance(value, dict):
        return None if all(isinstance(key, str) and _is_encodable(key) for key in value) else "a key that is no text"
    if isinstance(value, Decimal):
        return None if value.is_finite() else "a number that is none"
    if isinstance(value, float):
        return None if math.isfinite(value) else "a number that is none"
    if isinstance(value, int):
        return None if value.bit_length() <= _MAX_BITS else "a number of many more than 40 digits"
    return None if value is None or isinstance(value, list | tuple) else "a value of another kind"


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _step(path: str, key: str) -> str:
    return f"{path}.{key.removeprefix('_')}" if _NAME.fullmatch(key) else path


def _issue(fault: str, path: str) -> Issue:
    text = f"JSON has no place for what stands here: {fault}. Give text, numbers, True, False, None, lists and dicts of them."
    return Issue(Severity.ERROR, IssueType.STRUCTURE, "document.no-json", text, (path,))
