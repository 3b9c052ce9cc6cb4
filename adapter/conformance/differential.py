"""Differentials: what one element of a differential changes in the element that it is laid on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from adapter.conformance.base import BASE_URL, DefinitionError

__all__ = ["lay_element"]

Json: TypeAlias = dict[str, Any]

# What the place of an element in the tree says, and what is laid by a rule of its own.
_PLACE: Final = ("id", "path", "base", "sliceName", "contentReference", "min", "max", "type", "constraint", "binding")
_ABSTRACT: Final = ("Resource", "DomainResource", "Element", "*")


def lay_element(element: Json, rules: Mapping[str, Any], where: str) -> Json:
    """Lay the rules of a differential's element on an element of the base's snapshot, and give the new element.

    FHIR: min and max are narrowed, type is chosen from the base's, binding replaced (a value set that it leaves out is
    the base's), constraint added to by its key, everything else (fixed[x], pattern[x], slicing, maxLength, ...) set.
    Errors: DefinitionError where the base contradicts the rule: a cardinality that is wider, a type that the base has
    not, another fixed value (but for the url of an extension that is based on another). A weaker binding is taken:
    guides in force weaken what they are based on.

    >>> lay_element({"path": "Flag.note", "min": 0, "max": "*"}, {"path": "Flag.note", "max": "1"}, "urn:p, Flag.note")
    {'path': 'Flag.note', 'min': 0, 'max': '1'}
    """
    found = dict(element)
    _lay_cardinality(found, rules, where)
    if "type" in rules and "contentReference" not in element:  # a reference has the type of what it refers to
        found["type"] = _narrow_types(element.get("type"), rules["type"], where)
    if "binding" in rules:
        named = {key: value for key, value in element.get("binding", {}).items() if key == "valueSet"}
        found["binding"] = {**named, **rules["binding"]}
    if "constraint" in rules:
        known = [each["key"] for each in element.get("constraint", ())]
        added = [each for each in rules["constraint"] if each["key"] not in known]
        found["constraint"] = [*element.get("constraint", ()), *added]
    for word, value in rules.items():
        if word.startswith("fixed") and value != element.get(word, value) and element["path"] != "Extension.url":
            raise DefinitionError(f"{where}: {word} differs from the value that the base fixes.")
        if word not in _PLACE:
            found[word] = value
    return found


def _lay_cardinality(found: Json, rules: Mapping[str, Any], where: str) -> None:
    if "min" not in found or "max" not in found:
        raise DefinitionError(f"{where}: the base's snapshot gives no min or no max.")
    least, most = rules.get("min", found["min"]), rules.get("max", found["max"])
    if not all(limit == "*" or limit.isdecimal() for limit in (most, found["max"])):
        raise DefinitionError(f"{where}: max is neither a number nor *.")
    if least < found["min"]:
        raise DefinitionError(f"{where}: min {least} is less than the base's {found['min']}.")
    if _limit(most) > _limit(found["max"]):
        raise DefinitionError(f"{where}: max {most} is more than the base's {found['max']}.")
    if least > _limit(most):
        raise DefinitionError(f"{where}: min {least} is more than max {most}.")
    found["min"], found["max"] = least, most


def _limit(most: str) -> float:
    return float("inf") if most == "*" else int(most)


def _narrow_types(base: list[Json] | None, types: list[Json], where: str) -> list[Json]:
    """Give the types of a differential where each is one of the base's, or derived from an abstract one.

    The extensions of a type (what its value is in FHIR) are kept from the base.
    """
    known = {name: each for each in base or () for name in (each["code"], *_fhir_names(each))}
    unknown = [each["code"] for each in types if each["code"] not in known]
    if unknown and not known.keys() & set(_ABSTRACT):
        raise DefinitionError(f"{where}: type {', '.join(unknown)} is none of the base's: {', '.join(known) or 'none'}.")
    kept = {each["code"]: each["extension"] for each in base or () if "extension" in each}
    return [{"extension": kept[each["code"]], **each} if each["code"] in kept else each for each in types]


def _fhir_names(told: Json) -> list[str]:
    """Give what a type of FHIRPath is called in FHIR: Extension.url is a System.String and a uri."""
    return [each["valueUrl"] for each in told.get("extension", ()) if each["url"] == f"{BASE_URL}structuredefinition-fhir-type"]
