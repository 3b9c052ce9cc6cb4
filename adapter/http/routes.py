"""The routes that exist, one method at a time: what is told of a service is told of these and of no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.routing import Map

__all__ = ["Route", "list_routes"]

_VARIABLE: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_NOT_TOLD: Final = ("HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one address.

    `path` has its variables in braces, as OpenAPI writes them, `variables` their regular expressions by name; `operation` is
    the name behind `$`, empty where there is none; `kind` is the resource type or the variable that stands for it.
    """

    method: str
    path: str
    variables: Mapping[str, str]
    operation: str
    kind: str

    @property
    def is_fhir(self) -> bool:
        """Tell whether the address is below the base of FHIR."""
        return self.path == "/fhir" or self.path.startswith("/fhir/")

    @property
    def is_instance(self) -> bool:
        """Tell whether the address is that of one resource of a type, or of what is below it."""
        return len(self.path.partition("$")[0].strip("/").split("/")) > 2

    @property
    def takes_body(self) -> bool:
        """Tell whether the method has a body."""
        return self.method in ("POST", "PUT", "PATCH")


def list_routes(routes: Map) -> Iterator[Route]:
    """List every route by address and method; the base with a trailing slash is the base.

    >>> from werkzeug.routing import Rule
    >>> next(list_routes(Map([Rule("/fhir/Claim/$submit", methods=["POST"])])))
    Route(method='POST', path='/fhir/Claim/$submit', variables={}, operation='submit', kind='Claim')
    """
    found: dict[tuple[str, str], Route] = {}
    for rule in routes.iter_rules():
        path = _VARIABLE.sub(r"{\1}", rule.rule)
        path = path.rstrip("/") or "/"
        variables = {name: rule._converters[name].regex for name in _VARIABLE.findall(rule.rule)}  # noqa: SLF001 -- no other way
        where, _, operation = path.partition("$")
        kind = where.removeprefix("/fhir").strip("/").partition("/")[0]
        for method in (rule.methods or set()) - set(_NOT_TOLD):
            found.setdefault((path, method), Route(method, path, variables, operation, kind))
    for _, route in sorted(found.items()):
        yield route
