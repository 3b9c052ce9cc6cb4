"""Validation beside other validators: verdicts and times on the same texts, in one run.

Floor: orjson.loads of the Bundle, one pass over every node, orjson.dumps. Cases are mutants with one defect each, of the
most frequent kinds (tests/conformance/catalogue.py), and sound texts. Times are of the processor, but for peers in processes of
their own, which time themselves.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from adapter.conformance.snapshot import find_base, make_snapshot
from adapter.fhir.json import encode_json
from adapter.flow import validate_document
from adapter.load import data_folder, load_base_facts
from tests.conformance.catalogue import SIZE, choose_mutants, list_sources, load_rules, shipped_definitions
from tests.conformance.sliced import definitions as sliced_definitions
from tools.peers import PEERS, Missing, Question, Result, ask, ask_in_process

ROUNDS = 2_000
DEFECTS, SOUND = 30, ("own Bundle", "sliced Bundle", "base Claim")
SAMPLE, OWN = "unitedhealthcare-methotrexate-authorised.json", "https://refill-adapter.example/fhir/StructureDefinition/"
CLAIMED = {"Bundle": "refill-bundle", "Procedure": "refill-procedure", "Device": "pump-device",
           "MedicationAdministration": "refill-medication-administration"}
OURS = "refill-adapter"
GOALS = "goals: 3.5 x floor, p99 6 x, profiles loaded in 300 ms and 120 MB"

# The most memory that the process had: of its own, where the system tells it; what getrusage tells may be the parent's.
_LOAD = """
import pathlib, re, resource, time
from adapter.load import data_folder, load_profiles
began = time.process_time()
load_profiles(data_folder("profiles"))
load = (time.process_time() - began) * 1e3
status = pathlib.Path("/proc/self/status")
told = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
print(load, (int(told[1]) if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024)
"""


def read_bundle() -> bytes:
    """Give a sample of 15 kB whose resources claim our profiles."""
    tree = orjson.loads((data_folder("samples") / SAMPLE).read_bytes())
    for one in (tree, *(entry["resource"] for entry in tree["entry"])):
        if one["resourceType"] in CLAIMED:
            one["meta"] = {"profile": [OWN + CLAIMED[one["resourceType"]]]}
    return orjson.dumps(tree)


def choose_cases() -> list[bytes]:
    """Give a mutant of each kind of defect, the most frequent kinds first, and the sound texts."""
    by_kind: dict[str, list[bytes]] = {}
    for mutant in choose_mutants(SIZE):
        by_kind.setdefault(mutant.defect.kind, []).append(mutant.written.data)
    kinds = sorted(by_kind, key=lambda kind: (-len(by_kind[kind]), kind))
    return [by_kind[kind][0] for kind in kinds[:DEFECTS]] + [encode_json(list_sources()[name]) for name in SOUND]


def with_snapshots() -> list[dict[str, Any]]:
    """Give the definitions as validators of others take them: the profiles with snapshots."""
    facts = load_base_facts(data_folder("profiles"))
    found = [*shipped_definitions(), *sliced_definitions()]
    return [one | {"snapshot": {"element": make_snapshot(one, lambda canonical: find_base(facts, canonical))}}
            if one["resourceType"] == "StructureDefinition" and "snapshot" not in one else one for one in found]


def count(node: Any) -> int:
    """Visit every node of a tree."""
    if isinstance(node, dict):
        return 1 + sum(map(count, node.values()))
    return 1 + sum(map(count, node)) if isinstance(node, list) else 1


def measure_pair(step: Callable[[], object], floor: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Time two steps in turn, so that what else the machine does meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + ROUNDS // 10):
        for found, run in zip(times, (step, floor), strict=True):
            began = time.process_time()
            run()
            if number >= ROUNDS // 10:
                found.append((time.process_time() - began) * 1e6)
    return times


def p99(times: Sequence[float]) -> float:
    """Give the time that all but one of a hundred rounds stay below."""
    return sorted(times)[len(times) * 99 // 100]


def start_ours() -> Callable[[bytes], bool]:
    """Start our own validator."""
    rules = load_rules()
    return lambda data: any(issue.is_error for issue in validate_document(data, rules))


def write_row(name: str, result: Result, floor: float) -> str:
    """Write what came of one validator."""
    right, alarms = sum(result.refused[:DEFECTS]), sum(result.refused[DEFECTS:])
    middle, slow = statistics.median(result.times), p99(result.times)
    return (f"{name:34} {right:3} of {DEFECTS} {alarms:3} of {len(SOUND)} {middle:11,.0f} us {middle / floor:8.1f} x"
            f" {slow / floor:8.1f} x {result.load:9,.0f} ms")


def main() -> int:
    """Print a row for each validator, and the time and memory of loading the profiles."""
    question = Question(choose_cases(), read_bundle(), with_snapshots())
    refuses, data = start_ours(), question.bundle

    def floor() -> bytes:
        tree = orjson.loads(data)
        count(tree)
        return orjson.dumps(tree)

    if refuses(data):
        print("the Bundle is not sound: it measures nothing", file=sys.stderr)
        return 1
    ours = ask_in_process(start_ours, question)
    times, below = measure_pair(lambda: refuses(data), floor)
    lowest = statistics.median(below)
    print(f"Bundle of {len(data):,} bytes that claims {len(CLAIMED)} profiles, {ROUNDS} rounds")
    print(f"floor {lowest:.0f} us: loads, one pass, dumps")
    print(f"{'':34} {'refused':>9} {'alarms':>8} {'median':>14} {'of floor':>10} {'p99':>10} {'start':>12}")
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
    load, memory = map(float, done.stdout.split())
    print(write_row(OURS, Result(ours.refused, times, load), lowest))
    for name in PEERS:
        try:
            print(write_row(name, ask(name, question), lowest))
        except Missing as missing:
            print(f"{name:34} not here: {missing}")
    print(f"all profiles loaded in {load:.0f} ms, {memory:.0f} MB at most in the whole process")
    print(f"our lowest time is {min(times) / min(below):.1f} x the floor's, our p99 {p99(times) / p99(below):.1f} x its p99")
    print(GOALS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
