"""A form as boxes on a page: number, words of our own, value. Pure: what draws it is `svg` and `pdf`.

Lengths are points (72 an inch) of a letter page, from its upper left corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["HEIGHT", "MARGIN", "WIDTH", "Box", "Page", "Row", "Shape", "lay_out"]

WIDTH: Final = 612.0
HEIGHT: Final = 792.0
MARGIN: Final = 30.0
_COLUMNS: Final = 24
_LABEL_SIZE: Final = 5.5
_VALUE_SIZE: Final = 9.0
_SMALLEST: Final = 3.0
_ADVANCE: Final = 0.6  # of the size: what a letter of a fixed-width face takes
_PAD: Final = 3.0
_TITLE: Final = 26.0


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its number on the form, words of our own, the lines of its value, its width in 24ths of the page."""

    number: str
    words: str
    value: Sequence[str]
    columns: int


@dataclass(frozen=True, slots=True)
class Row:
    """Boxes side by side; `height` in points."""

    boxes: Sequence[Box]
    height: float = 28.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its title and its rows; `note` stands across it (a watermark), where there is one."""

    title: str
    rows: Sequence[Row]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing to draw: a frame, or a text of a size at the left end of its base line (label, value) or at its middle (note)."""

    kind: str
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    text: str = ""
    size: float = 0.0


def lay_out(page: Page) -> Iterator[Shape]:
    """Lay out a page; a value is drawn smaller rather than cut.

    >>> box = Box("26", "our number", ["R1"], 24)
    >>> [shape.text for shape in lay_out(Page("Form", [Row([box])])) if shape.text]
    ['Form', '26', 'our number', 'R1']
    """
    if page.note:  # first: whatever draws it, nothing is hidden behind it
        yield Shape("note", WIDTH / 2, HEIGHT / 2, text=page.note, size=90)
    yield Shape("value", MARGIN, MARGIN + 10, text=page.title, size=11)
    top = MARGIN + _TITLE
    for row in page.rows:
        left = MARGIN
        for box in row.boxes:
            width = (WIDTH - 2 * MARGIN) * box.columns / _COLUMNS
            yield from _draw_box(box, (left, top, width, row.height))
            left += width
        top += row.height


def _draw_box(box: Box, place: tuple[float, float, float, float]) -> Iterator[Shape]:
    left, top, width, height = place
    yield Shape("frame", left, top, width, height)
    label = top + _LABEL_SIZE + 1.5
    yield Shape("label", left + _PAD, label, text=box.number, size=_LABEL_SIZE)
    indent = _PAD + (len(box.number) + 1) * _LABEL_SIZE * _ADVANCE
    yield Shape("label", left + indent, label, text=box.words, size=_fit(box.words, width - indent - 1, _LABEL_SIZE))
    lines = [line for line in box.value if line]
    room = (height - _LABEL_SIZE - 4) / max(len(lines), 1)
    for number, line in enumerate(lines, 1):
        size = min(_fit(line, width - 2 * _PAD, _VALUE_SIZE), room)
        yield Shape("value", left + _PAD, top + _LABEL_SIZE + 1.5 + number * room, text=line, size=size)


def _fit(text: str, room: float, largest: float) -> float:
    """Give the size at which a text of a fixed-width face fits into a width; below the smallest it runs on rather than vanish."""
    return max(_SMALLEST, min(largest, room / (_ADVANCE * max(len(text), 1))))
