"""Score adapter/fhirpath on the official suite: how many of its R4 cases give what it expects.

Run by a developer, never by the product. The suite is FHIR/fhir-test-cases, r4/fhirpath/tests-fhir-r4.xml; its inputs
are files of the same repository (r4/examples, r4, r5). Nothing of it is kept here:

    git clone https://github.com/FHIR/fhir-test-cases /tmp/fhir-test-cases
    python -m tools.score_fhirpath /tmp/fhir-test-cases docs/proof/fhirpath-$(date +%F).md
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from adapter.fhir.json import decode_json
from adapter.fhirpath import CannotRun, Environment, Node, PathError, Type, Types, compile_path, read_types
from adapter.fhirpath.conversion import to_text
from adapter.fhirpath.values import name_type, plain, truth_of
from adapter.load import data_folder

__all__ = ["Case", "main", "read_cases", "run_case"]

_SUITE: Final = "r4/fhirpath/tests-fhir-r4.xml"
_FOLDERS: Final = ("r4/examples", "r4", "r5/examples", "r5")
_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_PROFILES: Final = {"http://hl7.org/fhir/StructureDefinition/" + name: name for name in ("Patient", "Person")}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the suite: `expected` are pairs of type and text; `invalid` the kind of error that is expected."""

    name: str
    group: str
    expression: str
    input: str
    expected: tuple[tuple[str, str], ...]
    invalid: str
    is_predicate: bool
    is_unordered: bool
    mode: str


def read_cases(suite: Path) -> list[Case]:
    """Read the cases in their order."""
    tree = ET.parse(suite)  # noqa: S314 - a developer's own copy
    return [
        Case(
            test.get("name", ""), group.get("name", ""), expression.text or "", test.get("inputfile", ""),
            tuple((output.get("type") or "", output.text or "") for output in test.findall("output")),
            expression.get("invalid") or "", test.get("predicate") == "true", test.get("ordered") == "false",
            test.get("mode") or "",
        )
        for group in tree.iter("group") for test in group.iter("test")
        if (expression := test.find("expression")) is not None
    ]


def read_input(root: Path, name: str, types: Types) -> Node | None:
    """Read an input of the suite, JSON or XML, from the first folder that has it."""
    if not name:
        return types.node({"resourceType": "Basic"})
    path = next((found for folder in _FOLDERS if (found := root / folder / name).exists()), None)
    if path is None:
        return None
    if path.suffix == ".json":
        tree = decode_json(path.read_bytes()).value
        return None if tree is None else types.node(tree)
    element = ET.parse(path).getroot()  # noqa: S314 - as above
    return types.node(_read_resource(element, types))


def _read_resource(element: ET.Element, types: Types) -> dict[str, Any]:
    name = element.tag.rpartition("}")[2]
    return {"resourceType": name} | _read_element(element, types.by_name[name], types)


def _read_element(element: ET.Element, kind: Type, types: Types) -> dict[str, Any]:
    """Turn an XML element into the JSON members that its type says."""
    tree: dict[str, Any] = {key: value for key, value in element.attrib.items() if key in kind.keys}
    for child in element:
        key = child.tag.rpartition("}")[2]
        form = kind.keys[key]
        if child.tag.startswith(_XHTML):
            tree[key] = ET.tostring(child, encoding="unicode")
        elif form.type.resources is not None:
            tree.setdefault(key, []).append(_read_resource(child[0], types))
        elif form.type.system:
            value = child.get("value")
            tree.setdefault(key, []).append(None if value is None else _read_primitive(value, form.type.system))
            tree.setdefault(f"_{key}", []).append(_read_element(child, form.type, types) or None)
        else:
            tree.setdefault(key, []).append(_read_element(child, form.type, types))
    found = {key: value for key, value in tree.items() if value not in ([None] * len(value), "")}
    return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in found.items()}


def _read_primitive(text: str, system: str) -> Any:
    readers: dict[str, Any] = {"Boolean": lambda told: told == "true", "Integer": int, "Decimal": Decimal}
    return readers.get(system, str)(text)


def run_case(case: Case, focus: Node, types: Types) -> str:
    """Run one case; an empty text when it gives what is expected, else what it gave."""
    def conforms(node: Node, url: str) -> bool:
        if url not in _PROFILES:
            raise PathError("The profile is unknown")
        return node.type.name == _PROFILES[url]

    environment = Environment(
        resource=focus, root_resource=focus, conforms_to=conforms, now=datetime.now(UTC), resolve=lambda _: None,
    )
    try:
        found = compile_path(case.expression, types)(focus, environment)
        if case.is_predicate:
            found = [truth_of(found)]
    except (CannotRun, PathError) as error:
        return "" if case.invalid else f"{type(error).__name__}: {error}"
    if case.invalid:
        return f"no {case.invalid} error, but {_shown(found)}"
    told = [_told(item, kind) for item, (kind, _) in zip(found, case.expected, strict=False)]
    wanted = [(kind.lower(), text.strip().removeprefix("@").removeprefix("T")) for kind, text in case.expected]
    if len(found) == len(wanted) and (sorted(told) == sorted(wanted) if case.is_unordered else told == wanted):
        return ""
    return _shown(found)


def _told(item: Any, kind: str) -> tuple[str, str]:
    return name_type(item)[1].lower() if kind else "", str(to_text(plain(item)))


def _shown(found: list[Any]) -> str:
    return ", ".join(f"{name_type(item)[1]} {to_text(plain(item))}" for item in found) or "empty"


def _reason(case: Case) -> str:
    if case.mode == "strict" or case.invalid == "semantic":
        return "asks for a static check of types, which is not made: a name that no type has gives empty"
    return _DIFFERS.get(case.name, "open")


# Where we differ on purpose: the specification, or the invariants of R4, say otherwise than the suite.
_DIFFERS: Final[dict[str, str]] = {
    "testFHIRPathAsFunction21": "as() filters several items here: dom-3 of R4 4.0.1 itself asks it of all descendants",
    "testPlusDate19": "N1 6.6: only above seconds is the decimal portion of a duration ignored",
    "LowBoundaryDecimal15": "-0.1 is below all that -0.0034 may stand for; -0.0 is not",
    "HighBoundaryDecimal15": "0.1 is above all that 0.0034 may stand for; 0.0 is not",
    "HighBoundaryDecimal16": "read as -(0.0034.highBoundary(1)), by the precedence of N1",
    "HighBoundaryDateTimeMillisecond1": "an hour without minutes lasts until 08:59:59.999",
    "HighBoundaryDateTimeMillisecond3": "an hour without minutes lasts until 08:59:59.999",
}


def main(arguments: list[str]) -> int:
    """Run the suite and write the report."""
    root, report = Path(arguments[0]), Path(arguments[1])
    types = read_types(json.loads((data_folder("profiles") / "base" / "r4.schema.json").read_bytes()))
    cases = read_cases(root / _SUITE)
    read = cache(lambda name: read_input(root, name, types))
    verdicts = [
        (case, "the input file is missing" if (focus := read(case.input)) is None else run_case(case, focus, types))
        for case in cases
    ]
    failed = [(case, verdict) for case, verdict in verdicts if verdict]
    static = sum(_reason(case).startswith("asks for a static") for case, _ in failed)
    digest = hashlib.sha256((root / _SUITE).read_bytes()).hexdigest()
    lines = [
        f"# FHIRPath: the official suite, {datetime.now(UTC).date().isoformat()}", "",
        f"Made by `python -m tools.score_fhirpath`; suite `{_SUITE}`, sha256 `{digest}`.", "",
        f"- cases: {len(cases)}", f"- as expected: {len(cases) - len(failed)} ({1 - len(failed) / len(cases):.1%})",
        f"- of the others, static checks of types: {static}",
        f"- as expected of those that are no static check: {len(cases) - len(failed)} of {len(cases) - static}", "",
        "| case | expected | given | why |", "|---|---|---|---|",
        *(_row(case, verdict) for case, verdict in failed),
    ]
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(*lines[4:8], *Counter(case.group for case, _ in failed).most_common(), sep="\n")
    return 0


def _row(case: Case, verdict: str) -> str:
    wanted = f"{case.invalid} error" if case.invalid else ", ".join(" ".join(pair).strip() for pair in case.expected) or "empty"
    return f"| {case.group}: {case.name} | {wanted} | {verdict} | {_reason(case)} |".replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
