"""`refill-adapter store`: what is kept, moved from one place to another and looked after."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapter.cli.document import FileFault, check_output
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.listing import json_line
from adapter.cli.workplace import read_settings
from adapter.settings import Settings

if TYPE_CHECKING:
    from adapter.store import Store

__all__ = ["store"]

_SQLITE = b"SQLite format 3\0"
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def store() -> None:
    """Export, import, back up, restore and check what is kept.

    \b
    Example:
      refill-adapter store check   --data ./data
      refill-adapter store backup  --data ./data monday.db
      refill-adapter store restore --database postgresql://refill@db/refill monday.db
    """


@store.command("export")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, callback=check_output, help="A new file.",
)
@store_options
@_AS_JSON
def _export(output: Path, as_json: bool, **named: str | None) -> None:
    """Write all that is kept into a file of lines, which `import` takes into either database.

    \b
    Example:
      refill-adapter store export --data ./data -o all.ndjson
    """
    with _opened(named) as kept:
        from adapter.store import export_store  # noqa: PLC0415 -- half a second, and only here

        count = 0
        try:
            with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for line in export_store(kept):
                    file.write(line)
                    count += 1
        except FileExistsError as error:
            raise FileFault(f"{output}: cannot be written: {error.strerror}") from error
        except OSError as error:
            output.unlink(missing_ok=True)
            raise FileFault(f"{output}: cannot be written: {error.strerror}") from error
    _say(as_json, {"written": str(output), "rows": count - 2}, f"{output}: {count - 2} rows")


@store.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_options
@_AS_JSON
def _import(file: Path, as_json: bool, **named: str | None) -> None:
    """Take an export into an empty store, all of it or nothing.

    \b
    Example:
      refill-adapter store import --database postgresql://refill@db/refill all.ndjson
    """
    with _opened(named, make=True) as kept:
        try:
            with file.open("rb") as lines:
                count = _take(kept, lines, file)
        except OSError as error:
            raise FileFault(f"{file}: cannot be read: {error.strerror}") from error
    _say(as_json, {"read": str(file), "rows": count}, f"{file}: {count} rows")


@store.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_options
@_AS_JSON
def _backup(file: Path, as_json: bool, **named: str | None) -> None:
    """Copy the database of a data folder into a new file, while the service goes on.

    \b
    Example:
      refill-adapter store backup --data ./data monday.db
    """
    with _opened(named) as kept:
        from adapter.store import backup_store  # noqa: PLC0415 -- as above

        try:
            is_done = backup_store(kept, file)
        except OSError as error:
            raise FileFault(f"{file}: cannot be written: {error.strerror}") from error
    if not is_done:
        raise click.UsageError("A database of PostgreSQL is backed up by its own tools (pg_dump), or by store export.")
    _say(as_json, {"written": str(file)}, f"{file}: written")


@store.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_options
@_AS_JSON
def _restore(file: Path, as_json: bool, **named: str | None) -> None:
    """Take a backup, or an export, into an empty store; the file stays as it is.

    \b
    Example:
      refill-adapter store restore --data ./new monday.db
    """
    try:
        with file.open("rb") as opened:
            is_backup = opened.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise FileFault(f"{file}: cannot be read: {error.strerror}") from error
    if not is_backup:
        with _opened(named, make=True) as kept, file.open("rb") as lines:
            count = _take(kept, lines, file)
    else:
        with tempfile.TemporaryDirectory() as folder, _opened(named, make=True) as kept:
            shutil.copyfile(file, Path(folder, "refill.db"))  # one of an older layout is moved there, not in the backup
            with open_named_store(Settings(data=Path(folder)), make=False) as source:
                from adapter.store import export_store  # noqa: PLC0415 -- as above

                count = _take(kept, export_store(source) if source else (), file)
    _say(as_json, {"read": str(file), "rows": count}, f"{file}: {count} rows")


@store.command("check")
@store_options
@_AS_JSON
def _check(as_json: bool, **named: str | None) -> None:
    """Check that what is kept is as it was kept, and count it; exit code 1 where it is not.

    \b
    Example:
      refill-adapter store check --data ./data
    """
    with _opened(named) as kept:
        from adapter.store import count_rows, find_damage  # noqa: PLC0415 -- as above

        rows, damage = count_rows(kept), find_damage(kept)
    told = "\n".join([*(f"{name}: {count} rows" for name, count in sorted(rows.items())), *damage])
    _say(as_json, {"ok": not damage, "rows": rows, "damage": damage}, told)
    sys.exit(1 if damage else 0)


@contextmanager
def _opened(named: dict[str, str | None], *, make: bool = False) -> Iterator[Store]:
    """Open the store that is named. Errors: click.UsageError where none is."""
    with open_named_store(read_settings(dict(named)), make=make) as kept:
        if kept is None:
            raise click.UsageError("No store is named. Give --data DIR or --database URL, or set REFILL_DATA.")
        yield kept


def _take(kept: Store, lines: Iterable[bytes], file: Path) -> int:
    from adapter.store import MovingError, import_store  # noqa: PLC0415 -- as above

    try:
        return import_store(kept, lines)
    except MovingError as error:
        raise FileFault(f"{file}: {error}") from error


def _say(as_json: bool, told: dict[str, object], text: str) -> None:
    click.echo(json_line(told) if as_json else text)
