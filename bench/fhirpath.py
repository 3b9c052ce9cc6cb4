"""Invariants as compiled paths, against the same rules written by hand in Python, on every node of a sample.

Printed are medians a node and the ratio to the hand-written rule; the aim is 5. Then the walk with types, and all
invariants of R4 on all nodes of the sample, beside the floor of bench/forward.py: orjson.loads, one pass, dumps.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from adapter.fhir.json import decode_json
from adapter.fhirpath import CompiledPath, Environment, Node, Types, compile_path, read_types
from adapter.fhirpath.errata import correct_invariant
from adapter.fhirpath.nodes import children_of
from adapter.load import data_folder
from bench.forward import count

ROUNDS = 30
INVARIANTS = Path(__file__).parent.parent / "tests" / "fhirpath" / "r4_invariants.json"


def ele_1(node: Node) -> bool:
    """Say whether an element has a value or more than an id."""
    if node.type.system:
        return node.value is not None or len(node.fields) > ("id" in node.fields)
    total = sum(len(value) if isinstance(value, list) else 1 for key, value in node.fields.items() if key != "resourceType")
    return total > ("id" in node.fields)


def ext_1(node: Node) -> bool:
    """Say whether an extension has either extensions or a value."""
    return ("extension" in node.fields) != any(key.startswith("value") for key in node.fields)


def ref_1(node: Node) -> bool:
    """Say whether a local reference leads to a contained resource; the samples have none to look up."""
    reference = node.fields.get("reference")
    return reference is None or reference == "#" or not reference.startswith("#")


def qty_3(node: Node) -> bool:
    """Say whether a code has a system."""
    return "code" not in node.fields or "system" in node.fields


def dom_2(node: Node) -> bool:
    """Say whether no contained resource contains another."""
    return not any("contained" in inner for inner in node.fields.get("contained", ()))


def dom_4(node: Node) -> bool:
    """Say whether no contained resource has a version or a date of change."""
    return not any(
        name in inner.get("meta", ()) for inner in node.fields.get("contained", ()) for name in ("versionId", "lastUpdated")
    )


def is_told(node: Node) -> bool:
    """Say whether a resource has one of two statuses."""
    return node.fields.get("status") == "completed" or node.fields.get("status") == "active"


RULES: list[tuple[str, str, str, Callable[[Node], bool]]] = [
    ("ele-1", "Element", "hasValue() or (children().count() > id.count())", ele_1),
    ("ext-1", "Extension", "extension.exists() != value.exists()", ext_1),
    ("ref-1", "Reference", correct_invariant(
        "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))"
    ), ref_1),
    ("qty-3", "Quantity", "code.empty() or system.exists()", qty_3),
    ("dom-2", "DomainResource", "contained.contained.empty()", dom_2),
    ("dom-4", "DomainResource", "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()", dom_4),
    ("a status", "DomainResource", "status = 'completed' or status = 'active'", is_told),
]


def walk(node: Node) -> Iterator[Node]:
    """Go through all nodes of a tree."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def fitting(nodes: list[Node], types: Types) -> Iterator[tuple[Node, CompiledPath]]:
    """Pair every node with the invariants of its type; those that ask the outside are left out."""
    rows = json.loads(INVARIANTS.read_bytes())
    paths = [(set(row["paths"]), compile_path(correct_invariant(row["expression"]), types)) for row in rows]
    for node in nodes:
        for places, path in paths:
            if places & node.type.ancestors and not path.needs:
                yield node, path


def median(step: Callable[[], object], repeats: int = ROUNDS) -> float:
    """Give the median time of a step in microseconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def measure(rule: tuple[str, str, str, Callable[[Node], bool]], nodes: list[Node], types: Types) -> None:
    """Print one rule both ways, after seeing that both say the same."""
    name, kind, expression, by_hand = rule
    path, focus = compile_path(expression, types), [node for node in nodes if kind in node.type.ancestors]
    environment = Environment(resource=nodes[0], root_resource=nodes[0])
    if [path.holds(node, environment) for node in focus] != [bool(by_hand(node)) for node in focus]:
        raise SystemExit(f"{name}: the two ways differ")
    loops = range(max(1, 2000 // len(focus)))
    ours = median(lambda: [path.truth(node, environment) for _ in loops for node in focus]) / len(loops) / len(focus)
    floor = median(lambda: [by_hand(node) for _ in loops for node in focus]) / len(loops) / len(focus)
    print(f"{name:10} {len(focus):5} nodes {floor:7.2f} us by hand {ours:7.2f} us compiled {ours / floor:6.1f} x")


def main() -> int:
    """Print every rule, and all invariants together."""
    types = read_types(json.loads((data_folder("profiles") / "base" / "r4.schema.json").read_bytes()))
    data = (data_folder("samples") / "hepatic-artery-floxuridine-office-medicare.json").read_bytes()
    tree: Any = decode_json(data).value
    nodes = list(walk(types.node(tree)))
    for rule in RULES:
        measure(rule, nodes, types)
    minified = orjson.dumps(orjson.loads(data))
    pairs, environment = list(fitting(nodes, types)), Environment(resource=nodes[0], root_resource=nodes[0])
    steps = {
        "floor: loads, one pass, dumps": lambda: (count(orjson.loads(minified)), orjson.dumps(orjson.loads(minified))),
        f"walk: {len(nodes)} nodes with their types": lambda: list(walk(types.node(tree))),
        f"invariants of R4: {len(pairs)} evaluations": lambda: [path.truth(node, environment) for node, path in pairs],
    }
    measured = {name: median(step) for name, step in steps.items()}
    for name, taken in measured.items():
        print(f"{name:42} {taken:7.0f} us {taken / measured['floor: loads, one pass, dumps']:6.1f} x floor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
