"""The resources of a Bundle as this server keeps them: each under an id of its own, references led to those.

Source: http://hl7.org/fhir/R4/http.html#trules and http://hl7.org/fhir/R4/bundle.html#references.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from adapter.fhir.json import Tree

__all__ = ["Placed", "gather_context", "list_references", "place_entries", "rewrite_references"]

_LOCAL: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_DEEPEST: Final = 4  # Claim, Coverage, its subscriber, an organization of that


class Placed(NamedTuple):
    """A resource under its type and id, the references in it led to where the others stand."""

    kind: str
    id: str
    tree: Tree


def place_entries(bundle: Tree, make_id: Callable[[str], str]) -> list[Placed]:
    """Give the resources of a Bundle, each under the id that `make_id` makes of its fullUrl, or of its place where it has none.

    FHIR: Bundle.entry.fullUrl, .resource; a reference to the fullUrl of an entry, or by type and id to its resource, leads
    to the new place; any other stays as it is.

    >>> entry = {"fullUrl": "http://ehr.example/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}}
    >>> place_entries({"entry": [entry]}, lambda name: "new")
    [Placed(kind='Patient', id='new', tree={'resourceType': 'Patient', 'id': 'new'})]
    """
    ids: list[tuple[str, str, Tree]] = []
    places: dict[str, str] = {}
    for number, entry in enumerate(bundle.get("entry", ())):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        kind, url = resource["resourceType"], entry.get("fullUrl", "")
        identity = make_id(url or f"entry-{number}")
        ids.append((kind, identity, resource))
        places |= dict.fromkeys(filter(None, (url, f"{kind}/{resource['id']}" if "id" in resource else "")), f"{kind}/{identity}")
    return [Placed(kind, identity, rewrite_references(tree, places) | {"id": identity}) for kind, identity, tree in ids]


def rewrite_references(node: Any, places: Mapping[str, str]) -> Any:
    """Give a tree in which each Reference.reference that has another place leads there; the tree itself stays.

    >>> rewrite_references({"subject": {"reference": "urn:uuid:1"}}, {"urn:uuid:1": "Patient/1"})
    {'subject': {'reference': 'Patient/1'}}
    """
    if isinstance(node, dict):
        return {
            key: places.get(value, value) if key == "reference" and isinstance(value, str) else rewrite_references(value, places)
            for key, value in node.items()
        }
    return [rewrite_references(one, places) for one in node] if isinstance(node, list) else node


def list_references(node: Any) -> Iterator[str]:
    """Give each Reference.reference in a tree, in document order."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "reference" and isinstance(value, str):
                yield value
            else:
                yield from list_references(value)
    elif isinstance(node, list):
        for one in node:
            yield from list_references(one)


def gather_context(resource: Tree, find: Callable[[str, str], Tree | None]) -> Tree:
    """Gather a resource and what is kept of what it refers to, and of what that refers to, into a collection.

    `find` gives what is kept under a type and an id. Another Claim, which this one replaces, is none of it.

    >>> kept = {"resourceType": "Patient", "id": "1"}
    >>> claim = {"resourceType": "Claim", "patient": {"reference": "Patient/1"}}
    >>> gather_context(claim, lambda kind, identity: kept)["entry"][1]
    {'resource': {'resourceType': 'Patient', 'id': '1'}}
    """
    found: dict[str, Tree] = {}
    wave = [resource]
    for _ in range(_DEEPEST):
        following = []
        for one in wave:
            for reference in dict.fromkeys(list_references(one)):
                local = _LOCAL.fullmatch(reference)
                is_other = local is not None and local[1] != "Claim" and reference not in found
                kept = find(local[1], local[2]) if local and is_other else None
                if kept is not None:
                    found[reference] = kept
                    following.append(kept)
        wave = following
    entries = [{"resource": one} for one in (resource, *found.values())]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
