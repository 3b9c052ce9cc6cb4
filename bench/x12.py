"""X12 in process, against two independent programs in the same run: write and read beside x12sdk, check beside pyx12.

One professional claim of 40 segments in all. x12sdk makes its models from values and writes them, and reads the text into
them; pyx12 checks with its map parsed once. Printed are the lowest times of the processor and the ratios, then the times
of the long way, which a claim takes that is not plain (`adapter.x12.plain_837p`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, time as clock
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from adapter.x12 import check_837, read_837, write_837
from adapter.x12.check_837 import check_text
from adapter.x12.file_837 import read_segments, write_segments
from adapter.x12.plain_837p import read_plain
from tests.x12.checkers import check_with_pyx12, read_with_x12sdk
from tests.x12.examples import OWN

ROUNDS = 200


def measure(step: Callable[[], object], rounds: int) -> float:
    """Give the lowest time of a step in microseconds."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        step()
        times.append(time.process_time() - started)
    return min(times) * 1e6


def _as_sent(value: Any) -> Any:
    """Give values as x12sdk takes them: its own days are written again as X12 has them."""
    if isinstance(value, dict):
        return {name: _as_sent(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_sent(one) for one in value]
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return f"{value:%H%M}" if isinstance(value, clock) else value


def main() -> int:
    """Print each step beside its peer, and how many times faster it is."""
    read = read_837(OWN).value
    if read is None or write_837(read.claims, read.envelope).value != OWN or check_837(OWN) or check_with_pyx12(OWN):
        print("the example is no whole file", file=sys.stderr)
        return 1
    if read_plain(OWN) is None:
        print("the example is not plain", file=sys.stderr)
        return 1
    (model,) = read_with_x12sdk(OWN)
    values = _as_sent(model.model_dump())
    steps: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "write, beside x12sdk": (lambda: write_837(read.claims, read.envelope), lambda: type(model)(**values).x12()),
        "read, beside x12sdk": (lambda: read_837(OWN), lambda: read_with_x12sdk(OWN)),
        "check, beside pyx12": (lambda: check_837(OWN), lambda: check_with_pyx12(OWN)),
    }
    for name, (ours, theirs) in steps.items():
        mine, peer = measure(ours, ROUNDS), measure(theirs, max(ROUNDS // 5, 3))
        print(f"{name:22} {mine:7.0f} us  {peer:7.0f} us  {peer / mine:6.1f} times faster")
    long_ways: dict[str, Callable[[], object]] = {
        "write": lambda: write_segments(read.claims, read.envelope), "read": lambda: read_segments(OWN),
        "check": lambda: check_text(OWN),
    }
    for name, step in long_ways.items():
        print(f"{name + ', the long way':22} {measure(step, ROUNDS):7.0f} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
