"""Snapshots: every element that an instance of a type or profile may have, as ElementDefinitions."""

from __future__ import annotations

from typing import Any, TypeAlias

from adapter.conformance.base import BASE_URL, BaseFacts

__all__ = ["base_snapshot", "find_base"]

Json: TypeAlias = dict[str, Any]


def base_snapshot(facts: BaseFacts, type_name: str) -> list[Json]:
    """Give the snapshot of a type of base R4: ElementDefinitions in R4's JSON shape, which must not be changed.

    Each has id, path, min, max and base; type, binding, constraint, slicing, contentReference, isModifier where R4 says so.
    """
    return [each.definition for each in facts.type(type_name).elements.values()]


def find_base(facts: BaseFacts, canonical: str) -> Json | None:
    """Give the StructureDefinition that base R4 has for `url` or `url|version`, or None.

    A type has its snapshot, a profile or extension of R4 itself only its differential.
    """
    name = facts.type_named(canonical)
    if name is None:
        url, _, version = canonical.partition("|")
        profile = facts.profiles.get(url)
        return profile if profile is not None and version in ("", profile.get("version")) else None
    told = facts.type(name)
    definition: Json = {
        "resourceType": "StructureDefinition", "id": name, "url": BASE_URL + name, "version": "4.0.1", "name": name,
        "kind": told.kind, "abstract": told.is_abstract, "type": name, "derivation": "specialization",
        "snapshot": {"element": base_snapshot(facts, name)},
    }
    return definition if told.base is None else definition | {"baseDefinition": BASE_URL + told.base}
