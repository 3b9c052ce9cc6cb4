"""Whether a store still holds what was put into it: the database itself, its references, and the digests of what is kept."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from adapter.store.layout import CLAIM, INTAKE, INTERCHANGE, METADATA, RESOURCE, RESOURCE_VERSION
from adapter.store.unit import Store

__all__ = ["backup_store", "count_rows", "find_damage"]


def count_rows(store: Store) -> dict[str, int]:
    """Count the rows of each table."""
    with store.reading() as unit:
        tables = METADATA.sorted_tables
        return {table.name: unit.connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def find_damage(store: Store) -> list[str]:
    """Find what is not as it was kept: one sentence each, which names a row and nothing of what it holds."""
    with store.reading() as unit:
        looks = (_damage_of_database, _damage_of_digests, _damage_of_versions)
        return [told for look in looks for told in look(unit.connection)]


def _damage_of_database(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL keeps its references and checks its pages itself
    for (told,) in connection.execute(text("pragma integrity_check")):
        if told != "ok":
            yield f"the file of the database: {told}"
    for table, row, other, _ in connection.execute(text("pragma foreign_key_check")):
        yield f"{table} {row}: what it refers to in {other} is not there"


def _damage_of_digests(connection: Connection) -> Iterator[str]:
    for table, held in ((INTAKE, "data"), (INTERCHANGE, "data"), (CLAIM, "bundle")):
        for digest, data in connection.execute(select(table.c.sha256, table.c[held]).execution_options(yield_per=100)):
            if sha256(data).hexdigest() != digest:
                yield f"{table.name} {digest}: its bytes are not those that were kept"


def _damage_of_versions(connection: Connection) -> Iterator[str]:
    current, versions = RESOURCE.c, RESOURCE_VERSION.c
    is_of = (versions.number == current.number) & (versions.kind == current.kind) & (versions.version == current.version)
    lost = select(current.kind, current.id).outerjoin(RESOURCE_VERSION, is_of & (versions.id == current.id))
    for kind, identity in connection.execute(lost.where(versions.number.is_(None), current.version > 0)):
        yield f"{kind}/{identity}: its current version is not there"


def backup_store(store: Store, file: Path) -> bool:
    """Copy a database of SQLite, as it is at one moment, into a new file of its owner alone; False for PostgreSQL.

    Errors: FileExistsError, OSError.
    """
    with store.reading() as unit:
        source: Any = unit.connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            return False
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(sqlite3.connect(file)) as target:
                source.backup(target)
        except sqlite3.Error as fault:
            file.unlink()
            raise OSError(errno.EIO, "the copy failed; see that there is room") from fault
    return True
