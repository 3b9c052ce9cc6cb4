"""What the parts of the compiler share: how to compile a part, which types exist, what the expression needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from adapter.fhirpath.environment import Run, Truth
from adapter.fhirpath.faults import CannotRun
from adapter.fhirpath.nodes import Node, Types
from adapter.fhirpath.syntax import Call, Dot, Member, Syntax, Variable
from adapter.fhirpath.values import name_type

__all__ = ["Scope", "TypeName", "check_arguments", "names_of", "type_named", "uses"]

_SYSTEM_TYPES = frozenset({"Any", "Boolean", "Date", "DateTime", "Decimal", "Integer", "Quantity", "String", "Time"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Compile a part to its results (`run`) or to its truth (`truth`); `needs` gathers what it asks of outside."""

    run: Callable[[Syntax, Scope], Run]
    truth: Callable[[Syntax, Scope], Truth]
    types: Types | None = None
    needs: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as an expression names it, with or without its namespace."""

    namespace: str
    name: str

    def holds_for(self, item: Any, exactly: bool = False) -> bool:
        """Say whether an item is of the type; `exactly` takes no code for a string, as ofType() and as() do not."""
        if isinstance(item, Node) and item.type.name != "String":
            if self.namespace == "System":
                return False
            return self.name == item.type.name if exactly and item.type.system else self.name in item.type.ancestors
        return self.namespace != "FHIR" and self.name in ("Any", name_type(item)[1])


def type_named(tree: Syntax | str, at: int, scope: Scope) -> TypeName:
    """Read the name of a type out of `is`, `as` or ofType(); an unknown one raises CannotRun.

    Which FHIR types exist is known only where the compiler was given them.
    """
    text = tree if isinstance(tree, str) else ".".join(names_of(tree))
    namespace, _, name = text.rpartition(".")
    is_system = name in _SYSTEM_TYPES and namespace in ("", "System")
    if namespace not in ("", "System", "FHIR") or not name:
        raise CannotRun("The name of a type was expected", at)
    if scope.types is not None and not is_system and name not in scope.types:
        raise CannotRun(f"The type {name} is unknown", at)
    return TypeName(namespace, name)


def names_of(tree: Syntax) -> tuple[str, ...]:
    """Give the names of a path that consists of names alone (`a.b.c`); nothing for any other part."""
    if isinstance(tree, Member):
        return (tree.name,)
    if isinstance(tree, Dot) and isinstance(tree.step, Member) and (names := names_of(tree.source)):
        return (*names, tree.step.name)
    return ()


def check_arguments(call: Call, least: int, most: int) -> None:
    """Refuse a call with too few or too many arguments."""
    if not least <= len(call.arguments) <= most:
        told = str(least) if least == most else f"{least} to {most}"
        raise CannotRun(f"The function {call.name}() takes {told} arguments", call.at)


def uses(tree: Syntax, name: str) -> bool:
    """Say whether a variable stands anywhere in a part."""
    return any(isinstance(part, Variable) and part.name == name for part in _parts(tree))


def _parts(tree: Any) -> Iterator[Any]:
    stack = [tree]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, tuple):
            stack.extend(part)
        elif is_dataclass(part):
            stack.extend(getattr(part, one.name) for one in fields(part))
