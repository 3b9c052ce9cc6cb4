"""What a path may ask of the place where it runs, and what a compiled part of a path is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from adapter.fhirpath.faults import CannotRun
from adapter.fhirpath.nodes import Node

__all__ = ["Environment", "Run", "Truth"]


@dataclass(frozen=True, slots=True)
class Environment:
    """What `%resource` and its like stand for, and who answers what a tree alone cannot.

    `resource` holds the focus; `root_resource` holds that, where it is contained. `context` is the focus of the whole
    expression unless told. `extension` is one that stands in the focus: an invariant of its context asks of both. `now`
    must be aware. The callables: `resolve` takes a reference's text and gives the resource or None; `conforms_to` and
    `member_of` take a node and a canonical url and give yes, no, or None for not known (the result is then empty);
    `html_checks` takes the node of a narrative's div. One that is not given makes the call that needs it raise
    CannotRun. `index` and `total` are `$index` and `$total`, set by the functions.
    """

    resource: Node | None = None
    root_resource: Node | None = None
    context: Node | None = None
    extension: Node | None = None
    now: datetime | None = None
    resolve: Callable[[str], Node | None] | None = None
    conforms_to: Callable[[Node, str], bool | None] | None = None
    member_of: Callable[[Node, str], bool | None] | None = None
    html_checks: Callable[[Node], bool] | None = None
    index: int | None = None
    total: tuple[Any, ...] = ()

    def clock(self, function: str) -> datetime:
        """Give the time that the caller runs at."""
        if self.now is None:
            raise CannotRun(f"{function}() needs a clock, and none was given")
        return self.now


Run: TypeAlias = Callable[[Any, Environment], list[Any]]
Truth: TypeAlias = Callable[[Any, Environment], bool | None]
