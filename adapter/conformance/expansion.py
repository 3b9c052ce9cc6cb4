"""Expansion: what a value set holds, counted out from definitions at hand; where it cannot be, the reason.

No terminology server is asked. What is not counted is named system by system, so that a code of another system is still
judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from adapter.conformance.form import fits

__all__ = ["Expansion", "KnownTerminology", "Terminology", "expand_value_set", "gather_terminology", "list_codes"]

Json: TypeAlias = dict[str, Any]

# Systems without a list of codes but with a form, and its name.
_FORMS: Final = {
    "urn:ietf:bcp:47": "bcp-47",
    "urn:ietf:bcp:13": "bcp-13",
    "urn:iso:std:iso:4217": "iso-4217",
    "http://unitsofmeasure.org": "ucum",
}
# Value sets that guides name by the address of a text.
_FORM_SETS: Final = {
    "http://www.rfc-editor.org/bcp/bcp13.txt": "urn:ietf:bcp:13",
    "http://tools.ietf.org/html/bcp47": "urn:ietf:bcp:47",
}
_NAMES: Final = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://unitsofmeasure.org": "UCUM",
    "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem": "IHE FormatCode",
    "http://nucc.org/provider-taxonomy": "the NUCC provider taxonomy",
    "http://unstats.un.org/unsd/methods/m49/m49.htm": "UN M49",
    "https://www.iana.org/time-zones": "the IANA time zone list",
    "urn:iso:std:iso:3166": "ISO 3166",
    "urn:iso:std:iso:3166:-2": "ISO 3166-2",
}
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Expansion:
    """Hold what a value set is known to hold.

    `codes` are its codes by system. `forms` are systems of which it holds every code of a form (bcp-47, bcp-13, ucum,
    iso-4217). `open` are systems that cannot be counted, with the reason; `*` stands for any system.
    """

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        """Tell whether `codes` is the whole value set."""
        return not self.forms and not self.open

    def holds(self, system: str, code: str) -> bool | None:
        """Tell whether a code is in the value set, or None where that cannot be known here: nothing is known of it but its form.

        >>> Expansion({"urn:s": frozenset("a")}, open={"http://snomed.info/sct": "SNOMED CT is not here"}).holds("urn:s", "b")
        False
        """
        if code in self.codes.get(system, ()):
            return True
        if system in self.open or _ANY in self.open:
            return None
        return None if system in self.forms and fits(system, code) else False

    def holds_code(self, code: str) -> bool | None:
        """Tell whether a code without its system (an element of type code) is in the value set, or None as in `holds`."""
        if any(code in codes for codes in self.codes.values()):
            return True
        if self.open:
            return None
        return None if any(fits(system, code) for system in self.forms) else False


class KnownTerminology(Protocol):
    """What is known beside the definitions at hand: base R4 (adapter.conformance.base.BaseFacts)."""

    def value_set(self, canonical: str) -> Expansion | None:
        """Give what a value set holds, or None where it is not known."""

    def code_system(self, url: str) -> Json | None:
        """Give a CodeSystem with all its codes, or None where it is not known."""


@dataclass(frozen=True, slots=True)
class Terminology:
    """Hold ValueSet and CodeSystem resources by url, and what is known beside them."""

    value_sets: Mapping[str, Json]
    code_systems: Mapping[str, Json]
    known: KnownTerminology | None = None

    def code_system(self, url: str) -> Json | None:
        """Give the CodeSystem of a url, one at hand before one that is known."""
        known = None if self.known is None else self.known.code_system(url)
        return self.code_systems.get(url, known)


def gather_terminology(definitions: Iterable[Json], known: KnownTerminology | None = None) -> Terminology:
    """Gather the ValueSets and CodeSystems among definitions; a later one of the same url stands for it."""
    found: dict[str, dict[str, Json]] = {"ValueSet": {}, "CodeSystem": {}}
    for tree in definitions:
        kind = tree.get("resourceType")
        if kind in found and "url" in tree:
            found[str(kind)][tree["url"]] = tree
    return Terminology(found["ValueSet"], found["CodeSystem"], known)


def list_codes(system: Json) -> frozenset[str]:
    """Give every code of a CodeSystem, at any depth."""
    return frozenset(code for code, _, _ in _walk(system.get("concept", ()), ()))


def expand_value_set(canonical: str, terminology: Terminology) -> Expansion:
    """Count out a value set by `url` or `url|version`: include and exclude, nested value sets, filters.

    FHIR: ValueSet.compose; where it is missing or leaves something open, a whole ValueSet.expansion. Counted filters:
    is-a, descendent-of, is-not-a, =, in, not-in over code systems whose content is complete. Abstract codes count.

    >>> system = {"resourceType": "CodeSystem", "url": "s", "content": "complete", "concept": [
    ...     {"code": "a", "concept": [{"code": "b"}]}, {"code": "c"}]}
    >>> below = {"system": "s", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}
    >>> chosen = {"resourceType": "ValueSet", "url": "v", "compose": {"include": [below]}}
    >>> sorted(expand_value_set("v|1", gather_terminology([system, chosen])).codes["s"])
    ['a', 'b']
    """
    return _expand(canonical, terminology, ())


def _expand(canonical: str, terminology: Terminology, above: tuple[str, ...]) -> Expansion:
    url = canonical.partition("|")[0]
    if url in above:
        return Expansion(open={_ANY: f"value set {url} includes itself"})
    value_set = terminology.value_sets.get(url)
    if value_set is None and (system := _FORM_SETS.get(url)):
        return Expansion(forms={system: _FORMS[system]})
    if value_set is None:
        known = None if terminology.known is None else terminology.known.value_set(url)
        return known or Expansion(open={_ANY: f"value set {url} is not here"})
    compose = value_set.get("compose", {})
    found = _unite(_include(part, terminology, (*above, url)) for part in compose.get("include", ()))
    for part in compose.get("exclude", ()):
        found = _subtract(found, _include(part, terminology, (*above, url)))
    listed = value_set.get("expansion", {})
    if (compose.get("include") and found.is_counted) or not _is_whole(listed):
        return found if compose.get("include") else Expansion(open={_ANY: f"value set {url} has no content"})
    return Expansion(_by_system(_contained(listed["contains"])))


def _is_whole(expansion: Json) -> bool:
    pairs = list(_contained(expansion.get("contains", [])))
    return bool(pairs) and expansion.get("total", len(pairs)) == len(pairs) and not expansion.get("extension")


def _contained(entries: Iterable[Json]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if "code" in entry and not entry.get("abstract"):
            yield entry.get("system", ""), entry["code"]
        yield from _contained(entry.get("contains", ()))


def _by_system(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    codes: dict[str, set[str]] = {}
    for system, code in pairs:
        codes.setdefault(system, set()).add(code)
    return {system: frozenset(found) for system, found in codes.items()}


def _include(part: Json, terminology: Terminology, above: tuple[str, ...]) -> Expansion:
    """Count out one include or exclude: its system and each of its value sets must all hold a code."""
    sides = [_expand(inner, terminology, above) for inner in part.get("valueSet", ())]
    if "system" in part:
        sides.append(_of_system(part, terminology))
    found = sides[0] if sides else Expansion(open={_ANY: "an include names no system and no value set"})
    for side in sides[1:]:
        found = _intersect(found, side)
    return found


def _of_system(part: Json, terminology: Terminology) -> Expansion:
    url = part["system"]
    if "concept" in part:
        return Expansion({url: frozenset(concept["code"] for concept in part["concept"])})
    system, filters, name = terminology.code_system(url), part.get("filter", ()), _NAMES.get(url, url)
    if system is None or system.get("content") not in ("complete", None):
        if url in _FORMS and not filters:
            return Expansion(forms={url: _FORMS[url]})
        state = "is not here" if system is None or system["content"] == "not-present" else "is here only in part"
        return Expansion(open={url: f"{name} {state}"})
    concepts = _concepts(system.get("concept", ()))
    codes = set(concepts)
    for rule in filters:
        chosen = _filter(rule, concepts)
        if chosen is None:
            return Expansion(open={url: f"filter {rule['property']} {rule['op']} on {name} cannot be counted"})
        codes &= chosen
    return Expansion({url: frozenset(codes)})


@dataclass(slots=True)
class _Concept:
    """One concept of a code system: the codes above it and its properties."""

    above: set[str]
    properties: list[tuple[str, Any]]


def _concepts(concepts: Iterable[Json]) -> dict[str, _Concept]:
    """Give each concept with those above it: by nesting, and by the properties parent and child."""
    gathered: dict[str, _Concept] = {}
    parents: dict[str, set[str]] = {}
    for code, concept, path in _walk(concepts, ()):
        told = [(each["code"], _value(each)) for each in concept.get("property", ())]
        one = gathered.setdefault(code, _Concept(set(), []))
        one.properties += told
        parents.setdefault(code, set()).update(path[-1:])
        for name, value in told:
            if name in ("parent", "subsumedBy"):
                parents[code].add(value)
            elif name == "child":
                parents.setdefault(value, set()).add(code)
    for code, one in gathered.items():
        waiting = list(parents.get(code, ()))
        while waiting:
            if (upper := waiting.pop()) not in one.above:
                one.above.add(upper)
                waiting += parents.get(upper, ())
    return gathered


def _walk(concepts: Iterable[Json], above: tuple[str, ...]) -> Iterator[tuple[str, Json, tuple[str, ...]]]:
    for concept in concepts:
        yield concept["code"], concept, above
        yield from _walk(concept.get("concept", ()), (*above, concept["code"]))


def _value(told: Json) -> Any:
    value = next((value for name, value in told.items() if name.startswith("value")), None)
    return value.get("code") if isinstance(value, dict) else value


def _filter(rule: Json, concepts: Mapping[str, _Concept]) -> set[str] | None:
    """Give the codes that a filter chooses, or None where it is not one that is counted here."""
    kind, name, value = rule.get("op"), rule.get("property"), str(rule.get("value", ""))
    below = {code for code, one in concepts.items() if value in one.above}
    if name in ("concept", "code"):
        options: dict[Any, set[str]] = {
            "is-a": below | ({value} & concepts.keys()),
            "descendent-of": below,
            "is-not-a": concepts.keys() - below - {value},
            "=": {value} & concepts.keys(),
            "in": set(value.split(",")) & concepts.keys(),
            "not-in": concepts.keys() - set(value.split(",")),
        }
        return options.get(kind)
    if kind not in ("=", "in") or not any(name == told for one in concepts.values() for told, _ in one.properties):
        return None
    wanted = {value} if kind == "=" else set(value.split(","))
    return {code for code, one in concepts.items() if any(told == name and _text(v) in wanted for told, v in one.properties)}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unite(parts: Iterable[Expansion]) -> Expansion:
    codes: dict[str, frozenset[str]] = {}
    forms: dict[str, str] = {}
    left: dict[str, str] = {}
    for part in parts:
        for system, found in part.codes.items():
            codes[system] = codes.get(system, frozenset()) | found
        forms |= part.forms
        left |= part.open
    return Expansion(codes, forms, left)


def _intersect(first: Expansion, second: Expansion) -> Expansion:
    """Keep what both hold: a side that cannot be counted leaves open what the other has."""
    codes: dict[str, frozenset[str]] = {}
    forms = {system: form for system, form in first.forms.items() if system in second.forms}
    left: dict[str, str] = {}
    for one, other in ((first, second), (second, first)):
        for system, found in one.codes.items():
            codes[system] = frozenset(code for code in found if other.holds(system, code)) | codes.get(system, frozenset())
            if any(other.holds(system, code) is None for code in found):
                left[system] = other.open.get(system) or other.open.get(_ANY) or f"{other.forms[system]} is only a form"
        for system, reason in {**one.open, **{name: f"{form} is only a form" for name, form in one.forms.items()}}.items():
            if system not in forms and {system, _ANY} & (other.open.keys() | other.forms.keys()):
                left.setdefault(system, reason)
    return Expansion({system: found for system, found in codes.items() if found}, forms, left)


def _subtract(first: Expansion, second: Expansion) -> Expansion:
    codes = {system: found - second.codes.get(system, frozenset()) for system, found in first.codes.items()}
    left = dict(first.open)
    for system in (*first.codes, *first.forms):
        reason = second.open.get(system) or second.open.get(_ANY)
        if system in second.forms or (system in second.codes and system in first.forms):
            reason = f"a part of {_NAMES.get(system, system)} is excluded"
        if reason is not None:
            codes.pop(system, None)
            left[system] = reason
    forms = {system: form for system, form in first.forms.items() if system not in left}
    return Expansion({system: found for system, found in codes.items() if found}, forms, left)
