"""References: from a Reference to the resource it names and that resource's FHIRPath, in any Bundle or container."""

from __future__ import annotations

import re
from collections import defaultdict
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
    type and id. Built in one pass; the identifiers are gathered when one is first asked for.
    Source: http://hl7.org/fhir/R4/bundle.html#references, http://hl7.org/fhir/R4/references.html.

    >>> patient = {"resourceType": "Patient", "id": "p"}
    >>> index = ReferenceIndex({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": patient}]})
    >>> index.resolve({"reference": "urn:uuid:1"}, "Bundle.entry[0].resource")
    ({'resourceType': 'Patient', 'id': 'p'}, 'Bundle.entry[0].resource')
    """

    __slots__ = ("_by_identifier", "_by_type", "_by_type_id", "_by_url", "_owners", "_urls", "root")

    def __init__(self, root: Tree) -> None:
        """Take the root tree; it is read, never changed."""
        self.root = root
        self._by_url: dict[str, list[Found]] = defaultdict(list)
        self._by_type_id: dict[str, list[Found]] = defaultdict(list)
        self._by_type: dict[str, list[Found]] = defaultdict(list)
        self._by_identifier: dict[tuple[str | None, str], list[Found]] | None = None
        self._owners: dict[str, Tree] = {}
        self._urls: dict[str, str] = {}
        name = root.get("resourceType")
        if name == "Bundle":
            self._add_entries(root.get("entry"))
        elif isinstance(name, str):
            self._add(root, name, None)

    def _add_entries(self, entries: object) -> None:
        for position, entry in enumerate(entries if isinstance(entries, list) else ()):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict):
                self._add(resource, f"Bundle.entry[{position}].resource", entry.get("fullUrl"))

    def _add(self, resource: Tree, path: str, full_url: object) -> None:
        name, identity, found = resource.get("resourceType"), resource.get("id"), (resource, path)
        self._owners[path] = resource
        if isinstance(full_url, str) and full_url:
            self._urls[path] = url = _VERSION.sub("", full_url) if "/_history/" in full_url else full_url
            self._by_url[_folded(url)].append(found)
        elif isinstance(identity, str):
            self._by_url[f"urn:uuid:{identity.lower()}"].append(found)
        if isinstance(name, str):
            self._by_type[name].append(found)
            if isinstance(identity, str):
                self._by_type_id[f"{name}/{identity}"].append(found)
        if "contained" in resource:
            for position, child in enumerate(_list(resource["contained"])):
                if isinstance(child, dict) and isinstance(child.get("resourceType"), str):
                    self._by_type[child["resourceType"]].append((child, f"{path}.contained[{position}]"))

    def of_type(self, *names: str) -> tuple[Found, ...]:
        """Give every resource of the named types with its FHIRPath, contained ones too, in document order a type.

        >>> ReferenceIndex({"resourceType": "Device"}).of_type("Device")
        (({'resourceType': 'Device'}, 'Device'),)
        """
        return tuple(found for name in names for found in self._by_type.get(name, ()))

    def resolve(self, reference: object, from_path: str) -> Found | None:
        """Give the resource that a Reference names, with its FHIRPath; None where none or several answer.

        `from_path` is the FHIRPath of the resource that holds the reference, or of any place inside it.
        Where a literal reference leads nowhere, Reference.identifier is tried.

        >>> tree = {"resourceType": "Procedure", "contained": [{"resourceType": "Device", "id": "pump"}]}
        >>> ReferenceIndex(tree).resolve({"reference": "#pump"}, "Procedure.focalDevice[0].manipulated")
        ({'resourceType': 'Device', 'id': 'pump'}, 'Procedure.contained[0]')
        """
        literal = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(literal, str):
            known = self._by_url.get(literal) or self._by_type_id.get(literal)
            if known is not None and len(known) == 1:
                return known[0]
        found = self._find(reference, from_path)
        return found[0] if len(found) == 1 else None

    def problem(self, reference: object, from_path: str) -> Issue | None:
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

    def _find(self, reference: object, from_path: str) -> list[Found]:
        if not isinstance(reference, dict):
            return []
        literal = reference.get("reference")
        found = self._literal(literal, from_path) if isinstance(literal, str) and literal else []
        if not found:
            found = self._logical(reference)
        name = reference.get("type")
        if len(found) > 1 and isinstance(name, str):
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
            for position, child in enumerate(_list(owner.get("contained")))
            if isinstance(child, dict) and child.get("id") in (name, f"#{name}")
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
        table = self._identifiers()
        if bar:
            found = table.get((canonical_system(system or None), value), [])
        else:
            found = [one for (_, known), ones in table.items() if known == value for one in ones]
        return [one for one in found if one[0].get("resourceType") == name]

    def _logical(self, reference: Tree) -> list[Found]:
        key = _identifier_key(reference.get("identifier"))
        found = self._identifiers().get(key, []) if key else []
        name = reference.get("type")
        return [one for one in found if one[0].get("resourceType") == name] if isinstance(name, str) else found

    def _identifiers(self) -> dict[tuple[str | None, str], list[Found]]:
        if self._by_identifier is None:
            self._by_identifier = defaultdict(list)
            for path, resource in self._owners.items():
                identifier = resource.get("identifier")
                for one in identifier if isinstance(identifier, list) else (identifier,):
                    key = _identifier_key(one)
                    if key:
                        self._by_identifier[key].append((resource, path))
        return self._by_identifier


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _folded(url: str) -> str:
    return url if url.startswith("http") or url[:4].lower() != "urn:" else url.lower()


def _version(resource: Tree) -> object:
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None


def _identifier_key(identifier: object) -> tuple[str | None, str] | None:
    if not isinstance(identifier, dict) or not isinstance(identifier.get("value"), str):
        return None
    system = identifier.get("system")
    return canonical_system(system if isinstance(system, str) else None), identifier["value"]


def _distinct(found: list[Found]) -> list[Found]:
    """Take copies of one resource for one: the same content twice is not an ambiguity."""
    kept: list[Found] = []
    for one in found:
        if not any(one[0] == other[0] for other in kept):
            kept.append(one)
    return kept
