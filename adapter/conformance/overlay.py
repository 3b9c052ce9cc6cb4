"""Overlays: what a profile says more than the base, as a JSON Schema that is laid over the base one.

What an overlay cannot say, closures look at (profile.py); what neither can is refused when it is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from adapter.conformance.base import DefinitionError
from adapter.conformance.binding import same_binding
from adapter.conformance.element_tree import Node
from adapter.conformance.library import Library

__all__ = ["compile_overlay"]

Json: TypeAlias = dict[str, Any]

# What an element of a definition may say beside its rules: it explains, or it marks, and asks nothing of an instance.
_SILENT: Final = frozenset({
    "id", "path", "short", "definition", "comment", "requirements", "alias", "label", "code", "mapping", "example",
    "mustSupport", "isModifier", "isModifierReason", "isSummary", "meaningWhenMissing", "orderMeaning", "base", "condition",
    "extension", "representation", "defaultValue", "contentReference", "sliceIsConstraining",
})
# What the overlay says, and what closures look at.
_SPOKEN: Final = frozenset({"min", "max", "type", "binding", "maxLength"})
_LOOKED_AT: Final = frozenset({"slicing", "sliceName", "constraint"})
_BY_TYPE: Final = ("fixed", "pattern", "minValue", "maxValue", "_")


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


def compile_overlay(owner: str, node: Node, base: Library) -> Json:
    """Compile the elements of a tree into a JSON Schema for instances of the type `owner`.

    Said: min, max, types of a choice, fixed[x], pattern[x], maxLength, required bindings to value sets that are here;
    only what is tighter than the base. Slices, and what stands below a choice, are left to closures.
    Errors: DefinitionError for an element that the base has not, or a rule that nothing can check.
    """
    overlay: Json = {}
    if owner not in base.schema["$defs"]:
        raise DefinitionError(f"{node.name}: type {owner} is no type of R4.")
    _lay_children(overlay, owner, node, base)
    return overlay


def _lay_children(overlay: Json, owner: str, node: Node, base: Library) -> None:
    for child in node.children:
        name = child.name
        where = str(child.element.get("path", name))
        _check_words(child.element, where)
        told = _tighter(child.element, base.base_element(owner, name))
        if _is_forbidden(base, owner, name) or (not told and (not child.children or child.is_choice)):
            continue
        element = _element(base.schema, owner, name, {**told, "path": where})
        _lay(overlay, element, base)
        if not child.children or child.is_choice:
            continue
        inner: Json = {}
        _lay_children(inner, _owner_of(element, child), child, base)
        if inner:
            _merge(_item(overlay, element, name), inner)


def _owner_of(element: _Element, child: Node) -> str:
    """Give the type that the children of an element stand in; a resource that is held to one type has that one's."""
    kind = element.variants[0][1]
    return str(child.types[0]["code"]) if kind == "Resource" and len(child.types) == 1 else kind


def _is_forbidden(base: Library, owner: str, name: str) -> bool:
    """Tell whether the base forbids the element already: SimpleQuantity has no comparator."""
    return base.schema["$defs"].get(owner, {}).get("properties", {}).get(name) is False


def _merge(node: Json, inner: Json) -> None:
    """Lay the rules of children beside what is said of the element itself."""
    if node.keys() & inner.keys():
        node.setdefault("allOf", []).append(inner)
    else:
        node.update(inner)


def _check_words(rules: Mapping[str, Any], where: str) -> None:
    known = _SILENT | _SPOKEN | _LOOKED_AT
    unknown = [word for word in rules if word.removeprefix("_") not in known and not word.startswith(_BY_TYPE)]
    if unknown:
        raise DefinitionError(f"{where}: {', '.join(sorted(unknown))} cannot be checked. Take it out.")


def _tighter(definition: Mapping[str, Any], base: Mapping[str, Any] | None) -> Json:
    """Give what a definition says more than the base: that is what an instance can break by it alone."""
    told = {key: value for key, value in definition.items() if key in _SPOKEN or key.startswith(("fixed", "pattern"))}
    if base is None:
        return told
    if told.get("min", 0) <= base.get("min", 0):
        told.pop("min", None)
    for word in ("max", "maxLength"):
        if told.get(word) == base.get(word):
            told.pop(word, None)
    if _codes_of(told) == _codes_of(base):
        told.pop("type", None)
    if same_binding(told.get("binding", {}), base.get("binding", {})):
        told.pop("binding", None)
    return {key: value for key, value in told.items() if not key.startswith(("fixed", "pattern")) or base.get(key) != value}


def _codes_of(definition: Mapping[str, Any]) -> set[str]:
    return {str(kind.get("code")).rpartition("/")[2] for kind in definition.get("type", ())}


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


def _lay(node: Json, element: _Element, base: Library) -> None:
    """Lay the rules of one element on the overlay node that it stands in."""
    names = _lay_types(node, element)
    values = {word: value for word, value in element.definition.items() if word.startswith(("fixed", "pattern"))}
    for word, value in values.items():
        _lay_value(node, element, names, (word, value))
    binding = element.definition.get("binding")
    if binding and binding.get("strength") == "required" and "valueSet" in binding:
        expansion = base.expansion(binding["valueSet"])
        if expansion.is_counted and expansion.codes:
            pairs = frozenset((system, code) for system, codes in expansion.codes.items() for code in codes)
            _lay_binding(node, element, names, pairs)
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
    codes = [str(told["code"]).rpartition("/")[2] for told in types]
    if not element.name.endswith("[x]"):
        kind = element.variants[0][1]
        if kind == "Resource":
            if not {"Resource", "DomainResource"} & set(codes):
                _item(node, element, names[0])["properties"] = {"resourceType": {"enum": codes}}
            return names
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
        known = [name for name, _ in element.variants]  # one that is forbidden is told as that alone
        siblings = [] if has_value else [f"_{name}" for name in known if f"_{name}" in element.owner["properties"]]
        found = [*known, *siblings]
        if len(found) == 1 and not element.name.endswith("[x]"):
            node.setdefault("required", []).append(found[0])
        else:
            one = {"anyOf": [{"required": [name]} for name in found]}
            node.setdefault("allOf", []).append({"if": one, "else": {"required": [element.name]}})


def _is_required(owner: Json, name: str) -> bool:
    """Tell whether the base asks for the element already: it is said once."""
    conditional = [asked for rule in owner.get("allOf", []) for asked in rule["else"]["required"]]
    return name in owner.get("required", []) or name in conditional
