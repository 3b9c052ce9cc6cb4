"""Snapshots: every element that an instance of a type or profile may have, as ElementDefinitions.

A snapshot is a flat list in document order: each element, then its children, then its slices with theirs. Names of
slices stand in the ids (`Observation.component:systolic.code`), paths are without them. A slice has copies of the
children of the element that it is cut from; what is said of that element holds for its slices too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adapter.conformance.base import BASE_URL, BaseFacts, DefinitionError
from adapter.conformance.differential import lay_element
from adapter.conformance.element_tree import Node, choice_of, flatten_tree, grow_tree, hold_to_types, slice_node

__all__ = ["Find", "Snapshots", "base_snapshot", "find_base", "make_snapshot"]

Json: TypeAlias = dict[str, Any]
Find: TypeAlias = Callable[[str], "Json | None"]


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


def make_snapshot(definition: Json, find: Find) -> list[Json]:
    """Make the snapshot of a StructureDefinition: its own where it has one, else its differential laid on its base's.

    `find` gives the definition of a canonical (`url` or `url|version`), or None: those of a folder, then `find_base`.
    Bases may be differentials themselves, in a chain. Elements of data types, of profiles of a type and of content
    references are unrolled where the differential walks into them; `valueQuantity` becomes the slice
    `value[x]:valueQuantity`; a slice `a/b` is cut from the slice `a`.
    Errors: DefinitionError names the definition, the element and why it cannot be laid there.

    >>> elements = [{"id": name, "path": name, "min": 0, "max": "*"} for name in ("Flag", "Flag.note")]
    >>> base = {"url": "urn:Flag", "snapshot": {"element": elements}}
    >>> rules = [{"id": "Flag.note", "path": "Flag.note", "min": 1}]
    >>> own = {"url": "urn:p", "type": "Flag", "baseDefinition": "urn:Flag", "differential": {"element": rules}}
    >>> [(each["id"], each["min"]) for each in make_snapshot(own, {"urn:Flag": base}.get)]
    [('Flag', 0), ('Flag.note', 1)]
    """
    return Snapshots(find).of(definition)


@dataclass(slots=True)
class Snapshots:
    """Make the snapshots of many definitions with one way to find them: what they share is laid once.

    `find` is as for `make_snapshot`.
    """

    find: Find
    _trees: dict[str, Node] = field(default_factory=dict)

    def of(self, definition: Json) -> list[Json]:
        """Give the snapshot of a definition, as `make_snapshot` does; what it holds must not be changed."""
        if "snapshot" in definition:
            elements: list[Json] = definition["snapshot"]["element"]
            return elements
        return list(flatten_tree(self.tree(definition, ())))

    def tree(self, definition: Json, above: tuple[str, ...]) -> Node:
        """Give the tree of a snapshot, which must be copied before it is changed; `above` are those that wait for it."""
        url = str(definition.get("url"))
        key = f"{url}|{definition.get('version')}"
        if key in above:
            raise DefinitionError(f"{url}: it is based on itself, by way of {above[-1]}.")
        if key not in self._trees:
            told = definition.get("snapshot")
            self._trees[key] = self._lay(definition, (*above, key)) if told is None else grow_tree(told["element"])
        return self._trees[key]

    def named(self, canonical: str, where: str, above: tuple[str, ...]) -> Node:
        """Give the tree of the definition that a canonical names."""
        found = self.find(canonical)
        if found is None:
            raise DefinitionError(f"{where}: {canonical} is not here. Add its definition.")
        return self.tree(found, above)

    def _lay(self, definition: Json, above: tuple[str, ...]) -> Node:
        url = definition.get("url")
        for word in ("baseDefinition", "differential", "type"):
            if word not in definition:
                raise DefinitionError(f"{url}: {word} is missing.")
        if definition.get("derivation", "constraint") != "constraint":
            raise DefinitionError(f"{url}: a new type needs its snapshot; only a constraint can be laid on its base.")
        root = self.named(definition["baseDefinition"], str(url), above).copy()
        _Layer(self, definition, root, above).lay()
        return root


@dataclass(slots=True)
class _Layer:
    """The laying of one differential on the tree of its base."""

    snapshots: Snapshots
    definition: Json
    root: Node
    above: tuple[str, ...]

    def lay(self) -> None:
        """Lay each element of the differential where its id, or else its path, says."""
        url, elements = self.definition["url"], self.definition["differential"]["element"]
        places = _places(elements, str(url))
        for rules, place in zip(elements, places, strict=True):
            where = f"{url}, {place}"
            steps = [_split(step) for step in place.split(".")]
            if steps[0][0] != self.root.name:
                raise DefinitionError(f"{where}: the path does not begin with {self.root.name}.")
            owner = node = self.root
            for step in steps[1:]:
                owner, node = node, self._descend(node, step, where)
            element = node.element | {"max": "*"} if node.is_new and "max" in rules else node.element
            node.element, node.is_new = lay_element(element, rules, where), False
            choice = owner.child(node.name) if node.name != steps[-1][0] else None
            if choice is not None and f"{place.rpartition('.')[0]}.{choice.name}" not in places:
                hold_to_types(choice)

    def _descend(self, node: Node, step: tuple[str, str | None], where: str) -> Node:
        """Give the child, or the slice of a child, that a step leads to, made where it is not there yet."""
        name, slice_name = step
        if not node.children:
            node.children = self._unroll(node, where)
        child = node.child(name)
        if child is None:
            child = choice_of(name, node)
            if child is None:
                raise DefinitionError(f"{where}: there is no element {name} to lay it on.")
            return slice_node(child, name)
        return child if slice_name is None else slice_node(child, slice_name)

    def _unroll(self, node: Node, where: str) -> list[Node]:
        """Give copies of the children that an element has by its content reference, its type or its type's profile."""
        reference = node.element.get("contentReference")
        if reference is not None:
            path = reference.partition("#")[2]
            kind = path.partition(".")[0]
            root = self.root if kind == self.root.name else self.snapshots.named(BASE_URL + kind, where, self.above)
            found = root.below(path)
            if found is None:
                raise DefinitionError(f"{where}: the content reference {reference} leads nowhere.")
            return [each.copy() for each in found.children]
        codes = {each["code"] for each in node.element.get("type", ())}
        if len(codes) != 1:
            told = "no type" if not codes else "more than one type"
            raise DefinitionError(f"{where}: {node.element['path']} has {told}; its children are not known.")
        profiles = [url for each in node.element["type"] for url in each.get("profile", ())]
        canonical = profiles[0] if len(profiles) == 1 else BASE_URL + codes.pop()
        return [each.copy() for each in self.snapshots.named(canonical, where, self.above).children]


def _split(step: str) -> tuple[str, str | None]:
    name, colon, slice_name = step.partition(":")
    return name, slice_name if colon else None


def _places(elements: Sequence[Json], url: str) -> list[str]:
    """Give the place of each element of a differential: its id, or else where its path and slice name put it.

    An element without an id stands below the last element of its parent's path.
    """
    places: list[str] = []
    last: dict[str, str] = {}
    for rules in elements:
        path = str(rules.get("path", ""))
        if not path:
            raise DefinitionError(f"{url}, {rules.get('id', 'an element')}: the path is missing.")
        parent, _, name = path.rpartition(".")
        place = str(rules.get("id") or (f"{last.get(parent, parent)}.{name}" if parent else name))
        if parent and "sliceName" in rules and ":" not in place.rpartition(".")[2]:
            place += f":{rules['sliceName']}"
        last[path] = place
        places.append(place)
    return places
