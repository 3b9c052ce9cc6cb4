"""Write docs/profiles/: a page for each profile, rendered from its definition, and a list of all that is published.

    python -m tools.write_profile_pages docs/profiles

What a page says stands in the definition: purpose, elements with what they ask and why, invariants, value sets, and the
profiles of others that an instance can conform to as well. The example is a resource of the samples.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from adapter.conformance.validation import Profiles, validate_resource
from adapter.fhir.json import decode_json
from adapter.fhir.systems import BASE
from adapter.load import data_folder, load_profiles
from tools.generated import replace_files
from tools.json_lines import write_lines
from tools.write_schemas import schema_id

__all__ = ["main", "page_files"]

Json = dict[str, Any]

_WRITTEN: Final = "This page is written by `make profiles` from the definition; a test holds it to that."
_FOLDER: Final = "../../profiles"
_LONG: Final = "Bundle"  # an example of it is named and not shown

_INDEX: Final = f"""\
# Profiles

What goes in and what comes out, as FHIR definitions. Of what goes in they ask only what a record cannot be coded without: what
else is missing for billing is said by the record itself, or warned of. They are claimed in `meta.profile` or named to `validate`:

    refill-adapter validate --profile {BASE}/StructureDefinition/refill-procedure procedure.json

`make package` writes `dist/package.tgz`, a FHIR package of all definitions on this page that other tools install.
{_WRITTEN}
"""
_SCHEMAS: Final = f"""\
## JSON Schema

`profiles/schema/` holds a schema (2020-12) for each profile and extension, and `r4.schema.json` for base R4, which they refer to
by its `$id`. Any validator runs them; the program runs the same rules. What a schema cannot say stands in its `$comment`.

```python
import json, pathlib, jsonschema
from referencing import Registry, Resource

schemas = [json.loads(path.read_bytes()) for path in pathlib.Path("profiles/schema").glob("*.json")]
registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
schema = registry.contents("{schema_id('pump-device')}")
errors = list(jsonschema.Draft202012Validator(schema, registry=registry).iter_errors({{"resourceType": "Device"}}))
```
"""


def page_files() -> dict[str, str]:
    """Give the text of each page by its name."""
    folder = data_folder("profiles")
    definitions = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    structures = [one for one in definitions if one["resourceType"] == "StructureDefinition"]
    extensions = [one for one in structures if one["type"] == "Extension"]
    profiles = [one for one in structures if one["type"] != "Extension"]
    loaded = load_profiles(folder)
    pages = {f"{one['id']}.md": "\n".join(_write_page(one, extensions, loaded)) + "\n" for one in profiles}
    return {"README.md": "\n".join(_write_index(profiles, extensions, definitions)) + "\n", **pages}


def _write_index(profiles: Sequence[Json], extensions: Sequence[Json], definitions: Sequence[Json]) -> Iterator[str]:
    yield from (_INDEX, *_table("profile", "of", "says"))
    yield from (_row(f"[{one['title']}]({one['id']}.md)", one["type"], one["description"]) for one in profiles)
    yield from ("", "## Extensions", "", *_table("extension", "stands on", "value", "says"))
    for one in extensions:
        places = ", ".join(f"`{told['expression']}`" for told in one["context"])
        yield _row(_link(one), places, _value_of(one), one["description"])
    for kind, title in (("CodeSystem", "Code systems"), ("ValueSet", "Value sets"), ("ConceptMap", "Concept maps")):
        yield from ("", f"## {title}", "", *_table("id", "title", "says"))
        yield from (_row(_link(one), one["title"], one["description"]) for one in definitions if one["resourceType"] == kind)
    yield from ("", _SCHEMAS.rstrip())


def _write_page(definition: Json, extensions: Sequence[Json], loaded: Profiles) -> Iterator[str]:
    name, kind = definition["id"], definition["type"]
    yield from (f"# {definition['title']}", "", definition["description"], "", definition["purpose"], "")
    yield f"- canonical: `{definition['url']}|{definition['version']}`"
    yield f"- of [{kind}](http://hl7.org/fhir/R4/{kind.lower()}.html), FHIR {definition['fhirVersion']}"
    yield f"- [definition]({_FOLDER}/StructureDefinition-{name}.json), [JSON Schema]({_FOLDER}/schema/{name}.schema.json)"
    yield from ("", _WRITTEN, "", "## Elements", "")
    yield "S: must support, the program reads it. In bold: narrower than in base R4."
    yield from ("", *_table("element", "times", "", "what", "why"))
    whole = {one["id"]: one for one in definition["snapshot"]["element"]}
    told = definition["differential"]["element"]
    yield from (_write_element(one, whole[one["id"]]) for one in told if "." in one["id"])
    for part in (_invariants, _bindings):
        yield from part(told)
    yield from _write_extensions(kind, extensions)
    yield from _write_mappings(definition)
    yield from _write_example(definition, loaded)


def _write_element(told: Json, whole: Json) -> str:
    times = f"{whole['min']}..{whole['max']}".replace("*", chr(92) + "*")
    is_narrower = (whole["min"], whole["max"]) != (whole["base"]["min"], whole["base"]["max"])
    asked = [f"{kind} {json.dumps(value)}" for kind, value in _values(told)]
    types = [f"as {' or '.join(each['code'] for each in told['type'])}"] if "type" in told else []
    what = ". ".join([told.get("short", ""), *(f"**{each}**" for each in types), *(f"`{each}`" for each in asked)])
    name = f"`{told['id'].partition('.')[2]}`"
    mark, why = "S" if told.get("mustSupport") else "", told.get("requirements", "")
    return _row(name, f"**{times}**" if is_narrower else times, mark, what, why)


def _values(told: Json) -> Iterator[tuple[str, Any]]:
    for key, value in told.items():
        if key.startswith(("fixed", "pattern")):
            yield "fixed" if key.startswith("fixed") else "pattern", value


def _invariants(told: Sequence[Json]) -> Iterator[str]:
    found = [(one["id"], each) for one in told for each in one.get("constraint", ())]
    if found:
        yield from ("", "## Invariants", "", *_table("key", "on", "severity", "says", "FHIRPath"))
    for place, each in found:
        yield _row(each["key"], f"`{place}`", each["severity"], each["human"], f"`{each['expression']}`")


def _bindings(told: Sequence[Json]) -> Iterator[str]:
    found = [(one["id"], one["binding"]) for one in told if "binding" in one]
    if found:
        yield from ("", "## Value sets", "", *_table("element", "value set", "strength", "says"))
    for place, each in found:
        name = each["valueSet"].rpartition("/")[2]
        yield _row(f"`{place}`", f"[{name}]({_FOLDER}/ValueSet-{name}.json)", each["strength"], each["description"])


def _write_extensions(kind: str, extensions: Sequence[Json]) -> Iterator[str]:
    places = [(told["expression"], one) for one in extensions for told in one["context"]]
    found = [(place, one) for place, one in places if place.partition(".")[0] == kind]
    if found:
        yield from ("", "## Extensions", "", *_table("extension", "stands on", "value", "says"))
        yield from (_row(_link(one), f"`{place}`", _value_of(one), one["description"]) for place, one in found)


def _write_mappings(definition: Json) -> Iterator[str]:
    for mapped in definition.get("mapping", ()):
        found = [
            (one["id"], each["map"]) for one in definition["differential"]["element"] for each in one.get("mapping", ())
            if each["identity"] == mapped["identity"]
        ]
        yield from ("", f"## {mapped['name']}", "", f"`{mapped['uri']}`: {mapped['comment']}")
        if found:
            yield from ("", *_table("element", "how it stands to that profile"))
            yield from (_row(f"`{place}`", says) for place, says in found)


def _write_example(definition: Json, loaded: Profiles) -> Iterator[str]:
    path, resource = _find_example(definition, loaded)
    link = path.relative_to(data_folder("samples").parent).as_posix()
    yield from ("", "## Example", "", f"Of [{path.name}](../../{link}), which this profile finds nothing to say of:")
    if definition["type"] != _LONG:
        yield from ("", "```json", write_lines(resource), "```")


def _find_example(definition: Json, loaded: Profiles) -> tuple[Path, Json]:
    """Find the first resource of the samples, then of the claims that the tests keep, that the profile says nothing of."""
    root = data_folder("samples").parent
    for path in (*sorted((root / "samples").glob("*.json")), *sorted((root / "tests" / "golden").glob("*/claim.json"))):
        tree = json.loads(path.read_bytes())
        for resource in [tree, *(entry["resource"] for entry in tree.get("entry", ()))]:
            if resource["resourceType"] == definition["type"]:
                read = decode_json(json.dumps(resource).encode()).value
                if read is not None and not validate_resource(read, loaded, definition["url"]):
                    return path, resource
    raise LookupError(f"{definition['url']}: no sample is an example of it")


def _value_of(extension: Json) -> str:
    """Tell the type of the value of an extension, or those of its parts by their urls."""
    types = {one["id"]: one["type"][0]["code"] for one in extension["snapshot"]["element"] if "type" in one and one["max"] != "0"}
    parts = [(place.partition(":")[2].partition(".")[0], kind) for place, kind in types.items() if place.endswith(".value[x]")]
    return ", ".join(f"{name} {kind}".strip() for name, kind in parts)


def _link(one: Json) -> str:
    return f"[{one['id']}]({_FOLDER}/{one['resourceType']}-{one['id']}.json)"


def _table(*names: str) -> tuple[str, str]:
    return _row(*names), "|" + "---|" * len(names)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main(arguments: list[str]) -> int:
    """Write the pages into a folder, and take away those of no profile."""
    replace_files(Path(arguments[0]), page_files(), "*.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
