"""The claims of one answer as bytes, in the language that is asked for, and where the bytes go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from adapter.bulk import Item, make_envelope
from adapter.cli.document import EXIT_FILE, FileFault, failed
from adapter.cli.listing import issue_line, json_line
from adapter.coding.report import report_issue
from adapter.deliver import deliver_to_folder, gather_bundles
from adapter.fhir.json import decode_json
from adapter.flow import Context, RuleBook, write_claims, write_x12
from adapter.issues import Issue, Outcome
from adapter.terms import CodingAnswer
from adapter.x12 import Envelope

__all__ = ["Result", "put_result", "write_as", "write_sent"]


def write_as(language: str, answer: CodingAnswer, context: Context, usage: str) -> Outcome[bytes]:
    """Write the claims of an answer: `fhir` or `837`; all of them, or none where one cannot be written.

    X12: `usage` is ISA15, T or P.
    """
    if language == "837":
        return write_sent(answer, make_envelope(context.site, context.now, usage), context)
    outcomes = write_claims(answer, context)
    issues = tuple(issue for outcome in outcomes for issue in outcome.issues)
    claims = [outcome.value for outcome in outcomes if outcome.value is not None]
    return Outcome(gather_bundles(claims) if claims else None, issues)


def write_sent(answer: CodingAnswer, envelope: Envelope, context: Context) -> Outcome[bytes]:
    """Write the claims of an answer as an 837 in this envelope."""
    text = write_x12(answer, envelope, context.rule_book, context.site)
    return Outcome(text.value.encode() if text.value is not None else None, text.issues)


@dataclass(frozen=True, slots=True)
class Result:
    """What a command made of one file: its bytes, in `fhir` or `837`, or none, and what there is to say.

    `is_done` where there was nothing to make, or it was made. `answer` is what a payer said to it, empty where
    that cannot be read.
    """

    is_done: bool
    data: bytes | None
    issues: tuple[Issue, ...]
    language: str = "fhir"
    answer: bytes | None = None


def put_result(item: Item[Result], rule_book: RuleBook, output: Path | None, as_json: bool) -> int:
    """Put what became of a file into another file, or on standard output, and give the exit code.

    What there is to say stands on standard error. As JSON all of it is one object on standard output: `written` names the
    file, `result` is the Bundle or the text of the 837 where there is none, `answer` what the payer said.
    Errors: FileFault where the file cannot be written.
    """
    if item.value is None:
        result = Result(is_done=False, data=None, issues=(failed(item, rule_book),))  # which tells it
    else:
        result = item.value
        for issue in () if as_json else result.issues:
            click.echo(issue_line(item.name, issue), err=True)
    written = _write(output, result.data) if output and result.data is not None else None
    shown = None if written else result.data
    if as_json:
        told = {
            "file": item.name, "ok": result.is_done, "written": written, "result": _decode(shown, result.language),
            **({"answer": _decode(result.answer or None, "fhir")} if result.answer is not None else {}),
            "issues": [report_issue(issue) for issue in result.issues],
        }
        click.echo(json_line(told))
    elif shown := shown if result.answer is None else result.answer:
        click.echo(shown.rstrip(b"\n"))
    return EXIT_FILE if item.value is None else int(not result.is_done)


def _write(output: Path, data: bytes) -> str:
    try:
        return str(deliver_to_folder(output.parent, output.name, data))
    except OSError as error:
        raise FileFault(f"{output}: cannot be written: {error.strerror}") from error


def _decode(data: bytes | None, language: str) -> object:
    if data is None:
        return None
    return decode_json(data).value if language == "fhir" else data.decode()
