"""Extensions that are known: whether they may stand where they do, and whether as modifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapter.conformance.finding import Finding
from adapter.conformance.walk import Spot
from adapter.issues import IssueType

__all__ = ["MODIFIERS", "check_extension", "is_at_home", "names_of_spot"]

MODIFIERS: Final = "modifierExtension"

_CONTEXT: Final = "is an extension that its definition allows on {} only. Move it to where it may stand, or remove it"
_MODIFIER: Final = "is {} by its definition, and stands among {}. Move it"
_ANYWHERE: Final = frozenset({"Element", "Resource", "*"})
_MOST_SHOWN: Final = 6
# Contexts that R4's definitions leave out and that R4's own definitions use; later versions name them.
_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_ALSO: Final = {
    f"{_BASE}structuredefinition-fhir-type": ("ElementDefinition.type",),
    f"{_BASE}regex": ("ElementDefinition.type",),
    f"{_BASE}structuredefinition-normative-version": ("DomainResource", "ElementDefinition"),
}


def names_of_spot(spot: Spot) -> frozenset[str]:
    """Give every name that a context may call an element by: its types, and its path from each type that it stands in.

    >>> from adapter.fhirpath import Type
    >>> claim = Spot({}, None, None, Type("Claim", frozenset({"Claim", "Resource"})), "", None)
    >>> net = Spot({}, None, (None, "total"), Type("Money", frozenset({"Money", "Element"})), "total", claim)
    >>> sorted(names_of_spot(net))
    ['Claim.total', 'Element', 'Money', 'Resource.total']
    """
    names = {*spot.type.ancestors}
    paths = [""]
    one: Spot | None = spot
    while one is not None and one.holder is not None:
        steps = {one.key, *(f"{stem}[x]" for stem, forms in one.holder.type.members.items()
                            if len(forms) > 1 and any(form.key == one.key for form in forms))}
        steps |= {step.removesuffix("[x]") for step in steps}
        paths = [f".{step}{path}" for step in steps for path in paths]
        names |= {f"{name}{path}" for name in one.holder.type.ancestors for path in paths}
        if "resourceType" in (one.value if isinstance(one.value, dict) else ()):
            break
        one = one.holder
    return frozenset(names)


def is_at_home(context: Mapping[str, Any], names: frozenset[str], parent: str | None) -> bool | None:
    """Tell whether one context of a definition allows an element with these names; None where it cannot be told.

    FHIR: StructureDefinition.context. `parent` is the url of the extension that it stands in; a context by FHIRPath is a
    path of names, or cannot be told.
    """
    kind, told = context.get("type"), str(context.get("expression", ""))
    if kind == "extension":
        return parent is not None and told.partition("#")[0] == parent
    if kind not in ("element", "fhirpath"):
        return None
    path = told.partition("#")[2] or told
    if path in _ANYWHERE or path in names:
        return True
    return False if kind == "element" or path.replace(".", "").isalnum() else None


def check_extension(spot: Spot, definition: Mapping[str, Any], is_modifier: bool) -> Iterator[Finding]:
    """Check where a known extension stands: its context, and whether among modifiers.

    FHIR: StructureDefinition.context, ElementDefinition.isModifier of its root. http://hl7.org/fhir/R4/defining-extensions.html
    """
    holder = spot.holder
    if holder is None:
        return
    if is_modifier != (spot.key == MODIFIERS):
        told = ("a modifier", "extensions that modify nothing") if is_modifier else ("no modifier", "modifiers")
        yield Finding("base.extension-modifier", IssueType.STRUCTURE, _MODIFIER.format(*told), spot.link, spot.key)
        return
    contexts = definition.get("context", ())
    parent = holder.value.get("url") if holder.type.name == "Extension" and isinstance(holder.value, dict) else None
    names = names_of_spot(holder)
    if names.intersection(_ALSO.get(str(definition.get("url")), ())):
        return
    if contexts and all(is_at_home(one, names, parent) is False for one in contexts):
        allowed = [str(one.get("expression")) for one in contexts]
        shown = ", ".join(allowed[:_MOST_SHOWN]) + (" and others" if len(allowed) > _MOST_SHOWN else "")
        yield Finding("base.extension-context", IssueType.STRUCTURE, _CONTEXT.format(shown), spot.link, spot.key)
