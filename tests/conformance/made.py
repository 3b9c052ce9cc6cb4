"""Profiles made for one test: a differential becomes a definition, and an instance is looked at against it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from adapter.conformance.base import BASE_URL
from adapter.conformance.definitions import Definitions
from adapter.conformance.hardening import Asked
from adapter.conformance.sound import compile_sound
from adapter.conformance.validation import Profiles, compile_profiles, validate_resource
from adapter.issues import Issue
from adapter.load import data_folder, load_base_facts

Json = dict[str, Any]

__all__ = ["TERMINOLOGY", "extension", "judge", "profile", "told"]

TERMINOLOGY: Sequence[Json] = (
    {"resourceType": "CodeSystem", "url": "urn:cs", "content": "complete", "concept": [{"code": "a"}, {"code": "b"}]},
    {"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": [{"system": "urn:cs"}]}},
    {"resourceType": "ValueSet", "url": "urn:part", "compose": {"include": [
        {"system": "urn:cs"}, {"system": "http://snomed.info/sct", "filter": [{"property": "concept", "op": "is-a", "value": "1"}]},
    ]}},
)


@cache
def _base() -> Profiles:
    """Compile base R4 once for all cases."""
    folder = data_folder("profiles")
    schema = json.loads((folder / "base" / "r4.schema.json").read_bytes())
    return compile_profiles(schema, load_base_facts(folder), TERMINOLOGY)


def _compile(definitions: Sequence[Json]) -> Profiles:
    """Compile definitions upon the base that is compiled already; of profiles that are claimed none is proven by a schema."""
    base = _base()
    known = Definitions(base.schema, base.definitions.facts, [*TERMINOLOGY, *definitions])
    vars(known)["types"] = base.definitions.types
    known.check_all()
    asked = Asked(known.facts.proofs, known.extensions(), known.homes(), known.codes_of, known.in_order)
    compiled = Profiles(compile_sound(base.schema, asked, {}) if asked.extensions else base.sound, base.names, known, {})
    vars(compiled)["base"] = base.base
    return compiled


def profile(kind: str, *elements: Json, url: str = "urn:profile", base: str | None = None) -> Json:
    """Make a profile of a type from the elements of its differential."""
    return {
        "resourceType": "StructureDefinition", "url": url, "type": kind, "derivation": "constraint",
        "baseDefinition": base or BASE_URL + kind, "differential": {"element": [{"id": kind, "path": kind}, *elements]},
    }


def extension(url: str, kind: str) -> Json:
    """Make an extension with a value of one type."""
    return profile(
        "Extension", {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": kind}]}, url=url,
    )


def judge(tree: Json, *definitions: Json) -> tuple[Issue, ...]:
    """Validate a tree against the first of the definitions."""
    return validate_resource(tree, _compile(definitions), definitions[0]["url"])


def told(issues: Sequence[Issue]) -> list[tuple[str, str]]:
    """Give rule and place of each issue."""
    return [(issue.rule, issue.expression[0]) for issue in issues]
