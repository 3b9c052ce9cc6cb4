"""What a sound tree is asked beside the shape of base R4: proofs of invariants, targets, codes, narratives, places of extensions.

Where a rule is not so simple, no tree passes that it speaks of, and it is looked at rule by rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import local
from typing import Any, Final, TypeAlias

from adapter.conformance.narrative import find_narrative_fault

__all__ = [
    "Asked", "CODED", "ORDERED", "add_proofs", "forget_references", "formats", "kept_none", "references_hold", "target_sets",
]

Json: TypeAlias = dict[str, Any]

#: The keyword that compares two elements of an instance by FHIRPath: the type of the instance, the lesser, the greater.
ORDERED: Final = "x-ordered"
#: The keyword that looks at the code of a Coding or a Quantity.
CODED: Final = "x-coded"

_NARRATIVE: Final = "x-narrative"
_REFERENCE: Final = "x-reference-"
# URNs that are written as their kind asks; those of other kinds ask nothing.
_URN: Final = (
    r"^urn:(?:[^uo]|uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$)"
)
# A narrative that needs none: text in the plainest elements.
_TEXT: Final = r"(?:[^<>&]|&(?:lt|gt|amp);)*"
_PLAIN: Final = (
    rf'^<div xmlns="http://www\.w3\.org/1999/xhtml">{_TEXT}(?:<(?:p>{_TEXT}</p|b>{_TEXT}</b|br ?/)>{_TEXT})*</div>$'
)
_SOME: Final = r">[^<>&]*[^<>&\s]"
# What a pump is filled with and runs at.
_UNITS: Final = ("mg", "mL", "ug", "mg/mL", "ug/mL", "mL/h", "ug/h", "mg/d", "ug/d", "mL/d", "%", "1", "min", "h", "d")
_QUANTITIES: Final = ("Quantity", "SimpleQuantity", "Age", "Count", "Distance", "Duration")
# Profiles of R4 that its own definitions use as if they were types.
_NARROWED: Final = {"Quantity": ("SimpleQuantity", "MoneyQuantity")}
_SEEN: Final = local()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sound tree is asked beside the shape of base R4.

    `proofs` is r4.proofs.json. `extensions` are, by url, the overlay that an Extension of this url must also pass; None
    where that says not all. `homes` are, by url of an extension that has a context, the definitions that it may stand in;
    none where that is not so simple. `codes_of` gives the codes of a system that is known whole; `ordered` compares two
    elements of a type as FHIRPath does.
    """

    proofs: Mapping[str, Any]
    extensions: Mapping[str, Mapping[str, Any] | None]
    homes: Mapping[str, frozenset[str]]
    codes_of: Callable[[str], frozenset[str] | None]
    ordered: Callable[[str, str, str, Json], bool]


def add_proofs(definitions: Json, asked: Asked) -> None:
    """Add to hardened definitions what else base R4 asks."""
    proofs = asked.proofs
    for name, found in proofs["invariants"].items():
        for kind in (name, *_NARROWED.get(name, ())):
            if kind in definitions:
                _more(definitions[kind], *found)
    sets = target_sets(proofs)
    for name, elements in proofs["targets"].items():
        for key, targets in elements.items() if name in definitions else ():
            _point(definitions[name]["properties"], key, f"Reference-{sets[tuple(targets)]}")
    reference = definitions.get("Reference")
    if reference is not None:
        for targets, number in sets.items():
            definitions[f"Reference-{number}"] = _reference(reference, targets, number)
        definitions["Reference"] = _reference(reference, (), 0)
    for definition in definitions.values():
        if "properties" in definition and "id" in definition["properties"] and "resourceType" not in definition["properties"]:
            definition["properties"] = definition["properties"] | {"id": False}  # with it alone an element is empty: ele-1
    for name in ("uri", "url", "canonical"):
        if name in definitions:
            definitions[name] = {**definitions[name], "if": {"pattern": "^urn:"}, "then": {"pattern": _URN}}
    if "xhtml" in definitions:
        plain = {"allOf": [{"pattern": _PLAIN}, {"pattern": _SOME}]}
        definitions["xhtml"] = {"type": "string", "anyOf": [plain, {"format": _NARRATIVE}]}
    if "Coding" in definitions:
        _more(definitions["Coding"], {CODED: True})
    for name in _QUANTITIES:
        if name in definitions:
            usual = {"properties": {"code": {"enum": [*_UNITS]}}}
            _dependent(definitions[name], "system", {"anyOf": [usual, {CODED: True}]})
    _house_extensions(definitions, asked.homes)


def _more(definition: Json, *schemas: Json) -> None:
    definition["allOf"] = [*definition.get("allOf", ()), *schemas]


def _dependent(definition: Json, key: str, schema: Json) -> None:
    known = definition.get("dependentSchemas", {})
    definition["dependentSchemas"] = known | {key: {"allOf": [known[key], schema]} if key in known else schema}


def _point(properties: Json, key: str, name: str) -> None:
    told = properties.get(key)
    if isinstance(told, dict):
        target = {"$ref": f"#/$defs/{name}"}
        properties[key] = told | {"items": target} if "items" in told else target


def target_sets(proofs: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """Number the sets of types that references may lead to, from 1."""
    found = {tuple(targets) for elements in proofs["targets"].values() for targets in elements.values()}
    return {targets: number for number, targets in enumerate(sorted(found), 1)}


def _reference(reference: Json, targets: tuple[str, ...], number: int) -> Json:
    """Make the Reference of one set: a literal that shows a type of it passes, another is kept and looked at later.

    A type that is told beside a literal is looked at rule by rule.
    """
    literal = rf"^(?:https?://[^\s#?]*/)?(?:{'|'.join(targets)})/[A-Za-z0-9.-]+$" if targets else "^[^#]"
    told = {"type": "string", "minLength": 1, "anyOf": [{"pattern": literal}, {"format": f"{_REFERENCE}{number}"}]}
    properties = reference["properties"] | {"reference": told, "_type": False}
    if targets:
        properties["type"] = {"enum": [*targets]}
    return reference | {"properties": properties, "dependentSchemas": {"type": {"properties": {"reference": False}}}}


def _house_extensions(definitions: Json, homes: Mapping[str, frozenset[str]]) -> None:
    """Let each extension that has a context stand where it may, and none that is known among the modifiers.

    Most places bar the same ones: each set of them is one definition.
    """
    if not homes or "Extension" not in definitions:
        return
    names: dict[tuple[str, ...], str] = {}
    for name, definition in definitions.items():
        properties = definition.get("properties", {})
        away = tuple(sorted(url for url, at in homes.items() if name not in at))
        for key, barred in (("extension", away), ("modifierExtension", tuple(sorted(homes)))):
            if isinstance(properties.get(key), dict) and barred:
                target = names.setdefault(barred, f"Extension-but-{len(names)}")
                properties[key] = properties[key] | {"items": {"$ref": f"#/$defs/{target}"}}
    for barred, name in names.items():
        definitions[name] = {"$ref": "#/$defs/Extension", "properties": {"url": {"not": {"enum": [*barred]}}}}


def formats(proofs: Mapping[str, Any]) -> dict[str, Callable[[str], bool]]:
    """Give what looks at texts while a tree is validated: narratives, and references that show no type."""
    found: dict[str, Callable[[str], bool]] = {_NARRATIVE: lambda text: find_narrative_fault(text) is None}
    for targets, number in (((), 0), *target_sets(proofs).items()):
        found[f"{_REFERENCE}{number}"] = _keeper(frozenset(targets))
    return found


def _keeper(targets: frozenset[str]) -> Callable[[str], bool]:
    def keep(text: str) -> bool:
        _SEEN.references.append((text, targets))
        return True

    return keep


def forget_references() -> None:
    """Begin a new tree: what was kept of another is forgotten."""
    _SEEN.references = []


def kept_none(resource: Json) -> bool:
    """Tell whether a resource that has passed the schema, after `forget_references`, leaves no reference to be looked at."""
    return not _SEEN.references and "contained" not in resource


def references_hold(tree: Json) -> bool:
    """Tell whether the references that were kept lead to resources of a right type, and all that is contained is led to.

    ref-1, dom-3, fullUrl with type and id; the tree has passed the schema. Several resources that contain others are not
    judged: False.
    """
    entries = tree.get("entry", ()) if tree["resourceType"] == "Bundle" else ()
    addresses: dict[str, str] = {}
    holders = [tree] if "contained" in tree else []
    for entry in entries:
        if "resource" not in entry:
            continue
        resource = entry["resource"]
        if "contained" in resource:
            holders.append(resource)
        if "fullUrl" in entry:
            url, kind = entry["fullUrl"], resource["resourceType"]
            addresses[url] = kind
            if url[:4] != "urn:" and not ("id" in resource and url.endswith(f"/{kind}/{resource['id']}")):
                return False
    if len(holders) > 1:
        return False
    inner = {f"#{one.get('id')}": one for one in holders[0]["contained"]} if holders else {}
    if holders and len(inner) != len(holders[0]["contained"]):
        return False
    used = set()
    for text, targets in _SEEN.references:
        if text[:1] == "#":
            found = inner.get(text, holders[0] if holders and text == "#" else None)
            if found is None:
                return False
            used.add(text)
            kind = found["resourceType"]
        elif text[:4] == "urn:":
            kind = addresses.get(text)
            if kind is None:
                continue  # it leads to nothing that was sent
        else:
            return False
        if targets and kind not in targets:
            return False
    return all(text in used or _refers_out(one) for text, one in inner.items())


def _refers_out(value: Any) -> bool:
    """Tell whether something contained refers to the resource around it."""
    if isinstance(value, dict):
        return value.get("reference") == "#" or any(map(_refers_out, value.values()))
    return isinstance(value, list) and any(map(_refers_out, value))
