"""A unit, one write transaction with all that it may hold, and the store that begins it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Final

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import TimeoutError as LockTimeoutError

from adapter.store.keeping import Keeping, StoredAnswer, StoredClaim
from adapter.store.layout import HOLD, INTAKE, insert_into
from adapter.store.resources import Resources
from adapter.store.submission import Submitting

__all__ = ["Store", "Unit"]

_PATIENCE: Final = 30.0  # seconds that a writer waits for those before it, as the busy timeout of SQLite


class Unit(Keeping, Resources, Submitting):
    """One transaction: all of what is done in it is durable at its end, or nothing is."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def hold(self, *names: str) -> bool:
        """Take names until the end of the unit: who wants one of them too waits. True where none was ever taken before.

        A name is a row under a unique key: this is what makes "create it unless it is here" exact. Names are taken in their
        order, so that two units never wait for each other.
        """
        is_new = True
        for name in sorted(set(names)):
            take = insert_into(self.connection, HOLD).values(name=name).on_conflict_do_nothing().returning(HOLD.c.name)
            if self.connection.execute(take).scalar() is None:
                is_new = False
                self.connection.execute(select(HOLD.c.name).where(HOLD.c.name == name).with_for_update()).scalar_one()
        return is_new

    def take_back(self) -> None:
        """Take back all that was done in this unit; nothing more is done in it."""
        self.connection.rollback()


class Store:
    """Keep what came in and what was made of it; one for each process, shared by its threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.writing = engine.execution_options(is_writing=True)
        self._turn = Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        """Begin a unit: what is done in it is committed at its end, and taken back where an exception leaves it.

        The threads of a process take turns with the one writer of SQLite, in place of asking for it again and again.
        Errors: SQLAlchemyError; its TimeoutError where no turn comes within 30 seconds.
        """
        if self._turn is not None and not self._turn.acquire(timeout=_PATIENCE):
            raise LockTimeoutError("the writers before this one take too long")
        try:
            with self.writing.begin() as connection:
                yield Unit(connection)
        finally:
            if self._turn is not None:
                self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Begin a unit that only reads: it waits for no writer, and nothing of it is kept."""
        with self._engine.connect() as connection:
            yield Unit(connection)

    def keep(self, source: bytes, claims: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep a document and its claims in a unit of their own, all of it or nothing."""
        with self.begin() as unit:
            unit.keep(source, claims, received_at)

    def find_claims(self, identifier: str) -> list[StoredClaim]:
        """Find the claims that were made here under a patient control number, the newest first."""
        with self.reading() as unit:
            return unit.find_claims(identifier)

    def take_control_number(self) -> int:
        """Hand out the next control number of an interchange in a unit of its own."""
        with self.begin() as unit:
            return unit.take_control_number()

    def keep_interchange(self, data: bytes, group_number: str, identifiers: Sequence[str], made_at: datetime) -> None:
        """Keep an 837 as it is sent in a unit of its own."""
        with self.begin() as unit:
            unit.keep_interchange(data, group_number, identifiers, made_at)

    def find_interchanges(self, *, group_number: str | None = None, identifier: str | None = None) -> list[bytes]:
        """Find the 837 that were sent under a GS06, or that hold a patient control number, the newest first."""
        with self.reading() as unit:
            return unit.find_interchanges(group_number=group_number, identifier=identifier)

    def keep_answers(self, source: bytes, answers: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep an answer of a payer in a unit of its own, all of it or nothing."""
        with self.begin() as unit:
            unit.keep_answers(source, answers, received_at)

    def find_answers(self, identifier: str) -> list[StoredAnswer]:
        """Find what was answered to a claim, the oldest first."""
        with self.reading() as unit:
            return unit.find_answers(identifier)

    def find_document(self, digest: str) -> bytes:
        """Find a document by its SHA-256, as a kept claim names it."""
        with self.reading() as unit:
            return unit.find_document(digest)

    def check(self) -> None:
        """Check that the store takes a write: begins one and takes it back. Errors: SQLAlchemyError."""
        with self.writing.connect() as connection, connection.begin() as transaction:
            connection.execute(insert_into(connection, INTAKE).values(sha256="", received_at="", data=b""))
            transaction.rollback()

    def close(self) -> None:
        """Close every connection; a forked process opens its own."""
        self._engine.dispose()
