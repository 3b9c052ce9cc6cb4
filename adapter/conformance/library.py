"""What the compiler of profiles asks of the definitions at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from adapter.conformance.element_tree import Node
from adapter.conformance.expansion import Expansion
from adapter.conformance.instance import Instance
from adapter.issues import Issue

__all__ = ["Library"]


class Library(Protocol):
    """Base R4, and the profiles and value sets of the folders; `published` are schemas of profiles, by `url|version`."""

    schema: Mapping[str, Any]
    resources: frozenset[str]
    published: Mapping[str, dict[str, Any]]

    def tree(self, canonical: str) -> Node | None:
        """Give the element tree of a profile; None for a type of base R4, and for one that is not here."""

    def type_of(self, canonical: str) -> str | None:
        """Give the type that a canonical constrains; None where it is not here."""

    def expansion(self, canonical: str) -> Expansion:
        """Give what a value set holds, as far as it is known here."""

    def base_element(self, owner: str, name: str) -> Mapping[str, Any] | None:
        """Give the ElementDefinition that base R4 has for an element of a type."""

    def holds(self, expression: str, where: str) -> Callable[[Instance, Any], bool | None]:
        """Compile an invariant, None where an instance lets it have no result; DefinitionError where it cannot be run."""

    def check(self, canonical: str, instance: Instance, scene: Any) -> Iterator[Issue]:
        """Check an instance against a profile."""

    def conforms(self, canonical: str, instance: Instance, scene: Any) -> bool:
        """Tell whether an instance is of a profile's type and without an error against it."""
