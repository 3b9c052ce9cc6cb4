"""Single defects of a sound resource: what base R4 forbids at each of its nodes, told by the facts of base R4.

Only true defects: a change that leaves a legal resource is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapter.conformance.base import BaseFacts, ElementFacts
from tests.conformance.written import Raw, Twice

__all__ = ["DROP", "Defect", "Site", "apply_defect", "base_defects", "list_sites", "look_up"]

Json = dict[str, Any]
Path = tuple[str | int, ...]

DROP = object()


@dataclass(frozen=True)
class Defect:
    """One defect: its kind, the node that it hurts, what is put there.

    `missing` tells that the node is taken away; `rule_at` is the node around it whose rule is broken, where that is another;
    `also` are further changes of the same defect.
    """

    kind: str
    path: Path
    put: Any = DROP
    missing: bool = False
    rule_at: Path | None = None
    also: tuple[tuple[Path, Any], ...] = ()


@dataclass(frozen=True)
class Site:
    """One value in a tree, with the element that it is of and its FHIR type."""

    path: Path
    element: ElementFacts
    type: str
    value: Any = field(compare=False)


def look_up(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def apply_defect(tree: Json, defect: Defect) -> Json:
    """Give a copy of the tree with the defect."""
    spoiled = deepcopy(tree)
    for path, value in ((defect.path, defect.put), *defect.also):
        around, key = look_up(spoiled, path[:-1]), path[-1]
        if value is DROP:
            del around[key]
        elif isinstance(around, list) and key == len(around):
            around.append(deepcopy(value))
        else:
            around[key] = deepcopy(value)
    return spoiled


def list_sites(tree: Json, facts: BaseFacts) -> Iterator[Site]:
    """Give every value of a resource, in document order, entries of arrays one by one, with its element and type."""
    yield from _below(tree, str(tree["resourceType"]), (), facts)


def _below(node: Json, place: str, path: Path, facts: BaseFacts) -> Iterator[Site]:
    for element in facts.children(place):
        for name, kind in _names(element):
            if name in node:
                values = node[name] if isinstance(node[name], list) else [node[name]]
                for index, value in enumerate(values):
                    here = (*path, name, index) if isinstance(node[name], list) else (*path, name)
                    yield Site(here, element, kind, value)
                    if isinstance(value, dict):
                        yield from _below(value, _place(element, kind, value, facts), here, facts)


def _names(element: ElementFacts) -> list[tuple[str, str]]:
    if not element.name.endswith("[x]"):
        return [(element.name, element.types[0] if element.types else "")]
    return [(element.name[:-3] + kind[:1].upper() + kind[1:], kind) for kind in element.types]


def _place(element: ElementFacts, kind: str, value: Json, facts: BaseFacts) -> str:
    """Give where the facts hold the children of a value."""
    if kind == "Resource":
        return str(value["resourceType"])
    return element.path if kind in ("BackboneElement", "Element", "") and not element.name.endswith("[x]") else kind


# What is wrong as a value of a type: the form, or the calendar.
FORMS: dict[str, tuple[Any, ...]] = {
    "date": ("1950-2-3", "03/02/2026", "26-03-02", "2026-03-02T10:00:00Z"),
    "dateTime": ("2026-03-02T09:30", "2026-03-02T09:30:00", "2026-03-02 09:30:00Z", "2026-03-02T24:00:01Z", "2026-03-02T09:60:00Z"),
    "instant": ("2026-03-02", "2026-03-02T10:00:00", "2026-03-02T10:00Z"),
    "time": ("9:30:00", "25:00:00"),
    "id": ("a b", "a_b", "x" * 65),
    "code": (" x", "x ", "a  b"),
    "uri": ("a b", "http://example.org/a b"), "url": ("a b",), "canonical": ("a b",),
    "oid": ("1.2.3", "urn:oid:9.1"), "uuid": ("urn:uuid:X",),
    "base64Binary": ("***", "abc"),
    "positiveInt": (0, -1, 2**31, Decimal("1.0"), Decimal("1.5")), "unsignedInt": (-1, 2**31), "integer": (2**31, Decimal("0.5")),
    "string": ("a\x01b",), "markdown": ("a\x0cb",),
}
CALENDAR: dict[str, tuple[str, ...]] = {
    "date": ("2026-02-30", "2025-02-29", "2026-13-01", "2026-04-31", "1900-02-29"),
    "dateTime": ("2026-02-30", "2026-02-29T10:00:00Z", "2026-00-01", "2026-06-31T09:30:00-05:00"),
    "instant": ("2026-02-30T10:00:00Z", "2026-11-31T10:00:00Z"),
}
_NO_JSON = (Raw("NaN"), Raw("1e400"), Raw('"\\ud800"'), Raw("tru"))
_CODES = {"currencies": "ZZZ"}


def base_defects(tree: Json, facts: BaseFacts) -> Iterator[Defect]:
    """Give the defects against base R4 at every node of a sound resource."""
    sites = list(list_sites(tree, facts))
    objects: list[tuple[Path, str]] = [((), str(tree["resourceType"]))]
    for site in sites:
        is_padded = isinstance(site.path[-1], int) and f"_{site.path[-2]}" in look_up(tree, site.path[:-2])
        if not is_padded:  # a null may stand there for an extension alone
            yield from _at_value(site)
        yield from _at_member(site, tree)
        if isinstance(site.value, dict):
            objects.append((site.path, _place(site.element, site.type, site.value, facts)))
    for path, place in objects:
        yield from _at_object(look_up(tree, path), place, path, facts)


def _at_value(site: Site) -> Iterator[Defect]:
    """Give wrong values: another JSON type, another form, a day that no calendar has, a code of no value set."""
    for wrong in _other_types(site.value):
        yield Defect("json-type", site.path, wrong)
    for kind, table in (("form", FORMS), ("calendar", CALENDAR)):
        for wrong in table.get(site.type, ()):
            yield Defect(kind, site.path, wrong)
    binding = site.element.definition.get("binding", {})
    if site.type == "code" and binding.get("strength") == "required":
        name = str(binding["valueSet"]).partition("|")[0].rpartition("/")[2]
        if name not in ("mimetypes", "languages", "all-languages"):
            yield Defect("code", site.path, _CODES.get(name, "zork"))
    yield Defect("null", site.path, None)
    if not isinstance(site.value, dict):
        yield Defect("empty", site.path, "")
        for wrong in _NO_JSON:
            yield Defect("no-json", site.path, wrong)
    else:
        yield Defect("empty", site.path, {})
    if site.type == "Reference" and site.element.targets and "Resource" not in site.element.targets and "reference" in site.value:
        wrong = next(name for name in ("Flag", "Basic") if name not in site.element.targets)
        yield Defect("reference-type", (*site.path, "reference"), f"{wrong}/x", rule_at=site.path)


def _other_types(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return ["true", 1, {"value": True}, [value]]
    if isinstance(value, (int, Decimal)):
        return [str(value), True, {"value": value}]
    if isinstance(value, str):
        return [5, True, {"value": value}]
    return ["x", 5, True]


def _at_member(site: Site, tree: Json) -> Iterator[Defect]:
    """Give what is wrong with a member as a whole: taken away, misspelt, no array or an array, empty, twice."""
    path = site.path[:-1] if isinstance(site.path[-1], int) else site.path
    around, name = look_up(tree, path[:-1]), str(path[-1])
    is_list, sibling = isinstance(around[name], list), (*path[:-1], f"_{name}")
    if isinstance(site.path[-1], int) and site.path[-1] > 0:
        return
    also = ((sibling, DROP),) if f"_{name}" in around else ()
    if site.element.least > 0 and len(around) > 1 + len(also):
        yield Defect("required", path, missing=True, also=also)
    if site.element.least == 0 and not also and (len(around) > 1 or not path[:-1]):
        yield Defect("unknown-element", (*path[:-1], f"{name}s"), around[name], also=((path, DROP),))
    yield Defect("cardinality", path, around[name][0] if is_list else [around[name], around[name]] if site.type != "Resource" else [around[name]])
    if is_list:
        yield Defect("empty", path, [])
        yield Defect("null", (*path, len(around[name])), None)
    yield Defect("twice", path, Twice(around[name], around[name]))


def _at_object(node: Json, place: str, path: Path, facts: BaseFacts) -> Iterator[Defect]:
    """Give what is wrong inside an object: a member of no element, a second or a foreign variant of a choice, an invariant."""
    yield Defect("unknown-element", (*path, "zork"), "x")
    yield Defect("unknown-element", (*path, "LotNumber"), {"text": "x"})
    for element in facts.children(place):
        if element.name.endswith("[x]"):
            yield from _at_choice(node, path, element)
    if "extension" not in node and place != "Extension":
        here = (*path, "extension")
        yield Defect("required", here, [{"valueCode": "x"}], rule_at=(*here, 0, "url"))
        for wrong in _NO_EXTENSIONS:
            yield Defect("invariant ext-1", here, [wrong], rule_at=(*here, 0))
    if "resourceType" in node and place != "Bundle" and "text" not in node:
        for div in _NARRATIVES:
            yield Defect("narrative", (*path, "text"), {"status": "generated", "div": div}, rule_at=(*path, "text", "div"))
        if "extension" not in node:
            yield Defect("extension-context", (*path, "extension"), [_ELSEWHERE], rule_at=(*path, "extension", 0, "url"))
    if place == "Coding" and "code" in node and facts.code_system(str(node.get("system"))) is not None:
        around = path[:-2] if path[-2:-1] == ("coding",) else path  # the concept, or all of them where it is one of several
        around = around[:-1] if around and isinstance(around[-1], int) else around
        yield Defect("unknown-code", (*path, "code"), "zork", rule_at=around)
    yield from _invariants(node, place, path)


_XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
_NARRATIVES = (
    f"<div {_XHTML}><script>x()</script></div>", f'<div {_XHTML}><p onclick="x()">x</p></div>', f"<div {_XHTML}><p>x</div>",
    f"<div {_XHTML}> </div>", f"<p {_XHTML}>x</p>", f"<div {_XHTML}><iframe>x</iframe></div>", f"<div {_XHTML}>&nope;</div>", "plain",
)
# An extension that R4 defines for one element, which stands nowhere here.
_ELSEWHERE: Json = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "2026-03-02T10:00:00Z"}
_NO_EXTENSIONS: tuple[Json, ...] = (
    {"url": "https://example.org/x"},
    {"url": "https://example.org/x", "valueCode": "x", "extension": [{"url": "a", "valueCode": "x"}]},
)
# One value of each type, for a variant of a choice that is not there yet.
_VALUES: Json = {
    "Boolean": True, "String": "x", "Date": "2026-03-02", "DateTime": "2026-03-02", "Integer": 1, "Reference": {"display": "x"},
    "CodeableConcept": {"text": "x"}, "Period": {"start": "2026-03-02"}, "Quantity": {"value": 1}, "Money": {"value": 1},
    "Range": {"low": {"value": 1}}, "Time": "10:00:00", "Address": {"city": "x"}, "Base64Binary": "AAAA",
}


def _at_choice(node: Json, path: Path, element: ElementFacts) -> Iterator[Defect]:
    stem = element.name[:-3]
    variants = {name for name, _ in _names(element)}
    told = next((name for name in node if name in variants), None)
    if told is None or f"_{told}" in node:
        return
    for kind, value in _VALUES.items():
        name = stem + kind
        if name in variants and name != told:
            yield Defect("two-choices", (*path, name), value, rule_at=(*path, told))
        elif name not in variants and name not in node and element.least == 0:
            yield Defect("choice-type", (*path, name), value, also=(((*path, told), DROP),))


def _invariants(node: Json, place: str, path: Path) -> Iterator[Defect]:
    """Break the invariants of base R4 whose elements are here."""
    def broken(key: str, name: str, value: Any, *also: tuple[Path, Any]) -> Defect:
        return Defect(f"invariant {key}", (*path, name), value, rule_at=path, also=also)

    if place in ("Quantity", "Age", "Duration") and "code" in node and "system" in node:
        yield Defect("invariant qty-3", (*path, "system"), missing=True, rule_at=path)
    if place == "Period":
        yield broken("per-1", "end", "1990-01-01", ((*path, "start"), "1990-01-02"))
    if place == "Observation" and any(name.startswith("value") for name in node):
        yield broken("obs-6", "dataAbsentReason", {"text": "unknown"})
        if "meta" not in node:  # a profile may close its components
            yield broken("obs-7", "component", [*node.get("component", ()), {"code": node["code"], "valueInteger": 1}])
    if place == "MedicationAdministration.dosage" and "dose" in node and len(node) > 1:
        yield Defect("invariant mad-1", (*path, "dose"), missing=True, rule_at=path)
    if place == "ContactPoint" and "value" in node and "system" in node:
        yield Defect("invariant cpt-2", (*path, "system"), missing=True, rule_at=path)
    if place == "Reference" and "reference" in node:
        yield broken("ref-1", "reference", "#nothing")
    if "resourceType" in node and not path and place != "Bundle" and "contained" not in node:
        yield from _contained(node)
    if place == "Bundle":
        yield from _of_bundle(node)


def _contained(node: Json) -> Iterator[Defect]:
    inner = {"resourceType": "Basic", "id": "b1", "code": {"text": "x"}}
    link = (("_language",), {"extension": [{"url": "https://example.org/x", "valueReference": {"reference": "#b1"}}]})
    here: Path = ("contained",)
    yield Defect("invariant dom-3", here, [inner], rule_at=("contained", 0))
    for key, name, value in (("dom-2", "contained", [inner | {"id": "b2"}]), ("dom-4", "meta", {"versionId": "1"}),
                             ("dom-5", "meta", {"security": [{"code": "x", "system": "https://example.org/x"}]})):
        yield Defect(f"invariant {key}", here, [inner | {name: value}], rule_at=("contained", 0, name), also=(link,))
    yield Defect("resource-type", here, [inner | {"resourceType": "Zork"}], also=(link,), rule_at=("contained", 0, "resourceType"))


def _of_bundle(node: Json) -> Iterator[Defect]:
    entries = node["entry"]
    last = len(entries) - 1
    for number, entry in enumerate(entries):
        here: Path = ("entry", number)
        if node["type"] == "collection":
            for key, name, value in (("bdl-2", "search", {"mode": "match"}), ("bdl-3", "request", {"method": "GET", "url": "Patient"}),
                                     ("bdl-4", "response", {"status": "200"})):
                yield Defect(f"invariant {key}", (*here, name), value, rule_at=here)
        yield Defect("invariant bdl-5", here, {"fullUrl": "https://example.org/none"})
        yield Defect("invariant bdl-8", (*here, "fullUrl"), "https://example.org/Basic/x/_history/1", rule_at=here)
        if number < last:
            yield Defect("invariant bdl-7", ("entry", last, "fullUrl"), entry["fullUrl"], rule_at=())
        yield Defect("resource-type", (*here, "resource", "resourceType"), "Zork")
        yield Defect("resource-type", (*here, "resource", "resourceType"), missing=True)
    yield Defect("invariant bdl-1", ("total",), 3, rule_at=())
