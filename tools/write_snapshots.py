"""Write the snapshot into every StructureDefinition of profiles/, made from its differential.

    python -m tools.write_snapshots profiles

The differential is written by hand and stays as it is. Two runs give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from adapter.conformance.base import BaseFacts
from adapter.conformance.snapshot import Snapshots, find_base
from adapter.load import load_base_facts

__all__ = ["describe_element", "main", "write_snapshots"]

Json = dict[str, Any]

_R4: Final = "http://hl7.org/fhir/R4/"
_PAGES: Final = {"Extension": "extensibility", "Meta": "resource", "Reference": "references", "Narrative": "narrative"}


def write_snapshots(folder: Path) -> dict[Path, str]:
    """Give the text of every StructureDefinition of a folder with the snapshot that its differential makes.

    FHIR: StructureDefinition.snapshot.element, each with the definition that sdf-3 asks for: its own, or a link to R4's.
    Errors: DefinitionError where a differential contradicts its base.
    """
    facts = load_base_facts(folder)
    read = {path: json.loads(path.read_bytes()) for path in sorted(folder.glob("StructureDefinition-*.json"))}
    bare = {path: {key: value for key, value in one.items() if key != "snapshot"} for path, one in read.items()}
    by_url = {one["url"]: one for one in bare.values()}
    snapshots = Snapshots(lambda canonical: by_url.get(canonical) or find_base(facts, canonical))
    return {path: _write(one, snapshots.of(one), facts) for path, one in bare.items()}


def _write(definition: Json, elements: list[Json], facts: BaseFacts) -> str:
    """Write a definition with its snapshot, an element a line, before its differential."""
    lines = [json.dumps(describe_element(each, facts), ensure_ascii=False) for each in elements]
    snapshot = '"snapshot": {{"element": [\n    {}\n  ]}},'.format(",\n    ".join(lines))
    whole = json.dumps(definition, indent=2, ensure_ascii=False)
    head, mark, differential = whole.partition('"differential": {\n    "element": [')
    return f"{head}{snapshot}\n  {mark}{differential}\n"


def describe_element(element: Json, facts: BaseFacts) -> Json:
    """Give an element of a snapshot with a definition, and a reason where it is a modifier, in the order of ElementDefinition.

    >>> facts = load_base_facts(Path("profiles"))
    >>> describe_element({"id": "Claim.use", "path": "Claim.use", "base": {"path": "Claim.use"}}, facts)["definition"]
    'As in FHIR R4: http://hl7.org/fhir/R4/claim-definitions.html#Claim.use'
    """
    owner = element["base"]["path"].partition(".")[0]
    is_type = owner in facts.names and facts.type(owner).kind != "resource"
    page = _PAGES.get(owner) or ("datatypes" if is_type and owner not in ("Element", "BackboneElement") else owner.lower())
    link = f"As in FHIR R4: {_R4}{page}-definitions.html#{element['base']['path']}"
    reason = {"isModifierReason": link} if element.get("isModifier") and "isModifierReason" not in element else {}
    return dict(_ordered({"definition": link, **element, **reason}))


_ORDER: Final = (
    "id", "extension", "path", "sliceName", "short", "definition", "requirements", "min", "max", "base", "contentReference",
    "type",
)


def _ordered(element: Json) -> Iterator[tuple[str, Any]]:
    yield from ((key, element[key]) for key in _ORDER if key in element)
    yield from ((key, value) for key, value in element.items() if key not in _ORDER)


def main(arguments: list[str]) -> int:
    """Write the snapshots of a folder into its files."""
    for path, text in write_snapshots(Path(arguments[0])).items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
