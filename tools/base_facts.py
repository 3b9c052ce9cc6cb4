"""Gather the facts of base R4 from the official definitions, without their prose.

Facts: every type with every element of its snapshot. Profiles: the differentials of the profiles and extensions that
R4 itself defines. Value sets: the expansion of every value set that R4 has or binds to. Code systems: the codes of
every code system that is here as a whole, for the value sets of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from adapter.conformance.expansion import Expansion, expand_value_set, gather_terminology

__all__ = ["build_code_systems", "build_facts", "build_profiles", "build_value_sets"]

Json = dict[str, Any]

_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_MAX_VALUE_SET: Final = f"{_BASE}elementdefinition-maxValueSet"
_KEPT_EXTENSIONS: Final = {
    _MAX_VALUE_SET, f"{_BASE}elementdefinition-bestpractice", f"{_BASE}structuredefinition-fhir-type", f"{_BASE}regex",
}
# What an element says that asks nothing of an instance, or that its place says already.
_LEFT_OUT: Final = {
    "short", "definition", "comment", "requirements", "alias", "mapping", "example", "isSummary", "isModifierReason",
    "meaningWhenMissing", "orderMeaning", "condition", "description", "xpath", "source", "code", "label",
}
_HEAD: Final = (
    "resourceType", "id", "url", "version", "name", "kind", "abstract", "context", "contextInvariant", "type",
    "baseDefinition", "derivation",
)


def build_facts(definitions: list[Json]) -> Json:
    """Build the facts of every type: its kind, its base, and its elements by the number of their shape.

    A shape is what an ElementDefinition says beside id, path and base; a constraint in it is a number in `constraints`.
    """
    constraints, shapes = _Numbered(), _Numbered()
    types: Json = {}
    for structure in sorted(_structures(definitions), key=lambda each: str(each["id"])):
        if structure.get("derivation") == "constraint" or structure["kind"] == "logical":
            continue
        root = structure["id"]
        elements: Json = {}
        for element in structure["snapshot"]["element"]:
            shape = {key: value for key, value in _without_prose(element).items() if key not in ("id", "path", "base")}
            if "constraint" in shape:
                shape["constraint"] = [constraints.number(constraint) for constraint in shape["constraint"]]
            elements[element["path"].removeprefix(root)] = shapes.number(shape)
        types[root] = {
            "kind": structure["kind"],
            "abstract": structure["abstract"],
            "base": structure.get("baseDefinition", "").removeprefix(_BASE) or None,
            "elements": elements,
        }
    return {"version": "4.0.1", "constraints": constraints.values, "shapes": shapes.values, "types": types}


def build_profiles(definitions: list[Json]) -> list[Json]:
    """Build the profiles and extensions that R4 defines: what their differentials ask, by url."""
    return [
        {key: structure[key] for key in _HEAD if key in structure}
        | {"differential": {"element": [_without_prose(each) for each in structure["differential"]["element"]]}}
        for structure in sorted(_structures(definitions), key=lambda each: str(each["url"]))
        if structure.get("derivation") == "constraint" and "differential" in structure
    ]


def build_value_sets(definitions: list[Json]) -> Json:
    """Build the expansion of every value set here: a profile may bind to any.

    One that is not here, but that an element is bound to as required, extensible or by its maximum, says so.
    """
    terminology = gather_terminology(definitions)
    bound = {url for structure in _structures(definitions) for url in _bound(structure)}
    return {url: _spell(expand_value_set(url, terminology)) for url in sorted(bound | terminology.value_sets.keys())}


def build_code_systems(definitions: list[Json]) -> Json:
    """Build the codes of every complete code system: a code, or a list of it and the codes below it.

    A code that a property `child` names stands below that concept too.
    """
    systems = [each for each in definitions if each["resourceType"] == "CodeSystem" and each["content"] == "complete"]
    return {each["url"]: _codes(each.get("concept", ())) for each in sorted(systems, key=lambda one: str(one["url"]))}


def _codes(concepts: Iterable[Json]) -> list[Any]:
    found: list[Any] = []
    for concept in concepts:
        children = [told["valueCode"] for told in concept.get("property", ()) if told["code"] == "child"]
        below = [*_codes(concept.get("concept", ())), *children]
        found.append([concept["code"], below] if below else concept["code"])
    return found


def _bound(structure: Json) -> Iterator[str]:
    listed: Json = structure.get("snapshot") or structure.get("differential") or {"element": []}
    for binding in (element["binding"] for element in listed["element"] if "binding" in element):
        told = [each["valueCanonical"] for each in binding.get("extension", ()) if each["url"] == _MAX_VALUE_SET]
        if binding["strength"] in ("required", "extensible"):
            told.append(binding["valueSet"])
        yield from (canonical.partition("|")[0] for canonical in told)


def _spell(expansion: Expansion) -> Json:
    """Spell an expansion as JSON, its empty parts left out."""
    codes = {system: sorted(found) for system, found in sorted(expansion.codes.items())}
    told = {"codes": codes, "forms": dict(sorted(expansion.forms.items())), "open": dict(sorted(expansion.open.items()))}
    return {key: value for key, value in told.items() if value}


def _structures(definitions: Iterable[Json]) -> Iterator[Json]:
    return (each for each in definitions if each["resourceType"] == "StructureDefinition")


def _without_prose(value: Any) -> Any:
    """Leave out what only explains, at every depth, and extensions that no rule comes from."""
    if isinstance(value, list):
        told = [_without_prose(each) for each in value]
        return [each for each in told if not (isinstance(each, dict) and "url" in each and _is_idle(each["url"]))]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_prose(inner) for key, inner in value.items() if _is_kept(key, inner, value)}
    return {key: inner for key, inner in kept.items() if inner != [] or value[key] == []}


def _is_kept(key: str, inner: Any, owner: Json) -> bool:
    if key == "code":  # of an element a list of codings; of a type its name
        return isinstance(inner, str)
    return key not in _LEFT_OUT and not (key == "isModifier" and inner is False and "path" in owner)


def _is_idle(url: str) -> bool:
    return url.startswith(_BASE) and url not in _KEPT_EXTENSIONS


class _Numbered:
    """Number values in the order of their first use, equal ones once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """Give the number of a value."""
        number = self._numbers.setdefault(repr(value), len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number
