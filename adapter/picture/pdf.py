"""Pages as PDF by ReportLab, which the extra `pdf` brings; see docs/decisions/0050."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from adapter.picture.form import HEIGHT, WIDTH, Page, Shape, lay_out

__all__ = ["write_pdf"]


def write_pdf(pages: Sequence[Page]) -> bytes:
    """Write pages as PDF, the same bytes for the same pages; a letter that the face has not is shown as `?`.

    Errors: ModuleNotFoundError where refill-adapter[pdf] is not installed.
    """
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 -- an extra: loaded where a PDF is asked for

    buffer = BytesIO()
    canvas: Any = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setTitle(pages[0].title if pages else "")
    for page in pages:
        for shape in lay_out(page):
            _draw(canvas, shape)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Any, shape: Shape) -> None:
    y = HEIGHT - shape.y
    if shape.kind == "frame":
        canvas.setLineWidth(0.6)
        canvas.rect(shape.x, y - shape.height, shape.width, shape.height)
        return
    text = shape.text.encode("cp1252", "replace").decode("cp1252")
    canvas.saveState()
    canvas.setFont("Courier-Bold" if shape.kind == "note" else "Courier", shape.size)
    if shape.kind == "note":
        canvas.setFillColorRGB(0.953, 0.8, 0.824)
        canvas.translate(shape.x, y)
        canvas.rotate(35)
        canvas.drawCentredString(0, 0, text)
    else:
        canvas.setFillGray(0.4 if shape.kind == "label" else 0)
        canvas.drawString(shape.x, y, text)
    canvas.restoreState()
