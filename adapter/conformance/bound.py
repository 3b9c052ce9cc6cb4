"""Bounds of a profile: the least and the greatest value that an element may have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from adapter.conformance.element_tree import Node
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance
from adapter.issues import IssueType

__all__ = ["compare", "compile_bounds"]


def compile_bounds(node: Node) -> Iterator[Check]:
    """Compile minValue[x] and maxValue[x]: numbers, dates and times as they are written, Quantities of one unit.

    FHIR: ElementDefinition.minValue[x], .maxValue[x]. What cannot be compared (another unit, precision or time zone) is
    not said to be wrong.
    """
    for word, wrong, sentence in (("minValue", -1, "is below the least"), ("maxValue", 1, "is above the greatest")):
        bound = node.value(word)
        if bound is not None:
            yield _bound(node, bound, wrong, f"{sentence} value that is allowed here. Correct it")


def _bound(node: Node, bound: Any, wrong: int, text: str) -> Check:
    def check(instance: Instance, scene: Any) -> Iterator[Finding]:  # noqa: ARG001 # every check takes the scene
        if compare(instance.value, bound) == wrong:
            yield Finding("profile.value", IssueType.VALUE, text, instance.link, node.name)

    return check


def compare(value: Any, bound: Any) -> int | None:
    """Tell whether a value is below (-1), at (0) or above (1) a bound; None where the two cannot be compared.

    >>> compare({"value": 2, "code": "mg"}, {"value": 1, "code": "mg"}), compare("2026-02", "2026-01-31")
    (1, None)
    """
    if isinstance(value, dict) and isinstance(bound, dict):
        units = [(one.get("system"), one.get("code") or one.get("unit")) for one in (value, bound)]
        return compare(value.get("value"), bound.get("value")) if units[0] == units[1] else None
    if _is_number(value) and _is_number(bound):
        return int(value > bound) - int(value < bound)
    if isinstance(value, str) and isinstance(bound, str) and len(value) == len(bound) and value[19:] == bound[19:]:
        return int(value > bound) - int(value < bound)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
