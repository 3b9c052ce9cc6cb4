"""Pictures on the command line: SVG, or PDF where the file is named so."""

from __future__ import annotations

from pathlib import Path

from adapter.cli.document import FileFault
from adapter.flow import RuleBook
from adapter.issues import Outcome
from adapter.load import data_folder
from adapter.picture import draw_claims, write_pdf, write_svg
from adapter.terms import CodingAnswer

__all__ = ["PICTURES", "is_synthetic", "write_picture"]

PICTURES = ("cms1500", "ub04")
_MARK = "synthetic"


def is_synthetic(data: bytes) -> bool:
    """Tell whether a document is a shipped sample, or says that it is for tests: the security label HTEST of HL7 v3."""
    return b'"HTEST"' in data or any(path.read_bytes() == data for path in data_folder("samples").glob("*.json"))


def write_picture(answer: CodingAnswer, language: str, output: Path | None, mark: bool, rule_book: RuleBook) -> Outcome[bytes]:
    """Write the claims of an answer as a picture: PDF where `output` ends in .pdf, else SVG; `mark` puts "synthetic" across it.

    Errors: those of `draw_claims`. FileFault where a PDF is wanted and its library is not installed.
    """
    drawn = draw_claims([one.claim for one in answer.records if one.claim], language, _MARK if mark else None)
    issues = rule_book.tables.cited(drawn.issues)
    if drawn.value is None:
        return Outcome(None, issues)
    if output is None or output.suffix.lower() != ".pdf":
        return Outcome(write_svg(drawn.value).encode(), issues)
    try:
        return Outcome(write_pdf(drawn.value), issues)
    except ModuleNotFoundError as error:
        raise FileFault("a PDF wants its library; install refill-adapter[pdf], or name a file that ends in .svg") from error
