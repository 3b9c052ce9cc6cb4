"""The forward path in process, against a floor measured in the same run.

Floor: orjson.loads of the same bytes, one pass over every node, orjson.dumps. Printed are medians of the time of the
processor and ratios to the floor, for a Bundle of 15 kB, one as most are, a long one, and one that is answered with a warning.
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
from adapter.flow import Context, code_document, validate_document, write_claims
from adapter.load import data_folder, load_rule_book
from adapter.settings import load_sites

ROUNDS = 200
OFFICE, LONG = "hepatic-artery-floxuridine-office-medicare.json", "two-pumps-one-day.json"
STOPPED = "stopped-refill-office.json"
# Each Bundle by what is told of it: the sample, the type of resource that is left out of it ("" for the indented text as it
# is shipped), the warnings that come of that.
BUNDLES = {
    "one stopped refill, 15 kB as shipped": (STOPPED, "", 1),
    "one refill": (OFFICE, None, 0),
    "two refills": (LONG, None, 0),
    "one refill, without its Consent": (OFFICE, "Consent", 1),
}
FLOOR, VALIDATE, IN_XML, FORWARD = (
    "floor: loads, one pass, dumps", "validate", "validate, sent as XML", "forward: validate, code, claim",
)


def measure(step: Callable[[], object]) -> tuple[float, float]:
    """Give the median and the lowest time of a step in microseconds, after a tenth of the rounds to warm up."""
    times = []
    for number in range(ROUNDS + ROUNDS // 10):
        started = time.process_time()
        step()
        if number >= ROUNDS // 10:
            times.append(time.process_time() - started)
    return statistics.median(times) * 1e6, min(times) * 1e6


def count(node: Any) -> int:
    """Visit every node of a tree."""
    if isinstance(node, dict):
        return 1 + sum(map(count, node.values()))
    return 1 + sum(map(count, node)) if isinstance(node, list) else 1


def read_bundle(sample: str, left_out: str | None) -> bytes:
    """Give a sample as shipped, or compact and without the resources of one type."""
    data = (data_folder("samples") / sample).read_bytes()
    if left_out == "":
        return data
    tree = orjson.loads(data)
    kept = [entry for entry in tree["entry"] if entry["resource"]["resourceType"] != left_out]
    return orjson.dumps({**tree, "entry": kept})


def list_steps(data: bytes, context: Context) -> dict[str, Callable[[], object]]:
    """Give the steps of the path by name, the floor first."""
    answer, tree = code_document(data, context), decode_json(data).value
    xml = encode_xml(tree, context.rule_book.shapes).value if tree else None

    def floor() -> bytes:
        tree = orjson.loads(data)
        count(tree)
        return orjson.dumps(tree)

    return {
        FLOOR: floor,
        VALIDATE: lambda: validate_document(data, context.rule_book),
        IN_XML: lambda: validate_document(xml or b"", context.rule_book),
        "validate and code": lambda: code_document(data, context),
        "write the claim": lambda: write_claims(answer, context),
        FORWARD: lambda: write_claims(code_document(data, context), context),
    }


def find_fault(data: bytes, context: Context, warnings: int) -> str | None:
    """Say why a Bundle measures nothing: it makes no claim, or not so many warnings."""
    answer = code_document(data, context)
    issues = [issue for record in answer.records for issue in record.issues]
    if not any(outcome.value for outcome in write_claims(answer, context)):
        return "makes no claim: " + "; ".join(f"{issue.rule}: {issue.text}" for issue in issues)
    told = sum(issue.severity == "warning" for issue in issues)
    return None if told == warnings else f"makes {told} warnings, not {warnings}"


def main() -> int:
    """Print floor, steps and ratios of every Bundle."""
    workplace = Workplace(
        load_rule_book(), load_sites(data_folder("samples") / "site.toml"), datetime(2026, 12, 1, tzinfo=UTC), date(2026, 12, 1)
    )
    for name, (sample, left_out, warnings) in BUNDLES.items():
        data = read_bundle(sample, left_out)
        context = build_context(data, workplace).value
        fault = find_fault(data, context, warnings) if context else "names no site to be coded at"
        if context is None or fault:
            print(f"{name} {fault}", file=sys.stderr)
            return 1
        both = {step: measure(run) for step, run in list_steps(data, context).items()}
        print(f"{name}: {len(data):,} bytes, {count(orjson.loads(data)):,} nodes, {ROUNDS} rounds, medians of processor time")
        for step, (median, _) in both.items():
            print(f"{step:32} {median:9.0f} us  {median / both[FLOOR][0]:6.1f} x floor")
        ratio = both[IN_XML][1] / both[VALIDATE][1]
        print(f"sent as XML it is validated in {ratio:.1f} times the time of JSON, lowest times (6 at most)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
