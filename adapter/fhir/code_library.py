"""Code library: what the CodeSystems, ValueSets and ConceptMaps at hand say, read once for every question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from adapter.fhir.references import Tree
from adapter.fhir.systems import own_structure

__all__ = ["CodeLibrary", "CodeMap", "Coded", "Days", "Member", "Names", "Target", "read_library"]

_ROW: Final = own_structure("table-row")


class Coded(NamedTuple):
    """A code with its system."""

    system: str
    code: str


class Days(NamedTuple):
    """The days on which something holds, both included; None is open."""

    start: date | None = None
    end: date | None = None

    def hold(self, day: date | None) -> bool:
        """Tell whether a day is among them; without a day, whether they have no end.

        >>> Days(date(2006, 1, 1), date(2024, 9, 30)).hold(date(2024, 10, 1)), Days().hold(None)
        (False, True)
        """
        if day is None:
            return self.end is None
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


_EVER: Final = Days()


@dataclass(frozen=True, slots=True)
class Target:
    """One mapping of a ConceptMap: `depends_on` and `products` are values by the URI of their property.

    `is_own` says that it comes from a row of the customer's, which wins over shipped ones for the facts that both fit.
    """

    source: Coded
    target: Coded
    equivalence: str
    days: Days = _EVER
    depends_on: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    is_own: bool = False

    def covers(self, other: Target) -> bool:
        """Tell whether all that another mapping fits, this one fits too."""
        return self.source == other.source and self.depends_on.items() <= other.depends_on.items()


@dataclass(frozen=True, slots=True)
class CodeMap:
    """A ConceptMap: its canonical url and version, the value sets that it is between, and its mappings in their order."""

    url: str
    version: str | None
    source: str | None
    target: str | None
    mappings: tuple[Target, ...]


class Member(NamedTuple):
    """A code of a ValueSet; None stands for every code of its system."""

    system: str
    code: str | None
    days: Days


@dataclass(frozen=True, slots=True)
class Names:
    """A CodeSystem that is here whole: its name, version, and its codes with their displays."""

    name: str
    version: str | None
    displays: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class CodeLibrary:
    """All that questions about codes are answered from: maps and value sets by `url` and `url|version`, code systems by URI."""

    maps: Mapping[str, CodeMap]
    value_sets: Mapping[str, tuple[Member, ...]]
    systems: Mapping[str, Names]


def read_library(trees: Iterable[Tree]) -> CodeLibrary:
    """Read the ConceptMaps, ValueSets and complete CodeSystems among resources; a later one of a url stands for it.

    FHIR: ConceptMap.group.element.target, ValueSet.compose.include (concepts, or a whole system; one that filters,
    excludes or takes in other sets is left out: conformance counts those), CodeSystem.concept.

    >>> told = {"resourceType": "CodeSystem", "url": "urn:s", "name": "S", "content": "complete", "concept": [{"code": "a"}]}
    >>> read_library([told]).systems["urn:s"].displays
    {'a': None}
    """
    maps: dict[str, CodeMap] = {}
    value_sets: dict[str, tuple[Member, ...]] = {}
    systems: dict[str, Names] = {}
    for tree in trees:
        kind, url = tree.get("resourceType"), str(tree.get("url"))
        if kind == "ConceptMap":
            source, target = (tree.get(f"{side}Canonical") or tree.get(f"{side}Uri") for side in ("source", "target"))
            told = CodeMap(url, tree.get("version"), source, target, tuple(_mappings(tree)))
            maps |= {url: told, f"{url}|{told.version}": told}
        elif kind == "CodeSystem" and tree.get("content") == "complete":
            systems[url] = Names(str(tree.get("name", url)), tree.get("version"), dict(_displays(tree)))
        elif kind == "ValueSet" and (members := _members(tree)) is not None:
            value_sets |= {url: members, f"{url}|{tree.get('version')}": members}
    return CodeLibrary(maps, value_sets, systems)


def _mappings(tree: Tree) -> Iterator[Target]:
    for group in tree.get("group", ()):
        for element in group.get("element", ()):
            for told in element.get("target", ()):
                row = _row(told)
                yield Target(
                    Coded(group.get("source", ""), element.get("code", "")), Coded(group.get("target", ""), told.get("code", "")),
                    told["equivalence"], _days(row), _facts(told, "dependsOn"), _facts(told, "product"),
                    row.get("own", {}).get("valueBoolean") is True,
                )


def _facts(told: Tree, name: str) -> Mapping[str, str]:
    return {fact["property"]: fact["value"] for fact in told.get(name, ())}


def _members(tree: Tree) -> tuple[Member, ...] | None:
    """Give the codes of a value set that lists them or takes whole systems; None where it does more."""
    compose: Tree = tree.get("compose", {})
    includes: list[Any] = compose.get("include", [])
    if not includes or "exclude" in compose or any(part.keys() & {"filter", "valueSet"} for part in includes):
        return None
    return tuple(
        Member(part.get("system", ""), concept["code"] if concept else None, _days(_row(part)))
        for part in includes
        for concept in part.get("concept", (None,))
    )


def _displays(tree: Tree) -> Iterator[tuple[str, str | None]]:
    for concept in tree.get("concept", ()):
        yield concept["code"], concept.get("display")
        yield from _displays(concept)


def _row(told: Tree) -> dict[str, Tree]:
    """Give the parts of the extension table-row by their url: none where it is not there."""
    rows = [one for one in told.get("extension", ()) if one.get("url") == _ROW]
    return {part["url"]: part for row in rows for part in row.get("extension", ())}


def _days(row: dict[str, Tree]) -> Days:
    """Give the days of a row; what comes from none holds on every day."""
    period: Tree = row.get("effective", {}).get("valuePeriod", {})
    start, end = (date.fromisoformat(period[name]) if name in period else None for name in ("start", "end"))
    return Days(start, end)
