"""`refill-adapter claim`."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.bulk import build_context
from adapter.cli.document import FileFault, load_one
from adapter.cli.listing import issue_line
from adapter.cli.workplace import load_workplace, site_option
from adapter.cli.writing import write_as
from adapter.deliver import deliver_to_folder
from adapter.flow import code_document
from adapter.issues import Outcome
from adapter.terms import CodingAnswer

__all__ = ["claim"]

_LATER = ("cms1500", "ub04")


class _Language(click.Choice[str]):
    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in _LATER:
            self.fail(f"{value} pictures are not made yet; use fhir or 837.", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.argument("file")
@site_option
@click.option("--to", "language", type=_Language(["fhir", "837"]), default="fhir", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write, whole or not.")
@click.pass_context
def claim(ctx: click.Context, file: str, site: Path | None, language: str, output: Path | None) -> None:
    """Write the claim of a refill; - reads standard input.

    Where a record is held nothing is written, its issues go to standard error and the exit code is 1.

    \b
    Example:
      refill-adapter claim --site site.toml refill.json -o claim.json
      refill-adapter claim --site site.toml --to 837 refill.json
    """
    workplace = load_workplace(site)
    data = load_one(file)
    context = build_context(data, workplace)
    answer = code_document(data, context.value) if context.value else CodingAnswer((), context.issues)
    written: Outcome[bytes] = Outcome(None)
    if context.value and not answer.is_stopped and any(record.claim for record in answer.records):
        written = write_as(language, answer, context.value, "P")
    for issue in (*answer.all_issues, *written.issues):
        click.echo(issue_line(file, issue), err=True)
    if written.value is None:
        nothing = answer.records and all(record.status == "nothing-to-bill" for record in answer.records)
        click.echo(f"{file}: {'nothing to bill' if nothing else 'no claim was written'}", err=True)
        ctx.exit(0 if nothing else 1)
    _put(written.value, output)


def _put(data: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(data.rstrip(b"\n"))
        return
    try:
        deliver_to_folder(output.parent, output.name, data)
    except OSError as error:
        raise FileFault(f"{output}: cannot be written: {error.strerror}") from error
