"""Value sets that can be counted out from the definitions at hand: no terminology server is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapter.conformance.expansion import Expansion, expand_value_set, gather_terminology

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
    terminology = gather_terminology(definitions)
    counted = {url: expand_value_set(url, terminology) for url in terminology.value_sets}
    return ValueSets({url: (_pairs(one) or None) if one.is_counted else None for url, one in counted.items()})


def _pairs(expansion: Expansion) -> frozenset[tuple[str, str]]:
    return frozenset((system, code) for system, codes in expansion.codes.items() for code in codes)
