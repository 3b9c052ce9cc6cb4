"""`refill-adapter x12`: `check` and `read`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from adapter.bulk import Item, Workplace, build_restoring_context, run_batch
from adapter.cli.document import EXIT_FILE, check_output, failed, files_argument
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.listing import issue_line, json_line
from adapter.cli.workplace import load_restoring_workplace, read_settings, site_option
from adapter.cli.writing import Result, put_result
from adapter.cli.x12_answer import check_answer, holds_answer, put_999, read_answer, tell_words
from adapter.cli.x12_file import LargeFile, load_interchange, opened
from adapter.cli.x12_large import read_large
from adapter.coding.report import report_issue
from adapter.deliver import gather_bundles
from adapter.flow import read_x12, write_read_claims
from adapter.issues import Issue, has_errors
from adapter.settings import Settings
from adapter.x12 import check_837
from adapter.x12.check_837 import check_text
from adapter.x12.stream import check_chunks
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
@site_option
@store_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Check X12 files; - reads standard input.

    With a site file, claims of its billing provider are held to what it says of their payers as well; a 999, which answers
    by the guide alone, tells nothing of that. The control numbers of a 999 are those of the store where one is named, each
    handed out once; without a store they come from the clock, one a tenth of a second.

    \b
    Example:
      refill-adapter x12 check claims.x12 answer.x12
      refill-adapter x12 check --site site.toml claims.x12
      refill-adapter x12 check --999 answer.x12 claims.x12
    """
    acknowledgement: str | None = options["acknowledgement"]
    if acknowledgement and len(files) != 1:
        raise click.UsageError("--999 answers one file. Name one.")
    settings = read_settings({name: options[name] for name in ("data", "database")})
    workplace, codes = load_restoring_workplace(options["site"]), [0]
    for item in run_batch(files, load_interchange, lambda data: data):
        if item.value is None:
            failed(item, workplace.rule_book)
            codes.append(EXIT_FILE)
            continue
        with opened(item.value) as data:
            issues = _check(data, workplace)
            if acknowledgement:
                place = None if acknowledgement == "-" else Path(acknowledgement)
                issues = (*issues, *workplace.rule_book.tables.cited(_acknowledge(data, place, settings)))
        _put(item.name, issues, options["as_json"], to_error=acknowledgement == "-")
        codes.append(int(has_errors(issues)))
    ctx.exit(max(codes))


def _check(data: bytes | LargeFile, workplace: Workplace) -> tuple[Issue, ...]:
    cited = workplace.rule_book.tables.cited
    payers = {npi: site.payers for npi, site in workplace.sites.items()} or None
    if isinstance(data, LargeFile):
        found = check_chunks(data.chunks(), payers)
        return cited((*data.issues, *(() if has_errors(data.issues) else found)))
    if holds_answer(data):
        return check_answer(data, workplace.rule_book)
    text = decode_text(data)
    if text.value is None:
        return cited(text.issues)
    return cited((*text.issues, *(check_837(text.value) if payers is None else check_text(text.value, payers))))


def _acknowledge(data: bytes | LargeFile, place: Path | None, settings: Settings) -> tuple[Issue, ...]:
    """Answer an 837 with a 999, which names its faults by their segments and so is made of the whole file."""
    whole = b"".join(one.encode() for one in data.chunks()) if isinstance(data, LargeFile) else data
    with open_named_store(settings) as store:
        taken = store.take_control_number() if store is not None else None
    return put_999(whole, check_837, place, taken).issues


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
    (loaded,) = run_batch([file], load_interchange, lambda data: data)
    if isinstance(loaded.value, LargeFile):
        with opened(loaded.value):
            ctx.exit(read_large(loaded.value, workplace, as_json=options["as_json"]))
    item = Item(file, None if loaded.value is None else _read(loaded.value, workplace, settings, options["sent"]), loaded.failure)
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
