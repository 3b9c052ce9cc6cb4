"""What the CapabilityStatement tells of resources: the interactions of the routes that exist, and their search parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from werkzeug.routing import Map

from adapter.fhir.json import Tree
from adapter.fhir.search_table import DEFINITIONS, PARAMETERS
from adapter.web.interaction import CREATED, UPDATED
from adapter.web.resources import KEPT

__all__ = ["add_resources"]

# Route, the interaction that it serves, and the types that it serves it for.
_INTERACTIONS: Final[Mapping[str, tuple[str, Collection[str]]]] = {
    "create": ("create", CREATED), "read": ("read", KEPT), "vread": ("vread", KEPT), "update": ("update", UPDATED),
    "delete": ("delete", UPDATED), "history_instance": ("history-instance", KEPT), "history_type": ("history-type", KEPT),
    "search_type": ("search-type", KEPT), "read_definition": ("read", DEFINITIONS),
    "search_definition": ("search-type", DEFINITIONS),
}
_SYSTEM: Final[Mapping[str, tuple[str, ...]]] = {"bundle": ("transaction", "batch"), "history_system": ("history-system",)}


def add_resources(capability: Tree, routes: Map) -> Tree:
    """Add to a CapabilityStatement what the routes serve of resources.

    FHIR: CapabilityStatement.rest.resource.interaction, .versioning, .updateCreate, .conditionalCreate, .searchParam, and
    .rest.interaction for all together.
    """
    served = {rule.endpoint for rule in routes.iter_rules()}
    rest = capability["rest"][0]
    resources = [{**one, **_describe(one["type"], served)} for one in rest["resource"]]
    system = [{"code": code} for route, codes in _SYSTEM.items() if route in served for code in codes]
    told = {"mode": rest["mode"], "resource": [_sorted(one) for one in resources]}
    if system:
        told["interaction"] = system
    return {**capability, "rest": [{**told, **({"operation": rest["operation"]} if "operation" in rest else {})}]}


def _describe(kind: str, served: Collection[str]) -> dict[str, Any]:
    codes = [code for route, (code, types) in _INTERACTIONS.items() if route in served and kind in types]
    if not codes:
        return {}
    told: dict[str, Any] = {"interaction": [{"code": code} for code in codes]}
    if kind in KEPT:
        told |= {"versioning": "versioned", "readHistory": True, "updateCreate": "update" in codes,
                 "conditionalCreate": "create" in codes, "conditionalRead": "full-support", "conditionalUpdate": False,
                 "conditionalDelete": "not-supported"}
    told["searchParam"] = [{"name": name, "type": one.kind} for name, one in sorted(PARAMETERS[kind].items())]
    return told


def _sorted(resource: dict[str, Any]) -> dict[str, Any]:
    """Put the elements in the order of R4: operations are last."""
    return {**{key: value for key, value in resource.items() if key != "operation"}, "operation": resource["operation"]}
