"""The forward path in process, against a floor measured in the same run.

Floor: orjson.loads of the same bytes, one pass over every node, orjson.dumps. Printed are medians and ratios to it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson

from adapter.bulk import Workplace, build_context
from adapter.fhir.json import decode_json
from adapter.fhir.xml import encode_xml
from adapter.flow import code_document, validate_document, write_claims
from adapter.load import data_folder, load_rule_book
from adapter.settings import load_sites

ROUNDS = 200


def measure(step: Callable[[], object]) -> tuple[float, float]:
    """Give the median and the lowest time of a step in microseconds, after a tenth of the rounds to warm up."""
    times = []
    for number in range(ROUNDS + ROUNDS // 10):
        started = time.perf_counter()
        step()
        if number >= ROUNDS // 10:
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6, min(times) * 1e6


def count(node: Any) -> int:
    """Visit every node of a tree."""
    if isinstance(node, dict):
        return 1 + sum(map(count, node.values()))
    return 1 + sum(map(count, node)) if isinstance(node, list) else 1


def main() -> int:
    """Print floor, steps and ratios."""
    samples = data_folder("samples")
    data = orjson.dumps(orjson.loads((samples / "hepatic-artery-floxuridine-office-medicare.json").read_bytes()))
    workplace = Workplace(
        load_rule_book(), load_sites(samples / "site.toml"), datetime(2026, 10, 1, tzinfo=UTC), date(2026, 10, 1)
    )
    context = build_context(data, workplace).value
    if context is None:
        print("the sample has no site to be coded at", file=sys.stderr)
        return 1
    tree = decode_json(data).value
    xml = encode_xml(tree, context.rule_book.shapes).value if tree else None
    answer = code_document(data, context)
    if xml is None or not any(outcome.value for outcome in write_claims(answer, context)):
        print(*(issue for record in answer.records for issue in record.issues), sep="\n", file=sys.stderr)
        return 1

    def floor() -> bytes:
        tree = orjson.loads(data)
        count(tree)
        return orjson.dumps(tree)

    def forward() -> object:
        return write_claims(code_document(data, context), context)

    steps: dict[str, Callable[[], object]] = {
        "floor: loads, one pass, dumps": floor,
        "validate": lambda: validate_document(data, context.rule_book),
        "validate, sent as XML": lambda: validate_document(xml, context.rule_book),
        "validate and code": lambda: code_document(data, context),
        "write the claim": lambda: write_claims(answer, context),
        "forward: validate, code, claim": forward,
    }
    both = {name: measure(step) for name, step in steps.items()}
    measured = {name: median for name, (median, _) in both.items()}
    least = measured["floor: loads, one pass, dumps"]
    print(f"{len(data):,} bytes, {count(orjson.loads(data)):,} nodes, {ROUNDS} rounds, medians")
    for name, time_taken in measured.items():
        print(f"{name:32} {time_taken:9.0f} us  {time_taken / least:6.1f} x floor")
    ratio = both["validate, sent as XML"][1] / both["validate"][1]
    print(f"{len(xml):,} bytes of XML are validated in {ratio:.1f} times the time of JSON, lowest times (6 at most)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
