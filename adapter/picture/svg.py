"""Pages as one SVG, one below the other. Every text is escaped; what XML has no place for is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from adapter.picture.form import HEIGHT, WIDTH, Page, Shape, lay_out

__all__ = ["write_svg"]

_FORBIDDEN: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Attributes and no style sheet: not every program that shows SVG reads CSS.
_FONT: Final = 'font-family="Courier, Liberation Mono, monospace"'
_ATTRIBUTES: Final = {
    "label": 'fill="#666"', "value": 'fill="#000"',
    "note": 'fill="#f3ccd2" text-anchor="middle" font-weight="bold"',
}


def write_svg(pages: Sequence[Page]) -> str:
    r"""Write pages as SVG, without script, link or font of elsewhere.

    >>> write_svg([Page("<&\x00>", [])]).count("&lt;&amp;&gt;")
    2
    """
    height = HEIGHT * len(pages)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}pt" height="{height:g}pt"',
        f' role="img" {_FONT}>',
        f"<title>{_escape(pages[0].title if pages else '')}</title>",
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="#fff"/>',
    ]
    for number, page in enumerate(pages):
        parts.append(f'<g transform="translate(0 {number * HEIGHT:g})">')
        parts += [_draw(shape) for shape in lay_out(page)]
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _draw(shape: Shape) -> str:
    x, y = f"{shape.x:.2f}", f"{shape.y:.2f}"
    if shape.kind == "frame":
        size = f'width="{shape.width:.2f}" height="{shape.height:.2f}"'
        return f'<rect x="{x}" y="{y}" {size} fill="none" stroke="#444" stroke-width="0.6"/>'
    turned = f' transform="rotate(-35 {x} {y})"' if shape.kind == "note" else ""
    look = f'{_ATTRIBUTES[shape.kind]} font-size="{shape.size:.2f}"'
    return f'<text x="{x}" y="{y}" {look}{turned} xml:space="preserve">{_escape(shape.text)}</text>'


def _escape(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
