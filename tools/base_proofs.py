"""Prove the invariants of base R4 by schema, and list where its references may lead: what the quick answer is made of."""

from __future__ import annotations

from typing import Any, Final

from adapter.conformance.base import BaseFacts, ElementFacts, read_base_facts
from adapter.conformance.base_invariant import Invariant, read_invariants
from adapter.conformance.expansion import Expansion
from adapter.fhirpath import Type, Types, read_types
from tools.invariant_proof import prove

__all__ = ["build_proofs"]

Json = dict[str, Any]

# What sound.py says itself: contained resources, and references to them.
_BY_HAND: Final = ("dom-3", "dom-4", "dom-5", "ref-1")
_BACKBONES: Final = (("BackboneElement",), ("Element",))


def build_proofs(facts: Json, schema: Json, value_sets: Json) -> Json:
    """Build, for each definition of the base schema, what proves its invariants, and the targets of its references.

    `invariants` are schemas by definition; where nothing can be proven, none passes. `targets` are the resource types
    that a Reference may lead to, by definition and element; what may lead anywhere is not listed.
    """
    base, types = read_base_facts(facts, [], (value_sets, {})), read_types(schema)
    invariants: dict[str, list[Json]] = {}
    targets: dict[str, dict[str, list[str]]] = {}
    for name, kind in sorted(types.by_name.items()):
        if name not in schema["$defs"] or "properties" not in schema["$defs"][name]:
            continue
        element = base.element(name)
        found = [_schema(one, kind, types) for one in _ours(element)]
        for form in dict.fromkeys(kind.keys.values()):
            inner = base.element(f"{name}.{form.key}")
            if inner is None:
                continue
            if form.type.name == "Reference" and inner.targets and "Resource" not in inner.targets:
                targets.setdefault(name, {})[form.key] = sorted(inner.targets)
            if form.type.name == "CodeableConcept" and inner.definition.get("binding", {}).get("strength") == "required":
                found.append(_below(form.key, kind, _bound(base.value_set(inner.definition["binding"]["valueSet"]))))
            found += [_below(form.key, kind, _schema(one, form.type, types)) for one in _of_element(inner, base)]
        if found:
            invariants[name] = found
    return {"invariants": invariants, "targets": targets}


def _ours(element: ElementFacts | None) -> list[Invariant]:
    return [one for one in read_invariants(element) if one.key not in _BY_HAND] if element is not None else []


def _of_element(element: ElementFacts, base: BaseFacts) -> list[Invariant]:
    """Give what is asked of an element beside what its own type asks; a backbone element is a type of its own."""
    is_own = element.content is not None or (element.types in _BACKBONES and base.children(element.path))
    return [] if is_own else _ours(element)


def _schema(one: Invariant, kind: Type, types: Types) -> Json:
    proof = False if kind.system else prove(one.expression, kind, types)
    return proof if isinstance(proof, dict) else {} if proof else {"not": {}}


def _bound(expansion: Expansion | None) -> Json:
    """Ask of a CodeableConcept a code of a value set; where that is not counted, nothing passes."""
    if expansion is None or not expansion.is_counted or not expansion.codes:
        return {"not": {}}
    options = [
        {"required": ["system", "code"], "properties": {"system": {"const": system}, "code": {"enum": sorted(codes)}}}
        for system, codes in sorted(expansion.codes.items())
    ]
    chosen = options[0] if len(options) == 1 else {"anyOf": options}
    return {"required": ["coding"], "properties": {"coding": {"contains": chosen}}}


def _below(key: str, owner: Type, schema: Json) -> Json:
    return {"properties": {key: {"items": schema} if key in owner.lists else schema}}
