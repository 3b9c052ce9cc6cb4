"""Intake and claims in one database, SQLite or PostgreSQL, written in one transaction.

SQLite: write-ahead log, synchronous FULL (a commit that was answered survives a power loss), foreign keys on,
transactions begun IMMEDIATE so that two writers wait for each other instead of failing half way. Its file is its owner's
alone. PostgreSQL: as the server is set up, `synchronous_commit` on by its own default.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["Store", "StoredClaim", "open_store"]

_INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_METADATA = MetaData()
_INTAKE = Table(
    "intake",
    _METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("received_at", String(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
_CLAIM = Table(
    "claim",
    _METADATA,
    Column("identifier", String(17), primary_key=True),
    Column("source", String(64), ForeignKey("intake.sha256"), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("bundle", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """A claim that was made here: its patient control number, its claim Bundle and the document it came from."""

    identifier: str
    bundle: bytes
    source: bytes


class Store:
    """Keep what came in and what was made of it; one for each process, shared by its threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = _INSERTS[engine.dialect.name]

    def keep(self, source: bytes, claims: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep a document and its claims (patient control number, claim Bundle), all of it or nothing.

        A document kept before keeps its first `received_at`; a claim made again from it takes the place of the older.
        """
        digest = sha256(source).hexdigest()
        with self._engine.begin() as connection:
            row = {"sha256": digest, "received_at": received_at.isoformat(), "data": source}
            connection.execute(self._insert(_INTAKE).values(row).on_conflict_do_nothing())
            for identifier, bundle in claims:
                made = {"source": digest, "made_at": received_at.isoformat(), "bundle": bundle}
                statement = self._insert(_CLAIM).values(identifier=identifier, **made)
                connection.execute(statement.on_conflict_do_update(index_elements=["identifier"], set_=made))

    def find_claim(self, identifier: str) -> StoredClaim | None:
        """Find a claim that was made here by its patient control number."""
        query = select(_CLAIM.c.bundle, _INTAKE.c.data).join(_INTAKE).where(_CLAIM.c.identifier == identifier)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else StoredClaim(identifier, row.bundle, row.data)

    def check(self) -> None:
        """Check that the store takes a write: begins one and takes it back. Errors: SQLAlchemyError."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            connection.execute(self._insert(_INTAKE).values(sha256="", received_at="", data=b""))
            transaction.rollback()

    def close(self) -> None:
        """Close every connection; a forked process opens its own."""
        self._engine.dispose()


def open_store(place: Path | str) -> Store:
    """Open the store of a data folder (refill.db in it), or of a database: sqlite:///PATH, postgresql://USER@HOST/NAME.

    A file of SQLite and its folder are made where they are missing, for their owner alone: modes 0600 and 0700.
    Errors: OSError, SQLAlchemyError; ModuleNotFoundError where the driver of PostgreSQL is not installed.
    """
    url = make_url(place) if isinstance(place, str) else URL.create("sqlite", database=str(place / "refill.db"))
    if url.get_backend_name() == "sqlite":
        _make_private(Path(url.database or ""))
        engine = create_engine(url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    _METADATA.create_all(engine)
    return Store(engine)


def _make_private(file: Path) -> None:
    """Make the file before SQLite does, which would let the group and others read it, its log beside it too."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transaction, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
