"""Functions whose argument is evaluated for every item: where, select, all, exists, repeat, iif, aggregate, sort, trace."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cmp_to_key
from typing import Any, Final

from adapter.fhirpath.environment import Environment, Run, Truth
from adapter.fhirpath.faults import PathError
from adapter.fhirpath.nodes import NOTHING, Node
from adapter.fhirpath.scope import Scope, check_arguments, uses
from adapter.fhirpath.sets import Items
from adapter.fhirpath.syntax import Call, Syntax, Unary
from adapter.fhirpath.values import compare, identity, plain, single

__all__ = ["ITERATIONS", "TRUTHS"]


def _each(tree: Syntax, part: Callable[[Any, Environment], Any]) -> Callable[[Items, Environment], list[Any]]:
    """Evaluate a part for every item; `$index` is set only where it is asked for."""
    if not uses(tree, "$index"):
        return lambda items, environment: [part(item, environment) for item in items]
    return lambda items, environment: [
        part(item, replace(environment, index=index)) for index, item in enumerate(items)
    ]


def _where(source: Run, call: Call, scope: Scope) -> Run:
    check_arguments(call, 1, 1)
    criterion = scope.truth(call.arguments[0], scope)
    if not uses(call.arguments[0], "$index"):
        return lambda this, environment: [item for item in source(this, environment) if criterion(item, environment)]
    each = _each(call.arguments[0], criterion)

    def run(this: Any, environment: Environment) -> Items:
        items = source(this, environment)
        return [item for item, is_so in zip(items, each(items, environment), strict=True) if is_so]

    return run


def _select(source: Run, call: Call, scope: Scope) -> Run:
    check_arguments(call, 1, 1)
    each = _each(call.arguments[0], scope.run(call.arguments[0], scope))
    return lambda this, environment: [
        found for part in each(source(this, environment), environment) for found in part
    ]


def _repeat(source: Run, call: Call, scope: Scope) -> Run:
    check_arguments(call, 1, 1)
    each = _each(call.arguments[0], scope.run(call.arguments[0], scope))

    def run(this: Any, environment: Environment) -> Items:
        found: dict[Hashable, Any] = {}
        items = source(this, environment)
        while items:
            fresh: Items = []
            for part in each(items, environment):
                for item in part:
                    key = identity(item)
                    if key not in found:
                        found[key] = item
                        fresh.append(item)
            items = fresh
        return list(found.values())

    return run


def _iif(source: Run, call: Call, scope: Scope) -> Run:
    check_arguments(call, 2, 3)
    criterion, *branches = [scope.run(argument, scope) for argument in call.arguments]

    def run(this: Any, environment: Environment) -> Items:
        items = source(this, environment)
        if len(items) > 1:
            raise PathError("iif() takes one item, and there are several")
        focus = items[0] if items else NOTHING
        verdict = single(criterion(focus, environment), "iif()")
        if verdict is not None and not isinstance(verdict, bool):
            raise PathError("iif() takes a Boolean as its criterion")
        if verdict:
            return branches[0](focus, environment)
        return branches[1](focus, environment) if len(branches) > 1 else []

    return run


def _aggregate(source: Run, call: Call, scope: Scope) -> Run:
    check_arguments(call, 1, 2)
    step, *initial = [scope.run(argument, scope) for argument in call.arguments]

    def run(this: Any, environment: Environment) -> Items:
        total = initial[0](this, environment) if initial else []
        for index, item in enumerate(source(this, environment)):
            total = step(item, replace(environment, index=index, total=tuple(total)))
        return total

    return run


def _trace(source: Run, call: Call, scope: Scope) -> Run:
    """Give the input on: there is nowhere that a pure function could write to."""
    check_arguments(call, 1, 2)
    for argument in call.arguments:
        scope.run(argument, scope)
    return source


def _sort(source: Run, call: Call, scope: Scope) -> Run:
    """Order by the keys one after the other; `-key` turns the order round; an item without the key comes first."""
    keys: list[tuple[Run, int]] = []
    for argument in call.arguments:
        is_down = isinstance(argument, Unary) and argument.sign == "-"
        tree = argument.operand if isinstance(argument, Unary) and is_down else argument
        keys.append((scope.run(tree, scope), -1 if is_down else 1))

    def run(this: Any, environment: Environment) -> Items:
        def order(left: Any, right: Any) -> int:
            for key, direction in keys or [(_itself, 1)]:
                ours, theirs = single(key(left, environment), "sort()"), single(key(right, environment), "sort()")
                if ours is None or theirs is None:
                    verdict = (ours is not None) - (theirs is not None)
                else:
                    verdict = (compare(ours, theirs, "sort()") or 0) * direction
                if verdict:
                    return verdict
            return 0

        return sorted(source(this, environment), key=cmp_to_key(order))

    return run


def _itself(item: Any, _: Environment) -> Items:
    return [item]


def _all(source: Run, call: Call, scope: Scope) -> Truth:
    check_arguments(call, 1, 1)
    criterion = scope.truth(call.arguments[0], scope)
    each = _each(call.arguments[0], criterion)
    if uses(call.arguments[0], "$index"):
        return lambda this, environment: all(each(source(this, environment), environment))

    def run(this: Any, environment: Environment) -> bool:
        for item in source(this, environment):  # noqa: SIM110 - a generator costs as much as a simple criterion
            if not criterion(item, environment):
                return False
        return True

    return run


def _exists(source: Run, call: Call, scope: Scope) -> Truth:
    check_arguments(call, 0, 1)
    if not call.arguments:
        return lambda this, environment: bool(source(this, environment))
    found = _where(source, call, scope)
    return lambda this, environment: bool(found(this, environment))


def _empty(source: Run, call: Call, _: Scope) -> Truth:
    check_arguments(call, 0, 0)
    return lambda this, environment: not source(this, environment)


def _has_value(source: Run, call: Call, _: Scope) -> Truth:
    check_arguments(call, 0, 0)

    def run(this: Any, environment: Environment) -> bool:
        items = source(this, environment)
        return len(items) == 1 and type(items[0]) is Node and bool(items[0].type.system) and items[0].value is not None

    return run


def _not(source: Run, call: Call, _: Scope) -> Truth:
    """Turn a Boolean round; of another single item that is false, as it counts as true; (0).not() is such."""
    check_arguments(call, 0, 0)

    def run(this: Any, environment: Environment) -> bool | None:
        items = source(this, environment)
        if len(items) > 1:
            raise PathError("not() takes one item, and there are several")
        value = plain(items[0]) if items else None
        return None if value is None else value is False

    return run


#: Name: how to compile the call to its results, from the compiled input.
ITERATIONS: Final[dict[str, Callable[[Run, Call, Scope], Run]]] = {
    "where": _where, "select": _select, "repeat": _repeat, "iif": _iif, "aggregate": _aggregate, "trace": _trace,
    "sort": _sort,
}
#: Name: how to compile the call to its truth.
TRUTHS: Final[dict[str, Callable[[Run, Call, Scope], Truth]]] = {
    "all": _all, "exists": _exists, "empty": _empty, "hasValue": _has_value, "not": _not,
}
