"""The store that a command is told of, where it is told of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from adapter.cli.document import FileFault
from adapter.settings import Settings

if TYPE_CHECKING:
    from adapter.store import Store

__all__ = ["open_named_store", "store_options"]


# What SQLAlchemy raises, by its name; its own text may hold the address, and a password in it.
_WHY: Final = {
    "DatabaseError": "it is no database, or a damaged one",
    "OperationalError": "the database is not there, does not answer, or does not let this user in",
}


def store_options(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--data` and `--database`, one of which may be given; REFILL_DATA and REFILL_DATABASE name them else."""
    data = click.option(
        "--data", type=click.Path(file_okay=False), metavar="DIR",
        help="Folder that keeps what came in and what was made of it; else REFILL_DATA names it.",
    )
    database = click.option(
        "--database", metavar="URL", help="Database instead of a folder: sqlite:///PATH or postgresql://USER@HOST/NAME."
    )
    return data(database(function))


@contextmanager
def open_named_store(settings: Settings, *, make: bool = True) -> Iterator[Store | None]:
    """Open the store that the settings name, for as long as it is used; None where they name none.

    One that is not there is made, or without `make` refused.

    Errors: FileFault, which never shows the URL of a database: it may hold a password.
    """
    place = settings.database or settings.data
    if place is None:
        yield None
        return
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 -- loaded only where something is kept: half a second

    from adapter.store import LayoutError, open_store  # noqa: PLC0415 -- as above

    try:
        store = open_store(place, make=make)
    except ModuleNotFoundError as error:
        text = "the store cannot be opened: PostgreSQL wants its driver; install refill-adapter[postgresql]"
        raise FileFault(text) from error
    except LayoutError as error:
        raise FileFault(f"{_name(place)}: the store cannot be opened: {error}") from error
    except (OSError, SQLAlchemyError) as error:
        raise _fault(place, "opened", error) from error
    try:
        yield store
    except SQLAlchemyError as error:
        raise _fault(place, "used", error) from error
    finally:
        store.close()


def _name(place: Path | str) -> str:
    return "the database" if isinstance(place, str) else str(place)


def _fault(place: Path | str, what: str, error: Exception) -> FileFault:
    why = error.strerror if isinstance(error, OSError) else None
    why = why or _WHY.get(type(error).__name__, "the database failed")
    return FileFault(f"{_name(place)}: the store cannot be {what}: {why}; see that it is there and may be written")
