"""Trees to fhir.resources R4B models and back: what the caller did not change is the token that was sent.

The models alone lose it: they cast Decimals to float, spell instants anew, cut nanoseconds, order elements their own way and
know no `_value[x]` in an Extension. So each model is kept beside the node of the tree it was made of, and beside the values
that it held then. fhir.resources is imported when the first model is made, not before.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from adapter.fhir.json import Tree
from adapter.issues import Issue, IssueType, Outcome, Severity

if TYPE_CHECKING:
    from fhir_core.fhirabstractmodel import FHIRAbstractModel

__all__ = ["Origin", "TypedResource", "to_model", "to_tree"]

_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{0,63}")
_STEP: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_MAX_ISSUES: Final = 100
_CITATION: Final = "https://github.com/nazrulworld/fhir.resources"
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model came from: the node of the tree, and the values that the model held when it was made of it."""

    model: FHIRAbstractModel
    node: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypedResource:
    """A model to read and to change in place, and the origins of it and of all models in it, by `id()`.

    A copy of the model has lost its way back: change `model` itself, or what stands in it.
    """

    model: FHIRAbstractModel
    origins: Mapping[int, Origin]


def to_model(tree: Tree) -> Outcome[TypedResource]:
    """Make the R4B model of a resource tree; the tree is left as it is, and later changes of it do not count.

    Issues: `typed.no-class` (error) where fhir.resources has no class for the resource or one in it, `typed.refused` (error)
    where it refuses an element, `typed.not-shown` (information) where an Extension has a `_value[x]`, for which it has no
    place: the model is without it, and `to_tree` brings it back.

    >>> made = to_model({"resourceType": "Claim", "total": {"value": Decimal("185.00")}})
    >>> made.value, {issue.rule for issue in made.issues}
    (None, {'typed.refused'})
    """
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 -- a quarter of a second, for who asks for models
    from pydantic import ValidationError  # noqa: PLC0415 -- as above

    name = tree.get("resourceType")
    root = name if isinstance(name, str) and _TYPE.fullmatch(name) else "Resource"
    shown, hidden = _part(tree, root)
    try:
        model_class = get_fhir_model_class(root)
        if root in ("Resource", "DomainResource") or not model_class.has_resource_base():
            return Outcome(None, (_NO_CLASS,))
        model = model_class.model_validate(shown)
    except ValidationError as refusal:
        return Outcome(None, tuple(_refused(root, error["loc"], error["type"]) for error in refusal.errors()[:_MAX_ISSUES]))
    except (KeyError, ValueError):  # so it says that it knows no such resource, at the root and in an entry
        return Outcome(None, (_NO_CLASS,))
    origins: dict[int, Origin] = {}
    _remember(model, deepcopy(tree), origins)
    return Outcome(TypedResource(model, origins), hidden)


def to_tree(typed: TypedResource) -> Tree:
    """Give the tree of a model: every value that was not changed is the token it was made of, in the order that was sent.

    What was set is written as FHIR writes it, Decimals with all their digits; an element that was added stands after those
    that were there. Errors: TypeError where something was put into the model that is no value of FHIR (a float, a set).
    """
    return _write_model(typed.model, typed.origins)


# ---------------------------------------------------------------- tree to model


def _part(node: Any, path: str, *, in_extension: bool = False) -> tuple[Any, tuple[Issue, ...]]:
    """Copy a tree without what an Extension of fhir.resources refuses, and name what was left out."""
    hidden: list[Issue] = []
    if isinstance(node, list):
        parts = [_part(each, f"{path}[{at}]", in_extension=in_extension) for at, each in enumerate(node)]
        return [shown for shown, _ in parts], tuple(issue for _, issues in parts for issue in issues)
    if not isinstance(node, dict):
        return node, ()
    kept: Tree = {}
    for key, value in node.items():
        if in_extension and key.startswith("_value"):
            hidden.append(_not_shown(path))
            continue
        kept[key], found = _part(value, f"{path}.{key}", in_extension=key in ("extension", "modifierExtension"))
        hidden += found
    return kept, tuple(hidden[:_MAX_ISSUES])


def _remember(model: Any, node: Any, origins: dict[int, Origin]) -> None:
    """Keep the origin of a model and of every model in it."""
    if isinstance(model, list) and isinstance(node, list):
        for each, its_node in zip(model, node, strict=False):
            _remember(each, its_node, origins)
    elif _is_model(model) and isinstance(node, dict):
        values = {key: list(value) if isinstance(value, list) else value for key, value in _elements(model)}
        origins[id(model)] = Origin(model, node, values)
        for key, value in values.items():
            _remember(value, node.get(key), origins)


def _is_model(value: Any) -> bool:
    return hasattr(value, "elements_sequence")


def _elements(model: FHIRAbstractModel) -> Iterator[tuple[str, Any]]:
    """Give each element of a model by its name in JSON, in the order of its class; None where it has no value."""
    for name, field in type(model).model_fields.items():
        yield field.alias or name, getattr(model, name)


# ---------------------------------------------------------------- model to tree


def _write_model(model: FHIRAbstractModel, origins: Mapping[int, Origin]) -> Tree:
    origin = origins.get(id(model))
    node, before = (origin.node, origin.values) if origin else ({}, {})
    now = dict(_elements(model))
    written: Tree = {} if origin or not model.has_resource_base() else {"resourceType": model.get_resource_type()}
    for key in (*node, *(key for key in now if key not in node)):
        if key not in now:  # resourceType, and what the model has no place for
            written[key] = deepcopy(node[key])
            continue
        value = _write_value(now[key], _Before(before.get(key), node.get(key, _ABSENT)), origins)
        if value is not _ABSENT:
            written[key] = value
    return written


@dataclass(frozen=True, slots=True)
class _Before:
    """What an element was: the value that the model held, and its token."""

    value: Any
    token: Any


def _write_value(value: Any, before: _Before, origins: Mapping[int, Origin]) -> Any:
    """Write the value of one element: its token where it is what it was, nothing where it has none."""
    if _is_model(value):
        return _write_model(value, origins)
    if isinstance(value, list) and any(_is_model(each) for each in value):
        return [None if each is None else _write_model(each, origins) for each in value]
    if _is_same(value, before.value):
        return before.token if before.token is _ABSENT else deepcopy(before.token)
    if isinstance(value, list):
        return _write_list(value, before) if value else _ABSENT
    return _ABSENT if value is None else _write_primitive(value)


def _write_list(values: list[Any], before: _Before) -> list[Any]:
    """Write an array of primitives: each value that was there keeps its token, wherever it stands now."""
    known = list(zip(before.value or [], before.token if isinstance(before.token, list) else [], strict=False))
    written = []
    for value in values:
        at = next((at for at, (old, _) in enumerate(known) if _is_same(value, old)), None)
        written.append(known.pop(at)[1] if at is not None else None if value is None else _write_primitive(value))
    return written


def _is_same(value: Any, before: Any) -> bool:
    """Tell whether two values are one to the last digit, and in one time zone.

    >>> _is_same(Decimal("185.0"), Decimal("185.00")), _is_same(1, True), _is_same(Decimal("185.00"), Decimal("185.00"))
    (False, False, True)
    """
    if isinstance(value, list) and isinstance(before, list):
        return len(value) == len(before) and all(map(_is_same, value, before))
    if isinstance(value, Decimal) and isinstance(before, Decimal):
        return value.as_tuple() == before.as_tuple()
    if isinstance(value, datetime) and isinstance(before, datetime):
        return value == before and value.utcoffset() == before.utcoffset()
    return type(value) is type(before) and bool(value == before)


def _write_primitive(value: Any) -> Any:
    """Write a primitive as FHIR JSON has it.

    >>> from datetime import UTC
    >>> _write_primitive(datetime(2026, 3, 2, 9, 30, tzinfo=UTC)), _write_primitive(b"hi"), _write_primitive(Decimal("1.50"))
    ('2026-03-02T09:30:00Z', 'aGk=', Decimal('1.50'))
    """
    if isinstance(value, bool | int | Decimal | str):
        return value
    if isinstance(value, datetime):
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if value.utcoffset() == timedelta(0) else text
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.urn
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise TypeError(f"a {type(value).__name__} is no value of FHIR; set a str, int, bool, Decimal, date, datetime, time or model")


# ---------------------------------------------------------------- issues


_NO_CLASS: Final = Issue(
    Severity.ERROR, IssueType.NOT_SUPPORTED, "typed.no-class",
    "fhir.resources has no R4B class for this resource, or for one in it; a resource type of R4B was expected. "
    "Work on the tree instead.",
    ("Resource",), _CITATION,
)


def _refused(root: str, place: tuple[int | str, ...], kind: str) -> Issue:
    """Name the element that was refused, or the one around it where the element itself is unknown: its name is input."""
    steps = place[:-1] if kind == "extra_forbidden" else place
    path = root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps if _is_step(step))
    text = f"fhir.resources refuses this as no R4B ({kind}). Validate the resource and correct it, or work on the tree."
    return Issue(Severity.ERROR, IssueType.INVALID, "typed.refused", text, (path,), _CITATION)


def _is_step(step: int | str) -> bool:
    return isinstance(step, int) or _STEP.fullmatch(step) is not None


def _not_shown(path: str) -> Issue:
    text = "fhir.resources has no place for the _value of this Extension: the model is without it, the tree keeps it."
    return Issue(Severity.INFORMATION, IssueType.NOT_SUPPORTED, "typed.not-shown", text, (path,), _CITATION)
