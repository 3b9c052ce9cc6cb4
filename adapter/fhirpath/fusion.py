"""Parts that are looked up in the JSON members where they stand, without making nodes: what most invariants consist of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from adapter.fhirpath.environment import Environment, Truth
from adapter.fhirpath.nodes import Node, follow
from adapter.fhirpath.scope import Scope, names_of
from adapter.fhirpath.syntax import Call, Dot, Literal, Member, Syntax, Variable

__all__ = ["Count", "absence_of", "count_of", "presence_of", "text_of"]

Count: TypeAlias = Callable[[Any, Environment], int]


def absence_of(tree: Syntax, scope: Scope) -> Truth | None:
    """Compile `name.empty()` and `path.name.empty()`; None for other parts."""
    if isinstance(tree, Member) and not tree.name[:1].isupper():
        name = tree.name
        return lambda this, _: type(this) is not Node or not _is_present(this, name)
    present = presence_of(tree, scope)
    return None if present is None else lambda this, environment: not present(this, environment)


def presence_of(tree: Syntax, scope: Scope) -> Truth | None:
    """Compile `name.exists()` and `path.name.exists()`; None for other parts."""
    if isinstance(tree, Member) and not tree.name[:1].isupper():
        name = tree.name
        return lambda this, _: type(this) is Node and _is_present(this, name)
    if not (isinstance(tree, Dot) and isinstance(tree.step, Member)):
        return None
    member, names = tree.step.name, names_of(tree.source)
    if names and not names[0][:1].isupper():
        return _presence_below(names, member)
    source = scope.run(tree.source, scope)

    def run(this: Any, environment: Environment) -> bool:
        for item in source(this, environment):  # noqa: SIM110 - a generator costs more than the look
            if type(item) is Node and _is_present(item, member):
                return True
        return False

    return run


def _presence_below(names: tuple[str, ...], member: str) -> Truth:
    first = names[0]

    def run(this: Any, _: Environment) -> bool:
        if type(this) is not Node or not _is_present(this, first):
            return False
        for item in follow(this, names):  # noqa: SIM110 - as above
            if _is_present(item, member):
                return True
        return False

    return run


def _is_present(node: Node, name: str) -> bool:
    keys, fields = node.type.presence.get(name), node.fields
    if keys is None or not fields:
        return False
    for key in keys if len(keys) < 3 else keys.intersection(fields):  # a choice has many
        value = fields.get(key)
        if value or (value is not None and value != []):
            return True
    return False


def text_of(tree: Syntax) -> Callable[[Any], str | None]:
    """Compile the string that a name of the focus holds; None where it is no such name, or no single string."""
    if isinstance(tree, Variable) and tree.name == "$this":
        return lambda this: this.value if type(this) is Node and this.type.system == "String" else None
    if not isinstance(tree, Member):
        return lambda _: None
    name = tree.name

    def look(this: Any) -> str | None:
        if type(this) is not Node:
            return None
        forms = this.type.members.get(name)
        if forms is None or len(forms) != 1 or forms[0].type.system != "String":
            return None
        value = this.fields.get(forms[0].key)
        return value if type(value) is str else None

    return look


def count_of(tree: Syntax, scope: Scope) -> Count | None:
    """Compile `name.count()`, `children().count()`, any other `path.count()`, or an integer; None for other parts."""
    if isinstance(tree, Literal) and type(tree.value) is int:
        number = tree.value
        return lambda _this, _environment: number
    if not (isinstance(tree, Dot) and isinstance(tree.step, Call) and tree.step.name == "count" and not tree.step.arguments):
        return None
    source = tree.source
    if isinstance(source, Call) and source.name == "children" and not source.arguments:
        return lambda this, _: _count_children(this) if type(this) is Node else 0
    if isinstance(source, Member) and not source.name[:1].isupper():
        return _count_member(source.name)
    run = scope.run(source, scope)
    return lambda this, environment: len(run(this, environment))


def _count_children(node: Node) -> int:
    keys, fields, total = node.type.keys, node.fields, 0
    for key in fields:
        form = keys.get(key)
        if form is not None and (key == form.key or form.key not in fields):
            total += _count_values(fields.get(form.key), fields.get(form.sibling))
    return total


def _count_member(name: str) -> Count:
    def count(this: Any, _: Environment) -> int:
        forms = this.type.members.get(name, ()) if type(this) is Node else ()
        return sum(_count_values(this.fields.get(form.key), this.fields.get(form.sibling)) for form in forms)

    return count


def _count_values(value: Any, sibling: Any) -> int:
    """Count the elements that a JSON name and its sibling stand for, as the nodes would be made of them."""
    if type(value) is not list and type(sibling) is not list:
        return 0 if value is None and sibling is None else 1
    values = value if isinstance(value, list) else []
    siblings = sibling if isinstance(sibling, list) else []
    if None not in values and len(siblings) <= len(values):
        return len(values)
    return sum(
        1 for index in range(max(len(values), len(siblings)))
        if (index < len(values) and values[index] is not None) or (index < len(siblings) and siblings[index] is not None)
    )
