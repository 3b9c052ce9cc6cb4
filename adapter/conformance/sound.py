"""The quick answer: one schema that only a tree without a fault passes, with all rules that find them.

A tree that passes has no issue but what the profiles find that it claims. A tree that does not pass may still be
without fault: it is looked at again, rule by rule, by what can say where and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import jsonschema_rs

from adapter.conformance.coded import is_known_code
from adapter.conformance.hardening import CODED, ORDERED, Asked, add_proofs, formats

__all__ = ["HOLDERS", "SoundSchema", "compile_sound", "full_urls_differ", "harden", "list_resources"]

Json: TypeAlias = dict[str, Any]
SoundSchema: TypeAlias = jsonschema_rs.Draft202012Validator

_WHOLE: Final = "x-whole"
_INNER: Final = "Resource-inside"
_LARGEST: Final = 10**30
_ZONE: Final = len("2026-11-24T08:00:00")
_INTEGERS: Final = ("integer", "positiveInt", "unsignedInt")
# Systems that records name most and that are not here: nobody can tell what their codes are.
_ELSEWHERE: Final = frozenset({
    "http://snomed.info/sct", "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/ndc",
    "http://hl7.org/fhir/sid/icd-10-cm", "http://www.ama-assn.org/go/cpt", "http://nucc.org/provider-taxonomy",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
})
# A choice of so many JSON names, where it is not that of an Extension, is looked at rule by rule.
_MANY: Final = 40
# What R4 itself defines is many and rarely met.
_OF_R4: Final = "^http://hl7\\.org/fhir/StructureDefinition/"
# dom-2, dom-4, dom-5.
_CONTAINED: Final[Json] = {"contained": False, "meta": {"properties": dict.fromkeys(
    ("versionId", "_versionId", "lastUpdated", "_lastUpdated", "security"), False
)}}
# Resources that hold others at many places are looked at rule by rule.
HOLDERS: Final = ("Bundle", "Parameters")
# What a record is made of, most frequent first: their definitions are found in a few steps.
_FREQUENT: Final = (
    "Observation", "MedicationAdministration", "Device", "Procedure", "Medication", "Organization", "Encounter",
    "Condition", "Coverage", "Practitioner", "Patient", "Location", "ChargeItem", "Consent", "PractitionerRole", "Claim",
)
# Bundle.type by what its entries have and have not: bdl-2 to bdl-5.
_ENTRIES: Final[tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]] = (
    (("collection", "document", "message"), ("resource",), ("search", "request", "response")),
    (("searchset",), ("resource",), ("request", "response")),
    (("batch", "transaction"), ("request",), ("search", "response")),
    (("batch-response", "transaction-response"), ("response",), ("search", "request")),
    (("history",), ("request", "response"), ("search",)),
)


class _Whole:
    """Refuse a number that is written with a fraction or an exponent, whatever its value."""

    def __init__(self, parent: Json, value: object, path: list[object]) -> None:
        """Take what the library gives; a number needs none of it."""

    def validate(self, instance: object) -> None:
        if isinstance(instance, Decimal):
            raise TypeError(_WHOLE)


def compile_sound(
    base: Mapping[str, Any], asked: Asked, profiles: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> SoundSchema:
    """Compile the schema that only trees without a fault pass.

    `profiles` are, by canonical, the type and the overlay that a resource must pass that claims it.
    """
    schema = harden(base, asked.extensions)
    add_proofs(schema["$defs"], asked)
    for canonical, (kind, overlay) in profiles.items():
        claims = {"required": ["profile"], "properties": {"profile": {"contains": {"const": canonical}}}}
        claimed = {"if": {"required": ["meta"], "properties": {"meta": claims}}, "then": overlay}
        schema["$defs"][kind]["allOf"] = [*schema["$defs"][kind].get("allOf", ()), claimed]
    return jsonschema_rs.Draft202012Validator(
        schema, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=True, formats=formats(asked.proofs),
        keywords={_WHOLE: _Whole, CODED: _refuse(asked.codes_of), ORDERED: _order(asked.ordered)},
    )


def _refuse(codes_of: Callable[[str], frozenset[str] | None]) -> type:
    """Make the keyword that refuses a Coding whose code its system has not."""
    known: dict[str, frozenset[str]] = {}

    class Coded:
        def __init__(self, parent: Json, value: object, path: list[object]) -> None:
            """Take what the library gives; a Coding needs none of it."""

        def validate(self, instance: Any) -> None:
            system = instance.get("system")
            if system is None or system in _ELSEWHERE:
                return
            codes = known.get(system)
            if codes is not None and instance.get("code") in codes:
                return
            if not is_known_code(instance, codes_of):
                raise ValueError(CODED)
            if codes is None and (codes := codes_of(system)):
                known[system] = codes

    return Coded


def _order(ordered: Callable[[str, str, str, Json], bool]) -> type:
    """Make the keyword that refuses an instance whose elements are not in order."""

    class Ordered:
        def __init__(self, parent: Json, value: Any, path: list[object]) -> None:  # noqa: ARG002 # the library gives them
            """Take the type and the names of the elements."""
            self._kind, self._lesser, self._greater = value

        def validate(self, instance: Any) -> None:
            lesser, greater = instance.get(self._lesser), instance.get(self._greater)
            if type(lesser) is str and type(greater) is str and lesser[_ZONE:] == greater[_ZONE:] and lesser <= greater and (
                len(lesser) == len(greater) and "." not in lesser
            ):
                return
            if not ordered(self._kind, self._lesser, self._greater, instance):
                raise ValueError(ORDERED)

    return Ordered


def harden(base: Mapping[str, Any], extensions: Mapping[str, Mapping[str, Any] | None]) -> Json:
    """Add to the base schema what else base R4 asks: one variant of a choice, whole numbers, nothing empty, invariants.

    Invariants: bdl-1 to bdl-5, bdl-8, dom-2, ext-1, mad-1; bdl-7 is `full_urls_differ`.

    >>> base = {"$ref": "#/$defs/Resource", "x-choices": {"aDate": "a", "aCode": "a"}, "$defs": {
    ...     "Flag": {"properties": {"aDate": {}, "_aDate": {}, "aCode": {}}}}}
    >>> sorted(harden(base, {})["$defs"]["Flag"]["dependentSchemas"])
    ['_aDate', 'aCode', 'aDate']
    """
    definitions: Json = {}
    for name, definition in base["$defs"].items():
        if not name.endswith("?"):
            definitions[name] = _harden_definition(name, definition, base["x-choices"])
    for name in _INTEGERS:
        if name in definitions:
            definitions[name] = definitions[name] | {_WHOLE: True}
    if "decimal" in definitions:
        definitions["decimal"] = definitions["decimal"] | {"minimum": -_LARGEST, "maximum": _LARGEST}
    for name, more in _extras(extensions).items():
        if name in definitions:
            definitions[name]["allOf"] = [*definitions[name].get("allOf", ()), *more]
    definitions[_INNER] = _inner_resource(definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": base["$ref"], "$defs": definitions}


def _inner_resource(definitions: Json) -> Json:
    """Choose the definition of a resource in another one: no resource that itself holds others, frequent types first."""
    chosen: Json = {"$ref": "#/$defs/Resource", "properties": {"resourceType": {"not": {"enum": [*HOLDERS]}}}}
    for name in reversed(_FREQUENT):
        if name in definitions:
            is_this = {"required": ["resourceType"], "properties": {"resourceType": {"const": name}}}
            chosen = {"if": is_this, "then": {"$ref": f"#/$defs/{name}"}, "else": chosen}
    return chosen


def full_urls_differ(tree: Json) -> bool:
    """Tell whether no two entries have one fullUrl (bdl-7)."""
    entries = tree.get("entry")
    if not isinstance(entries, list):
        return True
    urls = [url for entry in entries if (url := entry.get("fullUrl")) is not None]
    return len(set(urls)) == len(urls)


def list_resources(tree: Json) -> list[tuple[Any, Json]]:
    """Give each resource of a sound tree with its link, in document order: the root, those of its entries, contained ones.

    >>> list_resources({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Flag"}}]})[1:]
    [((None, 'entry', 0, 'resource'), {'resourceType': 'Flag'})]
    """
    found = _with_contained(tree, None)
    for index, entry in enumerate(tree.get("entry", ()) if tree["resourceType"] == "Bundle" else ()):
        if "resource" in entry:
            found += _with_contained(entry["resource"], (None, "entry", index, "resource"))
    return found


def _with_contained(node: Json, link: Any) -> list[tuple[Any, Json]]:
    if "contained" not in node:
        return [(link, node)]
    return [(link, node), *(((link, "contained", index), inner) for index, inner in enumerate(node["contained"]))]


def _harden_definition(name: str, definition: Json, choices: Mapping[str, str]) -> Json:
    properties: Json | None = definition.get("properties")
    if properties is None:
        return {"minLength": 1, **definition} if definition.get("type") == "string" else definition
    told = {key: _without_null(key, value) for key, value in properties.items()}
    hardened = {"minProperties": 1, **definition, "properties": told}
    dependent = dict(_one_variant(name, properties, choices))
    if dependent:
        hardened["dependentSchemas"] = dependent
    return hardened


def _without_null(key: str, value: Any) -> Any:
    """Let no null stand in an array, and no resource in another hold others."""
    if value == {"$ref": "#/$defs/Resource"}:
        return {"$ref": f"#/$defs/{_INNER}"}
    if not isinstance(value, dict) or "items" not in value:
        return value
    if key == "contained":
        return value | {"items": {"$ref": f"#/$defs/{_INNER}", "properties": _CONTAINED}}
    reference = value["items"].get("$ref", "")
    return value | {"items": {"$ref": reference.removesuffix("?")}} if reference.endswith("?") else value


def _one_variant(name: str, properties: Json, choices: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    """Say for each variant of a choice that the others are absent; a value of an Extension bars extensions (ext-1)."""
    stems: dict[str, list[str]] = {}
    for key, value in properties.items():
        stem = choices.get(key.removeprefix("_"))
        if stem is not None and not (isinstance(value, dict) and "items" in value):
            stems.setdefault(stem, []).append(key)
    for keys in stems.values():
        for key in keys:
            variant = key.removeprefix("_")
            others = [other for other in keys if other.removeprefix("_") != variant]
            if name == "Extension":
                yield key, {"propertyNames": {"enum": ["id", "url", variant, f"_{variant}"]}}
            elif len(keys) > _MANY:
                yield key, {"not": {}}
            elif others:
                yield key, {"properties": dict.fromkeys(others, False)}


def _extras(extensions: Mapping[str, Mapping[str, Any] | None]) -> dict[str, list[Json]]:
    """Give what is added to single definitions."""
    return {
        "Bundle": [
            {"dependentSchemas": {"total": {"properties": {"type": {"enum": ["searchset", "history"]}}}}},
            _entries(_ENTRIES),
        ],
        "Bundle.entry": [
            {"properties": {"fullUrl": {"not": {"pattern": "/_history/"}}}},
        ],
        "Bundle.entry.response": [{"properties": {"outcome": False}}],
        "Parameters.parameter": [{"properties": {"resource": False}}],
        "MedicationAdministration.dosage": [
            {"anyOf": [{"required": [name]} for name in ("dose", "rateRatio", "rateQuantity")]},
        ],
        "Extension": [
            {"minProperties": 2, "dependentSchemas": {"id": {"minProperties": 3}}},
            _known_extensions(extensions),
        ],
    }


def _known_extensions(extensions: Mapping[str, Mapping[str, Any] | None]) -> Json:
    """Ask of an Extension what is known of its url; where a schema does not say all, it is looked at rule by rule."""
    closer = {"properties": {"url": {"not": {"anyOf": [{"pattern": _OF_R4}, {"enum": [
        "", *sorted(url for url, schema in extensions.items() if schema is None)
    ]}]}}}}
    said = {url: schema for url, schema in sorted(extensions.items()) if schema}
    cases = [{"if": {"properties": {"url": {"const": url}}}, "then": schema} for url, schema in said.items()]
    return {"if": {"properties": {"url": {"enum": ["", *said]}}}, "then": {"allOf": cases or [{}]}, "else": closer}


def _entries(kinds: Sequence[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]) -> Json:
    """Ask of each entry what the type of its Bundle asks."""
    if not kinds:
        return {"not": {}}
    types, needed, barred = kinds[0]
    entry = {"required": [*needed], "properties": dict.fromkeys(barred, False)}
    return {
        "if": {"required": ["type"], "properties": {"type": {"enum": [*types]}}},
        "then": {"properties": {"entry": {"items": entry}}},
        "else": _entries(kinds[1:]),
    }
