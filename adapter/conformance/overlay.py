"""Overlays: a profile's differential as a JSON Schema that is laid over the base one.

What a differential asks and an overlay cannot say is refused when it is compiled: nothing is skipped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapter.conformance.terminology import ValueSets

__all__ = ["DefinitionError", "compile_overlay"]

Json: TypeAlias = dict[str, Any]

# What an element of a differential may say beside its rules: it explains, or it marks, and asks nothing of an instance.
_SILENT: Final = frozenset({
    "id", "path", "short", "definition", "comment", "requirements", "alias", "label", "code", "mapping", "example",
    "mustSupport", "isModifier", "isModifierReason", "isSummary", "meaningWhenMissing", "orderMeaning", "base",
})
_SPOKEN: Final = frozenset({"min", "max", "type", "binding", "maxLength"})


class DefinitionError(ValueError):
    """Say that a definition cannot be used, which and why: a start-up fault."""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element of a differential, and what the base says of it.

    `variants` are its JSON names with their types; `owner` is the base definition that it stands in.
    """

    definition: Json
    name: str
    owner: Json
    variants: tuple[tuple[str, str], ...]
    is_list: bool
    where: str


def compile_overlay(base: Mapping[str, Any], definition: Json, value_sets: ValueSets) -> Json:
    """Compile the differential of a StructureDefinition into a JSON Schema for instances of its type.

    Said: min, max, types of a choice, fixed[x], pattern[x], maxLength, required bindings to the value sets given. A
    slice, an invariant, an extensible binding or anything else unknown raises DefinitionError.

    >>> base = {"x-choices": {}, "$defs": {"Flag": {"properties": {"note": {"type": "array", "items": {}}}}}}
    >>> rule = {"path": "Flag.note", "max": "2"}
    >>> definition = {"url": "u", "type": "Flag", "differential": {"element": [rule]}}
    >>> compile_overlay(base, definition, ValueSets({}))
    {'properties': {'note': {'maxItems': 2}}}
    """
    overlay: Json = {}
    kind = definition["type"]
    if kind not in base["$defs"]:
        raise DefinitionError(f"{definition['url']}: type {kind} is no type of R4.")
    for rules in definition.get("differential", {}).get("element", []):
        where = f"{definition['url']}, {rules.get('path')}"
        path = str(rules.get("path", "")).split(".")
        if path[0] != kind:
            raise DefinitionError(f"{where}: the path does not begin with {kind}.")
        _check_words(rules, where)
        if len(path) == 1:
            _check_root(rules, where)
            continue
        node, element = _descend(base, overlay, path, rules)
        _lay(node, element, value_sets)
    return overlay


def _check_words(rules: Json, where: str) -> None:
    unknown = [
        word for word in rules if word not in _SILENT | _SPOKEN and not word.startswith(("fixed", "pattern"))
    ]
    if unknown:
        raise DefinitionError(f"{where}: {', '.join(sorted(unknown))} cannot be checked. Take it out.")


def _check_root(rules: Json, where: str) -> None:
    spoken = [word for word in rules if word not in _SILENT | {"min", "max"}]
    if spoken:
        raise DefinitionError(f"{where}: {', '.join(sorted(spoken))} cannot be said of the root.")


def _descend(base: Mapping[str, Any], overlay: Json, path: list[str], rules: Json) -> tuple[Json, _Element]:
    """Go down to the overlay node that the last step stands in, making the nodes on the way."""
    where = ".".join(path)
    owner_name, node = path[0], overlay
    for step in path[1:-1]:
        element = _element(base, owner_name, step, rules)
        if step.endswith("[x]"):
            raise DefinitionError(f"{where}: rules inside a choice cannot be said.")
        owner_name = element.variants[0][1]
        node = node.setdefault("properties", {}).setdefault(step, {})
        node = node.setdefault("items", {}) if element.is_list else node
    return node, _element(base, owner_name, path[-1], rules)


def _element(base: Mapping[str, Any], owner_name: str, name: str, rules: Json) -> _Element:
    where = str(rules["path"])
    owner = base["$defs"].get(owner_name, {})
    properties: Json = owner.get("properties", {})
    if name.endswith("[x]"):
        stem = name[:-3]
        names = [key for key in properties if base["x-choices"].get(key) == stem and not _is_array(properties[key])]
    else:
        names = [name] if isinstance(properties.get(name), dict) else []
    if not names:
        raise DefinitionError(f"{where}: {owner_name} has no element {name} that a rule can be laid on.")
    is_list = _is_array(properties[names[0]])
    return _Element(rules, name, owner, tuple((key, _type_of(properties[key])) for key in names), is_list, where)


def _is_array(schema: Json) -> bool:
    return schema.get("type") == "array"


def _type_of(schema: Json) -> str:
    reference = schema.get("items", schema).get("$ref", "")
    return str(reference.rpartition("/")[2]).removesuffix("?")


def _lay(node: Json, element: _Element, value_sets: ValueSets) -> None:
    """Lay the rules of one element on the overlay node that it stands in."""
    names = _lay_types(node, element)
    values = {word: value for word, value in element.definition.items() if word.startswith(("fixed", "pattern"))}
    for word, value in values.items():
        _lay_value(node, element, names, (word, value))
    binding = element.definition.get("binding")
    if binding is not None and binding.get("strength") not in ("preferred", "example"):
        _lay_binding(node, element, names, _codes(element, binding, value_sets))
    if "maxLength" in element.definition:
        for name in names:
            _item(node, element, name)["maxLength"] = element.definition["maxLength"]
    _lay_cardinality(node, element, names, bool(values))


def _lay_types(node: Json, element: _Element) -> list[str]:
    """Forbid the variants of a choice that the types leave out, and give those that stay."""
    names = [name for name, _ in element.variants]
    types = element.definition.get("type")
    if types is None:
        return names
    if any(set(told) - {"code"} for told in types):
        raise DefinitionError(f"{element.where}: profiles and target profiles of a type cannot be checked.")
    codes = [str(told["code"]) for told in types]
    if not element.name.endswith("[x]"):
        kind = element.variants[0][1]
        if codes != ["code" if kind.startswith("codes:") else kind]:
            raise DefinitionError(f"{element.where}: type {', '.join(codes)} is not the base's.")
        return names
    wanted = {element.name[:-3] + code[0].upper() + code[1:] for code in codes}
    if not wanted <= set(names):
        raise DefinitionError(f"{element.where}: {', '.join(sorted(wanted - set(names)))} is no variant of the choice.")
    for name in names:
        if name not in wanted:
            _forbid(node, element, name)
    return [name for name in names if name in wanted]


def _forbid(node: Json, element: _Element, name: str) -> None:
    properties = node.setdefault("properties", {})
    properties[name] = False
    if f"_{name}" in element.owner["properties"]:
        properties[f"_{name}"] = False


def _item(node: Json, element: _Element, name: str) -> Json:
    """Give the overlay of one value of the element: an array's items, or the element itself."""
    schema: Json = node.setdefault("properties", {}).setdefault(name, {})
    item: Json = schema.setdefault("items", {}) if element.is_list else schema
    return item


def _lay_value(node: Json, element: _Element, names: list[str], rule: tuple[str, Any]) -> None:
    word, value = rule
    stem = "fixed" if word.startswith("fixed") else "pattern"
    kind = word.removeprefix(stem)
    choice = element.name[:-3] + kind
    wanted = [name for name in names if name == choice] if element.name.endswith("[x]") else names
    if not wanted:
        raise DefinitionError(f"{element.where}: {word} fits no variant of the choice.")
    for name in wanted:
        schema = {"const": value} if stem == "fixed" else _pattern(value)
        _item(node, element, name).update(schema)


def _pattern(value: Any) -> Json:
    """Say "holds at least this": an object's members, an entry like each of an array's entries, else the same value."""
    if isinstance(value, dict):
        return {"required": list(value), "properties": {key: _pattern(inner) for key, inner in value.items()}}
    if isinstance(value, list):
        entries = [{"contains": _pattern(entry)} for entry in value]
        return entries[0] if len(entries) == 1 else {"allOf": entries}
    return {"const": value}


def _codes(element: _Element, binding: Json, value_sets: ValueSets) -> frozenset[tuple[str, str]]:
    codes = value_sets.expand(binding.get("valueSet", "")) if binding.get("strength") == "required" else None
    if codes is None:
        raise DefinitionError(
            f"{element.where}: only a required binding to a value set that is at hand and enumerable can be checked."
        )
    return codes


def _lay_binding(node: Json, element: _Element, names: list[str], codes: frozenset[tuple[str, str]]) -> None:
    types = dict(element.variants)
    for name in names:
        is_code = types[name] in ("code", "string", "uri") or types[name].startswith("codes:")
        if not is_code and types[name] not in ("Coding", "CodeableConcept"):
            continue
        if is_code:
            schema: Json = {"enum": sorted(code for _, code in codes)}
        else:
            schema = {"anyOf": [_pattern({"system": system, "code": code}) for system, code in sorted(codes)]}
            if types[name] == "CodeableConcept":
                schema = {"required": ["coding"], "properties": {"coding": {"contains": schema}}}
        _item(node, element, name).update(schema)


def _lay_cardinality(node: Json, element: _Element, names: list[str], has_value: bool) -> None:
    least, most = element.definition.get("min", 0), element.definition.get("max", "*")
    if most == "0":
        for name in names:
            _forbid(node, element, name)
    elif element.is_list and most != "*":
        node.setdefault("properties", {}).setdefault(element.name, {})["maxItems"] = int(most)
    if least > 1 and element.is_list:
        node.setdefault("properties", {}).setdefault(element.name, {})["minItems"] = least
    if least > 0 and not _is_required(element.owner, element.name):
        siblings = [] if has_value else [f"_{name}" for name in names if f"_{name}" in element.owner["properties"]]
        found = [*names, *siblings]
        if len(found) == 1 and not element.name.endswith("[x]"):
            node.setdefault("required", []).append(found[0])
        else:
            one = {"anyOf": [{"required": [name]} for name in found]}
            node.setdefault("allOf", []).append({"if": one, "else": {"required": [element.name]}})


def _is_required(owner: Json, name: str) -> bool:
    """Tell whether the base asks for the element already: it is said once."""
    conditional = [asked for rule in owner.get("allOf", []) for asked in rule["else"]["required"]]
    return name in owner.get("required", []) or name in conditional
