"""Rules of base R4 that JSON Schema cannot say, looked at in one pass over the tree.

The pass also gathers the resources and extensions that profiles may speak of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from adapter.conformance.fault import MOST_ISSUES, write_path
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Inspection", "Names", "follow_link", "inspect_tree"]

Json: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]
# A link is (link of the parent, step, step...), None at the root: a path that is written out only where it is wanted.
Link: TypeAlias = Any
Place: TypeAlias = Callable[[Path], str]

_EXTENSIONS: Final = ("extension", "modifierExtension")


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean in R4: variant of a choice to its element, and elements that are always whole numbers.

    `variants` is `choices` with the `_x` siblings added.
    """

    choices: Mapping[str, str]
    integers: frozenset[str]
    variants: Mapping[str, tuple[str, str]]


@dataclass(slots=True)
class Inspection:
    """What one pass found: issues, resources with their links, extensions with theirs."""

    issues: list[Issue] = field(default_factory=list)
    resources: list[tuple[Link, Json]] = field(default_factory=list)
    extensions: list[tuple[Link, Json]] = field(default_factory=list)


def inspect_tree(tree: Json, root: str, names: Names, sound: Container[int] = ()) -> Inspection:
    """Look through the tree once: choices told twice, fractions for whole numbers, lone nulls, invariants.

    `sound` are the ids of objects in which nothing is wrong: they are only gathered.
    Invariants: bdl-1 to bdl-5, bdl-7, bdl-8, dom-2, ext-1, mad-1.

    >>> names = Names({}, frozenset({"total"}), {})
    >>> [issue.rule for issue in inspect_tree({"total": Decimal("1.0")}, "Bundle", names).issues]
    ['base.type']
    """
    found = Inspection()
    place: Place = partial(write_path, root, choices=names.choices)
    stack: list[tuple[Json, Link]] = [(tree, None)]
    variants, integers = names.variants, names.integers
    while stack and len(found.issues) <= MOST_ISSUES:
        node, link = stack.pop()
        if id(node) in sound:
            found.resources.append((link, node))
            continue
        told: dict[str, str] = {}
        for key, value in node.items():
            kind = type(value)
            if kind is str:
                if key not in variants:
                    continue
            elif kind is dict:
                stack.append((value, (link, key)))
            elif kind is list:
                for index, inner in enumerate(value):
                    if type(inner) is dict:
                        stack.append((inner, (link, key, index)))
                    elif len(found.issues) > MOST_ISSUES:
                        continue
                    elif inner is None:
                        found.issues += _inspect_null(node, (*follow_link(link), key, index), place)
                    elif type(inner) is Decimal and key in integers:
                        found.issues.append(_fraction((*follow_link(link), key, index), place))
            elif kind is Decimal and key in integers:
                found.issues.append(_fraction((*follow_link(link), key), place))
            if key in variants and kind is not list:
                stem, variant = variants[key]
                if told.setdefault(stem, variant) != variant:
                    found.issues.append(_second_variant(stem, place((*follow_link(link), key))))
        if "resourceType" in node:
            found.resources.append((link, node))
            found.issues += _invariants(node, link, place)
        elif link is not None and link[1] in _EXTENSIONS:
            found.extensions.append((link, node))
            if len(node) != 2 or "extension" in node or "id" in node:
                found.issues += _inspect_extension(node, link, place)
    _gather(stack, found)
    found.resources[1:] = found.resources[:0:-1]
    return found


def _gather(stack: list[tuple[Json, Link]], found: Inspection) -> None:
    """Gather the resources and extensions of what is left, where there are issues enough."""
    while stack:
        node, link = stack.pop()
        for key, value in node.items():
            if type(value) is dict:
                stack.append((value, (link, key)))
            elif type(value) is list:
                stack += [(inner, (link, key, index)) for index, inner in enumerate(value) if type(inner) is dict]
        if "resourceType" in node:
            found.resources.append((link, node))
        elif link is not None and link[1] in _EXTENSIONS:
            found.extensions.append((link, node))


def follow_link(link: Link) -> Path:
    """Write a link out as the JSON path from the root.

    >>> follow_link(((None, "entry", 3), "resource"))
    ('entry', 3, 'resource')
    """
    steps: list[str | int] = []
    while link is not None:
        steps += link[:0:-1]
        link = link[0]
    return tuple(reversed(steps))


def _issue(rule: str, code: IssueType, text: str, expression: str) -> Issue:
    page = "json.html" if rule in ("base.null", "base.choice") else "datatypes.html"
    return Issue(Severity.ERROR, code, rule, text, (expression,), f"http://hl7.org/fhir/R4/{page}")


def _fraction(path: Path, place: Place) -> Issue:
    name = next(step for step in reversed(path) if isinstance(step, str))
    text = f"{name} is written with a fraction or an exponent; a whole number was expected. Write digits only."
    return _issue("base.type", IssueType.STRUCTURE, text, place(path))


def _second_variant(stem: str, expression: str) -> Issue:
    text = f"{stem}[x] is told in two types; one of them was expected. Remove one."
    return _issue("base.choice", IssueType.STRUCTURE, text, expression)


def _inspect_null(node: Json, path: Path, place: Place) -> Iterator[Issue]:
    """Tell a null that stands neither for a value with an extension alone nor for an extension that is not there."""
    key, index = str(path[-2]), int(path[-1])
    sibling = node.get(key[1:] if key.startswith("_") else f"_{key}")
    if not isinstance(sibling, list) or index >= len(sibling) or sibling[index] is None:
        text = f"{key.removeprefix('_')} has a null with neither a value nor an extension beside it. Remove it."
        yield _issue("base.null", IssueType.STRUCTURE, text, place(path))


def _inspect_extension(node: Json, link: Link, place: Place) -> Iterator[Issue]:
    has_value = any(key.removeprefix("_").startswith("value") for key in node)
    if has_value == ("extension" in node):
        text = "An extension has both a value and extensions, or neither; one of the two was expected (ext-1)."
        page = "http://hl7.org/fhir/R4/extensibility.html"
        expression = (place(follow_link(link)),)
        yield Issue(Severity.ERROR, IssueType.INVARIANT, "base.ext-1", text, expression, page)


# One finding of an invariant: the path below the resource, the invariant, the sentence.
_Finding: TypeAlias = tuple[Path, str, str]


def _invariants(node: Json, link: Link, place: Place) -> Iterator[Issue]:
    kind = node["resourceType"]
    findings = list(_contained(node)) if "contained" in node else []
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is not None:
        findings += check(node)
    for below, invariant, text in findings:
        expression = (place((*follow_link(link), *below)),)
        page = f"http://hl7.org/fhir/R4/{str(kind).lower()}.html"
        yield Issue(Severity.ERROR, IssueType.INVARIANT, f"base.{invariant}", text, expression, page)


def _contained(node: Json) -> Iterator[_Finding]:
    for index, inner in enumerate(_items(node, "contained")):
        if "contained" in inner:
            yield (("contained", index), "dom-2", "A contained resource contains another; none was expected (dom-2).")


def _items(node: Json, name: str) -> list[Json]:
    value = node.get(name)
    return [part if isinstance(part, dict) else {} for part in value] if isinstance(value, list) else []


def _check_administration(node: Json) -> Iterable[_Finding]:
    dosage = node.get("dosage")
    if isinstance(dosage, dict) and not {"dose", "rateRatio", "rateQuantity"} & dosage.keys():
        yield (("dosage",), "mad-1", "A dosage has neither dose nor rate[x]; one of them was expected (mad-1). Add it.")


def _check_bundle(node: Json) -> Iterable[_Finding]:
    kind = node.get("type")
    if "total" in node and kind not in ("searchset", "history"):
        yield (("total",), "bdl-1", "total stands in a Bundle that is no searchset and no history (bdl-1). Remove it.")
    entries = _items(node, "entry")
    for index, entry in enumerate(entries):
        for finding in _check_entry(entry, kind):
            yield (("entry", index, *finding[0]), *finding[1:])
    if kind != "history":
        yield from _check_full_urls(entries)


def _check_entry(entry: Json, kind: Any) -> Iterator[_Finding]:
    if "search" in entry and kind != "searchset":
        yield (("search",), "bdl-2", "entry.search stands in a Bundle that is no searchset (bdl-2). Remove it.")
    asks = kind in ("batch", "transaction", "history")
    if ("request" in entry) != asks:
        yield ((), "bdl-3", "entry.request belongs to batch, transaction and history, and only there (bdl-3).")
    answers = kind in ("batch-response", "transaction-response", "history")
    if ("response" in entry) != answers:
        yield ((), "bdl-4", "entry.response belongs to a response or history Bundle, and only there (bdl-4).")
    if not {"resource", "request", "response"} & entry.keys():
        yield ((), "bdl-5", "An entry has no resource, request or response; one of them was expected (bdl-5).")
    url = entry.get("fullUrl")
    if isinstance(url, str) and "/_history/" in url:
        yield (("fullUrl",), "bdl-8", "fullUrl names a version; the resource without version was expected (bdl-8).")


def _check_full_urls(entries: Sequence[Json]) -> Iterator[_Finding]:
    keys = [_identity(entry) for entry in entries]
    counts = Counter(key for key in keys if key is not None)
    seen: set[tuple[str, Any]] = set()
    for index, key in enumerate(keys):
        if key is not None and counts[key] > 1:
            if key in seen:
                text = "Two entries have one fullUrl; each its own was expected (bdl-7). Rename or remove one."
                yield (("entry", index, "fullUrl"), "bdl-7", text)
            seen.add(key)


def _identity(entry: Json) -> tuple[str, str] | None:
    """Give fullUrl and version: one resource may stand twice in two versions."""
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(url, str):
        return None
    meta = resource.get("meta") if isinstance(resource, dict) else None
    return url, str(meta.get("versionId", "")) if isinstance(meta, dict) else ""


_CHECKS: Final[dict[str, Callable[[Json], Iterable[_Finding]]]] = {
    "Bundle": _check_bundle,
    "MedicationAdministration": _check_administration,
}
