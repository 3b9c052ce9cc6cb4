"""What base R4 asks beside its schema, element by element: invariants, references, codes, extensions, narratives, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from adapter.conformance.base_invariant import BaseInvariants
from adapter.conformance.base_target import check_reference
from adapter.conformance.coded import check_binding, check_coding, check_unit
from adapter.conformance.extension import check_extension
from adapter.conformance.fault import write_path
from adapter.conformance.finding import Finding
from adapter.conformance.narrative import find_narrative_fault
from adapter.conformance.rules import follow_link
from adapter.conformance.walk import Spot, walk
from adapter.fhirpath import Type
from adapter.issues import Issue, IssueType

__all__ = ["check_base", "is_address"]

_PAGE: Final = "http://hl7.org/fhir/R4/"
# The primitives whose text says more than its form.
_LOOKED_AT: Final = frozenset({"xhtml", "uri", "url", "canonical"})
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OID: Final = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
_ADDRESS: Final = "is a URN that is not written as its kind asks; {} was expected. Correct it"
_NARRATIVE: Final = "is no narrative that may be shown; it has {}. Take it out"
_FULL_URL: Final = "does not end with type and id of its resource; they were expected there. Correct one of them"


def is_address(value: str) -> bool:
    """Tell whether a URI that names a UUID or an OID is written as one; other URIs are.

    http://hl7.org/fhir/R4/datatypes.html#oid and #uuid.

    >>> is_address("urn:uuid:C757873D-EC9A-4326-A141-556F43239520"), is_address("urn:oid:1.2.3"), is_address("urn:x")
    (False, True, True)
    """
    if value.startswith("urn:uuid:"):
        return _UUID.fullmatch(value) is not None
    return not value.startswith("urn:oid:") or _OID.fullmatch(value) is not None


def check_base(
    scene: Any, definitions: Any, told: Sequence[Issue], is_sound: Callable[[dict[str, Any]], bool] = lambda _: False
) -> Iterator[Issue]:
    """Check every element of a tree. An element with a fault that was told already breaks no invariant by it.

    `is_sound` tells of the resource of an entry that nothing can be wrong with it: it is not looked at.
    """
    places = {place for issue in told for place in issue.expression}
    for spot in walk(scene.tree, definitions.types, is_sound, _is_plain):
        if spot.value is not None and _is_plain(spot.type):
            continue
        for finding in _look(spot, scene, definitions):
            issue = _issue(finding, scene, definitions.schema["x-choices"])
            if finding.code is IssueType.INVARIANT and _is_told(issue.expression[0], places):
                continue
            yield issue


def _is_plain(kind: Type) -> bool:
    """Tell whether the values of a type, by far the most, say no more than their form."""
    return bool(kind.system) and kind.name not in _LOOKED_AT


def _issue(finding: Finding, scene: Any, choices: Any) -> Issue:
    place = write_path(scene.root, follow_link(finding.link), choices)
    name = choices.get(finding.element, finding.element)
    page = _PAGES.get(finding.rule, "conformance-rules.html#constraints")
    return Issue(finding.severity, finding.code, finding.rule, f"{name} {finding.text}.", (place,), _PAGE + page)


_PAGES: Final = {
    "base.target": "references.html", "base.reference-type": "references.html", "base.full-url": "bundle.html#bundle-unique",
    "base.code": "terminologies.html#required",
    "base.unknown-code": "terminologies.html#unbound", "base.unit": "datatypes.html#quantity",
    "base.extension-context": "defining-extensions.html#context",
    "base.extension-invariant": "defining-extensions.html#context",
    "base.extension-modifier": "extensibility.html#modifierExtension",
    "base.narrative": "narrative.html", "base.address": "datatypes.html#uri",
}


def _is_told(place: str, places: set[str]) -> bool:
    """Tell whether a fault stands at an element or one step below it."""
    if place in places:
        return True
    below = f"{place}."
    return any(one.startswith(below) and "." not in one[len(below):] for one in places)


def _look(spot: Spot, scene: Any, definitions: Any) -> Iterator[Finding]:
    invariants: BaseInvariants = definitions.invariants
    name, value = spot.type.name, spot.value
    if spot.type.system:
        if isinstance(value, str):
            yield from _text(spot, value)
        elif value is None and spot.sibling is not None:
            yield from invariants.check(spot, scene)
        return
    yield from invariants.check(spot, scene)
    if name == "Reference":
        yield from check_reference(spot, definitions.facts, scene)
    elif name == "Coding":
        yield from check_coding(spot, definitions.codes_of)
    elif name == "CodeableConcept":
        yield from check_binding(spot, definitions.facts, definitions.codes_of)
    elif "Quantity" in spot.type.ancestors:
        yield from check_unit(spot)
    elif name == "Extension":
        url = value.get("url")
        found = definitions.find(url) if isinstance(url, str) and ":" in url else None
        if found is not None and found.get("type") == "Extension" and found.get("derivation") == "constraint":
            yield from check_extension(spot, found, definitions.is_modifier(url))
            yield from invariants.check_context(spot, found, scene)
    elif name == "Bundle.entry":
        yield from _full_url(spot)


def _text(spot: Spot, value: str) -> Iterator[Finding]:
    if spot.type.name == "xhtml":
        fault = find_narrative_fault(value)
        if fault:
            yield Finding("base.narrative", IssueType.INVALID, _NARRATIVE.format(fault), spot.link, spot.key)
    elif not is_address(value):
        form = "urn:uuid: and lower-case digits" if value.startswith("urn:uuid:") else "urn:oid: and numbers"
        yield Finding("base.address", IssueType.VALUE, _ADDRESS.format(form), spot.link, spot.key)


def _full_url(spot: Spot) -> Iterator[Finding]:
    """Check a fullUrl that is an address of a REST server: it ends with type and id of its resource."""
    url, resource = spot.value.get("fullUrl"), spot.value.get("resource")
    if not isinstance(url, str) or not isinstance(resource, dict) or not isinstance(resource.get("id"), str):
        return
    kind, _, name = url.rpartition("/")
    if _RESTFUL.search(url) and (kind.rpartition("/")[2], name) != (resource.get("resourceType"), resource["id"]):
        yield Finding("base.full-url", IssueType.VALUE, _FULL_URL, (spot.link, "fullUrl"), "fullUrl")


_RESTFUL: Final = re.compile(r"^https?://.+/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}$")
