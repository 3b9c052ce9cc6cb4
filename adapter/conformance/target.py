"""Targets of references, and profiles of types: what a reference leads to, and what a value must itself conform to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapter.conformance.element_tree import Node
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance
from adapter.conformance.library import Library
from adapter.issues import Issue, IssueType

__all__ = ["compile_targets", "type_of_reference"]

_RESTFUL: Final = re.compile(r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?$")
_ANY: Final = ("Resource", "DomainResource")


def compile_targets(node: Node, owner: str, library: Library) -> Iterator[Check]:
    """Compile what the types of an element ask: target profiles of references, profiles of the value itself.

    FHIR: ElementDefinition.type.targetProfile and .profile; a reference whose target was not sent is judged by its type
    alone, where it shows one. Targets that the base names already are looked at with the base.
    """
    base = library.base_element(owner, node.name) or {}
    targets = _urls(node.types, "targetProfile")
    if targets and set(targets) != set(_urls(base.get("type", ()), "targetProfile")):
        yield _targets(node, targets, library)
    profiles: dict[str, list[str]] = {}
    known = _urls(base.get("type", ()), "profile")
    for kind in node.types:
        for url in kind.get("profile", ()):
            if url not in known and library.tree(url) is not None:
                profiles.setdefault(str(kind["code"]), []).append(str(url))
    if profiles:
        yield _profiles(profiles, library)


def _urls(types: Sequence[Mapping[str, Any]], word: str) -> list[str]:
    return [str(url) for kind in types for url in kind.get(word, ())]


def type_of_reference(reference: Mapping[str, Any]) -> str | None:
    """Give the resource type that a Reference shows: Reference.type, else the type in a literal reference.

    >>> type_of_reference({"reference": "https://example.org/fhir/Patient/1/_history/2"})
    'Patient'
    """
    told, literal = reference.get("type"), reference.get("reference")
    if isinstance(told, str):
        return told.rpartition("/")[2]
    found = _RESTFUL.search(literal) if isinstance(literal, str) else None
    return found["type"] if found else None


def _targets(node: Node, targets: Sequence[str], library: Library) -> Check:
    by_type: dict[str, list[str]] = {}
    for url in targets:
        by_type.setdefault(library.type_of(url) or url.partition("|")[0].rpartition("/")[2], []).append(url)
    shown = " or ".join(by_type)

    def check(instance: Instance, scene: Any) -> Iterator[Finding | Issue]:
        if not isinstance(instance.value, dict) or any(name in by_type for name in _ANY):
            return
        found = scene.resolve(instance)
        kind = found.value["resourceType"] if found is not None else type_of_reference(instance.value)
        if kind is not None and kind not in by_type:
            text = f"refers to {kind if kind in library.resources else 'another type'}; {shown} was expected. Correct it"
            yield Finding("profile.target", IssueType.STRUCTURE, text, instance.link, node.name)
        elif kind is not None and found is not None:
            yield from _conform(found, by_type[kind], scene, library)

    return check


def _profiles(profiles: Mapping[str, list[str]], library: Library) -> Check:
    def check(instance: Instance, scene: Any) -> Iterator[Finding | Issue]:
        urls = profiles.get(instance.type) or profiles.get(str(_resource_type(instance)))
        if urls:
            yield from _conform(instance, urls, scene, library)

    return check


def _resource_type(instance: Instance) -> Any:
    return instance.value.get("resourceType") if isinstance(instance.value, dict) else None


def _conform(instance: Instance, urls: Sequence[str], scene: Any, library: Library) -> Iterator[Issue]:
    """Check that an instance conforms to one of the profiles; where there is one only, say what it misses itself."""
    tried = [list(library.check(url, instance, scene)) for url in urls]
    if any(not any(issue.is_error for issue in issues) for issues in tried):
        return
    yield from min(tried, key=len)
