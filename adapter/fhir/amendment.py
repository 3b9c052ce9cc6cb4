"""What a coder adds to a visit or takes out of it: an element of the Bundle that was sent, the rule that asked, and a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapter.fhir.json import Tree
from adapter.fhir.xml_shape import Shape, Shapes
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["Amendment", "amend", "read_amendments"]

_STEP: Final = re.compile(r"\.(?:extension\('([^'\s]+)'\)|([A-Za-z][A-Za-z0-9]*)(?:\[(\d{1,4})\])?)")
_ROOT: Final = re.compile("[A-Za-z]+")
_ONCE: Final = ("rule", "reason", "path", "value", "resource")


@dataclass(frozen=True, slots=True)
class Amendment:
    """One decision: the rule of the issue that it answers, why, and what changes.

    `path` is the FHIRPath of an element with its indices, as an issue tells it, `extension('url')` among its steps; `value` its
    new value with the type as value[x] names it (`DateTime`), None where the element is taken out; `resource` is added to the
    Bundle instead.
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


def amend(document: Tree, amendments: Sequence[Amendment], shapes: Shapes) -> Outcome[Tree]:
    """Give a document, a Bundle or a resource with what it contains, with what was decided; the document itself stays.

    >>> types = {"Bundle": {"properties": {"resourceType": {"const": "Bundle"}, "type": {"$ref": "#/$defs/code"}}}}
    >>> shapes = Shapes({"$defs": types | {"code": {"type": "string"}}})
    >>> decided = Amendment("bundle.type", "as told on the phone", "Bundle.type", ("Code", "collection"))
    >>> amend({"resourceType": "Bundle"}, [decided], shapes).value
    {'resourceType': 'Bundle', 'type': 'collection'}
    """
    tree, kind = document, str(document.get("resourceType"))
    issues = []
    for one in amendments:
        if one.resource is not None:
            holder, added = ("entry", {"resource": one.resource}) if kind == "Bundle" else ("contained", one.resource)
            tree = {**tree, holder: [*_items(tree, holder), added]}
            continue
        try:
            tree = _Change(one.value, shapes).apply(tree, _steps(one.path, kind), kind)
        except _PathError as fault:
            issues.append(_issue("decision.path", f"The decision on {one.rule} leads to no element: {fault}.", "Parameters"))
    return Outcome(None if issues else tree, tuple(issues))


Place: TypeAlias = int | str | None
"""Which item of a list: its index, the url of an extension, or not told."""


def _steps(path: str, kind: str) -> list[tuple[str, Place]]:
    """Give the steps below the document. Errors: _PathError."""
    root = _ROOT.match(path)
    found = list(_STEP.finditer(path, root.end())) if root and root[0] in (kind, "Resource") else []
    if not found or "".join([step[0] for step in found]) != path[len(kind if path.startswith(kind) else "Resource"):]:
        raise _PathError(f"a path was expected that begins with {kind} and has indices, as {kind}.meta.tag[0].code")
    return [("extension", step[1]) if step[1] else (step[2], int(step[3]) if step[3] else None) for step in found]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of one element: its new value, and the shapes by which the way to it is known. Errors: _PathError."""

    value: tuple[str, Any] | None
    shapes: Shapes

    def apply(self, node: Tree, steps: Sequence[tuple[str, Place]], kind: str) -> Tree:
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
        if isinstance(index, str):
            place = _find_extension(items, index)
            items[place:place + 1] = items[place:place + 1] or [{"url": index}]
        elif (index is None and len(items) > 1) or (index or 0) > len(items):
            raise _no_item(name, items)
        else:
            place = index or 0
        inner = _object(items[place] if place < len(items) else None)
        items[place:place + 1] = [self.apply(inner, rest, _type(member.type, inner))]
        return {**node, name: items}

    def _put(self, node: Tree, name: str, index: Place, shape: Shape) -> Tree:
        """Set an element, add an item to it, or take out either; of a choice every other variant goes."""
        exact = shape.by_name.get(name)
        if exact is not None and exact.is_list and (index is not None or self.value):
            return _without(node, name) | self._put_item(name, index, _items(node, name))
        variants = [name] if exact else [one for one in shape.by_name if self.shapes.choices.get(one) == name]
        written = name if exact or not self.value else f"{name}{self.value[0]}"
        if not variants or (self.value and written not in shape.by_name):
            raise _PathError(f"the type of the resource has no element {written}")
        return _without(node, *variants) | ({written: self.value[1]} if self.value else {})

    def _put_item(self, name: str, index: Place, items: list[Any]) -> Tree:
        place = len(items) if index is None else _find_extension(items, index) if isinstance(index, str) else index
        if place > len(items) or (self.value is None and place == len(items)):
            raise _no_item(name, items)
        items[place:place + 1] = [self.value[1]] if self.value else []
        return {name: items} if items else {}


def _find_extension(items: Sequence[Any], url: str) -> int:
    """Give the index of the extension of a url, the one after the last where there is none."""
    return next((at for at, one in enumerate(items) if _object(one).get("url") == url), len(items))


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
