"""`refill-adapter code`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from adapter.bulk import Workplace, build_context, run_batch
from adapter.cli.document import EXIT_FILE, failed, files_argument, load_document
from adapter.cli.listing import issue_line, json_line, lines_table
from adapter.cli.workplace import DAY, load_workplace, site_option
from adapter.coding.report import explain_record, report_answer
from adapter.flow import code_document, locate_answer
from adapter.terms import CodingAnswer, CodingRecord

__all__ = ["code"]


@click.command()
@files_argument
@site_option
@click.option("--explain", is_flag=True, help="Print how each record came about.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Judge filing limits on this day; today without it.")
@click.option("--on", type=DAY, metavar="DATE", help="Replay with the tables of another service date.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, as each is done.")
@click.pass_context
def code(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Say what is billed for each refill, and why; - reads standard input.

    A file is one document: a Bundle, or a Procedure with contained resources. Folders and NDJSON are taken by validate alone.

    \b
    Example:
      refill-adapter code --site site.toml --explain refill.json
      refill-adapter code --site site.toml --json *.json
    """
    workplace = load_workplace(options["site"], _day(options["as_of"]), _day(options["on"]))
    unreadable = stopped = False
    for item in run_batch(files, load_document, lambda data: _code(data, workplace)):
        answer = item.value or CodingAnswer((), (failed(item, workplace.rule_book),))
        unreadable |= item.value is None
        stopped |= answer.is_stopped
        if options["as_json"]:
            click.echo(json_line({"file": item.name, **report_answer(answer)}))
        elif item.value is not None:
            _print_answer(item.name, answer, options["explain"])
    ctx.exit(EXIT_FILE if unreadable else int(stopped))


def _code(data: bytes, workplace: Workplace) -> CodingAnswer:
    context = build_context(data, workplace)
    if context.value is None:
        return CodingAnswer((), context.issues)
    return locate_answer(data, code_document(data, context.value))


def _day(told: datetime | None) -> date | None:
    return told.date() if told else None


def _print_answer(name: str, answer: CodingAnswer, explain: bool) -> None:
    for record in answer.records:
        click.echo(f"{name}: {_headline(record)}")
        if explain:
            click.echo(explain_record(record))
            continue
        if record.claim:
            click.echo("\n".join(lines_table(record)))
        for dropped in record.dropped:
            click.echo(f"  dropped {dropped.code}: {dropped.rule}")
        for issue in record.issues:
            click.echo(f"  {issue_line(name, issue)}")
    for issue in answer.issues:
        click.echo(issue_line(name, issue))


def _headline(record: CodingRecord) -> str:
    what = record.code or ("proposed " + ", ".join(record.proposed) if record.proposed else "")
    places = (("place", record.place_of_service), ("bill type", record.bill_type))
    place = " ".join(f"{name} {value}" for name, value in places if value)
    parts = (record.status, what, record.service_date, place)
    return ", ".join(str(part) for part in parts if part)
