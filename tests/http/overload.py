"""Ten times as many senders as there are places for work, for as long as it is told."""

import http.client
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.samples import refill_bytes

__all__ = ["Told", "memory_of", "overload"]


@dataclass
class Told:
    """What came of it: answers by status, those without what they must have, and bytes of memory while it went on."""

    statuses: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)
    memory: list = field(default_factory=list)
    seconds: list = field(default_factory=list)


def memory_of(process):
    """Give the bytes that a process and its children hold in memory."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in (str(process.pid), *children)]
    return sum(pages) * 4096


def overload(served, seconds, senders=80, path="/fhir/$refill-to-claim"):
    """Have so many senders post, each the next as soon as the last is answered."""
    told, until = Told(), time.monotonic() + seconds
    with ThreadPoolExecutor(senders) as pool:
        sending = [pool.submit(_send, served.port, path, until, told) for _ in range(senders)]
        while time.monotonic() < until:
            time.sleep(min(1.0, seconds / 10))
            told.memory.append(memory_of(served.process))
        for one in sending:
            one.result()
    return told


def _send(port, path, until, told):
    body = refill_bytes()
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        began = time.monotonic()
        try:
            connection.request("POST", path, body, {"Content-Type": "application/fhir+json"})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        told.statuses[answer.status] += 1
        if answer.status == 200:
            told.seconds.append(time.monotonic() - began)
        elif not (answer.headers.get("Retry-After", "").isdecimal() and json.loads(data)["resourceType"] == "OperationOutcome"):
            told.faults.append((answer.status, data[:200]))
