"""Intake, claims, 837 and answers in a transaction; nothing that is kept is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, select

from adapter.store.layout import ANSWER, CLAIM, COUNTER, INTAKE, INTERCHANGE, SENT, insert_into

__all__ = ["Keeping", "StoredAnswer", "StoredClaim"]

_LARGEST_NUMBER: Final = 999_999_999


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


class Keeping:
    """What a unit does with documents, claims, 837 and answers."""

    connection: Connection

    def keep(self, source: bytes, claims: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep a document and its claims (patient control number, claim Bundle).

        A document kept before keeps its first `received_at`. A claim made again from it, with other bytes, stands beside
        the older one, which may have been sent.
        """
        digest = self._keep_document(source, received_at)
        for identifier, bundle in claims:
            made = {"source": digest, "made_at": received_at.isoformat(), "bundle": bundle}
            statement = insert_into(self.connection, CLAIM).values(
                identifier=identifier, sha256=sha256(bundle).hexdigest(), **made
            )
            self.connection.execute(statement.on_conflict_do_nothing())

    def find_claims(self, identifier: str) -> list[StoredClaim]:
        """Find the claims that were made here under a patient control number, the newest first."""
        query = select(CLAIM.c.identifier, CLAIM.c.bundle, CLAIM.c.source).where(CLAIM.c.identifier == identifier)
        return [StoredClaim(*row) for row in self.connection.execute(query.order_by(CLAIM.c.number.desc()))]

    def take_control_number(self) -> int:
        """Hand out the next control number of an interchange (ISA13, GS06), 1 to 999999999: each once, whoever asks.

        One under which an 837 was kept before is passed over. After the last comes the first again, billions of claims later.
        """
        first = insert_into(self.connection, COUNTER).values(name="interchange", value=0)
        self.connection.execute(first.on_conflict_do_nothing())
        while True:
            step = COUNTER.update().values(value=COUNTER.c.value % _LARGEST_NUMBER + 1)
            number: int = self.connection.execute(step.returning(COUNTER.c.value)).scalar_one()
            used = select(INTERCHANGE.c.number).where(INTERCHANGE.c.group_number == str(number)).limit(1)
            if self.connection.execute(used).first() is None:
                return number

    def keep_interchange(self, data: bytes, group_number: str, identifiers: Sequence[str], made_at: datetime) -> None:
        """Keep an 837 as it is sent, with its GS06 and the patient control numbers in it: answers are read by it."""
        digest = sha256(data).hexdigest()
        row = {"sha256": digest, "group_number": group_number, "made_at": made_at.isoformat(), "data": data}
        self.connection.execute(insert_into(self.connection, INTERCHANGE).values(row).on_conflict_do_nothing())
        for identifier in identifiers:
            statement = insert_into(self.connection, SENT).values(identifier=identifier, sha256=digest)
            self.connection.execute(statement.on_conflict_do_nothing())

    def find_interchanges(self, *, group_number: str | None = None, identifier: str | None = None) -> list[bytes]:
        """Find the 837 that were sent under a GS06, or that hold a patient control number, the newest first."""
        query = select(INTERCHANGE.c.data).order_by(INTERCHANGE.c.number.desc())
        if group_number is not None:
            query = query.where(INTERCHANGE.c.group_number == group_number)
        if identifier is not None:
            query = query.join(SENT, SENT.c.sha256 == INTERCHANGE.c.sha256).where(SENT.c.identifier == identifier)
        return list(self.connection.execute(query).scalars())

    def keep_answers(self, source: bytes, answers: Sequence[tuple[str, bytes]], received_at: datetime) -> None:
        """Keep an answer of a payer and what it says of each claim (patient control number, resource).

        The same document again adds nothing: a file that arrives twice pays once.
        """
        digest = self._keep_document(source, received_at)
        for place, (identifier, resource) in enumerate(answers):
            told = {"source": digest, "place": place, "received_at": received_at.isoformat(), "resource": resource}
            statement = insert_into(self.connection, ANSWER).values(identifier=identifier, **told)
            self.connection.execute(statement.on_conflict_do_nothing())

    def find_answers(self, identifier: str) -> list[StoredAnswer]:
        """Find what was answered to a claim, the oldest first."""
        query = select(ANSWER.c.identifier, ANSWER.c.resource, ANSWER.c.source).where(ANSWER.c.identifier == identifier)
        return [StoredAnswer(*row) for row in self.connection.execute(query.order_by(ANSWER.c.number))]

    def find_document(self, digest: str) -> bytes:
        """Find a document by its SHA-256, as a kept claim names it."""
        data: bytes = self.connection.execute(select(INTAKE.c.data).where(INTAKE.c.sha256 == digest)).scalar_one()
        return data

    def _keep_document(self, source: bytes, received_at: datetime) -> str:
        digest = sha256(source).hexdigest()
        row = {"sha256": digest, "received_at": received_at.isoformat(), "data": source}
        self.connection.execute(insert_into(self.connection, INTAKE).values(row).on_conflict_do_nothing())
        return digest
