"""`refill-adapter restore`."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.bulk import build_restoring_context
from adapter.cli.document import load_one
from adapter.cli.listing import issue_line
from adapter.cli.workplace import load_restoring_workplace, site_option
from adapter.flow import restore_document

__all__ = ["restore"]


@click.command()
@click.argument("file")
@site_option
@click.pass_context
def restore(ctx: click.Context, file: str, site: Path | None) -> None:
    """Turn a Claim, a claim Bundle or an 837 back into a clinical Bundle; - reads standard input.

    No site file is needed: that of the claim's own billing provider answers what a Claim of another writer has no place
    for, and without it this stays absent.

    \b
    Example:
      refill-adapter restore claim.json
      refill-adapter claim --site site.toml --to 837 refill.json | refill-adapter restore -
    """
    data = load_one(file)
    outcome = restore_document(data, build_restoring_context(data, load_restoring_workplace(site)))
    for issue in outcome.issues:
        click.echo(issue_line(file, issue), err=True)
    if outcome.value is None:
        ctx.exit(1)
    click.echo(outcome.value)
