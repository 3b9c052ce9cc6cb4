"""Texts of trees with the span of every node: what a line and column of an issue are held to, told by the writer itself.

A text may also hold what no tree can: a literal that is no JSON, or a member that stands twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["STYLES", "Raw", "Twice", "Written", "write_text"]

Path = tuple[str | int, ...]
# Indentation of each style; None for none at all.
STYLES: dict[str, int | None] = {"minified": None, "indented": 2, "deep": 7}


class Raw(str):
    """A literal that is written as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Twice:
    """A member that stands twice under one key, with two values."""

    first: Any
    second: Any


@dataclass(frozen=True)
class Written:
    """A text, and where in it each node begins and ends, in characters."""

    text: str
    spans: dict[Path, tuple[int, int]]

    @property
    def data(self) -> bytes:
        return self.text.encode("utf-8")

    def holds(self, path: Path, line: int | None, column: int | None) -> bool:
        """Tell whether a line and column, both from 1, stand in the node or on its key."""
        if line is None or column is None:
            return False
        lines = self.text.split("\n")
        if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1):
            return False
        offset = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
        start, end = self.spans[path]
        return start <= offset < end


def write_text(tree: Any, style: str = "minified") -> Written:
    """Write a tree in a style; the span of a member begins with its key."""
    writer = _Writer(STYLES[style])
    writer.write(tree, (), 0)
    text = "".join(writer.parts)
    writer.spans[()] = (0, len(text))
    return Written(text, writer.spans)


class _Writer:
    """What is written so far, and how long it is."""

    def __init__(self, indent: int | None) -> None:
        self.indent, self.parts, self.size = indent, list[str](), 0
        self.spans: dict[Path, tuple[int, int]] = {}

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)

    def write(self, value: Any, path: Path, depth: int) -> None:
        if isinstance(value, dict):
            members = []
            for key, inner in value.items():
                each = [inner.first, inner.second] if isinstance(inner, Twice) else [inner]
                members += [(json.dumps(key, ensure_ascii=False) + (": " if self.indent else ":"), (*path, key), one) for one in each]
            self.members("{}", members, depth)
        elif isinstance(value, list):
            self.members("[]", [("", (*path, index), inner) for index, inner in enumerate(value)], depth)
        else:
            self.put(value if isinstance(value, Raw) else str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False))

    def members(self, brackets: str, members: list[tuple[str, Path, Any]], depth: int) -> None:
        self.put(brackets[0])
        for number, (key, path, value) in enumerate(members):
            self.put("," if number else "")
            self.line(depth + 1)
            start = self.size
            self.put(key)
            self.write(value, path, depth + 1)
            self.spans[path] = (self.spans.get(path, (start, 0))[0], self.size)
        if members:
            self.line(depth)
        self.put(brackets[1])

    def line(self, depth: int) -> None:
        if self.indent is not None:
            self.put("\n" + " " * (self.indent * depth))
