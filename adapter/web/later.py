"""Work that is answered later: 202 at once, the answer where Content-Location says, for whoever asks again.

Source: http://hl7.org/fhir/R4/async.html. A job is durable before it is promised; one whose worker ended is taken by another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

from adapter.fhir.json import decode_json, encode_json
from adapter.http.answer import Answer, answer_issues
from adapter.http.faults import log_fault
from adapter.http.status import http_issue
from adapter.store import Job, Store
from adapter.web.service import Service

__all__ = ["Jobs", "answer_job", "answer_taken_back"]

_MOST: Final = 1000  # jobs that wait; more are refused until some are done
_LEASE: Final = timedelta(minutes=5)
_IDLE: Final = 2.0  # seconds until a worker looks again whether another one left a job

Ask = Callable[[bytes, str], Answer]
"""What a kind of job does: the body and the head (a key, say) in, the answer out."""


class Jobs:
    """The jobs of a service: taken in here, worked on one after the other by a thread of each process that is asked anything."""

    def __init__(self, service: Service, store: Store, kinds: Mapping[str, Ask]) -> None:
        self._service, self._store, self._kinds = service, store, kinds
        self._more = threading.Event()
        self._starting = threading.Lock()
        self._worker: threading.Thread | None = None

    def start(self) -> None:
        """Start the worker of this process, once; a fork begins without one."""
        with self._starting:
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, name="jobs", daemon=True)
                self._worker.start()

    def add(self, kind: str, data: bytes, head: str = "") -> Answer:
        """Promise the answer to a body: 202, and the address of the job. Errors: ServiceUnavailable where too many wait."""
        job = Job(uuid4().hex, kind, head, data)
        with self._store.begin() as unit:
            if unit.count_jobs() >= _MOST:
                raise ServiceUnavailable(retry_after=5)
            unit.add_job(job, self._service.clock())
        self._more.set()
        self.start()
        return _promise(self._service, ("Content-Location", f"/fhir/_async/{job.id}"))

    def work_once(self) -> bool:
        """Work on one job; False where there is none."""
        now = self._service.clock()
        with self._store.begin() as unit:
            job = unit.take_job(now, now + _LEASE)
        if job is None:
            return False
        answer = self._answer(job)
        if answer is None:
            return False
        with self._store.begin() as unit:
            unit.end_job(job.id, answer.status, answer.body)
        return True

    def _answer(self, job: Job) -> Answer | None:
        """Give the answer of a job; None where the store failed: then the job is free again when its time is over."""
        try:
            return self._kinds[job.kind](job.data, job.head)
        except SQLAlchemyError as fault:
            log_fault(fault, job.id)
            return None
        except Exception as fault:  # noqa: BLE001 -- the shell of this thread: a bug is told as at the door
            return answer_issues(500, [log_fault(fault, job.id)], self._service.rule_book)

    def _work(self) -> None:
        while True:
            self._more.clear()
            try:
                while self.work_once():
                    pass
            except SQLAlchemyError as fault:  # the store is away: it is asked again
                log_fault(fault, "jobs")
            self._more.wait(_IDLE)


def answer_job(identity: str, service: Service, store: Store) -> Answer:
    """Answer who asks for a job: 202 while it is not done, 404 where there is none, else 200 with its answer.

    FHIR: Bundle (batch-response) of one entry with the status and the resource.
    """
    with store.reading() as unit:
        job = unit.find_job(identity)
    if job is None:
        return answer_issues(HTTPStatus.NOT_FOUND, (http_issue(HTTPStatus.NOT_FOUND),), service.rule_book)
    if job.status is None or job.body is None:
        return _promise(service, ("X-Progress", "queued or being worked on"))
    resource = decode_json(job.body, limit=len(job.body)).value
    entry = {"resource": resource, "response": {"status": str(job.status)}}
    return Answer(HTTPStatus.OK, encode_json({"resourceType": "Bundle", "type": "batch-response", "entry": [entry]}))


def _promise(service: Service, where: tuple[str, str]) -> Answer:
    body = answer_issues(HTTPStatus.ACCEPTED, (), service.rule_book).body
    return Answer(HTTPStatus.ACCEPTED, body, headers=(where, ("Retry-After", "1")))


def answer_taken_back(identity: str, service: Service, store: Store) -> Answer:
    """Answer who takes a job back: 202, and 404 from then on. What it kept before it was taken back stays kept."""
    with store.begin() as unit:
        was_there = unit.take_job_back(identity)
    status = HTTPStatus.ACCEPTED if was_there else HTTPStatus.NOT_FOUND
    return answer_issues(status, () if was_there else (http_issue(status),), service.rule_book)
