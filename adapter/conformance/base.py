"""Base R4: the facts of every type, element, value set and code system, read from what tools/generate_base.py wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from adapter.conformance.expansion import Expansion

__all__ = ["BASE_URL", "BaseFacts", "DefinitionError", "ElementFacts", "TypeFacts", "read_base_facts"]

Json: TypeAlias = dict[str, Any]

BASE_URL: Final = "http://hl7.org/fhir/StructureDefinition/"
_FHIR_TYPE: Final = f"{BASE_URL}structuredefinition-fhir-type"
_SYSTEM: Final = "http://hl7.org/fhirpath/"
# R4 and R4B: one set of rules.
_VERSIONS: Final = ("", "4.0.1", "4.0.0", "4.0", "4.3.0", "4.3")


class DefinitionError(ValueError):
    """Say that a definition cannot be used, which and why: a start-up fault."""


@dataclass(frozen=True, slots=True)
class ElementFacts:
    """Say what base R4 says of one element.

    `types` are type names; a content reference has none, but the `content` path that its children stand under.
    `targets` are the types that a Reference may point to, none for any. `definition` is the ElementDefinition as JSON,
    with constraint, binding and slicing; it must not be changed. `most` is None for no limit.
    """

    path: str
    least: int
    most: int | None
    types: tuple[str, ...]
    targets: tuple[str, ...]
    content: str | None
    definition: Json

    @property
    def name(self) -> str:
        """Give the last step of the path, a choice with its `[x]`."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """Say what base R4 says of one type: kind is primitive-type, complex-type or resource; elements by their path."""

    name: str
    kind: str
    is_abstract: bool
    base: str | None
    elements: Mapping[str, ElementFacts]
    children: Mapping[str, tuple[ElementFacts, ...]]


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """Hold base R4; a type is read when it is first asked for. `profiles` are the definitions R4 itself makes, by url.

    `proofs` are the schemas that prove its invariants, and the targets of references: r4.proofs.json.
    """

    names: frozenset[str]
    profiles: Mapping[str, Json]
    proofs: Json = field(repr=False)
    _facts: Json = field(repr=False)
    _value_sets: Json = field(repr=False)
    _code_systems: Json = field(repr=False)
    _types: dict[str, TypeFacts] = field(default_factory=dict, repr=False)
    _expansions: dict[str, Expansion] = field(default_factory=dict, repr=False)

    def type(self, name: str) -> TypeFacts:
        """Give the facts of a type of `names`; KeyError for another."""
        if name not in self._types:
            self._types[name] = _read_type(name, self._facts)
        return self._types[name]

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Give a type and the types that it is derived from, nearest first: Claim, DomainResource, Resource."""
        found = [name]
        while (base := self._facts["types"][found[-1]]["base"]) is not None:
            found.append(base)
        return tuple(found)

    def children(self, path: str) -> tuple[ElementFacts, ...]:
        """Give the elements one step below a type or a backbone element, in the order of the definition.

        A path that leads into another type (`Patient.name`) or by a content reference is followed.
        """
        place = self._place(path)
        return self.type(place.partition(".")[0]).children.get(place, ()) if place else ()

    def element(self, path: str) -> ElementFacts | None:
        """Give the element that a path from a type leads to, through data types, choices and content references.

        `Observation.value[x]` and `Observation.valueQuantity` are one element, as are `Patient.name.given` and
        `HumanName.given`. None where R4 has no such element.
        """
        owner, _, name = path.rpartition(".")
        if not owner:
            return self.type(path).elements[path] if path in self.names else None
        found = self.children(owner)
        return next((each for each in found if each.name == name), None) or _choice(name, found)

    def value_set(self, canonical: str) -> Expansion | None:
        """Give what a value set of R4 holds, by `url` or `url|version`; None where R4 neither has it nor binds to it."""
        url = canonical.partition("|")[0]
        if url not in self._expansions and url in self._value_sets:
            told = self._value_sets[url]
            codes = {system: frozenset(found) for system, found in told.get("codes", {}).items()}
            self._expansions[url] = Expansion(codes, told.get("forms", {}), told.get("open", {}))
        return self._expansions.get(url)

    def code_system(self, url: str) -> Json | None:
        """Give the CodeSystem of a url with its codes and their hierarchy, no displays; None where R4 does not have it whole."""
        codes = self._code_systems.get(url)
        if codes is None:
            return None
        return {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": _concepts(codes)}

    def type_named(self, canonical: str) -> str | None:
        """Give the type whose own definition a canonical names, also with a version of R4; None for a profile.

        `http://hl7.org/fhir/StructureDefinition/Claim|4.0.1` names Claim.
        """
        url, _, version = canonical.partition("|")
        name = url.removeprefix(BASE_URL)
        return name if url != name and name in self.names and version in _VERSIONS else None

    def _place(self, path: str) -> str | None:
        """Find the path, in the table of one type, that holds the elements below another path."""
        name = path.partition(".")[0]
        if path in self.names or (name in self.names and path in self.type(name).children):
            return path
        found = self.element(path) if "." in path else None
        if found is None:
            return None
        if found.content is not None:
            return found.content
        variant = path.rpartition(".")[2].removeprefix(found.name.removesuffix("[x]"))
        types = [each for each in found.types if variant in ("", "[x]") or each[:1].upper() + each[1:] == variant]
        if found.path in self.type(found.path.partition(".")[0]).children:
            return found.path
        return types[0] if len(types) == 1 and types[0] in self.names else None


def read_base_facts(
    facts: Json, profiles: Sequence[Json], terminology: tuple[Json, Json], proofs: Json | None = None
) -> BaseFacts:
    """Read r4.facts.json, r4.profiles.json, r4.valuesets.json with r4.codesystems.json, and r4.proofs.json, decoded.

    >>> shapes = [{"min": 0, "max": "*"}, {"min": 1, "max": "1", "type": [{"code": "code"}]}]
    >>> types = {"Flag": {"kind": "resource", "abstract": False, "base": None, "elements": {"": 0, ".status": 1}}}
    >>> base = read_base_facts({"constraints": [], "shapes": shapes, "types": types}, [], ({}, {}))
    >>> base.element("Flag.status").types
    ('code',)
    """
    told = proofs or {"invariants": {}, "targets": {}}
    return BaseFacts(frozenset(facts["types"]), {each["url"]: each for each in profiles}, told, facts, *terminology)


def _concepts(codes: Sequence[Any]) -> list[Json]:
    return [{"code": one} if isinstance(one, str) else {"code": one[0], "concept": _concepts(one[1])} for one in codes]


def _choice(name: str, siblings: Sequence[ElementFacts]) -> ElementFacts | None:
    """Find the choice that a name with a type is a variant of."""
    for each in siblings:
        stem = each.name.removesuffix("[x]")
        if stem != each.name and name in {stem + code[:1].upper() + code[1:] for code in each.types}:
            return each
    return None


def _read_type(name: str, facts: Json) -> TypeFacts:
    told = facts["types"][name]
    elements = {name + suffix: _read_element(name, suffix, facts) for suffix in told["elements"]}
    children: dict[str, list[ElementFacts]] = {}
    for path, element in elements.items():
        children.setdefault(path.rpartition(".")[0], []).append(element)
    below = {path: tuple(found) for path, found in children.items() if path}
    return TypeFacts(name, told["kind"], told["abstract"], told["base"], elements, below)


def _read_element(name: str, suffix: str, facts: Json) -> ElementFacts:
    path = name + suffix
    shape: Json = facts["shapes"][facts["types"][name]["elements"][suffix]]
    above, from_shape = _base_of(name, suffix, facts)
    definition = {"id": path, "path": path, **shape}
    definition["base"] = {"path": above, "min": from_shape["min"], "max": from_shape["max"]}
    if "constraint" in shape:
        definition["constraint"] = [facts["constraints"][number] for number in shape["constraint"]]
    types = tuple(dict.fromkeys("id" if above == "Resource.id" else _type_name(told) for told in shape.get("type", ())))
    targets = tuple(url.removeprefix(BASE_URL) for told in shape.get("type", ()) for url in told.get("targetProfile", ()))
    most = None if shape["max"] == "*" else int(shape["max"])
    content = shape["contentReference"].partition("#")[2] if "contentReference" in shape else None
    return ElementFacts(path, shape["min"], most, types, targets, content, definition)


def _type_name(told: Json) -> str:
    """Give the type of R4 that stands for a type of FHIRPath in a definition."""
    code = str(told["code"])
    if not code.startswith(_SYSTEM):
        return code
    return next((str(each["valueUrl"]) for each in told.get("extension", ()) if each["url"] == _FHIR_TYPE), "string")


def _base_of(name: str, suffix: str, facts: Json) -> tuple[str, Json]:
    """Give the path and the shape of an element where it is first defined: its own, or an ancestor's."""
    types, shapes = facts["types"], facts["shapes"]
    own: Json = shapes[types[name]["elements"][suffix]]
    owner, _, last = suffix.rpartition(".")
    above = types[name]["base"]
    if owner:  # a backbone element has what its type has
        code = shapes[types[name]["elements"][owner]].get("type", [{"code": "Element"}])[0]["code"]
        above, suffix = (code if code in types else None), f".{last}"
    found = (name + (f"{owner}.{last}" if owner else suffix), own)
    while above is not None and suffix:
        if suffix in types[above]["elements"]:
            found = (above + suffix, shapes[types[above]["elements"][suffix]])
        above = types[above]["base"]
    return found
