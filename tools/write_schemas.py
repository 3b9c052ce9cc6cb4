"""Write profiles/schema/: a JSON Schema (2020-12) for base R4 and one for each StructureDefinition of profiles/.

    python -m tools.write_schemas profiles

Each says what a schema can say of its profile and refers to the base by `$id`; what it leaves to others stands in its
`$comment`. Two runs over one folder give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from adapter.conformance.definitions import Definitions
from adapter.conformance.validation import compile_profiles
from adapter.fhir.systems import BASE
from adapter.load import load_base_facts
from tools.generated import replace_files
from tools.json_lines import write_lines

__all__ = ["main", "portable_base", "schema_files", "schema_id"]

Json = dict[str, Any]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_BASE_NAME: Final = "r4"
_ENDS_ON_SPACE: Final = ("base64Binary",)  # a line break may end it


def schema_id(name: str) -> str:
    """Give the `$id` of a schema.

    >>> schema_id("refill-procedure")
    'https://refill-adapter.example/fhir/schema/refill-procedure.schema.json'
    """
    return f"{BASE}/schema/{name}.schema.json"


def portable_base(schema: Json) -> Json:
    r"""Give the schema of base R4 as any validator reads it.

    In some engines `$` lets one line break follow: it is barred by name, so that all of them say the same.

    >>> portable_base({"$ref": "#", "$defs": {"id": {"type": "string", "pattern": "^x$"}}})["$defs"]["id"]["not"]
    {'pattern': '\n$'}
    """
    definitions = {
        name: {**told, "not": {"pattern": "\n$"}} if "pattern" in told and name.removesuffix("?") not in _ENDS_ON_SPACE else told
        for name, told in schema["$defs"].items()
    }
    head = {"$schema": _DRAFT, "$id": schema_id(_BASE_NAME), "title": "FHIR R4 4.0.1"}
    return {**head, "$ref": schema["$ref"], "$defs": definitions}


def schema_files(folder: Path) -> dict[str, str]:
    """Give the text of each schema by its name."""
    schema = json.loads((folder / "base" / "r4.schema.json").read_bytes())
    definitions = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    library = compile_profiles(schema, load_base_facts(folder), definitions).definitions  # anew, not by what was published
    base = json.dumps(portable_base(schema), separators=(",", ":")) + "\n"
    files = {f"{_BASE_NAME}.schema.json": base}
    for definition in definitions:
        if definition["resourceType"] == "StructureDefinition":
            files[f"{definition['id']}.schema.json"] = write_lines(_write_schema(definition, library)) + "\n"
    return files


def _write_schema(definition: Json, library: Definitions) -> Json:
    rules = library.rules(definition["url"])
    asked = dict(rules.source.schema) if rules else {}
    left = sorted(set(_left(definition)))
    comment = {"$comment": f"Not said here: {', '.join(left)}."} if left else {}
    return {
        "$schema": _DRAFT, "$id": schema_id(definition["id"]), "title": definition["title"],
        "description": f"{definition['url']}|{definition['version']}", **comment,
        "$ref": f"{schema_id(_BASE_NAME)}#/$defs/{definition['type']}", **({"allOf": [asked]} if asked else {}),
    }


def _left(definition: Json) -> Iterator[str]:
    """Name what a profile asks that no schema says."""
    for element in definition["differential"]["element"]:
        yield from (f"invariant {told['key']}" for told in element.get("constraint", ()))
        if element.get("binding", {}).get("strength") == "extensible":
            yield f"extensible binding of {element['id']}"
        if "slicing" in element:
            yield f"slices of {element['id']}"


def main(arguments: list[str]) -> int:
    """Write the schemas of a folder of profiles into its folder schema, and take away those of no profile."""
    folder = Path(arguments[0])
    replace_files(folder / "schema", schema_files(folder), "*.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
