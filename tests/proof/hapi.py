"""What the Java validator (HAPI FHIR) says: recorded once, one mark a text, so that no Java is needed to compare with it.

    HAPI_ORACLE=FOLDER python -m tests.proof.hapi mutants
    HAPI_ORACLE=FOLDER R4_EXAMPLES=FOLDER python -m tests.proof.hapi examples

write the records anew. The first folder holds a program around HAPI's FhirInstanceValidator, compiled, with its jars in `lib`: its class
oracle.Oracle reads paths, writes one line of JSON for each with `ok` and `errors` (severity, location, id, message), and takes the folder
of profiles as `profiles=FOLDER`. Code systems that it does not know are warnings, Type/id references are looked at by type.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.conformance import sliced
from tests.conformance.catalogue import SIZE, choose_mutants, shipped_definitions
from tests.proof.examples import LARGEST, fetch_examples, list_examples

__all__ = ["EXAMPLES", "MUTANTS", "Mark", "read_marks", "refusals"]

MUTANTS = Path(__file__).parent / "hapi_mutants.txt"
EXAMPLES = Path(__file__).parent / "hapi_examples.txt"
_JAVA = ("java", "-Xmx1g", "-XX:+UseSerialGC", "-cp", "target/classes:lib/*", "oracle.Oracle")
# A mark is the number of errors, 0 where the text was accepted.
Mark = int


def read_marks(record: Path) -> dict[str, Mark]:
    """Read a record: `digest errors` a line, texts without errors in the last line after a hyphen, ten characters each."""
    marks: dict[str, Mark] = {}
    for line in record.read_text(encoding="utf-8").splitlines():
        digest, _, errors = line.partition(" ")
        if digest != "#":
            marks[digest] = int(errors)
    return marks


def refusals(verdict: Mapping[str, Any]) -> int:
    return sum(each["severity"] in ("error", "fatal") for each in verdict["errors"])


def _ask(oracle: Path, profiles: Path, paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Ask of each path, in one run."""
    with tempfile.TemporaryFile("w+") as asked:
        asked.write("".join(f"{path}\n" for path in paths))
        asked.seek(0)
        done = subprocess.run([*_JAVA, f"profiles={profiles}"], cwd=oracle, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _write(record: Path, says: str, marks: Mapping[str, Mark]) -> None:
    lines = [f"# {says}", *(f"{digest} {errors}" for digest, errors in sorted(marks.items()))]
    record.write_text("\n".join(lines) + "\n", encoding="utf-8")


def record_mutants(oracle: Path, keep: Path | None) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = keep or Path(made)
        profiles, texts = folder / "profiles", folder / "mutants"
        profiles.mkdir(parents=True, exist_ok=True)
        texts.mkdir(exist_ok=True)
        for one in (*shipped_definitions(), *sliced.definitions()):
            (profiles / f"{one['resourceType']}-{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")
        mutants = {mutant.digest: mutant for mutant in choose_mutants(SIZE)}
        for digest, mutant in mutants.items():
            (texts / f"{digest}.json").write_bytes(mutant.written.data)
        told = _ask(oracle, profiles, sorted(texts.glob("*.json")))
        if keep:
            (keep / "verdicts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told), encoding="utf-8")
    _write(MUTANTS, "digest of the mutant, errors that HAPI FHIR finds", {Path(one["file"]).stem: refusals(one) for one in told})


def record_examples(oracle: Path) -> None:
    paths = [path for path in list_examples(fetch_examples()) if path.stat().st_size < LARGEST]
    with tempfile.TemporaryDirectory() as empty:
        told = _ask(oracle, Path(empty), paths)
    marks = {hashlib.sha256(Path(one["file"]).read_bytes()).hexdigest()[:10]: refusals(one) for one in told}
    _write(EXAMPLES, "digest of the file, errors that HAPI FHIR finds", marks)


if __name__ == "__main__":
    folder = Path(os.environ["HAPI_ORACLE"])
    kept = os.environ.get("KEEP")
    record_mutants(folder, Path(kept) if kept else None) if sys.argv[1] == "mutants" else record_examples(folder)
