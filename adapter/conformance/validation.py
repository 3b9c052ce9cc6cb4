"""Validation: base R4 first, then the profiles that a resource claims and the one that is nominated."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeAlias

import jsonschema_rs

from adapter.conformance.base import BaseFacts
from adapter.conformance.base_checks import check_base
from adapter.conformance.definitions import Definitions
from adapter.conformance.fault import MOST_ISSUES, Source, explain_error, write_path
from adapter.conformance.hardening import Asked, forget_references, kept_none, references_hold
from adapter.conformance.instance import Instance
from adapter.conformance.piece import Pieces
from adapter.conformance.rules import Inspection, Link, Names, Path, follow_link, inspect_tree
from adapter.conformance.scene import Scene
from adapter.conformance.sound import HOLDERS, SoundSchema, compile_sound, full_urls_differ, list_resources
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Profiles", "compile_profiles", "is_sound", "validate_resource", "validate_sound"]

Json: TypeAlias = dict[str, Any]

_CITATION: Final = "http://hl7.org/fhir/R4/profiling.html"
_R4B: Final = "http://hl7.org/fhir/R4B/resourcelist.html"
_ONLY_R4B: Final = frozenset({
    "AdministrableProductDefinition", "Citation", "ClinicalUseDefinition", "EvidenceReport", "Ingredient",
    "ManufacturedItemDefinition", "MedicinalProductDefinition", "NutritionProduct", "PackagedProductDefinition",
    "RegulatedAuthorization", "SubscriptionStatus", "SubscriptionTopic", "SubstanceDefinition",
})
_CANONICAL: Final = re.compile(r"https?://[A-Za-z0-9._~:/|-]{1,200}")
_LONGEST_NAME: Final = 64
_MAX_PLACES: Final = 20


@dataclass(frozen=True)
class Profiles:
    """Everything that validation needs, compiled once: base R4 and the definitions of the folders.

    `sound` passes only trees without a fault of base R4, of known extensions, and of the claimed profiles in `proven`,
    which gives their types by canonical; `base` says what is wrong with others.
    """

    sound: SoundSchema
    names: Names
    definitions: Definitions
    proven: Mapping[str, str]

    @cached_property
    def base(self) -> jsonschema_rs.Draft202012Validator:
        """Give the validator that says what is wrong: compiled when something is."""
        return jsonschema_rs.Draft202012Validator(dict(self.schema), pattern_options=jsonschema_rs.RegexOptions())

    @cached_property
    def pieces(self) -> Pieces:
        """Give the pieces of `base`, which tell one by one what is wrong."""
        return Pieces(self.schema)

    @property
    def schema(self) -> Mapping[str, Any]:
        """Give the schema of base R4."""
        return self.definitions.schema

    @property
    def resources(self) -> frozenset[str]:
        """Give the names of the resource types of R4."""
        return self.definitions.resources


def compile_profiles(
    base_schema: Json, facts: BaseFacts, definitions: Sequence[Json], published: Mapping[str, Json] | None = None
) -> Profiles:
    """Compile base R4 and definitions: StructureDefinitions with the ValueSets and CodeSystems they bind to.

    `base_schema` is profiles/base/r4.schema.json, decoded; `published` are schemas that were compiled before, by `url|version`
    of their profile. A definition that asks what cannot be checked, or that is
    based on one that is not here, raises DefinitionError: the program does not start.
    """
    choices: Mapping[str, str] = base_schema["x-choices"]
    variants = {prefix + name: (stem, name) for name, stem in choices.items() for prefix in ("", "_")}
    names = Names(choices, frozenset(base_schema["x-integers"]), variants)
    known = Definitions(base_schema, facts, definitions, published)
    known.check_all()
    whole = known.whole_profiles()
    asked = Asked(facts.proofs, known.extensions(), known.homes(), known.codes_of, known.in_order)
    sound = compile_sound(base_schema, asked, whole)
    return Profiles(sound, names, known, {canonical: kind for canonical, (kind, _) in whole.items()})


def validate_resource(tree: Json, profiles: Profiles, nominated: str | None = None) -> tuple[Issue, ...]:
    """Validate a resource: base R4, each profile that it or a resource in it claims, and the nominated one.

    FHIR: Resource.meta.profile. An unknown claimed profile is one warning, an unknown nominated one an error
    (not-found). Expressions are FHIRPath from the root. No issue holds a value of the resource.
    """
    if is_sound(tree, profiles):
        return validate_sound(tree, profiles, nominated)
    root = tree.get("resourceType") if isinstance(tree, dict) else None
    if not isinstance(root, str) or root not in profiles.resources:
        return (_unknown_root(tree, root, profiles.resources),)
    sound = _sound_entries(tree, profiles)
    issues = list(dict.fromkeys(islice(_check_base(tree, root, (profiles, sound)), MOST_ISSUES + 1)))
    if len(issues) > MOST_ISSUES:  # more than is told: nothing else is looked for
        return _cut(issues, root)
    inspection = inspect_tree(tree, root, profiles.names, sound)
    issues += inspection.issues
    if len(issues) > MOST_ISSUES:
        return _cut(issues, root)
    scene = Scene(tree, root)
    rest = check_base(scene, profiles.definitions, tuple(issues), lambda resource: id(resource) in sound)
    issues += islice(rest, MOST_ISSUES + 1)
    wrong = [issue.expression[0] for issue in issues if issue.rule == "base.unknown-code"]
    of_profiles = (issue for issue in _check_profiles(inspection, scene, (profiles, nominated)) if not _is_of_code(issue, wrong))
    told = tuple(dict.fromkeys((*issues, *islice(of_profiles, MOST_ISSUES + 1))))
    return told if len(told) <= MOST_ISSUES else _cut(told, root)


def _cut(issues: Sequence[Issue], root: str) -> tuple[Issue, ...]:
    """Give as many issues as are told, and that there are more."""
    text = f"{root} has more than {MOST_ISSUES} issues: the others are not told. Mend these and validate again."
    page = "http://hl7.org/fhir/R4/validation.html"
    return (*issues[:MOST_ISSUES], Issue(Severity.ERROR, IssueType.TOO_COSTLY, "base.too-many-issues", text, (root,), page))


def _is_of_code(issue: Issue, wrong: Sequence[str]) -> bool:
    """Tell whether a profile finds in other words that a code is none of its system, which was told already."""
    place = issue.expression[0] if issue.rule in ("profile.code", "profile.value") else ""
    return bool(place) and any(one.startswith((f"{place}.", f"{place}[")) for one in wrong)


def is_sound(tree: Json, profiles: Profiles) -> bool:
    """Tell that a tree has no fault of base R4, of an extension that is known, nor of a profile in `proven` that it claims.

    False tells nothing.
    """
    forget_references()
    return profiles.sound.is_valid(tree) and full_urls_differ(tree) and references_hold(tree)


def _sound_entries(tree: Json, profiles: Profiles) -> frozenset[int]:
    """Give the ids of the resources in entries in which nothing can be wrong by base R4, whatever stands in the others."""
    entries = tree.get("entry") if tree["resourceType"] == "Bundle" else None
    resources = (one.get("resource") for one in entries if isinstance(one, dict)) if isinstance(entries, list) else ()
    return frozenset(id(one) for one in resources if isinstance(one, dict) and _is_sound_alone(one, profiles))


def _is_sound_alone(resource: Json, profiles: Profiles) -> bool:
    forget_references()
    return resource.get("resourceType") not in HOLDERS and profiles.sound.is_valid(resource) and kept_none(resource)


def validate_sound(tree: Json, profiles: Profiles, nominated: str | None = None) -> tuple[Issue, ...]:
    """Validate a sound resource: only the profiles that it claims, and the nominated one, are left to look at."""
    inspection = Inspection(resources=[one for one in list_resources(tree) if "meta" in one[1] and _is_open(one[1], profiles)])
    if not inspection.resources and nominated is None:
        return ()
    return tuple(dict.fromkeys(_check_profiles(inspection, Scene(tree, tree["resourceType"]), (profiles, nominated))))


def _is_open(node: Json, profiles: Profiles) -> bool:
    """Tell whether a resource claims what its soundness has not shown yet."""
    return any(profiles.proven.get(canonical) != node["resourceType"] for canonical in node["meta"].get("profile", ()))


def _unknown_root(tree: Any, root: Any, resources: Collection[str]) -> Issue:
    """Say that this is no resource: what stands for its type is not shown, for it may be anything; a type like it is."""
    if not isinstance(tree, dict):
        text = "This is no resource; an object with a resourceType was expected. Send one."
    elif root is None:
        text = "resourceType is missing; the name of an R4 resource type was expected. Add it."
    else:
        near = get_close_matches(root[:_LONGEST_NAME], resources, 1) if isinstance(root, str) else []
        asked = f"the name of one, such as {near[0]}," if near else "the name of one"
        text = f"resourceType is no resource type of FHIR R4; {asked} was expected. Correct it."
    page = "http://hl7.org/fhir/R4/resourcelist.html"
    code = IssueType.REQUIRED if isinstance(tree, dict) and root is None else IssueType.STRUCTURE
    place = "Resource" if root is None else "Resource.resourceType"
    return Issue(Severity.ERROR, code, "base.resource-type", text, (place,), page)


def _check_base(tree: Json, root: str, context: tuple[Profiles, frozenset[int]]) -> Iterator[Issue]:
    profiles, sound = context
    if profiles.base.is_valid(tree):
        return
    citation = f"http://hl7.org/fhir/R4/{root.lower()}.html"
    source = Source("base", "R4", citation, profiles.schema, profiles.names.choices)
    def is_right(node: Json) -> bool:
        return id(node) in sound or profiles.base.is_valid(node)

    for error, link, _ in profiles.pieces.find_faults(tree, is_right):
        path = follow_link(link)
        kind = error.instance if error.instance_path == ["resourceType"] else None
        if isinstance(kind, str) and kind in _ONLY_R4B:
            yield _passed_over(write_path(root, path, {}), kind)
        else:
            yield from explain_error(error, root, path, source)


def _passed_over(place: str, kind: str) -> Issue:
    text = f"{kind} is a resource type of FHIR R4B and none of R4: it was passed over. Nothing is read from it."
    return Issue(Severity.INFORMATION, IssueType.NOT_SUPPORTED, "base.r4b-type", text, (place,), _R4B)


def _check_profiles(inspection: Inspection, scene: Scene, context: tuple[Profiles, str | None]) -> Iterator[Issue]:
    profiles, nominated = context
    yield from _check_claimed(inspection, scene, profiles)
    for link, node in inspection.extensions:
        url = node.get("url")
        if isinstance(url, str) and profiles.definitions.type_of(url) == "Extension":
            yield from profiles.definitions.check(url, Instance(node, link, "Extension"), scene)
    if nominated is not None:
        yield from _check_nominated(scene.tree, scene, (profiles, nominated))


def _check_claimed(inspection: Inspection, scene: Scene, profiles: Profiles) -> Iterator[Issue]:
    unknown: dict[str, list[str]] = {}
    for link, node in inspection.resources:
        meta = node.get("meta")
        claimed = meta.get("profile") if isinstance(meta, dict) else None
        for index, canonical in enumerate(claimed if isinstance(claimed, list) else ()):
            if not isinstance(canonical, str):
                continue
            path = (*follow_link(link), "meta", "profile", index)
            if profiles.definitions.tree(canonical) is not None:
                yield from _check_structure(node, link, (canonical, path), (scene, profiles))
            elif not _is_base(canonical, node, profiles):
                unknown.setdefault(canonical, []).append(write_path(scene.root, path, {}))
    for canonical, places in unknown.items():
        yield _unknown_profile(canonical, Severity.WARNING, "profile.unknown", tuple(places[:_MAX_PLACES]))


def _check_nominated(tree: Json, scene: Scene, context: tuple[Profiles, str]) -> Iterator[Issue]:
    profiles, nominated = context
    if profiles.definitions.tree(nominated) is not None:
        yield from _check_structure(tree, None, (nominated, ()), (scene, profiles))
    elif not _is_base(nominated, tree, profiles):
        yield _unknown_profile(nominated, Severity.ERROR, "profile.not-found", (scene.root,))


def _is_base(canonical: str, node: Json, profiles: Profiles) -> bool:
    """Tell whether the canonical is the base definition of the node's own type, which is checked anyway."""
    named, kind = profiles.definitions.facts.type_named(canonical), node.get("resourceType")
    return named is not None and kind in profiles.resources and named in profiles.definitions.facts.ancestors(str(kind))


def _unknown_profile(canonical: str, severity: Severity, rule: str, places: tuple[str, ...]) -> Issue:
    shown = canonical if _CANONICAL.fullmatch(canonical) else "A profile"
    doing = "was not checked against it" if severity is Severity.WARNING else "cannot be checked against it"
    text = f"{shown} is not known here; the resource {doing}. Add its definition or correct the name."
    return Issue(severity, IssueType.NOT_FOUND, rule, text, places, _CITATION)


def _check_structure(
    node: Json, link: Link, named: tuple[str, Path], context: tuple[Scene, Profiles]
) -> Iterator[Issue]:
    """Check a resource against one profile; `named` is the profile and the path of what names it."""
    (canonical, path), (scene, profiles) = named, context
    kind = profiles.definitions.type_of(canonical)
    if kind != node.get("resourceType"):
        name = canonical.partition("|")[0].rpartition("/")[2]
        text = f"The profile {name} is for {kind}; another type of resource names it. Correct it."
        place = write_path(scene.root, path, {})
        yield Issue(Severity.ERROR, IssueType.STRUCTURE, "profile.resource-type", text, (place,), _CITATION)
        return
    yield from profiles.definitions.check(canonical, Instance(node, link, str(kind)), scene)
