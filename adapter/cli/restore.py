"""`refill-adapter restore`."""

from __future__ import annotations

from typing import Any

import click

from adapter.bulk import Workplace, restore_kept, run_batch
from adapter.cli.document import load_document
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.workplace import load_restoring_workplace, read_settings, site_option
from adapter.cli.writing import Result, put_result
from adapter.settings import Settings

__all__ = ["restore"]


@click.command()
@click.argument("file")
@site_option
@store_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the Bundle and the issues.")
@click.pass_context
def restore(ctx: click.Context, /, file: str, **options: Any) -> None:
    """Turn a Claim, a claim Bundle or an 837 back into a clinical Bundle; - reads standard input. A file is one document.

    No site file is needed: that of the claim's own billing provider answers what a Claim of another writer has no place
    for, and without it this stays absent. With the store that `claim` kept it in, a claim that was made here gives the
    document that it was made of.

    \b
    Example:
      refill-adapter restore claim.json
      refill-adapter claim --site site.toml --to 837 refill.json | refill-adapter restore -
    """
    settings = read_settings({name: options[name] for name in ("data", "database")})
    workplace = load_restoring_workplace(options["site"])
    (item,) = run_batch([file], load_document, lambda data: _restore(data, workplace, settings))
    ctx.exit(put_result(item, workplace.rule_book, None, options["as_json"]))


def _restore(data: bytes, workplace: Workplace, settings: Settings) -> Result:
    with open_named_store(settings, make=False) as store:
        outcome = restore_kept(data, workplace, store)
    return Result(outcome.value is not None, outcome.value, outcome.issues)
