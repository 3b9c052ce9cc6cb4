"""The definitions that are published here, read and searched: profiles, value sets, code systems, maps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from adapter.fhir.json import Tree, encode_json
from adapter.fhir.search_query import Query
from adapter.fhir.search_table import DEFINITIONS
from adapter.fhir.search_value import gather_values, meets
from adapter.http.answer import Answer, answer_issues
from adapter.http.door import respond
from adapter.http.preference import read_preference
from adapter.load import data_folder
from adapter.web.interaction import refuse
from adapter.web.searching import Asking, search_definitions
from adapter.web.service import Service

__all__ = ["add_definition_routes"]


@cache
def _published() -> dict[str, list[Tree]]:
    """Read the definitions of profiles/ when they are first asked for."""
    found: dict[str, list[Tree]] = {kind: [] for kind in DEFINITIONS}
    for path in sorted(data_folder("profiles").glob("*.json")):
        tree = json.loads(path.read_bytes())
        if tree.get("resourceType") in found:
            found[tree["resourceType"]].append(tree)
    return found


def add_definition_routes(app: Flask, service: Service) -> None:
    """Add read and search of each type of definition; none is written over HTTP."""
    types = "|".join(sorted(DEFINITIONS))
    app.url_map.converters["published"] = type("PublishedType", (BaseConverter,), {"regex": f"(?:{types})"})

    @app.get("/fhir/<published:kind>/<id:identity>")
    def read_definition(kind: str, identity: str) -> Response:
        found = [tree for tree in _published()[kind] if tree.get("id") == identity]
        if not found:
            return respond(answer_issues(HTTPStatus.NOT_FOUND, refuse(404, "resource.not-found").issues, service.rule_book))
        return respond(Answer(HTTPStatus.OK, encode_json(found[0])))

    @app.get("/fhir/<published:kind>")
    def search_definition(kind: str) -> Response:
        asking = Asking(f"{request.host_url.rstrip('/')}/fhir", read_preference(request.headers.get("Prefer", "")))
        pairs = list(request.args.items(multi=True))
        return respond(search_definitions(kind, lambda query: _find(kind, query), pairs, asking, service))


def _find(kind: str, query: Query) -> Sequence[Tree]:
    found = [(tree, gather_values(tree)) for tree in _published()[kind]]
    return [tree for tree, values in found if all(meets(values, one) for one in query.conditions)]
