"""Compare our reading and writing of FHIR XML with the official examples and with another converter's.

Run by a developer, never by the product:

    python -m tools.compare_xml JSON_FOLDER [XML_FOLDER]

JSON_FOLDER holds resources in JSON, for example npm's hl7.fhir.r4.examples. Each is written as XML and read back. Where
XML_FOLDER has a file of the same name, which somebody else made of the same resource, it is read and compared too: all
but narratives digit for digit, these as XML (C14N), since each converter writes its own quotes and white space.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from adapter.fhir.json import decode_json
from adapter.fhir.xml import decode_xml, encode_xml
from adapter.fhir.xml_shape import Shapes
from adapter.load import load_rule_book

__all__ = ["differences", "main"]

_LARGEST = 128 * 1024 * 1024


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Give the places where two trees differ, in value, in type or in the spelling of a number."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif repr(one) != repr(other) and not (path.endswith(".div") and _canonical(one) == _canonical(other)):
        yield path


def _canonical(narrative: Any) -> str:
    try:
        written = ET.canonicalize(str(narrative))
    except ET.ParseError:
        return str(narrative)
    return "".join(written.split())


def _judge(path: Path, theirs: Path | None, shapes: Shapes) -> Iterator[tuple[str, list[str]]]:
    tree = decode_json(path.read_bytes(), _LARGEST).value
    if tree is None or not shapes.is_resource(tree.get("resourceType")):
        yield "no resource in JSON", []
        return
    written = encode_xml(tree, shapes)
    if written.value is None:
        yield "not written", [str(issue.expression) for issue in written.issues]
        return
    back = decode_xml(written.value, shapes, _LARGEST)
    found = [issue.rule for issue in back.issues] or list(differences(tree, back.value))
    yield "come back changed" if found else "come back the same", found
    if theirs is not None and theirs.exists():
        read = decode_xml(theirs.read_bytes(), shapes, _LARGEST)
        found = [issue.rule for issue in read.issues] or list(differences(tree, read.value))
        yield "of the other converter differ" if found else "of the other converter are the same", found


def main(arguments: list[str]) -> int:
    """Print each difference and how many files there are of each verdict; 1 where one of ours differs."""
    shapes = load_rule_book().shapes
    counts: Counter[str] = Counter()
    for path in sorted(Path(arguments[0]).glob("*.json")):
        theirs = Path(arguments[1]) / f"{path.stem}.xml" if len(arguments) > 1 else None
        for verdict, found in _judge(path, theirs, shapes):
            counts[verdict] += 1
            if found:
                print(f"{path.name}: {', '.join(found[:3])}")
    for verdict, count in sorted(counts.items()):
        print(f"{count:5} {verdict}")
    return int(counts["come back changed"] + counts["not written"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
