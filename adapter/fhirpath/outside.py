"""Functions that ask the environment: clock, references, terminology, profiles, narrative."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from adapter.fhirpath.environment import Environment
from adapter.fhirpath.faults import CannotRun, PathError
from adapter.fhirpath.nodes import Node
from adapter.fhirpath.sets import Items
from adapter.fhirpath.temporal import Temporal
from adapter.fhirpath.values import plain, single

__all__ = ["OUTSIDE"]


def _today(environment: Environment, _: Items) -> Items:
    now = environment.clock("today")
    return [Temporal("Date", (now.year, now.month, now.day))]


def _now(environment: Environment, _: Items) -> Items:
    now = environment.clock("now")
    offset = now.utcoffset()
    if offset is None:
        raise CannotRun("now() needs a clock with an offset from UTC")
    parts = (now.year, now.month, now.day, now.hour, now.minute, _seconds(environment))
    return [Temporal("DateTime", parts, int(offset.total_seconds() // 60))]


def _time_of_day(environment: Environment, _: Items) -> Items:
    now = environment.clock("timeOfDay")
    return [Temporal("Time", (now.hour, now.minute, _seconds(environment)))]


def _seconds(environment: Environment) -> Decimal:
    now = environment.clock("now")
    return Decimal(now.second) + (Decimal(now.microsecond) / 1_000_000).quantize(Decimal("0.001"))


def _resolve(environment: Environment, items: Items) -> Items:
    """Follow a Reference, canonical, uri or url to its resource; what leads nowhere is left out."""
    if environment.resolve is None:
        raise CannotRun("resolve() needs a way to follow references, and none was given")
    found: Items = []
    for item in items:
        target = plain(item)
        if isinstance(target, Node):
            target = target.fields.get("reference")
        if isinstance(target, str) and (resource := environment.resolve(target)) is not None:
            found.append(resource)
    return found


def _asked(name: str, attribute: str) -> Callable[..., Items]:
    """Make conformsTo or memberOf: the verdict of the environment on one node and a canonical url."""

    def run(environment: Environment, items: Items, url: Items) -> Items:
        ask = getattr(environment, attribute)
        if ask is None:
            raise CannotRun(f"{name}() needs somebody who knows, and none was given")
        wanted = single(url, f"{name}()")
        if not items or wanted is None:
            return []
        if len(items) > 1 or not isinstance(wanted, str):
            raise PathError(f"{name}() takes one item and one url")
        verdict = ask(items[0], wanted)
        return [] if verdict is None else [verdict]

    return run


def _html_checks(environment: Environment, items: Items) -> Items:
    if environment.html_checks is None:
        raise CannotRun("htmlChecks() needs a checker of narratives, and none was given")
    return [all(environment.html_checks(item) for item in items)]


# Name: function on environment and input, and how many arguments it takes.
OUTSIDE: Final[dict[str, tuple[Callable[..., Items], int]]] = {
    "today": (_today, 0),
    "now": (_now, 0),
    "timeOfDay": (_time_of_day, 0),
    "resolve": (_resolve, 0),
    "conformsTo": (_asked("conformsTo", "conforms_to"), 1),
    "memberOf": (_asked("memberOf", "member_of"), 1),
    "htmlChecks": (_html_checks, 0),
    "htmlchecks": (_html_checks, 0),
}
