"""Discriminators: what tells that an instance belongs to a slice, compiled from the slice's own definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapter.conformance.base import DefinitionError
from adapter.conformance.binding import is_bound
from adapter.conformance.element_tree import Node
from adapter.conformance.instance import Instance, Step, equals, holds_pattern, reach, steps_to
from adapter.conformance.library import Library

__all__ = ["Discriminator", "compile_discriminator"]

Json: TypeAlias = dict[str, Any]
Check: TypeAlias = Callable[[Instance, Any], bool]

_STEP: Final = re.compile(
    r"\s*\.?\s*(?:(?P<this>\$this)|extension\(\s*['\"](?P<url>[^'\"]+)['\"]\s*\)|(?P<resolve>resolve\(\))"
    r"|ofType\(\s*(?P<type>[A-Za-z]+)\s*\)|(?P<name>[A-Za-z][A-Za-z0-9]*))"
)


@dataclass(frozen=True, slots=True)
class Discriminator:
    """One fact that an instance of a slice shows: `text` says it in words, `matches` asks it of an instance and a scene."""

    text: str
    matches: Check


def compile_discriminator(node: Node, discriminator: Mapping[str, str], owner: str, library: Library) -> Discriminator | None:
    """Compile one discriminator of a slice whose type is `owner`; None where the slice says nothing at its path.

    FHIR: ElementDefinition.slicing.discriminator.type (value, pattern, exists, type, profile) and .path.
    """
    kind, path = discriminator["type"], discriminator["path"]
    way = _follow(node, path, owner, library)
    if way is None:
        return None
    targets, select = way
    shown = "it" if path == "$this" else path
    if kind == "exists":
        return _exists(targets, select, shown)
    if kind == "type":
        return _type(targets, select, shown)
    if kind == "profile":
        return _profile(targets, (select, shown), library)
    return _value(targets, (select, shown), library)


Select: TypeAlias = Callable[[Instance, Any], Iterator[Instance]]


def _follow(node: Node, path: str, owner: str, library: Library) -> tuple[list[Node], Select] | None:
    """Follow a path in the definition and give the nodes that it ends at, and how to go the same way in an instance."""
    nodes, kinds = [node], [owner]
    moves: list[Callable[[Instance, Any], Iterator[Instance]]] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise DefinitionError(f"{node.element.get('path', node.name)}: the discriminator path {path!r} cannot be read.")
        position = step.end()
        if step["this"]:
            continue
        if step["resolve"]:
            nodes = [root for one in nodes for root in _targets(one, library)]
            kinds = [root.name for root in nodes]
            moves.append(_resolve)
        elif step["type"]:
            moves.append(_of_type(step["type"]))
            kinds = [step["type"]]
        else:
            name = "extension" if step["url"] else str(step["name"])
            nodes = [child for one in nodes for child in _children(one, name, step["url"], library)]
            steps = [found for kind in kinds if (found := steps_to([name], kind, library.schema)
                     or steps_to([f"{name}[x]"], kind, library.schema))]
            if not steps:
                return None
            moves.append(_move(steps[0], step["url"]))
            kinds = [kind for _, kind in steps[0][0]]
    return nodes, _chain(moves)


def _chain(moves: Sequence[Callable[[Instance, Any], Iterator[Instance]]]) -> Select:
    def select(instance: Instance, scene: Any) -> Iterator[Instance]:
        found = [instance]
        for move in moves:
            found = [other for one in found for other in move(one, scene)]
        return iter(found)

    return select


def _move(steps: Sequence[Step], url: str | None) -> Callable[[Instance, Any], Iterator[Instance]]:
    def move(instance: Instance, scene: Any) -> Iterator[Instance]:  # noqa: ARG001 # every move takes the scene
        for one in reach(instance, steps):
            if url is None or (isinstance(one.value, dict) and one.value.get("url") == url):
                yield one

    return move


def _resolve(instance: Instance, scene: Any) -> Iterator[Instance]:
    found = scene.resolve(instance) if isinstance(instance.value, dict) else None
    if found is not None:
        yield found


def _of_type(kind: str) -> Callable[[Instance, Any], Iterator[Instance]]:
    def move(instance: Instance, scene: Any) -> Iterator[Instance]:  # noqa: ARG001 # every move takes the scene
        if instance.type == kind or (isinstance(instance.value, dict) and instance.value.get("resourceType") == kind):
            yield instance

    return move


def _targets(node: Node, library: Library) -> list[Node]:
    """Give the roots of the target profiles of a reference; a base type has a root without rules."""
    profiles = [url for kind in node.types for url in kind.get("targetProfile", ())]
    known = {url: kind for url in profiles if (kind := library.type_of(url)) is not None}
    return [library.tree(url) or Node(kind, {}) for url, kind in known.items()]


def _children(node: Node, name: str, url: str | None, library: Library) -> list[Node]:
    """Give the children of this name, of the element itself and of the profiles of its types."""
    found = [child for child in node.children if child.name in (name, f"{name}[x]")]
    for kind in node.types:
        for profile in kind.get("profile", ()):
            tree = library.tree(profile)
            if tree is not None:
                found += [child for child in tree.children if child.name in (name, f"{name}[x]")]
            elif name == "url" and kind.get("code") == "Extension":  # known by its url, though its definition is not here
                found.append(Node(name, {"fixedUri": profile.partition("|")[0]}))
    if url is None:
        return found
    return [piece for child in found for piece in child.slices
            if any(profile.partition("|")[0] == url for kind in piece.types for profile in kind.get("profile", ()))]


def _exists(nodes: list[Node], select: Select, shown: str) -> Discriminator | None:
    for node in nodes:
        if node.most == 0:
            return Discriminator(f"{shown} is absent", lambda one, scene: next(select(one, scene), None) is None)
        if node.least > 0:
            return Discriminator(f"{shown} is there", lambda one, scene: next(select(one, scene), None) is not None)
    return None


def _type(nodes: list[Node], select: Select, shown: str) -> Discriminator | None:
    codes = {str(kind["code"]).rpartition("/")[2] for node in nodes for kind in node.types if "code" in kind}
    codes |= {node.name for node in nodes if not node.types}
    if not codes:
        return None

    def matches(instance: Instance, scene: Any) -> bool:
        return any(_kind(one) in codes for one in select(instance, scene))

    return Discriminator(f"the type of {shown} is {' or '.join(sorted(codes))}", matches)


def _kind(instance: Instance) -> str:
    value = instance.value
    name = value.get("resourceType") if isinstance(value, dict) else None
    return name if isinstance(name, str) else instance.type


def _profile(nodes: list[Node], way: tuple[Select, str], library: Library) -> Discriminator | None:
    select, shown = way
    urls = [url for node in nodes for kind in node.types for url in (*kind.get("profile", ()), *kind.get("targetProfile", ()))]
    if not urls:
        return None

    def matches(instance: Instance, scene: Any) -> bool:
        return any(library.conforms(url, one, scene) for one in select(instance, scene) for url in urls)

    return Discriminator(f"{shown} conforms to {' or '.join(url.rpartition('/')[2] for url in urls)}", matches)


def _value(nodes: list[Node], way: tuple[Select, str], library: Library) -> Discriminator | None:
    select, shown = way
    asked = [found for node in nodes if (found := _asked(node, library))]
    if not asked:
        return None
    words = asked[0][0]
    checks = [check for _, check in asked]

    def matches(instance: Instance, scene: Any) -> bool:
        return any(all(check(one.value) for check in checks) for one in select(instance, scene))

    return Discriminator(f"{shown} is {words}", matches)


def _asked(node: Node, library: Library) -> tuple[str, Callable[[Any], bool]] | None:
    """Give what a node asks of a value: fixed, pattern, required binding, else what its children ask together."""
    fixed, pattern = node.value("fixed"), node.value("pattern")
    if fixed is not None:
        return _words(fixed), lambda value: equals(fixed, value)
    if pattern is not None:
        return _words(pattern), lambda value: holds_pattern(pattern, value)
    inner = [(name, found) for name, child in (*((one.name, one) for one in node.children), *_slice_children(node))
             if (found := _asked(child, library))]
    if inner:
        return inner[0][1][0], lambda value: all(_any_child(value, name, check) for name, (_, check) in inner)
    binding = node.element.get("binding", {})
    if binding.get("strength") != "required" or "valueSet" not in binding:
        return None
    expansion = library.expansion(binding["valueSet"])
    return f"in {binding['valueSet'].rpartition('/')[2]}", lambda value: is_bound(value, expansion) is True


def _slice_children(node: Node) -> list[tuple[str, Node]]:
    """Give the slices of children that must be there: what they ask is asked of the element."""
    return [(child.name, piece) for child in node.children for piece in child.slices if piece.least > 0]


def _any_child(value: Any, name: str, check: Callable[[Any], bool]) -> bool:
    if not isinstance(value, dict):
        return False
    stem = name.removesuffix("[x]")
    if stem != name:
        return any(check(inner) for key, inner in value.items() if key.startswith(stem))
    inner = value.get(name)
    return any(map(check, inner)) if isinstance(inner, list) else inner is not None and check(inner)


def _words(asked: Any) -> str:
    """Say a fixed or pattern value in words: what a definition asks is no patient's data."""
    if isinstance(asked, dict):
        return " and ".join(_words(value) if key == "coding" else f"{key} {_words(value)}" for key, value in asked.items())
    return " and ".join(map(_words, asked)) if isinstance(asked, list) else str(asked)
