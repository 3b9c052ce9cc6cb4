"""What a transaction is made of, as a table of lines, and the walk of segments along it.

A line of a table is a loop (`loop 2100 0..n`) or a segment (`IK3 1..1 ID2-3 | N1-6 | ?AN1-4`) and belongs to the loop that
it is indented under. An element is its type, its least and greatest length and the codes it may hold (`ID1-1=A,E,R`); `?`
may be empty, `-` is not used, `!` is what tells apart segments of one id, `( : )` holds components. After `;` stand
conditions between elements as the syntax notes of X12.6 write them: P all or none, R one at least, C the first wants the
others, L the first wants one of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from adapter.x12.syntax import Segment

__all__ = ["ElementRow", "LoopRow", "Node", "SegmentRow", "read_grammar", "walk_segments"]

_ELEMENT: Final = re.compile(r"(!?)(\??)(ID|AN|N|R|DT|TM)(\d+)-(\d+)(?:=(\S+))?")
_ROW: Final = re.compile(r"( *)(loop )?(\w+) (\d+)\.\.(\d+|n)(?: ([^;]*))?(?:; *(.*))?")
_MANY: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One element: type, lengths, codes (empty: any), and its components where it is a composite."""

    kind: str
    shortest: int
    longest: int
    is_needed: bool
    codes: frozenset[str] = frozenset()
    is_key: bool = False
    parts: tuple[ElementRow | None, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment of a loop: how often it stands there, its elements (None: not used), conditions between them."""

    id: str
    least: int
    most: int
    elements: tuple[ElementRow | None, ...]
    notes: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def fits(self, segment: Segment) -> bool:
        """Tell whether a segment is this one: its id, and the codes of its key elements."""
        if segment.id != self.id:
            return False
        keys = ((place, row) for place, row in enumerate(self.elements, 1) if row and row.is_key)
        return all(segment.get(place).strip() in row.codes for place, row in keys)


@dataclass(frozen=True, slots=True)
class LoopRow:
    """One loop: how often it stands in the loop above, and what it holds, in order; its first row opens it."""

    name: str
    least: int
    most: int
    rows: tuple[SegmentRow | LoopRow, ...]

    @property
    def opener(self) -> SegmentRow:
        """Give the segment that opens the loop."""
        first = self.rows[0]
        return first if isinstance(first, SegmentRow) else first.opener


@dataclass(slots=True)
class Node:
    """One loop as it stands in a file: its segments with their rows, and the loops inside it."""

    row: LoopRow
    segments: list[tuple[SegmentRow, Segment]] = field(default_factory=list)
    loops: list[Node] = field(default_factory=list)
    reached: int = 0

    def find(self, name: str, qualifier: str | None = None) -> Segment | None:
        """Find the first segment of an id, and of a qualifier in its first element where one is given."""
        return next(self.find_all(name, qualifier), None)

    def find_all(self, name: str, qualifier: str | None = None) -> Iterator[Segment]:
        """Find the segments of an id in their order."""
        for _, segment in self.segments:
            if segment.id == name and qualifier in (None, segment.get(1).strip()):
                yield segment

    def get(self, name: str, element: int, component: int = 1, qualifier: str | None = None) -> str:
        """Give an element of the first such segment, without spaces at its ends; empty where there is none."""
        segment = self.find(name, qualifier)
        return segment.get(element, component).strip() if segment else ""

    def inside(self, name: str) -> Iterator[Node]:
        """Find the loops of a name, however deep, in their order."""
        for loop in self.loops:
            if loop.row.name == name:
                yield loop
            yield from loop.inside(name)


@cache
def read_grammar(table: str) -> LoopRow:
    r"""Read a table, whose first line is the outermost loop.

    >>> read_grammar("loop ST 1..1\n SE 1..1 N1-10 | AN4-9").rows[0].elements[1].longest
    9
    """
    lines = [match for line in table.splitlines() if line.strip() and (match := _ROW.fullmatch(line.rstrip()))]
    if len(lines) != sum(1 for line in table.splitlines() if line.strip()):
        raise ValueError("a line of the table is neither a loop nor a segment")
    (outermost,) = _read_rows(lines)
    if not isinstance(outermost, LoopRow):
        raise TypeError("the outermost row is a loop")
    return outermost


def _read_rows(lines: Sequence[re.Match[str]]) -> Iterator[SegmentRow | LoopRow]:
    depth = len(lines[0][1]) if lines else 0
    starts = [number for number, line in enumerate(lines) if len(line[1]) == depth]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        line = lines[start]
        least, most = int(line[4]), _MANY if line[5] == "n" else int(line[5])
        if line[2]:
            yield LoopRow(line[3], least, most, tuple(_read_rows(lines[start + 1:end])))
        else:
            elements = tuple(_read_element(text.strip()) for text in (line[6] or "").split("|") if text.strip())
            notes = tuple((note[0], tuple(map(int, re.findall("..", note[1:])))) for note in (line[7] or "").split())
            yield SegmentRow(line[3], least, most, elements, notes)


def _read_element(text: str) -> ElementRow | None:
    if text == "-":
        return None
    composite = re.fullmatch(r"(\??)\((.*)\)", text)
    if composite:
        parts = tuple(_read_element(part.strip()) for part in composite[2].split(" : "))
        return ElementRow("", 0, 0, not composite[1], parts=parts)
    match = _ELEMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"not an element: {text}")
    codes = frozenset(match[6].split(",")) if match[6] else frozenset[str]()
    return ElementRow(match[3], int(match[4]), int(match[5]), not match[2], codes, bool(match[1]))


Misfit = tuple[str, str, Segment]
"""What is wrong with the order of segments (`missing`, `unexpected`, `many`), the loop, the segment where it shows; for
`missing` the loop is followed by the name of the segment: `2100/IK3`."""


def walk_segments(segments: Sequence[Segment], grammar: LoopRow) -> tuple[Node, list[Misfit]]:
    """Walk the segments of a transaction, ST to SE, and give its loops and what does not fit.

    A segment that fits nowhere is told and passed over. Rows stand in their order; rows of one id that follow each other
    stand in any.
    """
    root = Node(grammar)
    open_nodes = [root]
    misfits: list[Misfit] = []
    row: SegmentRow | LoopRow
    for segment in segments:
        found = _find_place(open_nodes, segment)
        if found is None:
            misfits.append(("unexpected", open_nodes[-1].row.name, segment))
            continue
        depth, index = found
        while len(open_nodes) > depth + 1:
            misfits += _missing(open_nodes.pop(), segment)
        node = open_nodes[-1]
        node.reached = index
        row = node.row.rows[index]
        while isinstance(row, LoopRow):
            node.loops.append(Node(row))
            node = node.loops[-1]
            open_nodes.append(node)
            row = node.row.rows[0]
        node.segments.append((row, segment))
    while open_nodes:
        misfits += _missing(open_nodes.pop(), segments[-1] if segments else Segment("ST"))
    return root, misfits


def _find_place(open_nodes: Sequence[Node], segment: Segment) -> tuple[int, int] | None:
    """Find the innermost open loop that takes a segment, and the row: by its codes, else by its id alone.

    A loop that has to be there and is not there yet is opened by its id alone too.
    """
    for by_id in (False, True):
        for depth in range(len(open_nodes) - 1, -1, -1):
            node = open_nodes[depth]
            start = max(_run_start(node.row.rows, node.reached), int(depth > 0))  # another opener opens another loop
            for index in range(start, len(node.row.rows)):
                row = node.row.rows[index]
                opener = row.opener if isinstance(row, LoopRow) else row
                fits = opener.fits(segment) if not by_id else opener.id == segment.id and not _has(node, row)
                if fits:
                    return depth, index
    return None


def _has(node: Node, row: SegmentRow | LoopRow) -> bool:
    return isinstance(row, LoopRow) and (not row.least or any(inner.row is row for inner in node.loops))


def _run_start(rows: Sequence[SegmentRow | LoopRow], reached: int) -> int:
    """Give the first of the rows of one id that stand around this one: among them any order holds."""
    name = _opener_id(rows[reached])
    while reached and _opener_id(rows[reached - 1]) == name:
        reached -= 1
    return reached


def _opener_id(row: SegmentRow | LoopRow) -> str:
    return row.opener.id if isinstance(row, LoopRow) else row.id


def _missing(node: Node, at: Segment) -> Iterator[Misfit]:
    """Count what a loop holds when it is closed: too few, too many."""
    first = node.segments[0][1] if node.segments else at
    held: Mapping[int, list[Segment]] = {id(row): [] for row in node.row.rows}
    for row, segment in node.segments:
        held[id(row)].append(segment)
    for loop in node.loops:
        held[id(loop.row)].append(loop.segments[0][1])
    for wanted in node.row.rows:
        name, found = _opener_id(wanted), held[id(wanted)]
        where = wanted.name if isinstance(wanted, LoopRow) else node.row.name
        if len(found) < wanted.least:
            yield "missing", f"{where}/{name}", first
        if len(found) > wanted.most:
            yield "many", where, found[wanted.most]
