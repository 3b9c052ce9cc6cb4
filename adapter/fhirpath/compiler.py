"""Expressions compiled once into closures: parse, compile, call as often as there are nodes.

The entry of the room: compile_path. An invariant asks `holds`, anything else calls the path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from adapter.fhirpath.arithmetic import ARITHMETIC, NUMBER_FUNCTIONS, negate
from adapter.fhirpath.boundary import BOUNDARIES
from adapter.fhirpath.conversion import CONVERSIONS
from adapter.fhirpath.environment import Environment, Run, Truth
from adapter.fhirpath.faults import CannotRun, PathError
from adapter.fhirpath.iteration import ITERATIONS
from adapter.fhirpath.nodes import CLASS_INFO, NOTHING, Node, Types, follow, make_node, step
from adapter.fhirpath.outside import OUTSIDE
from adapter.fhirpath.scope import Scope, check_arguments, names_of, type_named, uses
from adapter.fhirpath.sets import SET_FUNCTIONS, Items, distinct
from adapter.fhirpath.syntax import (
    Binary,
    Call,
    Dot,
    Index,
    Literal,
    Member,
    Syntax,
    TypeTest,
    Unary,
    Variable,
    parse,
)
from adapter.fhirpath.texts import TEXT_FUNCTIONS, with_pattern
from adapter.fhirpath.truth import compile_truth, has_truth
from adapter.fhirpath.ucum import UCUM
from adapter.fhirpath.values import name_type, single

__all__ = ["CompiledPath", "compile_path"]

_PLAIN: Final[dict[str, tuple[Callable[..., Items], int, int]]] = {
    name: (function, count, count) for name, (function, count) in SET_FUNCTIONS.items()
} | TEXT_FUNCTIONS | NUMBER_FUNCTIONS | CONVERSIONS | BOUNDARIES
_TYPED: Final = frozenset({"is", "as", "ofType"})
_PATTERNED: Final = frozenset({"matches", "matchesFull", "replaceMatches"})
_CONSTANTS: Final = {"%ucum": UCUM, "%sct": "http://snomed.info/sct", "%loinc": "http://loinc.org"}
_FAMILIES: Final = {
    "%vs-": "http://hl7.org/fhir/ValueSet/", "%cs-": "http://hl7.org/fhir/CodeSystem/",
    "%ext-": "http://hl7.org/fhir/StructureDefinition/",
}
_ASKED: Final = {"%resource": "resource", "%rootResource": "root_resource", "%context": "context", "%extension": "extension"}


@dataclass(frozen=True, slots=True)
class CompiledPath:
    """An expression ready to run; `text` is its source, `needs` the outside functions that it calls (`resolve`)."""

    text: str
    run: Run
    truth: Truth
    needs: frozenset[str]

    def __call__(self, focus: Any, environment: Environment) -> list[Any]:
        """Evaluate on one node: nodes and System values (str, int, Decimal, bool, Temporal, Quantity).

        Raises PathError where the rules of the language give this node no result.
        """
        return self.run(focus, environment)

    def holds(self, focus: Any, environment: Environment) -> bool:
        """Say whether an invariant is met: only true meets it; false does not, and nor does an empty result.

        http://hl7.org/fhir/R4/conformance-rules.html#constraints; so does the reference validator. A result that is
        no Boolean counts as true (FHIRPath N1, 4.5). Raises PathError as a call does.
        """
        return self.truth(focus, environment) is True


def compile_path(expression: str, types: Types | None = None) -> CompiledPath:
    """Compile an expression; what cannot be run raises CannotRun, which names it and its place.

    With `types`, names of types that do not exist are refused too.

    >>> from adapter.fhirpath.nodes import read_types
    >>> schema = {"$defs": {"Flag": {"properties": {"resourceType": {}, "id": {"$ref": "#/$defs/id"}}}}, "x-choices": {}}
    >>> flag = read_types(schema).node({"resourceType": "Flag", "id": "a"})
    >>> compile_path("Flag.id & 'b'")(flag, Environment())
    ['ab']
    """
    tree = parse(expression)
    scope = Scope(_compile, compile_truth, types)
    run, truth = scope.run(tree, scope), scope.truth(tree, scope)
    if uses(tree, "%context"):
        run, truth = _with_context(run), _with_context(truth)
    return CompiledPath(expression, run, truth, frozenset(scope.needs))


def _with_context(part: Callable[[Any, Environment], Any]) -> Callable[[Any, Environment], Any]:
    """Let `%context` be the focus of the whole expression, unless the caller tells another."""

    def run(this: Any, environment: Environment) -> Any:
        return part(this, replace(environment, context=this) if environment.context is None else environment)

    return run


def _compile(tree: Syntax, scope: Scope) -> Run:
    """Compile a part to a closure on focus and environment that gives its results."""
    if has_truth(tree):
        truth = scope.truth(tree, scope)
        return lambda this, environment: [] if (value := truth(this, environment)) is None else [value]
    return _COMPILERS[type(tree)](tree, scope)


def _literal(tree: Literal, _: Scope) -> Run:
    value = tree.value
    return (lambda _this, _environment: []) if value is None else (lambda _this, _environment: [value])


def _variable(tree: Variable, scope: Scope) -> Run:
    name = tree.name
    if name == "$this":
        return lambda this, _: [] if this is NOTHING else [this]
    if name == "$total":
        return lambda _, environment: list(environment.total)
    if name == "$index":
        return lambda _, environment: [] if environment.index is None else [environment.index]
    if name in _ASKED:
        return _resource(name)
    family = next((stem for stem in _FAMILIES if name.startswith(stem)), "")
    value = _CONSTANTS.get(name) or (_FAMILIES[family] + name.removeprefix(family) if family else None)
    if value is None:
        raise CannotRun(f"The variable {name} is unknown", tree.at)
    return _literal(Literal(value, tree.at), scope)


def _resource(name: str) -> Run:
    attribute = _ASKED[name]

    def run(_: Any, environment: Environment) -> Items:
        node = getattr(environment, attribute)
        if node is None:
            raise CannotRun(f"{name} was asked for, and the environment does not tell it")
        return [node]

    return run


def _member(tree: Member, _: Scope) -> Run:
    """Compile the first step: a child of the focus, or the focus itself by the name of its type."""
    name = tree.name
    is_type = name[:1].isupper()

    def run(this: Any, _: Environment) -> Items:
        if type(this) is not Node:
            return []
        if is_type and name in this.type.ancestors:
            return [this]
        out: Items = []
        step(this, name, out)
        return out

    return run


def _dot(tree: Dot, scope: Scope) -> Run:
    if isinstance(tree.step, Call):
        return _call(scope.run(tree.source, scope), tree.step, scope)
    names = names_of(tree)
    if names and not names[0][:1].isupper():
        return lambda this, _: follow(this, names) if type(this) is Node else []
    source, name = scope.run(tree.source, scope), tree.step.name

    def run(this: Any, environment: Environment) -> Items:
        out: Items = []
        for item in source(this, environment):
            if type(item) is Node:
                step(item, name, out)
        return out

    return run


def _bare_call(tree: Call, scope: Scope) -> Run:
    return _call(scope.run(Variable("$this", tree.at), scope), tree, scope)


def _call(source: Run, call: Call, scope: Scope) -> Run:
    """Compile a function on its input; the arguments look at the focus that stands around the call."""
    name = call.name
    if name in ITERATIONS:
        return ITERATIONS[name](source, call, scope)
    if name in _TYPED:
        check_arguments(call, 1, 1)
        return _type_test(source, name, type_named(call.arguments[0], call.at, scope))
    if name == "type":
        check_arguments(call, 0, 0)
        return lambda this, environment: [_class_info(item) for item in source(this, environment)]
    if name in OUTSIDE:
        return _outside(source, call, scope)
    if name not in _PLAIN:
        raise CannotRun(f"The function {name}() is unknown", call.at)
    function, least, most = _PLAIN[name]
    check_arguments(call, least, most)
    first = call.arguments[0] if call.arguments else None
    if name in _PATTERNED and isinstance(first, Literal) and isinstance(first.value, str):
        try:
            function = with_pattern(name, first.value)
        except PathError as error:
            raise CannotRun(str(error), first.at) from None
    arguments = [scope.run(argument, scope) for argument in call.arguments]
    if not arguments:
        return lambda this, environment: function(source(this, environment))
    return lambda this, environment: function(
        source(this, environment), *[argument(this, environment) for argument in arguments]
    )


def _outside(source: Run, call: Call, scope: Scope) -> Run:
    function, count = OUTSIDE[call.name]
    check_arguments(call, count, count)
    scope.needs.add(call.name)
    arguments = [scope.run(argument, scope) for argument in call.arguments]
    return lambda this, environment: function(
        environment, source(this, environment), *[argument(this, environment) for argument in arguments]
    )


def _type_test(source: Run, sign: str, wanted: Any) -> Run:
    """Compile is, as and ofType. `as` filters like ofType: dom-3 of R4 itself asks it of many items at once."""
    if sign != "is":
        return lambda this, environment: [item for item in source(this, environment) if wanted.holds_for(item, True)]

    def run(this: Any, environment: Environment) -> Items:
        items = source(this, environment)
        if len(items) > 1:
            raise PathError("is takes one item, and there are several")
        return [wanted.holds_for(item) for item in items]

    return run


def _class_info(item: Any) -> Node:
    namespace, name = name_type(item)
    return make_node({"namespace": namespace, "name": name}, None, CLASS_INFO)


def _type_operator(tree: TypeTest, scope: Scope) -> Run:
    return _type_test(scope.run(tree.operand, scope), tree.sign, type_named(tree.name, tree.at, scope))


def _index(tree: Index, scope: Scope) -> Run:
    source, place = scope.run(tree.source, scope), scope.run(tree.place, scope)

    def run(this: Any, environment: Environment) -> Items:
        index = single(place(this, environment), "[]")
        if index is not None and type(index) is not int:
            raise PathError("[] takes an integer")
        return [] if index is None or index < 0 else source(this, environment)[index : index + 1]

    return run


def _unary(tree: Unary, scope: Scope) -> Run:
    operand, sign = scope.run(tree.operand, scope), tree.sign

    def run(this: Any, environment: Environment) -> Items:
        value = single(operand(this, environment), sign)
        turned = None if value is None else negate(value)
        return [] if value is None else [turned if sign == "-" else value]

    return run


def _binary(tree: Binary, scope: Scope) -> Run:
    left, right = scope.run(tree.left, scope), scope.run(tree.right, scope)
    if tree.sign == "|":
        return lambda this, environment: distinct(left(this, environment) + right(this, environment))
    function, needs_both = ARITHMETIC[tree.sign]

    def run(this: Any, environment: Environment) -> Items:
        one, other = single(left(this, environment), tree.sign), single(right(this, environment), tree.sign)
        if needs_both and (one is None or other is None):
            return []
        result = function(one, other)
        return [] if result is None else [result]

    return run


_COMPILERS: Final[dict[type, Callable[[Any, Scope], Run]]] = {
    Literal: _literal, Variable: _variable, Member: _member, Dot: _dot, Call: _bare_call, Index: _index,
    Unary: _unary, Binary: _binary, TypeTest: _type_operator,
}
