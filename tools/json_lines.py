"""JSON for people: what fits in one line stands in one line."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["write_lines"]

_WIDTH = 130


def write_lines(value: Any, indent: int = 0) -> str:
    """Write a value with its members in lines of their own where it is too long for one.

    >>> print(write_lines({"a": [1, 2], "b": "x" * 120}).replace("x" * 120, "..."))
    {
      "a": [1, 2],
      "b": "..."
    }
    """
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + indent <= _WIDTH or not isinstance(value, dict | list) or not value:
        return short
    space, end = " " * (indent + 2), " " * indent
    if isinstance(value, list):
        inner = [write_lines(each, indent + 2) for each in value]
        return "[\n" + ",\n".join(space + each for each in inner) + f"\n{end}]"
    named = [f"{json.dumps(key)}: {write_lines(each, indent + 2)}" for key, each in value.items()]
    return "{\n" + ",\n".join(space + each for each in named) + f"\n{end}}}"
