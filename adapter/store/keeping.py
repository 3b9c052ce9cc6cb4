"""Intake and claims in one database, SQLite or PostgreSQL, written in one transaction; nothing that is kept is changed.

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
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["LayoutError", "Store", "StoredAnswer", "StoredClaim", "open_store"]

# Of the tables below: 1 kept one claim a patient control number, and no version; 2 no 837 and no answers; 3 no control numbers.
_VERSION: Final = 4
_LARGEST_NUMBER: Final = 999_999_999
_INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_METADATA = MetaData()
_LAYOUT = Table("layout", _METADATA, Column("version", Integer, primary_key=True, autoincrement=False))
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
    Column("number", Integer, primary_key=True),
    Column("identifier", String(17), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", String(64), ForeignKey("intake.sha256"), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("bundle", LargeBinary, nullable=False),
    UniqueConstraint("identifier", "sha256"),
)
_INTERCHANGE = Table(
    "interchange",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("group_number", String(9), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
_SENT = Table(
    "sent",
    _METADATA,
    Column("identifier", String(38), primary_key=True),
    Column("sha256", String(64), ForeignKey("interchange.sha256"), primary_key=True),
)
_ANSWER = Table(
    "answer",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("identifier", String(50), nullable=False),
    Column("source", String(64), ForeignKey("intake.sha256"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("resource", LargeBinary, nullable=False),
    UniqueConstraint("source", "place"),
)
_COUNTER = Table(
    "counter", _METADATA, Column("name", String(16), primary_key=True), Column("value", Integer, nullable=False)
)
# Tables that a version lacks, and no more.
_ADDED: Final[Mapping[int, Sequence[Table]]] = {2: (_INTERCHANGE, _SENT, _ANSWER, _COUNTER), 3: (_COUNTER,)}


class LayoutError(Exception):
    """A database whose tables are not those of this version: the text says what to do."""


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """A claim that was made here: its patient control number, its claim Bundle and the SHA-256 of the document it came from."""

    identifier: str
    bundle: bytes
    source: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a payer answered: the claim's patient control number (empty: the whole file), the resource, the document's SHA-256."""

    identifier: str
    resource: bytes
    source: str


class Store:
    """Keep what came in and what was made of it; one for each process, shared by its threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = _INSERTS[engine.dialect.name]

    def keep(self, source: bytes, claims: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep a document and its claims (patient control number, claim Bundle), all of it or nothing.

        A document kept before keeps its first `received_at`. A claim made again from it, with other bytes, stands beside
        the older one, which may have been sent.
        """
        digest = sha256(source).hexdigest()
        with self._engine.begin() as connection:
            row = {"sha256": digest, "received_at": received_at.isoformat(), "data": source}
            connection.execute(self._insert(_INTAKE).values(row).on_conflict_do_nothing())
            for identifier, bundle in claims:
                made = {"source": digest, "made_at": received_at.isoformat(), "bundle": bundle}
                statement = self._insert(_CLAIM).values(identifier=identifier, sha256=sha256(bundle).hexdigest(), **made)
                connection.execute(statement.on_conflict_do_nothing())

    def find_claims(self, identifier: str) -> list[StoredClaim]:
        """Find the claims that were made here under a patient control number, the newest first."""
        query = select(_CLAIM.c.identifier, _CLAIM.c.bundle, _CLAIM.c.source).where(_CLAIM.c.identifier == identifier)
        with self._engine.connect() as connection:
            return [StoredClaim(*row) for row in connection.execute(query.order_by(_CLAIM.c.number.desc()))]

    def take_control_number(self) -> int:
        """Hand out the next control number of an interchange (ISA13, GS06), 1 to 999999999: each once, whoever asks.

        One under which an 837 was kept before is passed over. After the last comes the first again, billions of claims later.
        """
        with self._engine.begin() as connection:
            connection.execute(self._insert(_COUNTER).values(name="interchange", value=0).on_conflict_do_nothing())
            while True:
                step = _COUNTER.update().values(value=_COUNTER.c.value % _LARGEST_NUMBER + 1)
                number: int = connection.execute(step.returning(_COUNTER.c.value)).scalar_one()
                used = select(_INTERCHANGE.c.number).where(_INTERCHANGE.c.group_number == str(number)).limit(1)
                if connection.execute(used).first() is None:
                    return number

    def keep_interchange(self, data: bytes, group_number: str, identifiers: Sequence[str], made_at: datetime) -> None:
        """Keep an 837 as it is sent, with its GS06 and the patient control numbers in it: answers are read by it."""
        digest = sha256(data).hexdigest()
        with self._engine.begin() as connection:
            row = {"sha256": digest, "group_number": group_number, "made_at": made_at.isoformat(), "data": data}
            connection.execute(self._insert(_INTERCHANGE).values(row).on_conflict_do_nothing())
            for identifier in identifiers:
                statement = self._insert(_SENT).values(identifier=identifier, sha256=digest)
                connection.execute(statement.on_conflict_do_nothing())

    def find_interchanges(self, *, group_number: str | None = None, identifier: str | None = None) -> list[bytes]:
        """Find the 837 that were sent under a GS06, or that hold a patient control number, the newest first."""
        query = select(_INTERCHANGE.c.data).order_by(_INTERCHANGE.c.number.desc())
        if group_number is not None:
            query = query.where(_INTERCHANGE.c.group_number == group_number)
        if identifier is not None:
            query = query.join(_SENT, _SENT.c.sha256 == _INTERCHANGE.c.sha256).where(_SENT.c.identifier == identifier)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def keep_answers(self, source: bytes, answers: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep an answer of a payer and what it says of each claim (patient control number, resource), all or nothing.

        The same document again adds nothing: a file that arrives twice pays once.
        """
        digest = sha256(source).hexdigest()
        with self._engine.begin() as connection:
            row = {"sha256": digest, "received_at": received_at.isoformat(), "data": source}
            connection.execute(self._insert(_INTAKE).values(row).on_conflict_do_nothing())
            for place, (identifier, resource) in enumerate(answers):
                told = {"source": digest, "place": place, "received_at": received_at.isoformat(), "resource": resource}
                connection.execute(self._insert(_ANSWER).values(identifier=identifier, **told).on_conflict_do_nothing())

    def find_answers(self, identifier: str) -> list[StoredAnswer]:
        """Find what was answered to a claim, the oldest first."""
        query = select(_ANSWER.c.identifier, _ANSWER.c.resource, _ANSWER.c.source).where(_ANSWER.c.identifier == identifier)
        with self._engine.connect() as connection:
            return [StoredAnswer(*row) for row in connection.execute(query.order_by(_ANSWER.c.number))]

    def find_document(self, digest: str) -> bytes:
        """Find a document by its SHA-256, as a kept claim names it."""
        with self._engine.connect() as connection:
            data: bytes = connection.execute(select(_INTAKE.c.data).where(_INTAKE.c.sha256 == digest)).scalar_one()
        return data

    def check(self) -> None:
        """Check that the store takes a write: begins one and takes it back. Errors: SQLAlchemyError."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            connection.execute(self._insert(_INTAKE).values(sha256="", received_at="", data=b""))
            transaction.rollback()

    def close(self) -> None:
        """Close every connection; a forked process opens its own."""
        self._engine.dispose()


def open_store(place: Path | str, *, make: bool = True) -> Store:
    """Open the store of a data folder (refill.db in it), or of a database: sqlite:///PATH, postgresql://USER@HOST/NAME.

    Where there is none it is made, or refused without `make`. A file of SQLite and its folder are made for their owner
    alone: modes 0600 and 0700.
    Errors: OSError, SQLAlchemyError, LayoutError; ModuleNotFoundError where the driver of PostgreSQL is not installed.
    """
    url = make_url(place) if isinstance(place, str) else URL.create("sqlite", database=str(place / "refill.db"))
    if url.get_backend_name() == "sqlite":
        _open_private(Path(url.database or ""), make)
        engine = create_engine(url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    try:
        _check_layout(engine, make)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _check_layout(engine: Engine, make: bool) -> None:
    """Make the tables where there are none, add those that an older version lacks, and read no table of another version."""
    with engine.begin() as connection:
        found = set(inspect(connection).get_table_names()) & _METADATA.tables.keys()
        if not found and make:
            _METADATA.create_all(connection)
            connection.execute(_LAYOUT.insert().values(version=_VERSION))
        elif _LAYOUT.name in found and (step := _ADDED.get(connection.execute(select(_LAYOUT.c.version)).scalar() or 0)):
            _METADATA.create_all(connection, step)
            connection.execute(_LAYOUT.update().values(version=_VERSION))
        elif not found:
            raise LayoutError("there is no store in it; name the folder or database that the claim was kept in")
        elif _LAYOUT.name not in found or connection.execute(select(_LAYOUT.c.version)).scalars().all() != [_VERSION]:
            raise LayoutError(
                f"its store is of another version of this program, and this one reads layout {_VERSION} only and moves nothing "
                "over by itself; keep it for that version and name an empty folder or database for what is made from now on"
            )


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
    connection.exec_driver_sql("BEGIN IMMEDIATE")
