"""`refill-adapter tables`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from adapter.cli.document import FileFault
from adapter.cli.listing import json_line
from adapter.cli.workplace import DAY, read_settings, site_option
from adapter.coding.site_notes import compare_site
from adapter.load import TableError, data_folder, load_tables
from adapter.settings import SettingsError, load_sites
from adapter.tables import CodeList, LicensedFile, Row, Table, Tables

__all__ = ["tables"]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a table.")
@click.pass_context
def tables(ctx: click.Context, as_json: bool) -> None:
    """Check and show the code tables, their dates and their sources.

    REFILL_TABLES names a folder of your own rows and licensed files, which win over the shipped rows for the facts and
    days that both fit.

    \b
    Example:
      refill-adapter tables
      refill-adapter tables list
      refill-adapter tables show route --on 2026-03-02
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(_check, as_json=as_json)


@tables.command("check")
@site_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a table.")
def _check(site: Path | None = None, as_json: bool = False) -> None:
    """Check every table and list them; with --site, tell where the site file differs from what they say of payers.

    \b
    Example:
      refill-adapter tables check --site site.toml
    """
    found = _load()
    for name, table in sorted(found.tables.items()):
        days, own = sorted(row.start for row in table.rows), sum(row.own for row in table.rows)
        if as_json:
            first = days[0].isoformat() if days else None
            click.echo(json_line({"table": name, "rows": len(table.rows), "own": own, "first": first}))
        else:
            parts = (f"from {days[0].isoformat()}" if days else "", f"{own} of them yours" if own else "")
            click.echo(", ".join((f"{name}: {len(table.rows)} rows", *filter(None, parts))))
    for file in () if as_json else found.files:
        click.echo(_file(file))
    for note in _notes(site, found) if site is not None else ():
        click.echo(json_line({"note": note}) if as_json else f"note: {note}")
    if not as_json:
        click.echo(f"{len(found.tables)} tables and {len(found.rules)} rules are sound")


def _notes(path: Path, found: Tables) -> list[str]:
    """Compare each site file with the tables of today. Errors: FileFault."""
    try:
        sites = load_sites(path)
    except SettingsError as error:
        raise FileFault(f"the site file cannot be used:\n{error}") from error
    today = datetime.now().astimezone().date()
    return [note for site in sites.values() for note in compare_site(site, found, today)]


@tables.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def _list(as_json: bool) -> None:
    """List the files of REFILL_TABLES: what each is, its edition, how many lines it has and how many of them count here.

    \b
    Example:
      refill-adapter tables list
    """
    found = _load()
    told = [*found.files, *_own_files(found)]
    for file in told:
        click.echo(json_line(asdict(file)) if as_json else _file(file))
    if not told and not as_json:
        click.echo("no file of yours is in use; REFILL_TABLES names a folder of them (docs/tables.md)")


def _own_files(found: Tables) -> list[LicensedFile]:
    """Tell the tables for which there are rows that the customer wrote."""
    counted = {name: sum(row.rank > 1 for row in table.rows) for name, table in found.tables.items()}
    return [LicensedFile("rows", name, "", count, count) for name, count in sorted(counted.items()) if count]


@tables.command("show")
@click.argument("name")
@click.option("--on", type=DAY, metavar="DATE", help="The rows in force on this day; all rows without it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
def _show(name: str, on: datetime | None, as_json: bool) -> None:
    """Show the rows of a table: when, what, since when and by whose word.

    \b
    Example:
      refill-adapter tables show route --on 2026-03-02
    """
    loaded = _load()
    found = loaded.tables
    if name in loaded.lists:
        _show_list(loaded.lists[name], on, as_json)
        return
    if name not in found:
        raise click.UsageError(f"There is no table {name!r}; expected one of {', '.join(sorted({*found, *loaded.lists}))}.")
    table = found[name]
    rows = table.answering(on.date()) if on else table.rows
    for row in rows:
        click.echo(json_line(_object(table, row)) if as_json else _text(row))
    if not rows:
        _say_none("row", name, on)


def _show_list(shown: CodeList, on: datetime | None, as_json: bool) -> None:
    """Show the editions of a code list: from which file, for which days, how many codes."""
    editions = [one for one in shown.editions if on is None or one.holds(on.date())]
    for one in editions:
        start, end, codes = one.start.isoformat(), one.end.isoformat() if one.end else None, len(one.lines)
        told = {"list": shown.name, "source": str(one.source), "start": start, "end": end, "codes": codes}
        click.echo(json_line(told) if as_json else f"{shown.name}: {codes} codes, {start} to {end or 'still'}; {one.source}")
    if not editions:
        _say_none("edition", shown.name, on)


def _say_none(what: str, name: str, on: datetime | None) -> None:
    """Say on standard error that there is nothing to show; that is an answer, and no fault."""
    when = f"is in force on {on.date().isoformat()}; without --on all are shown" if on else "is here"
    click.echo(f"no {what} of {name} {when}", err=True)


def _file(file: LicensedFile) -> str:
    edition = f", edition {file.edition}" if file.edition else ""
    return f"{file.file}: {file.kind}{edition}, {file.lines} lines, {file.used} of them in use (yours)"


def _load() -> Tables:
    try:
        return load_tables(data_folder("mappings"), read_settings().tables)
    except (TableError, OSError) as error:
        raise FileFault(f"the tables cannot be used:\n{error}") from error


def _object(table: Table, row: Row) -> dict[str, object]:
    return {
        "table": table.name,
        "id": row.id,
        "own": row.own,
        "when": {key: list(values) for key, values in row.when.items()},
        "then": dict(row.then),
        "start": row.start.isoformat(),
        "end": row.end.isoformat() if row.end else None,
        "reverse": row.reverse,
        "source": {"title": row.source.title, "url": row.source.url, "read_on": row.source.read_on.isoformat()},
    }


def _text(row: Row) -> str:
    when = ", ".join(f"{key} {'|'.join(values)}" for key, values in row.when.items())
    then = ", ".join(f"{key} {value}" for key, value in row.then.items())
    return f"{row.id}{' (yours)' if row.own else ''}: {when} -> {then}\n  {row.start} to {row.end or 'still'}; {row.source}"
