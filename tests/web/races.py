"""Identical submits at once, from threads of several processes on one database: every answer of a round, and what is kept."""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.store import open_store
from adapter.web import Service, create_app
from tests.samples import SAMPLES, SITE

__all__ = ["Round", "race"]

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
CLAIM = (SAMPLES / "claim-to-restore.json").read_text()
FHIR = {"Content-Type": "application/fhir+json"}
PROCESSES, THREADS = 4, 16

Round = tuple[set[tuple[int, bytes]], int, int]
"""The different answers of a round, and how many Claims and how many rows of the outbox there are after it."""


def numbered(number: int) -> bytes:
    """Give a claim Bundle that no other round has."""
    tree = json.loads(CLAIM)
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Claim":
            entry["resource"]["identifier"][0]["value"] = f"RACE{number}"
    return json.dumps(tree).encode()


def work(place: str, barrier: Any, answers: Any, plant: str | None, rounds: range) -> None:
    """Submit the claim of each round from many threads as soon as every process is ready."""
    if plant is not None:
        PLANTS[plant]()
    store = open_store(place)
    client = create_app(Service(load_rule_book(), load_sites(SITE), store, lambda: NOW)).test_client
    with ThreadPoolExecutor(THREADS) as threads:
        for number in rounds:
            data, headers = numbered(number), FHIR | {"Idempotency-Key": f"round-{number}"}
            barrier.wait(120)

            def submit(_: int, data: bytes = data, headers: dict[str, str] = headers) -> tuple[int, bytes]:
                answer = client().post("/fhir/Claim/$submit", data=data, headers=headers)
                return answer.status_code, answer.data

            answers.put((number, set(threads.map(submit, range(THREADS)))))
    store.close()


def race(place: str, rounds: range, plant: str | None = None) -> Iterator[Round]:
    """Give what each round came to; `plant` names a fault that every process has."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    open_store(place).close()
    started = [context.Process(target=work, args=(place, barrier, answers, plant, rounds)) for _ in range(PROCESSES)]
    for one in started:
        one.start()
    found: dict[int, set[tuple[int, bytes]]] = {}
    for _ in range(PROCESSES * len(rounds)):
        number, told = answers.get(timeout=180)
        found[number] = found.get(number, set()) | told
    for one in started:
        one.join(60)
    store = open_store(place)
    with store.reading() as unit:
        kept, queued = len(unit.search("Claim", ())), sum(unit.count_queued().values())
    store.close()
    for number in rounds:
        yield found[number], kept, queued


def _forget_holds() -> None:
    from adapter.store import Unit

    Unit.hold = lambda self, *names: True  # type: ignore[method-assign]


def _forget_turns() -> None:
    from adapter.store import opening

    opening._begin = lambda connection: connection.exec_driver_sql("BEGIN")
    _forget_holds()


PLANTS: dict[str, Callable[[], None]] = {"no holds": _forget_holds, "no turns": _forget_turns}

if __name__ == "__main__":
    sys.exit(0)
