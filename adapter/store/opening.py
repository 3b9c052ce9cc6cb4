"""Opening a store: a data folder or the URL of a database.

SQLite: write-ahead log, synchronous FULL (a commit that was answered survives a power loss), foreign keys on. A unit begins
IMMEDIATE, so that two writers wait for each other instead of failing half way; who only reads begins deferred and waits for
nobody. Its file is its owner's alone. PostgreSQL: as the server is set up, `synchronous_commit` on by its own default.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url

from adapter.store.layout import check_layout
from adapter.store.unit import Store

__all__ = ["open_store"]


def open_store(place: Path | str, *, make: bool = True) -> Store:
    """Open the store of a data folder (refill.db in it), or of a database: sqlite:///PATH, postgresql://USER@HOST/NAME.

    Where there is none it is made, or refused without `make`. A file of SQLite and its folder are made for their owner
    alone: modes 0600 and 0700.
    Errors: OSError, SQLAlchemyError, LayoutError; ModuleNotFoundError where the driver of PostgreSQL is not installed.
    """
    url = make_url(place) if isinstance(place, str) else URL.create("sqlite", database=str(place / "refill.db"))
    if url.get_backend_name() == "sqlite":
        _open_private(Path(url.database or ""), make)
        engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10}, hide_parameters=True)
    store = Store(engine)
    try:
        check_layout(store.writing, make)
    except BaseException:
        engine.dispose()
        raise
    return store


def _open_private(file: Path, make: bool) -> None:
    """Make the file before SQLite does, which would let the group and others read it, its log beside it too."""
    if make:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | (os.O_CREAT if make else 0), 0o600))


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transaction, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("is_writing") else "BEGIN")
