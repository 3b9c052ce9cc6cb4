"""List the invariants of the official FHIR R4 definitions: tests/fhirpath/r4_invariants.json.

Run by a developer, never by the product; how to get the package stands in tools/generate_base.py:

    python -m tools.list_invariants /tmp/r4/hl7.fhir.r4.core.tgz tests/fhirpath/r4_invariants.json

One row an expression, with its keys and the paths that it is laid on; where it is inherited (ele-1 on every element),
the type that it comes from. Two runs over one package give the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tools.generate_base import load_package

__all__ = ["list_invariants", "main"]


def list_invariants(structures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gather the expressions of all elements, each with its keys and paths, sorted.

    A profile's own are laid on its name, not on its type's.

    >>> rule = {"key": "a-1", "expression": "b.exists()", "source": "http://hl7.org/fhir/StructureDefinition/A"}
    >>> list_invariants([{"snapshot": {"element": [{"path": "C.a", "constraint": [rule]}]}}])
    [{'expression': 'b.exists()', 'keys': ['a-1'], 'paths': ['A']}]
    """
    found: dict[str, tuple[set[str], set[str]]] = {}
    for structure in structures:
        for element in structure.get("snapshot", {}).get("element", []):
            for rule in element.get("constraint", []):
                if "expression" in rule:
                    keys, paths = found.setdefault(rule["expression"], (set(), set()))
                    keys.add(rule["key"])
                    paths.add(_place(element["path"], rule.get("source", ""), structure))
    return [
        {"expression": expression, "keys": sorted(keys), "paths": sorted(paths)}
        for expression, (keys, paths) in sorted(found.items(), key=lambda one: (min(one[1][0]), one[0]))
    ]


def _place(path: str, source: str, structure: dict[str, Any]) -> str:
    origin, (root, _, rest) = source.rpartition("/")[2], path.partition(".")
    if structure.get("derivation") == "constraint" and origin in ("", structure["id"]):
        return f"{structure['id']}.{rest}".removesuffix(".")
    return path if origin in ("", root) else origin


def main(arguments: list[str]) -> int:
    """Write the list."""
    definitions = load_package(Path(arguments[0]))
    structures = [each for each in definitions if each["resourceType"] == "StructureDefinition"]
    lines = [json.dumps(row, ensure_ascii=False) for row in list_invariants(structures)]
    Path(arguments[1]).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(lines)} expressions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
