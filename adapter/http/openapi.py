"""The description of a service in OpenAPI 3.1, generated from the routes that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from werkzeug.routing import Map

import adapter
from adapter.fhir.json import Tree
from adapter.http.media import EDI_X12, FHIR_JSON, FHIR_XML
from adapter.http.routes import Route, list_routes

__all__ = ["write_openapi"]

_X12_TAKEN: Final = ("from-x12", "x12-acknowledge")
_X12_GIVEN: Final = ("to-x12",)
_PLAIN: Final = {"/metrics": "text/plain"}  # what is no FHIR is JSON, but for these
_ALTERNATIVES: Final = re.compile(r"\(\?:([A-Za-z|]+)\)")

# Status: what it says. What HTTP itself refuses, of any request, of one below /fhir, and of one with a body.
_OF_ANY: Final = {"400": "The request, or its body, cannot be read."}
_OF_FHIR: Final = {
    "406": "Neither JSON nor XML is wanted.", "429": "More requests came from this address than it may send.",
}
_OF_BODY: Final = {
    "408": "The body did not arrive in time.", "413": "The body is larger than 16 MiB.",
    "415": "The body is none of the media types that are taken, or compressed.",
    "422": "The body is understood and cannot be done: what is wrong, where, and what to do.",
    "503": "There is no room now; Retry-After says when.",
}
_OF_INSTANCE: Final = {"404": "It is not kept here."}
_HEADERS: Final = {"429": ("Retry-After", "RateLimit", "RateLimit-Policy"), "503": ("Retry-After",)}
_QUERIES: Final = {
    "validate": ("profile", "mode"), "translate": ("url", "code", "system", "target"), "lookup": ("code", "system", "property"),
    "validate-code": ("url", "code", "system"),
}
_OUTCOME: Final = {
    "type": "object", "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["severity", "code", "details"],
            "properties": {
                "severity": {"enum": ["fatal", "error", "warning", "information"]}, "code": {"type": "string"},
                "details": {"type": "object"}, "diagnostics": {"type": "string"},
                "expression": {"type": "array", "items": {"type": "string"}},
            },
        }},
    },
}
_RESOURCE: Final = {
    "type": "object", "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string", "pattern": "^[A-Z][A-Za-z]+$"}},
}


def write_openapi(routes: Map, description: str) -> Tree:
    """Describe every route: its parameters, what it takes, and what it answers, each refusal an OperationOutcome.

    OpenAPI 3.1.0; `operationId` is method and address in words. What a resource may hold is said by its profile and base R4,
    not here: a body is any resource.
    """
    paths: dict[str, Tree] = {}
    for route in list_routes(routes):
        paths.setdefault(route.path, {})[route.method.lower()] = _describe(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "refill-adapter", "version": adapter.__version__, "description": description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this description was read"}],
        "tags": [{"name": "FHIR"}, {"name": "operation of the service"}],
        "paths": paths,
        "components": {
            "schemas": {"OperationOutcome": _OUTCOME, "Resource": _RESOURCE},
            "headers": {
                "Retry-After": {
                    "description": "Whole seconds until it is worth while to ask again",
                    "schema": {"type": "string", "pattern": "^[0-9]+$"},
                },
                "RateLimit": {"description": "What this address has left", "schema": {"type": "string"}},
                "RateLimit-Policy": {"description": "What an address may ask", "schema": {"type": "string"}},
                "X-Request-Id": {"description": "The id of the request", "schema": {"type": "string"}},
            },
        },
    }


def _describe(route: Route) -> Tree:
    words = re.sub(r"[^A-Za-z0-9]+", "-", f"{route.method.lower()}-{route.path.removeprefix('/fhir')}").strip("-")
    told: Tree = {
        "operationId": words,
        "summary": f"${route.operation}" if route.operation else f"{route.method} {route.path}",
        "tags": ["FHIR" if route.is_fhir else "operation of the service"],
        "parameters": list(_parameters(route)),
        "responses": dict(_responses(route)),
    }
    if route.takes_body:
        told["requestBody"] = {"required": "{" not in route.path, "content": _content(route, _X12_TAKEN)}
    return told


def _parameters(route: Route) -> Iterator[Tree]:
    for name, form in route.variables.items():
        yield {"name": name, "in": "path", "required": True, "schema": _form(form)}
    if route.is_fhir:
        yield {"name": "_format", "in": "query", "schema": {"enum": ["json", "xml", FHIR_JSON, FHIR_XML]}}
        for name in _QUERIES.get(route.operation, ()):
            yield {"name": name, "in": "query", "schema": {"type": "string"}}


def _form(regex: str) -> Tree:
    """Write what a variable may be: a choice where its expression is one, else the expression."""
    choice = _ALTERNATIVES.fullmatch(regex)
    return {"type": "string", "enum": choice[1].split("|")} if choice else {"type": "string", "pattern": f"^{regex}$"}


def _content(route: Route, as_x12: Sequence[str]) -> Tree:
    if route.operation in as_x12:
        return {EDI_X12: {"schema": {"type": "string"}}}
    return {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/Resource"}}, FHIR_XML: {"schema": {"type": "string"}}}


def _responses(route: Route) -> Iterator[tuple[str, Tree]]:
    headers: dict[str, Any] = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    media = _PLAIN.get(route.path, "application/json")
    content = _content(route, _X12_GIVEN) if route.is_fhir else {media: {"schema": {"type": ["object", "string"]}}}
    yield "200", {"description": "It is done.", "headers": headers, "content": content}
    outcome = {
        FHIR_JSON: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}, FHIR_XML: {"schema": {"type": "string"}},
    }
    for status, says in _refusals(route).items():
        named = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS.get(status, ())}
        yield status, {"description": says, "headers": headers | named, "content": outcome}


def _refusals(route: Route) -> dict[str, str]:
    found = dict(_OF_ANY)
    if route.is_fhir:
        found |= _OF_FHIR
    if route.takes_body:
        found |= _OF_BODY
    if route.variables or route.operation:
        found |= _OF_INSTANCE
    if route.path == "/readyz":
        found["503"] = "The service is not ready: it was told to end, or its store takes no write."
    return dict(sorted(found.items()))
