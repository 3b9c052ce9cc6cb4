"""What a submission needs beside its resources: the answer under a key, the names of claims, the outbox, and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from adapter.store.layout import CLAIM_NAME, INTERCHANGE, JOB, KEPT_ANSWER, OUTBOX

__all__ = ["Job", "KeptAnswer", "Submitting"]

_WEEK: Final = timedelta(days=7)
_KEPT: Final = timedelta(days=400)  # a claim can be filed again for a year


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that was given under a key: the digest of the body that it answered, its status and its own body."""

    digest: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is answered later: what is asked (`kind`, `head`), the body that came, and its answer once there is one."""

    id: str
    kind: str
    head: str
    data: bytes
    status: int | None = None
    body: bytes | None = None


class Submitting:
    """What a unit does with keys, names of claims, the outbox and jobs."""

    connection: Connection

    def find_answer(self, key: str, at: datetime) -> KeptAnswer | None:
        """Find what was answered under a key in the last 400 days; the key is kept by its SHA-256."""
        columns = KEPT_ANSWER.c.digest, KEPT_ANSWER.c.status, KEPT_ANSWER.c.body
        is_known = (KEPT_ANSWER.c.key == _hidden(key)) & (KEPT_ANSWER.c.kept_until >= at.isoformat())
        row = self.connection.execute(select(*columns).where(is_known)).one_or_none()
        return KeptAnswer(*row) if row is not None else None

    def keep_answer(self, key: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep what is answered under a key, for 400 days, in place of an answer before; answers whose time is over go."""
        is_over = (KEPT_ANSWER.c.kept_until < at.isoformat()) | (KEPT_ANSWER.c.key == _hidden(key))
        self.connection.execute(delete(KEPT_ANSWER).where(is_over))
        row = {"key": _hidden(key), "digest": answer.digest, "status": answer.status, "body": answer.body}
        self.connection.execute(insert(KEPT_ANSWER).values(**row, kept_until=(at + _KEPT).isoformat()))

    def find_named_claim(self, system: str, value: str) -> str | None:
        """Find the id of the Claim that has an identifier."""
        query = select(CLAIM_NAME.c.id).where(CLAIM_NAME.c.system == system, CLAIM_NAME.c.value == value)
        found: str | None = self.connection.execute(query).scalar()
        return found

    def name_claim(self, system: str, value: str, identity: str) -> None:
        """Give an identifier to a Claim: no other gets it, whoever asks. Errors: IntegrityError where one has it."""
        self.connection.execute(insert(CLAIM_NAME).values(system=system, value=value, id=identity))

    def queue_claim(self, identity: str, payer: str, x12: bytes, at: datetime) -> None:
        """Put a Claim into the outbox, for its payer, as the 837 that is kept here already."""
        row = {"claim": identity, "payer": payer, "sha256": sha256(x12).hexdigest(), "state": "queued"}
        self.connection.execute(insert(OUTBOX).values(**row, queued_at=at.isoformat()))

    def find_queued(self, identity: str) -> bytes | None:
        """Find the 837 of a Claim that was put into the outbox."""
        query = select(INTERCHANGE.c.data).join(OUTBOX, OUTBOX.c.sha256 == INTERCHANGE.c.sha256)
        found: bytes | None = self.connection.execute(query.where(OUTBOX.c.claim == identity)).scalar()
        return found

    def count_queued(self) -> dict[str, int]:
        """Count the Claims of the outbox by their state."""
        query = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def add_job(self, job: Job, at: datetime) -> None:
        """Add work that is answered later; answers that nobody asked for in a week go."""
        is_old = JOB.c.status.is_not(None) & (JOB.c.queued_at < (at - _WEEK).isoformat())
        self.connection.execute(delete(JOB).where(is_old))
        row = {"id": job.id, "kind": job.kind, "head": job.head, "data": job.data, "queued_at": at.isoformat()}
        self.connection.execute(insert(JOB).values(row))

    def count_jobs(self) -> int:
        """Count the jobs that are not answered."""
        return self.connection.execute(select(func.count()).where(JOB.c.status.is_(None))).scalar_one()

    def take_job(self, at: datetime, until: datetime) -> Job | None:
        """Take the oldest job that nobody works on, for a time: who has not ended it by then loses it to another."""
        is_free = JOB.c.status.is_(None) & (JOB.c.taken_until.is_(None) | (JOB.c.taken_until < at.isoformat()))
        query = select(JOB.c.id, JOB.c.kind, JOB.c.head, JOB.c.data).where(is_free).order_by(JOB.c.number).limit(1)
        row = self.connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        self.connection.execute(update(JOB).where(JOB.c.id == row.id).values(taken_until=until.isoformat()))
        return Job(*row)

    def end_job(self, identity: str, status: int, body: bytes) -> None:
        """Keep the answer of a job; one that was taken back in the meantime stays away."""
        self.connection.execute(update(JOB).where(JOB.c.id == identity).values(status=status, body=body))

    def find_job(self, identity: str) -> Job | None:
        """Find a job by its id."""
        columns = JOB.c.id, JOB.c.kind, JOB.c.head, JOB.c.data, JOB.c.status, JOB.c.body
        row = self.connection.execute(select(*columns).where(JOB.c.id == identity)).one_or_none()
        return Job(*row) if row is not None else None

    def take_job_back(self, identity: str) -> bool:
        """Take a job and its answer back; False where there is none."""
        return bool(self.connection.execute(delete(JOB).where(JOB.c.id == identity)).rowcount)


def _hidden(key: str) -> str:
    return sha256(key.encode()).hexdigest()
