"""The elements of a snapshot as a tree: children below an element, slices beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from adapter.conformance.base import DefinitionError

__all__ = ["Node", "choice_of", "flatten_tree", "grow_tree", "hold_to_types", "slice_node"]

Json: TypeAlias = dict[str, Any]

_TYPE_SLICING: Final[Json] = {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "open"}
_EXTENSION_SLICING: Final[Json] = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}


@dataclass(slots=True)
class Node:
    """An element in the tree of a snapshot: `name` is its step of the path.

    `is_new` marks a slice that the differential makes and has not spoken of yet.
    """

    name: str
    element: Json
    children: list[Node] = field(default_factory=list)
    slices: list[Node] = field(default_factory=list)
    is_new: bool = False

    @property
    def is_choice(self) -> bool:
        """Tell whether the element is a choice of types."""
        return self.name.endswith("[x]")

    @property
    def least(self) -> int:
        """Give min."""
        return int(self.element.get("min", 0))

    @property
    def most(self) -> int | None:
        """Give max, None for `*`."""
        most = self.element.get("max", "*")
        return None if most == "*" else int(most)

    @property
    def types(self) -> Sequence[Json]:
        """Give ElementDefinition.type."""
        found: Sequence[Json] = self.element.get("type", ())
        return found

    def value(self, word: str) -> Any:
        """Give fixed[x] or pattern[x], None where it is not said."""
        return next((value for key, value in self.element.items() if key.startswith(word)), None)

    def walk(self) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Give every element below that is no slice, in none, and below no choice, by the names that lead to it."""
        for child in self.children:
            yield (child.name,), child
            if not child.is_choice:
                for path, inner in child.walk():
                    yield (child.name, *path), inner

    def copy(self) -> Node:
        """Give a copy whose elements can be replaced."""
        return Node(self.name, self.element, [each.copy() for each in self.children], [each.copy() for each in self.slices])

    def child(self, name: str) -> Node | None:
        """Give the child of this name, not one of its slices."""
        return next((each for each in self.children if each.name == name), None)

    def slice(self, name: str) -> Node | None:
        """Give the slice of this name, also a slice of a slice."""
        found = (each if each.element["sliceName"] == name else each.slice(name) for each in self.slices)
        return next((each for each in found if each is not None), None)

    def below(self, path: str) -> Node | None:
        """Give the node that a path or id from here leads to: `Observation.component:systolic.code`."""
        node: Node | None = self
        for step in path.split(".")[1:]:
            name, _, slice_name = step.partition(":")
            node = node.child(name) if node is not None else None
            node = node.slice(slice_name) if node is not None and slice_name else node
        return node


def grow_tree(elements: Sequence[Json]) -> Node:
    """Grow the tree of a flat snapshot: a child stands below the last element of its parent's path.

    >>> tree = grow_tree([{"path": "Flag"}, {"path": "Flag.note"}, {"path": "Flag.note", "sliceName": "a"}])
    >>> [each.element["sliceName"] for each in tree.children[0].slices]
    ['a']
    """
    root = Node(elements[0]["path"], elements[0])
    last = {root.name: root}
    for element in elements[1:]:
        parent, _, name = element["path"].rpartition(".")
        if parent not in last:
            raise DefinitionError(f"{element['path']}: its parent does not stand before it in the snapshot.")
        node = Node(name, element)
        sibling = last[parent].child(name)
        if sibling is None or "sliceName" not in element:
            last[parent].children.append(node)
        else:
            cut = str(element["sliceName"]).rpartition("/")[0]
            ((sibling.slice(cut) if cut else None) or sibling).slices.append(node)
        last[element["path"]] = node
    return root


def flatten_tree(node: Node, id_: str = "", path: str = "") -> Iterator[Json]:
    """Give the elements of a tree in document order, with the ids and paths of their places."""
    place, named = f"{path}.{node.name}".lstrip("."), f"{id_}.{node.name}".lstrip(".")
    if "sliceName" in node.element and path:
        named += f":{node.element['sliceName']}"
    yield {**node.element, "id": named, "path": place}
    for child in node.children:
        yield from flatten_tree(child, named, place)
    for each in node.slices:
        yield from flatten_tree(each, id_, path)


def slice_node(node: Node, name: str) -> Node:
    """Give the slice of this name; where there is none yet, a copy of the element, or of the slice that it is cut from.

    A new slice may be absent and is not sliced itself; one with the name of a choice's variant has its type. Slicing of
    extensions by url, of choices by type, and of a slice as of its element goes without saying. A name on an element that
    nothing slices names the element itself, as in the profiles of R4 itself.
    """
    found = node.slice(name)
    if found is not None:
        return found
    whole = node.slice(name.rpartition("/")[0]) or node
    types = [each for each in whole.element.get("type", ()) if _variant(node.name, each) == name]
    if "slicing" not in whole.element:
        unsaid = _EXTENSION_SLICING if node.name in ("extension", "modifierExtension") else _TYPE_SLICING if types else None
        slicing = unsaid if whole is node else node.element.get("slicing")
        if slicing is None:
            return whole
        whole.element = whole.element | {"slicing": slicing}
    element = {key: value for key, value in whole.element.items() if key != "slicing"} | {"sliceName": name, "min": 0}
    if types:
        element["type"] = types
    made = Node(node.name, element, [each.copy() for each in whole.children], is_new=True)
    whole.slices.append(made)
    return made


def hold_to_types(choice: Node) -> None:
    """Hold a choice to the types of its slices by type: so do the snapshots of R4 itself for a short form."""
    types = [told for each in choice.slices for told in each.element["type"]]
    choice.element = choice.element | {"slicing": _TYPE_SLICING | {"rules": "closed"}, "type": types}


def choice_of(name: str, node: Node) -> Node | None:
    """Find the child that is a choice of which a name is a variant: `value[x]` for `valueQuantity`."""
    choices = [each for each in node.children if each.name.endswith("[x]")]
    return next((each for each in choices if name in [_variant(each.name, told) for told in each.element["type"]]), None)


def _variant(choice: str, told: Json) -> str:
    code = str(told["code"])
    return choice.removesuffix("[x]") + code[:1].upper() + code[1:] if choice.endswith("[x]") else ""
