"""Which site a document belongs to, where one process serves several billing providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.fhir.document import decode_document
from adapter.fhir.systems import NPI, canonical_system
from adapter.fhir.xml_shape import Shapes
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Site

__all__ = ["choose_site"]


def choose_site(data: bytes, sites: Mapping[str, Site], shapes: Shapes) -> Outcome[Site]:
    """Choose the site whose billing provider the document names.

    A single site is given whatever the document says: coding judges a provider that differs. Among several the NPIs
    of the Organizations in the document must name exactly one.
    FHIR: Organization.identifier and Encounter.serviceProvider.identifier of system us-npi.
    """
    if len(sites) == 1:
        return Outcome(next(iter(sites.values())))
    tree = decode_document(data, shapes).value
    named = {npi for npi in _npis(tree) if npi in sites}
    if len(named) == 1:
        return Outcome(sites[named.pop()])
    rule, code = ("site.ambiguous", IssueType.MULTIPLE_MATCHES) if named else ("site.not-found", IssueType.NOT_FOUND)
    found = "several of the sites" if named else "none of the sites"
    text = (
        f"The document names {found} that are set up; the NPI of exactly one billing provider was expected. "
        "Give Encounter.serviceProvider its NPI, or add a site file for it."
    )
    return Outcome(None, (Issue(Severity.ERROR, code, rule, text, ("Bundle",)),))


def _npis(node: Any) -> Iterator[str]:
    """Walk the tree for NPIs of organizations: in Organization.identifier and Encounter.serviceProvider."""
    if isinstance(node, list):
        for item in node:
            yield from _npis(item)
    elif isinstance(node, dict):
        if node.get("resourceType") == "Organization":
            yield from _values(node.get("identifier"))
        if node.get("resourceType") == "Encounter" and isinstance(node.get("serviceProvider"), dict):
            yield from _values([node["serviceProvider"].get("identifier")])
        for item in node.values():
            yield from _npis(item)


def _values(identifiers: Any) -> Iterator[str]:
    for identifier in identifiers if isinstance(identifiers, list) else []:
        if isinstance(identifier, dict) and canonical_system(identifier.get("system")) == NPI:
            value = identifier.get("value")
            if isinstance(value, str):
                yield value
