"""What a coder adds to a visit or takes out of it: an element of the Bundle that was sent, the rule that asked, and a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapter.fhir.json import Tree
from adapter.fhir.xml_shape import Shape, Shapes
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["Amendment", "amend", "read_amendments"]

_STEP: Final = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\[(\d{1,4})\])?")
_ONCE: Final = ("rule", "reason", "path", "value", "resource")


@dataclass(frozen=True, slots=True)
class Amendment:
    """One decision: the rule of the issue that it answers, why, and what changes.

    `path` is the FHIRPath of an element with its indices, as an issue tells it; `value` its new value with the type as
    value[x] names it (`DateTime`), None where the element is taken out; `resource` is added to the Bundle instead.
    """

    rule: str
    reason: str
    path: str = ""
    value: tuple[str, Any] | None = None
    resource: Tree | None = None


class _PathError(Exception):
    """A path that leads nowhere: the text says what was expected."""


def read_amendments(parameters: Tree) -> Outcome[tuple[Amendment, ...]]:
    """Read Parameters.parameter `decision`: parts `rule`, `reason`, and `path` with a value[x] `value`, or `resource`.

    A decision without value and resource takes the element out.
    """
    issues: list[Issue] = []
    found = []
    for number, parameter in enumerate(parameters.get("parameter", ())):
        if parameter.get("name") != "decision":
            continue
        place = f"Parameters.parameter[{number}]"
        parts = parameter.get("part", ())
        told = {part["name"]: part for part in parts}
        said = {name: _text(told.get(name, {})) for name in ("rule", "reason", "path")}
        resource = told.get("resource", {}).get("resource")
        if len(told) != len(parts) or not told.keys() <= set(_ONCE):
            issues.append(_issue("decision.parts", f"A decision has each of {', '.join(_ONCE)} once at most.", place))
        elif not said["rule"] or not said["reason"]:
            issues.append(_issue("decision.unreasoned", "A decision names the rule that it answers, and the reason.", place))
        elif bool(said["path"]) is (resource is not None):
            issues.append(_issue("decision.parts", "A decision has a path, or a resource that is added.", place))
        else:
            value = next(((key[5:], part) for key, part in told.get("value", {}).items() if key.startswith("value")), None)
            found.append(Amendment(said["rule"], said["reason"], said["path"], value, resource))
    if not found and not issues:
        issues.append(_issue("decision.missing", "No decision is told. Send Parameters with one or more of them.", "Parameters"))
    return Outcome(None if issues else tuple(found), tuple(issues))


def amend(bundle: Tree, amendments: Sequence[Amendment], shapes: Shapes) -> Outcome[Tree]:
    """Give a Bundle with what was decided, in the order of the decisions; the Bundle itself stays.

    >>> types = {"Bundle": {"properties": {"resourceType": {"const": "Bundle"}, "type": {"$ref": "#/$defs/code"}}}}
    >>> shapes = Shapes({"$defs": types | {"code": {"type": "string"}}})
    >>> decided = Amendment("bundle.type", "as told on the phone", "Bundle.type", ("Code", "collection"))
    >>> amend({"resourceType": "Bundle"}, [decided], shapes).value
    {'resourceType': 'Bundle', 'type': 'collection'}
    """
    tree = bundle
    issues = []
    for one in amendments:
        if one.resource is not None:
            tree = {**tree, "entry": [*_items(tree, "entry"), {"resource": one.resource}]}
            continue
        try:
            tree = _Change(one.value, shapes).apply(tree, _steps(one.path), "Bundle")
        except _PathError as fault:
            issues.append(_issue("decision.path", f"The decision on {one.rule} leads to no element: {fault}.", "Parameters"))
    return Outcome(None if issues else tree, tuple(issues))


def _steps(path: str) -> list[tuple[str, int | None]]:
    """Give the steps below the Bundle. Errors: _PathError."""
    root, _, rest = path.partition(".")
    found = [_STEP.fullmatch(step) for step in rest.split(".")]
    if root not in ("Bundle", "Resource") or not all(found):
        raise _PathError("a path was expected such as Bundle.entry[0].resource.status, with indices")
    return [(step[1], int(step[2]) if step[2] else None) for step in found if step]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of one element: its new value, and the shapes by which the way to it is known. Errors: _PathError."""

    value: tuple[str, Any] | None
    shapes: Shapes

    def apply(self, node: Tree, steps: Sequence[tuple[str, int | None]], kind: str) -> Tree:
        """Give a node of a type with the element changed that the steps lead to."""
        (name, index), *rest = steps
        if not rest:
            return self._put(node, name, index, self.shapes[kind])
        member = self.shapes[kind].by_name.get(name)
        if member is None or member.kind not in ("complex", "resource"):
            raise _PathError(f"{kind} has no element {name} with elements of its own")
        if not member.is_list:
            inner = _object(node.get(name))
            return {**node, name: self.apply(inner, rest, _type(member.type, inner))}
        items = _items(node, name)
        place = 0 if index is None and len(items) <= 1 else index
        if place is None or place > len(items):
            raise _no_item(name, items)
        inner = _object(items[place] if place < len(items) else None)
        items[place:place + 1] = [self.apply(inner, rest, _type(member.type, inner))]
        return {**node, name: items}

    def _put(self, node: Tree, name: str, index: int | None, shape: Shape) -> Tree:
        """Set an element, add an item to it, or take out either; of a choice every other variant goes."""
        exact = shape.by_name.get(name)
        if exact is not None and exact.is_list and (index is not None or self.value):
            return _without(node, name) | self._put_item(name, index, _items(node, name))
        variants = [name] if exact else [one for one in shape.by_name if self.shapes.choices.get(one) == name]
        written = name if exact or not self.value else f"{name}{self.value[0]}"
        if not variants or (self.value and written not in shape.by_name):
            raise _PathError(f"the type of the resource has no element {written}")
        return _without(node, *variants) | ({written: self.value[1]} if self.value else {})

    def _put_item(self, name: str, index: int | None, items: list[Any]) -> Tree:
        place = len(items) if index is None else index
        if place > len(items) or (self.value is None and place == len(items)):
            raise _no_item(name, items)
        items[place:place + 1] = [self.value[1]] if self.value else []
        return {name: items} if items else {}


def _type(declared: str, node: Tree) -> str:
    """Give the type of a node: of a resource its own."""
    return str(node.get("resourceType", "")) if declared == "Resource" else declared


def _object(held: Any) -> Tree:
    return held if isinstance(held, dict) else {}


def _items(node: Tree, name: str) -> list[Any]:
    held = node.get(name)
    return list(held) if isinstance(held, list) else []


def _without(node: Tree, *names: str) -> Tree:
    """Give a node without elements, and without what is said of their values."""
    gone = {one for name in names for one in (name, f"_{name}")}
    return {key: held for key, held in node.items() if key not in gone}


def _no_item(name: str, items: Sequence[Any]) -> _PathError:
    return _PathError(f"{name} has {len(items)} items, and the index of one of them was expected")


def _text(part: Tree) -> str:
    return next((str(part[key]).strip() for key in ("valueCode", "valueString") if part.get(key)), "")


def _issue(rule: str, text: str, place: str) -> Issue:
    return Issue(Severity.ERROR, IssueType.INVALID, rule, text, (place,))
