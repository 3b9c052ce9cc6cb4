"""Compile a part to its truth: true, false or None for unknown, without making a collection where none is needed."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from adapter.fhirpath.environment import Environment, Run, Truth
from adapter.fhirpath.faults import PathError
from adapter.fhirpath.fusion import Count, absence_of, count_of, presence_of, text_of
from adapter.fhirpath.iteration import TRUTHS
from adapter.fhirpath.nodes import Node
from adapter.fhirpath.scope import Scope
from adapter.fhirpath.sets import Items
from adapter.fhirpath.syntax import Binary, Call, Dot, Literal, Syntax, Variable
from adapter.fhirpath.values import compare, equal_lists, equivalent_lists, identity, single, truth_of

__all__ = ["compile_truth", "has_truth"]


def has_truth(tree: Syntax) -> bool:
    """Say whether a part gives a Boolean by its nature, so that its results are made out of its truth."""
    call = tree.step if isinstance(tree, Dot) else tree
    if isinstance(call, Call):
        return call.name in TRUTHS
    return isinstance(tree, Binary) and tree.sign in _BINARIES


def compile_truth(tree: Syntax, scope: Scope) -> Truth:
    """Compile a part to a closure on focus and environment that gives True, False or None."""
    if isinstance(tree, Binary) and tree.sign in _BINARIES:
        return _BINARIES[tree.sign](tree, scope)
    call = tree.step if isinstance(tree, Dot) else tree
    if isinstance(call, Call) and call.name in TRUTHS:
        return _compile_call(tree, call, scope)
    if isinstance(tree, Dot) and isinstance(call, Call) and call.name in _TEXT_TESTS:
        return _test_text(tree, call, scope)
    run = scope.run(tree, scope)
    return lambda this, environment: truth_of(run(this, environment))


def _compile_call(tree: Syntax, call: Call, scope: Scope) -> Truth:
    if not isinstance(tree, Dot):
        return TRUTHS[call.name](scope.run(Variable("$this", call.at), scope), call, scope)
    if call.name == "not" and not call.arguments and (has_truth(tree.source) or _tests_text(tree.source)):
        return _negation(scope.truth(tree.source, scope))
    if call.name in ("exists", "empty") and not call.arguments:
        fast = (presence_of if call.name == "exists" else absence_of)(tree.source, scope)
        if fast is not None:
            return fast
    return TRUTHS[call.name](scope.run(tree.source, scope), call, scope)


_TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith, "endsWith": str.endswith, "contains": operator.contains,
}


def _tests_text(tree: Syntax) -> bool:
    return isinstance(tree, Dot) and isinstance(tree.step, Call) and tree.step.name in _TEXT_TESTS


def _test_text(tree: Dot, call: Call, scope: Scope) -> Truth:
    """Compile `name.startsWith('text')` and its like: a string of the focus is looked at where it stands."""
    run, look = scope.run(tree, scope), text_of(tree.source)
    argument = call.arguments[0]
    part, test = argument.value if isinstance(argument, Literal) else None, _TEXT_TESTS[call.name]
    if not isinstance(part, str):
        return lambda this, environment: truth_of(run(this, environment))

    def fast(this: Any, environment: Environment) -> bool | None:
        value = look(this)
        return truth_of(run(this, environment)) if value is None else test(value, part)

    return fast


def _negation(truth: Truth) -> Truth:
    def run(this: Any, environment: Environment) -> bool | None:
        value = truth(this, environment)
        return None if value is None else not value

    return run


def _and(tree: Binary, scope: Scope) -> Truth:
    left, right = scope.truth(tree.left, scope), scope.truth(tree.right, scope)

    def run(this: Any, environment: Environment) -> bool | None:
        one = left(this, environment)
        if one is False:
            return False
        other = right(this, environment)
        if other is False:
            return False
        return None if one is None or other is None else True

    return run


def _or(tree: Binary, scope: Scope) -> Truth:
    left, right = scope.truth(tree.left, scope), scope.truth(tree.right, scope)

    def run(this: Any, environment: Environment) -> bool | None:
        one = left(this, environment)
        if one:
            return True
        other = right(this, environment)
        if other:
            return True
        return None if one is None or other is None else False

    return run


def _xor(tree: Binary, scope: Scope) -> Truth:
    left, right = scope.truth(tree.left, scope), scope.truth(tree.right, scope)

    def run(this: Any, environment: Environment) -> bool | None:
        one, other = left(this, environment), right(this, environment)
        return None if one is None or other is None else one is not other

    return run


def _implies(tree: Binary, scope: Scope) -> Truth:
    left, right = scope.truth(tree.left, scope), scope.truth(tree.right, scope)

    def run(this: Any, environment: Environment) -> bool | None:
        one = left(this, environment)
        if one is False:
            return True
        other = right(this, environment)
        if other or one:
            return other
        return None

    return run


def _equality(tree: Binary, scope: Scope) -> Truth:
    is_equal = tree.sign == "="
    if has_truth(tree.left) and has_truth(tree.right):
        one, other = scope.truth(tree.left, scope), scope.truth(tree.right, scope)
        return _of_truths(one, other, is_equal)
    left, right = scope.run(tree.left, scope), scope.run(tree.right, scope)
    if isinstance(tree.right, Literal) and isinstance(tree.right.value, str):
        return _equal_to_text(tree, left, is_equal)

    def run(this: Any, environment: Environment) -> bool | None:
        verdict = equal_lists(left(this, environment), right(this, environment))
        return None if verdict is None else verdict is is_equal

    return run


def _of_truths(one: Truth, other: Truth, is_equal: bool) -> Truth:
    def run(this: Any, environment: Environment) -> bool | None:
        ours, theirs = one(this, environment), other(this, environment)
        return None if ours is None or theirs is None else (ours is theirs) is is_equal

    return run


def _equal_to_text(tree: Binary, left: Run, is_equal: bool) -> Truth:
    """Compile `name = 'text'`: a string of the focus is compared where it stands."""
    look, wanted = text_of(tree.left), [text := tree.right.value]  # type: ignore[union-attr]  # the caller has looked

    def run(this: Any, environment: Environment) -> bool | None:
        value = look(this)
        if value is not None:
            return (value == text) is is_equal
        items = left(this, environment)
        if len(items) == 1 and type(items[0]) is Node and type(items[0].value) is str and items[0].type.system == "String":
            return (items[0].value == text) is is_equal
        verdict = equal_lists(items, wanted)
        return None if verdict is None else verdict is is_equal

    return run


def _equivalence(tree: Binary, scope: Scope) -> Truth:
    left, right, wanted = scope.run(tree.left, scope), scope.run(tree.right, scope), tree.sign == "~"
    return lambda this, environment: equivalent_lists(left(this, environment), right(this, environment)) is wanted


_ORDERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}


def _comparison(tree: Binary, scope: Scope) -> Truth:
    left, right, sign = scope.run(tree.left, scope), scope.run(tree.right, scope), tree.sign
    holds, count, other_count = _ORDERS[sign], count_of(tree.left, scope), count_of(tree.right, scope)
    if count is not None and other_count is not None:
        return _count_comparison(holds, count, other_count)

    def run(this: Any, environment: Environment) -> bool | None:
        one, other = single(left(this, environment), sign), single(right(this, environment), sign)
        if one is None or other is None:
            return None
        order = compare(one, other, sign)
        return None if order is None else holds(order, 0)

    return run


def _count_comparison(holds: Callable[[int, int], bool], left: Count, right: Count) -> Truth:
    return lambda this, environment: holds(left(this, environment), right(this, environment))


def _membership(tree: Binary, scope: Scope) -> Truth:
    item, collection = (tree.left, tree.right) if tree.sign == "in" else (tree.right, tree.left)
    one, many, sign = scope.run(item, scope), scope.run(collection, scope), tree.sign

    def run(this: Any, environment: Environment) -> bool | None:
        wanted: Items = one(this, environment)
        if not wanted:
            return None
        if len(wanted) > 1:
            raise PathError(f"{sign} takes one item, and there are several")
        key = identity(wanted[0])
        return any(identity(found) == key for found in many(this, environment))

    return run


_BINARIES: Final[dict[str, Callable[[Binary, Scope], Truth]]] = {
    "and": _and, "or": _or, "xor": _xor, "implies": _implies, "=": _equality, "!=": _equality,
    "~": _equivalence, "!~": _equivalence, "in": _membership, "contains": _membership,
    **dict.fromkeys(_ORDERS, _comparison),
}
