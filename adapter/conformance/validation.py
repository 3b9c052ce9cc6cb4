"""Validation: base R4 first, then the profiles that a resource claims and the one that is nominated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

import jsonschema_rs

from adapter.conformance.fault import Source, explain_error, write_path
from adapter.conformance.overlay import DefinitionError, compile_overlay
from adapter.conformance.rules import Inspection, Link, Names, Path, follow_link, inspect_tree
from adapter.conformance.sound import SoundSchema, compile_sound, full_urls_differ, list_resources
from adapter.conformance.terminology import ValueSets, collect_value_sets
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Profiles", "Structure", "compile_profiles", "is_sound", "validate_resource", "validate_sound"]

Json: TypeAlias = dict[str, Any]

_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
# R4 and R4B: one set of rules for the resources here.
_BASE_VERSIONS: Final = ("", "4.0.1", "4.0", "4.3.0", "4.3")
_CITATION: Final = "http://hl7.org/fhir/R4/profiling.html"
_R4B: Final = "http://hl7.org/fhir/R4B/resourcelist.html"
_ONLY_R4B: Final = frozenset({
    "AdministrableProductDefinition", "Citation", "ClinicalUseDefinition", "EvidenceReport", "Ingredient",
    "ManufacturedItemDefinition", "MedicinalProductDefinition", "NutritionProduct", "PackagedProductDefinition",
    "RegulatedAuthorization", "SubscriptionStatus", "SubscriptionTopic", "SubstanceDefinition",
})
_CANONICAL: Final = re.compile(r"https?://[A-Za-z0-9._~:/|-]{1,200}")
_MAX_PLACES: Final = 20
_MAX_ERRORS: Final = 500


@dataclass(frozen=True, slots=True)
class Structure:
    """One profile or extension, compiled: `layers` are its own overlay and those that it is based on."""

    url: str
    version: str
    name: str
    type: str
    layers: tuple[tuple[jsonschema_rs.Draft202012Validator, Source], ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Everything that validation needs, compiled once: base R4 and the structures by canonical url, newest last.

    `sound` passes only trees without a fault of base R4 and of known extensions; `base` says what is wrong with others.
    """

    base: jsonschema_rs.Draft202012Validator
    sound: SoundSchema
    schema: Json
    resources: frozenset[str]
    names: Names
    structures: Mapping[str, tuple[Structure, ...]]

    def find(self, canonical: str) -> Structure | None:
        """Give the structure that `url` or `url|version` names; without a version the newest; None where unknown."""
        url, _, version = canonical.partition("|")
        known = self.structures.get(url, ())
        return next((one for one in reversed(known) if version in ("", one.version)), None)


def compile_profiles(base_schema: Json, definitions: Sequence[Json]) -> Profiles:
    """Compile base R4 and local definitions: StructureDefinitions with the ValueSets and CodeSystems they bind to.

    `base_schema` is profiles/base/r4.schema.json, decoded. A definition that asks what cannot be checked, or that is
    based on one that is not here, raises DefinitionError: the program does not start.
    """
    choices: Mapping[str, str] = base_schema["x-choices"]
    variants = {prefix + name: (stem, name) for name, stem in choices.items() for prefix in ("", "_")}
    names = Names(choices, frozenset(base_schema["x-integers"]), variants)
    known = base_schema["$defs"]["Resource"]["else"]["properties"]["resourceType"]["enum"]
    overlays = _compile_overlays(base_schema, definitions, collect_value_sets(definitions))
    structures: dict[str, tuple[Structure, ...]] = {}
    for url in overlays:
        versions = sorted(overlays[url], key=lambda layer: _version_key(layer.definition))
        structures[url] = tuple(_structure(layer, overlays, choices) for layer in versions)
    newest = {url: versions[-1] for url, versions in structures.items() if versions[-1].type == "Extension"}
    extensions = {url: [source.schema for _, source in one.layers] for url, one in newest.items()}
    sound = compile_sound(base_schema, extensions)
    return Profiles(_validator(base_schema), sound, base_schema, frozenset(known), names, structures)


def validate_resource(tree: Json, profiles: Profiles, nominated: str | None = None) -> tuple[Issue, ...]:
    """Validate a resource: base R4, each profile that it or a resource in it claims, and the nominated one.

    FHIR: Resource.meta.profile. An unknown claimed profile is one warning, an unknown nominated one an error
    (not-found). Expressions are FHIRPath from the root. No issue holds a value of the resource.
    """
    if is_sound(tree, profiles):
        return validate_sound(tree, profiles, nominated)
    root = tree.get("resourceType") if isinstance(tree, dict) else None
    if not isinstance(root, str) or root not in profiles.resources:
        return (_unknown_root(tree, root),)
    issues = list(_check_base(tree, root, profiles))
    inspection = inspect_tree(tree, root, profiles.names)
    issues += inspection.issues
    issues += _check_profiles(inspection, root, (profiles, nominated))
    return tuple(dict.fromkeys(issues))


def is_sound(tree: Json, profiles: Profiles) -> bool:
    """Tell that a tree has no fault of base R4, nor of an extension that is known; False tells nothing."""
    return profiles.sound.is_valid(tree) and full_urls_differ(tree)


def validate_sound(tree: Json, profiles: Profiles, nominated: str | None = None) -> tuple[Issue, ...]:
    """Validate a sound resource: only the profiles that it claims, and the nominated one, are left to look at."""
    inspection = Inspection(resources=list_resources(tree))
    return tuple(_check_profiles(inspection, tree["resourceType"], (profiles, nominated)))


def _validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema with expressions that take time in proportion to the text, whatever the text."""
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())


@dataclass(frozen=True, slots=True)
class _Layer:
    definition: Json
    schema: Json


def _compile_overlays(base: Json, definitions: Sequence[Json], value_sets: ValueSets) -> dict[str, list[_Layer]]:
    overlays: dict[str, list[_Layer]] = {}
    for definition in definitions:
        if definition.get("resourceType") != "StructureDefinition":
            continue
        for word in ("url", "version", "type", "baseDefinition", "differential"):
            if word not in definition:
                raise DefinitionError(f"{definition.get('url', 'A StructureDefinition')}: {word} is missing.")
        layer = _Layer(definition, compile_overlay(base, definition, value_sets))
        same = overlays.setdefault(definition["url"], [])
        if any(other.definition["version"] == definition["version"] for other in same):
            raise DefinitionError(f"{definition['url']}|{definition['version']} is defined twice.")
        same.append(layer)
    return overlays


def _version_key(definition: Json) -> tuple[list[tuple[int, str]], bool, str]:
    """Order versions by their numbers; one with a pre-release label stands before the release itself."""
    release, _, label = str(definition["version"]).partition("-")
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in release.split(".")]
    return parts, not label, label


def _structure(layer: _Layer, overlays: Mapping[str, list[_Layer]], choices: Mapping[str, str]) -> Structure:
    definition = layer.definition
    name = str(definition["url"]).rpartition("/")[2]
    layers = []
    for part in _ancestry(layer, overlays):
        told = part.definition
        citation = f"{told['url']}|{told['version']}"
        source = Source("profile", str(told["url"]).rpartition("/")[2], citation, part.schema, choices)
        layers.append((_validator(part.schema), source))
    return Structure(definition["url"], definition["version"], name, definition["type"], tuple(layers))


def _ancestry(layer: _Layer, overlays: Mapping[str, list[_Layer]]) -> list[_Layer]:
    """Give the layer and those that it is based on, down to a type of R4."""
    found = [layer]
    while (parent := str(found[-1].definition["baseDefinition"]).partition("|"))[0] != _BASE + layer.definition["type"]:
        known = overlays.get(parent[0], [])
        options = [one for one in known if parent[2] in ("", one.definition["version"]) and one not in found]
        if not options:
            raise DefinitionError(f"{layer.definition['url']}: its base {parent[0]} is not here. Add its definition.")
        found.append(max(options, key=lambda one: _version_key(one.definition)))
    return found


def _unknown_root(tree: Any, root: Any) -> Issue:
    if not isinstance(tree, dict):
        text = "This is no resource; an object with a resourceType was expected. Send one."
    elif root is None:
        text = "resourceType is missing; the name of an R4 resource type was expected. Add it."
    else:
        text = "resourceType is no resource type of FHIR R4; the name of one was expected. Correct it."
    page = "http://hl7.org/fhir/R4/resourcelist.html"
    code = IssueType.REQUIRED if isinstance(tree, dict) and root is None else IssueType.STRUCTURE
    return Issue(Severity.ERROR, code, "base.resource-type", text, ("Resource",), page)


def _check_base(tree: Json, root: str, profiles: Profiles) -> Iterator[Issue]:
    if profiles.base.is_valid(tree):
        return
    citation = f"http://hl7.org/fhir/R4/{root.lower()}.html"
    source = Source("base", "R4", citation, profiles.schema, profiles.names.choices)
    for error in islice(profiles.base.iter_errors(tree), _MAX_ERRORS):
        kind = error.instance if error.instance_path[-1:] == ["resourceType"] else None
        if isinstance(kind, str) and kind in _ONLY_R4B:
            yield _passed_over(write_path(root, error.instance_path[:-1], {}), kind)
        else:
            yield from explain_error(error, root, (), source)


def _passed_over(place: str, kind: str) -> Issue:
    text = f"{kind} is a resource type of FHIR R4B and none of R4: it was passed over. Nothing is read from it."
    return Issue(Severity.INFORMATION, IssueType.NOT_SUPPORTED, "base.r4b-type", text, (place,), _R4B)


def _check_claimed(inspection: Inspection, root: str, profiles: Profiles) -> Iterator[Issue]:
    unknown: dict[str, list[str]] = {}
    for link, node in inspection.resources:
        meta = node.get("meta")
        claimed = meta.get("profile") if isinstance(meta, dict) else None
        for index, canonical in enumerate(claimed if isinstance(claimed, list) else ()):
            if not isinstance(canonical, str):
                continue
            structure = profiles.find(canonical)
            path = (*follow_link(link), "meta", "profile", index)
            if structure is not None:
                yield from _check_structure(node, link, (root, structure, path))
            elif not _is_base(canonical, node, profiles):
                unknown.setdefault(canonical, []).append(write_path(root, path, {}))
    for link, node in inspection.extensions:
        url = node.get("url")
        structure = profiles.find(url) if isinstance(url, str) and url in profiles.structures else None
        if structure is not None and structure.type == "Extension":
            yield from _apply(structure, node, link, root)
    for canonical, places in unknown.items():
        yield _unknown_profile(canonical, Severity.WARNING, "profile.unknown", tuple(places[:_MAX_PLACES]))


def _check_profiles(inspection: Inspection, root: str, context: tuple[Profiles, str | None]) -> Iterator[Issue]:
    profiles, nominated = context
    yield from _check_claimed(inspection, root, profiles)
    if nominated is not None:
        yield from _check_nominated(inspection.resources[0][1], root, (profiles, nominated))


def _check_nominated(tree: Json, root: str, context: tuple[Profiles, str]) -> Iterator[Issue]:
    profiles, nominated = context
    structure = profiles.find(nominated)
    if structure is not None:
        yield from _check_structure(tree, None, (root, structure, ()))
    elif not _is_base(nominated, tree, profiles):
        yield _unknown_profile(nominated, Severity.ERROR, "profile.not-found", (root,))


def _is_base(canonical: str, node: Json, profiles: Profiles) -> bool:
    """Tell whether the canonical is the base definition of the node's own type, which is checked anyway."""
    url, _, version = canonical.partition("|")
    kind = node.get("resourceType")
    if version not in _BASE_VERSIONS or not url.startswith(_BASE):
        return False
    return url.removeprefix(_BASE) in (kind, "Resource", "DomainResource") and kind in profiles.resources


def _unknown_profile(canonical: str, severity: Severity, rule: str, places: tuple[str, ...]) -> Issue:
    shown = canonical if _CANONICAL.fullmatch(canonical) else "A profile"
    doing = "was not checked against it" if severity is Severity.WARNING else "cannot be checked against it"
    text = f"{shown} is not known here; the resource {doing}. Add its definition or correct the name."
    return Issue(severity, IssueType.NOT_FOUND, rule, text, places, _CITATION)


def _check_structure(node: Json, link: Link, context: tuple[str, Structure, Path]) -> Iterator[Issue]:
    """Check a resource against one profile; `context` ends with the path of what names the profile."""
    root, structure, named_at = context
    if structure.type != node.get("resourceType"):
        text = f"The profile {structure.name} is for {structure.type}; another type of resource names it. Correct it."
        place = write_path(root, named_at, {})
        yield Issue(Severity.ERROR, IssueType.STRUCTURE, "profile.resource-type", text, (place,), _CITATION)
        return
    yield from _apply(structure, node, link, root)


def _apply(structure: Structure, node: Json, link: Link, root: str) -> Iterator[Issue]:
    for validator, source in structure.layers:
        if not validator.is_valid(node):
            for error in islice(validator.iter_errors(node), _MAX_ERRORS):
                yield from explain_error(error, root, follow_link(link), source)
