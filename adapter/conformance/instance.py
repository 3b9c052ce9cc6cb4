"""Instances: the values that an element has in a tree, each with its place and type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from adapter.conformance.rules import Link

__all__ = ["Instance", "Step", "equals", "holds_pattern", "reach", "steps_to"]

Json: TypeAlias = dict[str, Any]
# The JSON names that an element may have, each with its FHIR type: one, or one a variant of a choice.
Step: TypeAlias = tuple[tuple[str, str], ...]


class Instance(NamedTuple):
    """One value of an element: the value (None where only `_x` stands), its link from the root, its FHIR type."""

    value: Any
    link: Link
    type: str


def steps_to(names: Sequence[str], owner: str, schema: Mapping[str, Any]) -> tuple[Step, ...]:
    """Give the steps that lead from a type to an element, with the types met on the way; () where there is no such way.

    >>> schema = {"x-choices": {}, "$defs": {"Flag": {"properties": {"code": {"$ref": "#/$defs/CodeableConcept"}}}}}
    >>> steps_to(["code"], "Flag", schema)
    ((('code', 'CodeableConcept'),),)
    """
    steps: list[Step] = []
    owners = [owner]
    for name in names:
        found: dict[str, str] = {}
        for one in owners:
            found |= _variants(name, one, schema)
        if not found:
            return ()
        steps.append(tuple(found.items()))
        owners = list(found.values())
    return tuple(steps)


def _variants(name: str, owner: str, schema: Mapping[str, Any]) -> dict[str, str]:
    properties: Json = schema["$defs"].get(owner, {}).get("properties", {})
    if not name.endswith("[x]"):
        return {name: _type_of(properties[name])} if isinstance(properties.get(name), dict) else {}
    stem = name[:-3]
    return {
        key: _type_of(value) for key, value in properties.items()
        if schema["x-choices"].get(key) == stem and isinstance(value, dict) and value.get("type") != "array"
    }


def _type_of(schema: Json) -> str:
    reference = str(schema.get("items", schema).get("$ref", ""))
    name = reference.rpartition("/")[2].removesuffix("?")
    return "code" if name.startswith("codes:") else name


def reach(instance: Instance, steps: Sequence[Step]) -> Iterator[Instance]:
    """Give the instances that the steps lead to, in document order.

    >>> tree = {"name": [{"family": "A"}, {"family": "B"}]}
    >>> way = ((("name", "HumanName"),), (("family", "string"),))
    >>> [one.value for one in reach(Instance(tree, None, "Patient"), way)]
    ['A', 'B']
    """
    if not steps:
        yield instance
        return
    if not isinstance(instance.value, dict):
        return
    for one in _members(instance, steps[0]):
        yield from reach(one, steps[1:])


def _members(instance: Instance, step: Step) -> Iterator[Instance]:
    tree, link = instance.value, instance.link
    for name, kind in step:
        value, sibling = tree.get(name), tree.get(f"_{name}")
        if value is None and sibling is None:
            continue
        if isinstance(value, list) or isinstance(sibling, list):
            values = value if isinstance(value, list) else []
            for index in range(max(len(values), len(sibling) if isinstance(sibling, list) else 0)):
                yield Instance(values[index] if index < len(values) else None, (link, name, index), kind)
        else:
            yield Instance(value, (link, name), kind)


def equals(asked: Any, value: Any) -> bool:
    """Tell whether a value is exactly the fixed one."""
    if isinstance(asked, dict):
        return isinstance(value, dict) and asked.keys() == value.keys() and all(equals(asked[key], value[key]) for key in asked)
    if isinstance(asked, list):
        return isinstance(value, list) and len(asked) == len(value) and all(map(equals, asked, value))
    return (type(asked) is type(value) and asked == value) or (_is_number(asked) and _is_number(value) and asked == value)


def _is_number(value: Any) -> bool:
    return not isinstance(value, (bool, str)) and value is not None and not isinstance(value, (dict, list))


def holds_pattern(asked: Any, value: Any) -> bool:
    """Tell whether a value holds at least what the pattern shows.

    FHIR: ElementDefinition.pattern[x]: members of objects, an entry for each entry of an array, in any order.

    >>> holds_pattern({"coding": [{"code": "a"}]}, {"coding": [{"code": "b"}, {"system": "s", "code": "a"}]})
    True
    """
    if isinstance(asked, dict):
        return isinstance(value, dict) and all(key in value and holds_pattern(one, value[key]) for key, one in asked.items())
    if isinstance(asked, list):
        return isinstance(value, list) and all(any(holds_pattern(one, other) for other in value) for one in asked)
    return equals(asked, value)
