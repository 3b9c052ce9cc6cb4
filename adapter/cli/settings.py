"""`refill-adapter settings`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from adapter.cli.document import FileFault
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.listing import json_line
from adapter.cli.workplace import load_rules, read_settings, site_option
from adapter.settings import Settings, SettingsError, find_unsafe, list_effective, load_sites

__all__ = ["settings"]


@click.group()
def settings() -> None:
    """Show what holds, and whether it holds together.

    \b
    Example:
      refill-adapter settings check --site site.toml --data ./data
    """


@settings.command("check")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.")
@store_options
@site_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def _check(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Print the effective settings, secrets masked, and try all that they name: exit code 1 where something is unsafe or wrong.

    Nothing is made, changed or listened on: a data folder that is not there yet is no fault.

    \b
    Example:
      REFILL_HOST=0.0.0.0 refill-adapter settings check
    """
    found = read_settings(given)
    effective = list_effective(given)
    problems = find_unsafe(found)
    tried = {name: _try(look, found, problems) for name, look in _LOOKS.items()}
    if as_json:
        told = {one.name: {"value": one.value, "source": one.source} for one in effective}
        click.echo(json_line({"ok": not problems, "settings": told, "tried": tried, "problems": problems}))
    else:
        _print(effective, tried, problems)
    ctx.exit(1 if problems else 0)


def _print(effective: list[Any], tried: Mapping[str, str | None], problems: list[str]) -> None:
    for one in effective:
        click.echo(f"{one.name:9} {one.value or '-':42} {one.source}")
    for name, says in tried.items():
        if says is not None:
            click.echo(f"{name:9} {says}")
    for problem in problems:
        click.echo(f"refused: {problem}", err=True)


def _try(look: Callable[[Settings], str], found: Settings, problems: list[str]) -> str | None:
    """Say what a look at one thing tells; where it cannot be used, that is a problem and nothing is told."""
    try:
        return look(found)
    except (FileFault, SettingsError) as error:
        problems.append(error.message if isinstance(error, FileFault) else str(error))
        return None


def _look_at_sites(found: Settings) -> str:
    if found.site is None:
        return "none is named: serve, code and claim want one"
    sites = load_sites(found.site)
    told = [f"{site.billing_provider.npi} ({site.kind}, {len(site.payers)} payers)" for site in sites.values()]
    return f"{len(told)} in use: {', '.join(told)}"


def _look_at_tables(found: Settings) -> str:
    tables = load_rules().tables
    own = sum(row.own for table in tables.tables.values() for row in table.rows)
    rows = sum(len(table.rows) for table in tables.tables.values())
    brought = f", {own} of them the customer's own" if found.tables else ""
    return f"{len(tables.tables)} tables, {rows} rows{brought}, {len(tables.files)} licensed files"


def _look_at_store(found: Settings) -> str:
    if found.database is None and found.data is None:
        return "none is named: nothing is kept"
    if found.database is None and found.data is not None and not found.data.exists():
        return "not there yet: it is made at the first use"
    with open_named_store(found, make=False) as store:
        if store is not None:
            store.check()
    return "takes a write"


_LOOKS: Mapping[str, Callable[[Settings], str]] = {
    "sites": _look_at_sites, "tables": _look_at_tables, "store": _look_at_store,
}
