"""References: from a Reference to the resource it names and that resource's FHIRPath, in any Bundle or container."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from adapter.fhir.systems import canonical_system
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Found", "ReferenceIndex", "Tree"]

Tree: TypeAlias = dict[str, Any]
Found: TypeAlias = tuple[Tree, str]

_CITATION = "http://hl7.org/fhir/R4/bundle.html#references"
_VERSION = re.compile(r"/_history/([A-Za-z0-9\-.]{1,64})$")
_RESTFUL = re.compile(r"^(?P<base>.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})$")
_ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:")
_OWNER = re.compile(r"^(?P<owner>Bundle\.entry\[\d+\]\.resource|[A-Z][A-Za-z]*)")


class ReferenceIndex:
    """Resolve the references of one tree: a Bundle of any type, or a single resource with `contained`.

    FHIR: Bundle.entry.fullUrl, `urn:uuid:` and `urn:oid:`, relative `Type/id` (by the base of the entry that it
    stands in, then by type and id where only one has them), `Type/id/_history/n`, `#contained`, `#` for the
    container, `Type?identifier=system|value`, and Reference.identifier. Entries without fullUrl are known by
    type and id. `named` gives what one literal reference names wherever it stands, None where the place may matter; all
    else is gathered when it is first asked for. The tree is well shaped (shaped.py).
    Source: http://hl7.org/fhir/R4/bundle.html#references, http://hl7.org/fhir/R4/references.html.

    >>> patient = {"resourceType": "Patient", "id": "p"}
    >>> index = ReferenceIndex({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": patient}]})
    >>> index.resolve({"reference": "urn:uuid:1"}, "Bundle.entry[0].resource")
    ({'resourceType': 'Patient', 'id': 'p'}, 'Bundle.entry[0].resource')
    """

    def __init__(self, root: Tree) -> None:
        """Take the root tree; it is read, never changed."""
        self.root = root
        self.named: dict[str, Found | None] = {}
        self._by_type: dict[str, list[Found]] = defaultdict(list)
        self._resources = list(_resources(root))
        named, by_type = self.named, self._by_type
        for found, url in self._resources:
            resource, path = found
            kind, identity = resource.get("resourceType"), resource.get("id")
            if kind:
                by_type[kind].append(found)
            for name in _names(url, kind, identity):
                named[name] = None if name in named else found
            for position, child in enumerate(resource.get("contained", ())):
                inner = (child, f"{path}.contained[{position}]")
                by_type[child.get("resourceType", "")].append(inner)
                if resource is root and (identity := child.get("id")):  # the only container that any place is in
                    name = f"#{identity.removeprefix('#')}"
                    named[name] = None if name in named else inner

    def of_type(self, *names: str) -> tuple[Found, ...]:
        """Give every resource of the named types with its FHIRPath, contained ones too, in document order a type.

        >>> ReferenceIndex({"resourceType": "Device"}).of_type("Device")
        (({'resourceType': 'Device'}, 'Device'),)
        """
        if len(names) == 1:
            return tuple(self._by_type.get(names[0], ()))
        return tuple(found for name in names for found in self._by_type.get(name, ()))

    def resolve(self, reference: Tree, from_path: str) -> Found | None:
        """Give the resource that a Reference names, with its FHIRPath; None where none or several answer.

        `from_path` is the FHIRPath of the resource that holds the reference, or of any place inside it.
        Where a literal reference leads nowhere, Reference.identifier is tried.

        >>> tree = {"resourceType": "Procedure", "contained": [{"resourceType": "Device", "id": "pump"}]}
        >>> ReferenceIndex(tree).resolve({"reference": "#pump"}, "Procedure.focalDevice[0].manipulated")
        ({'resourceType': 'Device', 'id': 'pump'}, 'Procedure.contained[0]')
        """
        if named := self.named.get(reference.get("reference", "")):
            return named
        found = self._find(reference, from_path)
        return found[0] if len(found) == 1 else None

    def problem(self, reference: Tree, from_path: str) -> Issue | None:
        """Say why a Reference does not resolve: nothing answers, or more than one resource does.

        `from_path` is the FHIRPath of the Reference itself. The reference is not shown: it may name a patient.

        >>> issue = ReferenceIndex({"resourceType": "Claim"}).problem({"reference": "Patient/1"}, "Claim.patient")
        >>> issue.rule, issue.expression
        ('reference.not-found', ('Claim.patient',))
        """
        found = self._find(reference, from_path)
        if len(found) == 1:
            return None
        if found:
            text = (f"The reference is answered by {len(found)} resources; exactly one was expected. "
                    "Give each entry its own fullUrl and refer to that.")
            code = IssueType.MULTIPLE_MATCHES
            return Issue(Severity.ERROR, code, "reference.ambiguous", text, (from_path,), _CITATION)
        text = ("The reference leads to no resource that was sent; a resource in the same Bundle or in contained "
                "was expected. Add the resource, or correct the reference.")
        return Issue(Severity.ERROR, IssueType.NOT_FOUND, "reference.not-found", text, (from_path,), _CITATION)

    def _find(self, reference: Tree, from_path: str) -> list[Found]:
        literal = reference.get("reference")
        found = (self._literal(literal, from_path) if literal else []) or self._logical(reference)
        name = reference.get("type")
        if len(found) > 1 and name:
            found = [one for one in found if one[0].get("resourceType") == name]
        return _distinct(found)

    def _literal(self, literal: str, from_path: str) -> list[Found]:
        owner = _OWNER.match(from_path)
        place = owner["owner"] if owner else ""
        if literal.startswith("#"):
            return self._contained(literal[1:], place)
        version = _VERSION.search(literal)
        url = literal[: version.start()] if version else literal
        found = self._conditional(url) if "?" in url and not _ABSOLUTE.match(url) else self._at_url(url, place)
        if version:
            return [one for one in found if _version(one[0]) in (None, version[1])]
        return found

    def _contained(self, name: str, place: str) -> list[Found]:
        owner = self._owners.get(place)
        if owner is None:
            return []
        if not name:
            return [(owner, place)]
        return [
            (child, f"{place}.contained[{position}]")
            for position, child in enumerate(owner.get("contained", ()))
            if child.get("id") in (name, f"#{name}")
        ]

    def _at_url(self, url: str, place: str) -> list[Found]:
        exact = self._by_url.get(_folded(url))
        if exact:
            return exact
        restful = _RESTFUL.match(url)
        if restful is None:
            return []
        key = f"{restful['type']}/{restful['id']}"
        if _ABSOLUTE.match(url):
            return [one for one in self._by_type_id.get(key, ()) if one[1] not in self._urls]
        base = _RESTFUL.match(self._urls.get(place, ""))
        if base and base["base"]:
            based = self._by_url.get(base["base"] + key)
            if based:
                return based
        return self._by_type_id.get(key, [])

    def _conditional(self, url: str) -> list[Found]:
        name, _, query = url.partition("?")
        terms = parse_qsl(query)
        if len(terms) != 1 or terms[0][0] != "identifier":
            return []
        system, bar, value = terms[0][1].rpartition("|")
        table = self._by_identifier
        if bar:
            found = table.get((canonical_system(system or None), value), [])
        else:
            found = [one for (_, known), ones in table.items() if known == value for one in ones]
        return [one for one in found if one[0].get("resourceType") == name]

    def _logical(self, reference: Tree) -> list[Found]:
        key = _identifier_key(reference.get("identifier"))
        found = self._by_identifier.get(key, []) if key else []
        name = reference.get("type")
        return [one for one in found if one[0].get("resourceType") == name] if name else found

    @cached_property
    def _owners(self) -> dict[str, Tree]:
        return {path: resource for (resource, path), _ in self._resources}

    @cached_property
    def _urls(self) -> dict[str, str]:
        return {path: url for (_, path), url in self._resources if url}

    @cached_property
    def _by_url(self) -> dict[str, list[Found]]:
        table: dict[str, list[Found]] = defaultdict(list)
        for found, url in self._resources:
            if name := url or _unnamed(found[0].get("id")):
                table[name].append(found)
        return table

    @cached_property
    def _by_type_id(self) -> dict[str, list[Found]]:
        table: dict[str, list[Found]] = defaultdict(list)
        for found, _ in self._resources:
            table[f"{found[0].get('resourceType')}/{found[0].get('id')}"].append(found)
        return table

    @cached_property
    def _by_identifier(self) -> dict[tuple[str | None, str], list[Found]]:
        table: dict[tuple[str | None, str], list[Found]] = defaultdict(list)
        for found, _ in self._resources:
            identifier = found[0].get("identifier")
            for one in identifier if isinstance(identifier, list) else (identifier,):
                if key := _identifier_key(one):
                    table[key].append(found)
        return table


def _resources(root: Tree) -> Iterator[tuple[Found, str]]:
    """Give the root, or the resource of each entry of a Bundle, with its fullUrl, which has no version; "" where it has none."""
    if root.get("resourceType") != "Bundle":
        yield (root, root.get("resourceType", "")), ""
        return
    for position, entry in enumerate(root.get("entry", ())):
        if resource := entry.get("resource"):
            url = entry.get("fullUrl", "")
            if "/_history/" in url:
                url = _VERSION.sub("", url)
            yield (resource, f"Bundle.entry[{position}].resource"), _folded(url)


def _names(url: str, kind: str | None, identity: str | None) -> tuple[str, ...]:
    """Give what a literal reference may call a resource: its fullUrl, else its id as a UUID; and its type with its id."""
    if not identity:
        return (url,) if url else ()
    return (url or _unnamed(identity), f"{kind}/{identity}")


def _unnamed(identity: str | None) -> str:
    return f"urn:uuid:{identity.lower()}" if identity else ""


def _folded(url: str) -> str:
    return url if url.startswith("http") or url[:4].lower() != "urn:" else url.lower()


def _version(resource: Tree) -> object:
    return resource.get("meta", {}).get("versionId")


def _identifier_key(identifier: Tree | None) -> tuple[str | None, str] | None:
    value = identifier.get("value") if identifier else None
    return (canonical_system(identifier.get("system")), value) if identifier and value else None


def _distinct(found: list[Found]) -> list[Found]:
    """Take copies of one resource for one: the same content twice is not an ambiguity."""
    kept: list[Found] = []
    for one in found:
        if not any(one[0] == other[0] for other in kept):
            kept.append(one)
    return kept
