"""Proofs: an invariant in FHIRPath as a JSON Schema that only an instance passes that meets it.

What passes meets the invariant; what does not pass may still meet it, and FHIRPath itself is asked. So a schema need not
say all of an expression: of `start.hasValue().not() or end.hasValue().not() or start <= end` it says that one of the ends
is missing, and hands the comparison to the keyword ORDERED.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from adapter.conformance.hardening import ORDERED
from adapter.fhirpath import Type, Types
from adapter.fhirpath.nodes import Form
from adapter.fhirpath.syntax import Binary, Call, Dot, Literal, Member, Syntax, Variable, parse

__all__ = ["prove"]

Json: TypeAlias = dict[str, Any]
Proof: TypeAlias = Json | bool

_UCUM: Final = "http://unitsofmeasure.org"
# What gives nothing where it is given nothing.
_PASSING: Final = frozenset({
    "where", "select", "trace", "first", "last", "tail", "resolve", "as", "ofType", "distinct", "descendants",
})
_BOUNDS: Final = {
    (">=", True): "minimum", (">=", False): "exclusiveMaximum", (">", True): "exclusiveMinimum", (">", False): "maximum",
    ("<=", True): "maximum", ("<=", False): "exclusiveMinimum", ("<", True): "exclusiveMaximum", ("<", False): "minimum",
}


def prove(expression: str, focus: Type, types: Types) -> Proof:
    """Give the schema that only instances of a type pass that meet an expression; False where none can be given.

    >>> from adapter.fhirpath import read_types
    >>> flag = {"properties": {name: {"$ref": "#/$defs/code"} for name in ("code", "system")}}
    >>> types = read_types({"$defs": {"Flag": flag}, "x-choices": {}})
    >>> prove("code.empty() or system.exists()", types.by_name["Flag"], types)
    {'anyOf': [{'properties': {'code': False}}, {'required': ['system']}]}
    """
    return _Prover(types).truth(parse(expression), focus, True)


def _all(parts: Sequence[Proof]) -> Proof:
    if False in parts:
        return False
    left = [part for part in parts if part is not True]
    return left[0] if len(left) == 1 else {"allOf": left} if left else True


def _any(parts: Sequence[Proof]) -> Proof:
    """Join what proves each for itself, the shortest first: it costs least."""
    if True in parts:
        return True
    left: list[Json] = []
    for part in parts:
        if isinstance(part, dict):
            left += part["anyOf"] if part.keys() == {"anyOf"} else [part]
    left.sort(key=lambda part: len(str(part)))
    return left[0] if len(left) == 1 else {"anyOf": left} if left else False


class _Prover:
    """Prove parts of an expression true or false; `Resource` has what every resource has."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._any_resource = types.by_name.get("Basic", types.by_name["Resource"])

    def truth(self, tree: Syntax, focus: Type, wanted: bool) -> Proof:
        """Prove that a part is true, or that it is false: an empty result is neither."""
        if isinstance(tree, Binary):
            return self._binary(tree, focus, wanted)
        call = tree.step if isinstance(tree, Dot) else tree
        if not isinstance(call, Call):
            return False
        source = tree.source if isinstance(tree, Dot) else Variable("$this", call.at)
        if call.name == "not" and not call.arguments:
            return self.truth(source, focus, not wanted)
        if call.name in ("exists", "empty") and not call.arguments:
            return (self._present if (call.name == "exists") == wanted else self._absent)(source, focus)
        if call.name == "hasValue":
            return self._has_value(source, focus, wanted)
        if call.name == "all" and wanted:
            return self._each(source, focus, call.arguments[0], True)
        if call.name == "isDistinct" and wanted:
            return self._absent(source, focus)
        return False

    def _binary(self, tree: Binary, focus: Type, wanted: bool) -> Proof:
        def side(part: Syntax, value: bool) -> Proof:
            return self.truth(part, focus, value)

        sign, left, right = tree.sign, tree.left, tree.right
        if sign in ("and", "or"):
            return (_all if (sign == "and") == wanted else _any)([side(left, wanted), side(right, wanted)])
        if sign == "implies":
            return (_any if wanted else _all)([side(left, not wanted), side(right, wanted)])
        if sign == "xor" or (sign in ("=", "!=") and self._is_truth(left) and self._is_truth(right)):
            same = wanted == (sign == "=")
            return _any([_all([side(left, value), side(right, value == same)]) for value in (True, False)])
        if sign in ("=", "!="):
            return self._compared(left, focus, {"const": _constant(right)}, wanted == (sign == "="))
        if sign == "in":
            return self._compared(left, focus, {"enum": _options(right)}, wanted)
        return self._ordered(tree, focus, wanted)

    def _is_truth(self, tree: Syntax) -> bool:
        call = tree.step if isinstance(tree, Dot) else tree
        return isinstance(tree, Binary) or (isinstance(call, Call) and call.name in ("exists", "empty", "not", "hasValue"))

    def _compared(self, tree: Syntax, focus: Type, asked: Json, wanted: bool) -> Proof:
        """Prove that the one value of a path is, or is not, what is asked."""
        if None in asked.get("enum", asked.values()) or not isinstance(tree, Member | Dot):
            return False
        return self._along(tree, focus, asked if wanted else {"not": asked})

    def _ordered(self, tree: Binary, focus: Type, wanted: bool) -> Proof:
        """Prove a comparison of a number with a constant, of a count with one, or of two elements."""
        limit = _constant(tree.right)
        if isinstance(limit, int) and (members := _counted(tree.left)):
            least = limit + (tree.sign == ">")
            if tree.sign in (">", ">=") and least == 1:
                found = [self._present(one, focus) if wanted else self._absent(one, focus) for one in members]
                return (_any if wanted else _all)(found)
            return False
        if limit is not None and (tree.sign, wanted) in _BOUNDS:
            return self._along(tree.left, focus, {_BOUNDS[tree.sign, wanted]: limit})
        names = [part.name for part in (tree.left, tree.right) if isinstance(part, Member)]
        if not wanted or len(names) != 2 or tree.sign not in ("<=", ">="):
            return False
        return {ORDERED: [focus.name, *(names if tree.sign == "<=" else names[::-1])]}

    def _along(self, tree: Syntax, focus: Type, last: Json) -> Proof:
        """Ask something of the one value at the end of a path; a path that may lead to several proves nothing."""
        steps = self._steps(tree, focus)
        if steps is None or any(len(forms) != 1 or _is_list(owner, forms[0]) for owner, forms in steps):
            return False
        schema: Json = last
        for _, forms in reversed(steps):
            schema = {"required": [forms[0].key], "properties": {forms[0].key: schema}}
        return schema

    def _has_value(self, tree: Syntax, focus: Type, wanted: bool) -> Proof:
        steps = self._steps(tree, focus)
        if steps is None or len(steps) != 1 or any(_is_list(focus, form) for form in steps[0][1]):
            return False
        keys = [form.key for form in steps[0][1]]
        return _any([{"required": [key]} for key in keys]) if wanted else {"properties": dict.fromkeys(keys, False)}

    def _present(self, tree: Syntax, focus: Type) -> Proof:
        if isinstance(tree, Dot) and isinstance(tree.step, Call) and tree.step.name == "where":
            return self._some(tree.source, focus, tree.step.arguments[0])
        return self._below(tree, focus, None)

    def _absent(self, tree: Syntax, focus: Type) -> Proof:
        call = tree.step if isinstance(tree, Dot) else tree
        if isinstance(call, Call):
            if call.name not in _PASSING:
                return False
            source = tree.source if isinstance(tree, Dot) else Variable("$this", call.at)
            empty = self._absent(source, focus)
            return _any([empty, self._each(source, focus, call.arguments[0], None)]) if call.name == "where" else empty
        steps = self._steps(tree, focus)
        if steps is None:
            return False
        if not steps:
            return False  # the focus itself is there
        schema: Proof = False
        for owner, forms in reversed(steps):
            inner = schema
            schema = {"properties": {
                key: False if inner is False else {"items": inner} if _is_list(owner, form) else inner
                for form in forms for key in (form.key, form.sibling) if key
            }}
        return schema

    def _each(self, tree: Syntax, focus: Type, criteria: Syntax, wanted: bool | None) -> Proof:
        """Prove of every item that a path leads to that a criterion is true; with None, that it is not."""
        steps = self._steps(tree, focus)
        if steps is None or any(len(forms) != 1 for _, forms in steps):
            return False
        last = steps[-1][1][0].type if steps else focus
        schema = self._untrue(criteria, last) if wanted is None else self.truth(criteria, last, wanted)
        for owner, forms in reversed(steps):
            schema = {"properties": {forms[0].key: {"items": schema} if _is_list(owner, forms[0]) else schema}}
        return schema

    def _untrue(self, tree: Syntax, focus: Type) -> Proof:
        """Prove that a part is false or empty."""
        if isinstance(tree, Binary) and tree.sign in ("and", "or"):
            return (_any if tree.sign == "and" else _all)([self._untrue(side, focus) for side in (tree.left, tree.right)])
        proof = self.truth(tree, focus, False)
        if isinstance(tree, Binary) and tree.sign in ("=", "in") and isinstance(tree.left, Member | Dot):
            return _any([self._absent(tree.left, focus), proof])
        return proof

    def _some(self, tree: Syntax, focus: Type, criteria: Syntax) -> Proof:
        """Prove a criterion of one of the items that a path leads to."""
        return self._below(tree, focus, lambda last: self.truth(criteria, last, True))

    def _below(self, tree: Syntax, focus: Type, asked: Callable[[Type], Proof] | None) -> Proof:
        steps = self._steps(tree, focus)
        if steps is None or any(len(forms) != 1 for _, forms in steps[:-1]):
            return False
        if not steps:
            return True if asked is None else asked(focus)
        owner, forms = steps[-1]
        if asked is None:
            keys = [key for form in forms for key in (form.key, form.sibling) if key]
            schema = _any([{"required": [key]} for key in keys])
        else:
            schema = self._within(owner, forms[0], asked(forms[0].type)) if len(forms) == 1 else False
        for holder, (form,) in reversed(steps[:-1]):
            schema = self._within(holder, form, schema)
        return schema

    def _within(self, owner: Type, form: Form, schema: Proof) -> Proof:
        if schema is False:
            return False
        inner: Proof = {"contains": schema} if _is_list(owner, form) else schema
        return {"required": [form.key], "properties": {form.key: inner}}

    def _steps(self, tree: Syntax, focus: Type) -> list[tuple[Type, tuple[Form, ...]]] | None:
        """Give each step of a path of names: the type that it starts in and the forms of its element; None for others."""
        names: list[str] = []
        while isinstance(tree, Dot) and isinstance(tree.step, Member):
            names.insert(0, tree.step.name)
            tree = tree.source
        if isinstance(tree, Member):
            names.insert(0, tree.name)
        elif not (isinstance(tree, Variable) and tree.name == "$this"):
            return None
        if names and names[0] in focus.ancestors:
            names.pop(0)
        steps: list[tuple[Type, tuple[Form, ...]]] = []
        for name in names:
            owner = self._any_resource if focus.resources is not None else focus
            forms = owner.members.get(name)
            if forms is None or (steps and len(steps[-1][1]) != 1):
                return None
            steps.append((owner, forms))
            focus = forms[0].type
        return steps


def _is_list(owner: Type, form: Form) -> bool:
    return form.key in owner.lists


def _constant(tree: Syntax) -> Any:
    if isinstance(tree, Variable):
        return _UCUM if tree.name == "%ucum" else None
    value = tree.value if isinstance(tree, Literal) else None
    return value if isinstance(value, str | int) else None


def _options(tree: Syntax) -> list[Any]:
    """Give the constants of `'a' | 'b'`; None among them for anything else."""
    if isinstance(tree, Binary) and tree.sign == "|":
        return _options(tree.left) + _options(tree.right)
    return [_constant(tree)]


def _counted(tree: Syntax) -> list[Syntax]:
    """Give the parts whose counts are summed, nothing for another part."""
    if isinstance(tree, Binary) and tree.sign == "+":
        left, right = _counted(tree.left), _counted(tree.right)
        return left + right if left and right else []
    is_count = isinstance(tree, Dot) and isinstance(tree.step, Call) and tree.step.name == "count"
    return [tree.source] if is_count and isinstance(tree, Dot) else []
