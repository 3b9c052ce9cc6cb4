"""`refill-adapter x12`: `check` and `read`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from adapter.bulk import Workplace, build_restoring_context, run_batch
from adapter.cli.document import EXIT_FILE, check_output, failed, files_argument, load_document
from adapter.cli.keeping import store_options
from adapter.cli.listing import issue_line, json_line
from adapter.cli.workplace import load_restoring_workplace, load_rules, read_settings
from adapter.cli.writing import Result, put_result
from adapter.cli.x12_answer import check_answer, holds_answer, put_999, read_answer, tell_words
from adapter.coding.report import report_issue
from adapter.deliver import gather_bundles
from adapter.flow import RuleBook, read_x12, write_read_claims
from adapter.issues import Issue, has_errors
from adapter.settings import Settings
from adapter.x12 import check_837
from adapter.x12.text import decode_text

__all__ = ["check", "read", "x12"]


@click.group(short_help="Check and read X12 files.")
def x12() -> None:
    """Check and read X12: claims (837) and the answers of payers (TA1, 999, 277CA, 835).

    \b
    Example:
      refill-adapter x12 check claims.x12 answer.x12
      refill-adapter x12 read answer.x12
    """


@x12.command()
@files_argument
@click.option(
    "--999", "acknowledgement", metavar="PATH", callback=check_output,
    help="File for a 999 to the one 837 named; - is standard output.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], acknowledgement: str | None, as_json: bool) -> None:
    """Check X12 files; - reads standard input.

    \b
    Example:
      refill-adapter x12 check claims.x12 answer.x12
      refill-adapter x12 check --999 answer.x12 claims.x12
    """
    if acknowledgement and len(files) != 1:
        raise click.UsageError("--999 answers one file. Name one.")
    rule_book, codes = load_rules(), [0]
    for item in run_batch(files, load_document, lambda data: data):
        if item.value is None:
            failed(item, rule_book)
            codes.append(EXIT_FILE)
            continue
        issues = _check(item.value, rule_book)
        if acknowledgement:
            place = None if acknowledgement == "-" else Path(acknowledgement)
            issues = (*issues, *rule_book.tables.cited(put_999(item.value, _check_claims, place).issues))
        _put(item.name, issues, as_json, to_error=acknowledgement == "-")
        codes.append(int(has_errors(issues)))
    ctx.exit(max(codes))


def _check(data: bytes, rule_book: RuleBook) -> tuple[Issue, ...]:
    if holds_answer(data):
        return check_answer(data, rule_book)
    text = decode_text(data)
    return rule_book.tables.cited((*text.issues, *(_check_claims(text.value) if text.value is not None else ())))


def _check_claims(text: str) -> tuple[Issue, ...]:
    return check_837(text)


def _put(name: str, issues: tuple[Issue, ...], as_json: bool, *, to_error: bool) -> None:
    if as_json:
        told = {"file": name, "ok": not has_errors(issues), "issues": [_report(issue) for issue in issues]}
        click.echo(json_line(told), err=to_error)
        return
    for issue in issues:
        click.echo(issue_line(name, issue), err=to_error)
    if not issues:
        click.echo(f"{name}: no problem was found", err=to_error)


def _report(issue: Issue) -> dict[str, Any]:
    """Report an issue with its place in X12: loop, segment, element, and its SNIP type where its rule has one."""
    place = issue.expression[0].split("/") if issue.expression else []
    loop, segment, element = [*place, None, None, None][:3]
    kind = issue.rule.split(".")[1] if issue.rule.startswith("x12.") else ""
    snip = int(kind) if kind.isdigit() else None
    return {**report_issue(issue), "loop": loop, "segment": segment, "element": element, "snip": snip}


@x12.command()
@click.argument("file")
@click.option("--sent", multiple=True, metavar="FILE", help="An 837 that was sent: places of a 999 are told in its claims.")
@store_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the Bundle and the issues.")
@click.pass_context
def read(ctx: click.Context, /, file: str, **options: Any) -> None:
    """Read an 837 into claim Bundles, or an answer of a payer into OperationOutcome, ClaimResponse, PaymentReconciliation.

    - reads standard input.

    With the store that `claim` keeps in, the answer is matched to its claims and kept beside them. What it says stands in
    words on standard error; the exit code is 1 where it refuses something.

    \b
    Example:
      refill-adapter x12 read claims.x12
      refill-adapter x12 read --sent claims.x12 answer.x12
    """
    settings = read_settings({name: options[name] for name in ("data", "database")})
    workplace = load_restoring_workplace(None)
    (item,) = run_batch([file], load_document, lambda data: _read(data, workplace, settings, options["sent"]))
    if item.value and item.value.data and not options["as_json"]:
        for line in tell_words(item.value.data):
            click.echo(f"{file}: {line}", err=True)
    ctx.exit(put_result(item, workplace.rule_book, None, options["as_json"]))


def _read(data: bytes, workplace: Workplace, settings: Settings, sent: Sequence[str]) -> Result:
    if holds_answer(data):
        return read_answer(data, workplace, settings, sent)
    context = build_restoring_context(data, workplace)
    claims = read_x12(data, context)
    if claims.value is None:
        return Result(is_done=False, data=None, issues=claims.issues)
    written = write_read_claims(claims.value, context)
    bundles = gather_bundles(written.value) if written.value is not None else None
    return Result(bundles is not None, bundles, claims.issues + written.issues)
