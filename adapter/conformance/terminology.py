"""Value sets that can be counted out from the definitions at hand: no terminology server is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["ValueSets", "collect_value_sets"]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ValueSets:
    """Hold the (system, code) pairs of each value set by canonical url; None where it cannot be counted out."""

    by_url: Mapping[str, frozenset[tuple[str, str]] | None]

    def expand(self, canonical: str) -> frozenset[tuple[str, str]] | None:
        """Give the pairs of a value set by `url` or `url|version`, or None."""
        return self.by_url.get(canonical.partition("|")[0])


def collect_value_sets(definitions: Iterable[Json]) -> ValueSets:
    """Count out the ValueSets among the definitions from the CodeSystems among them.

    >>> system = {"resourceType": "CodeSystem", "url": "s", "content": "complete", "concept": [{"code": "a"}]}
    >>> chosen = {"resourceType": "ValueSet", "url": "v", "compose": {"include": [{"system": "s"}]}}
    >>> collect_value_sets([system, chosen]).expand("v|1.0.0")
    frozenset({('s', 'a')})
    """
    definitions = list(definitions)
    systems = {tree["url"]: tree for tree in definitions if tree.get("resourceType") == "CodeSystem"}
    chosen = [tree for tree in definitions if tree.get("resourceType") == "ValueSet"]
    return ValueSets({tree["url"]: _expand(tree, systems) for tree in chosen})


def _expand(value_set: Json, systems: Mapping[str, Json]) -> frozenset[tuple[str, str]] | None:
    compose = value_set.get("compose", {})
    pairs: set[tuple[str, str]] = set()
    if "exclude" in compose or not compose.get("include"):
        return None
    for include in compose["include"]:
        system = include.get("system")
        if system is None or "filter" in include or "valueSet" in include:
            return None
        concepts = include.get("concept")
        if concepts is None:
            if systems.get(system, {}).get("content") != "complete":
                return None
            concepts = systems[system].get("concept", [])
        pairs.update((system, code) for code in _codes(concepts))
    return frozenset(pairs)


def _codes(concepts: Iterable[Json]) -> list[str]:
    return [code for concept in concepts for code in (concept["code"], *_codes(concept.get("concept", [])))]
