"""The CapabilityStatement, generated from the routes that exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from werkzeug.routing import Map

import adapter
from adapter.fhir.json import Tree
from adapter.fhir.systems import BASE
from adapter.http.routes import list_routes

__all__ = ["write_capability"]

_READ: Final = re.compile(r"/fhir/(\w+)/<[^/]+>")
_DEFINITIONS: Final = {
    "submit": "http://hl7.org/fhir/OperationDefinition/Claim-submit",
    "lookup": "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
    "translate": "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
    "validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    "validate-code": "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
}


def write_capability(routes: Map, types: Iterable[str], started_at: datetime, description: str) -> Tree:
    """Write what this server can do: every operation and every read among the routes, and nothing else.

    FHIR: CapabilityStatement.rest.operation for `/fhir/$name`, .rest.resource.operation for `/fhir/{type}/$name` and
    `/fhir/{type}/{id}/$name`: of a route that takes any type, for each of `types`. How each is called is its documentation.
    """
    system: dict[str, list[str]] = {}
    by_type: dict[str, dict[str, list[str]]] = {name: {} for name in sorted(types)}
    read = {match[1] for rule in routes.iter_rules() if (match := _READ.fullmatch(rule.rule))}
    methods: dict[tuple[bool, str, str], list[str]] = {}
    for route in list_routes(routes):
        if route.operation:
            methods.setdefault((route.is_instance, route.kind, route.operation), []).append(route.method)
    for (is_instance, kind, name), called in sorted(methods.items()):
        told = " or ".join(called) + (" on an instance" if is_instance else "")
        for target in list(by_type) if kind.startswith("{") else [kind]:
            (by_type[target] if target else system).setdefault(name, []).append(told)
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": started_at.isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "refill-adapter", "version": adapter.__version__},
        "implementation": {"description": description},
        "fhirVersion": "4.0.1",
        "format": ["json", "xml"],
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {"type": name, **({"interaction": [{"code": "read"}]} if name in read else {}),
                     "operation": [_operation(*each) for each in sorted(operations.items())]}
                    for name, operations in by_type.items()
                    if operations
                ],
                **({"operation": [_operation(*each) for each in sorted(system.items())]} if system else {}),
            }
        ],
    }


def _operation(name: str, called: Sequence[str]) -> Tree:
    definition = _DEFINITIONS.get(name, f"{BASE}/OperationDefinition/{name}")
    return {"name": name, "definition": definition, "documentation": f"{'; '.join(called)}."}
