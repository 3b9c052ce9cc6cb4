"""The stamp: clock, id-maker and version, handed in so that the same input writes the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapter.fhir.references import Tree

__all__ = ["Stamp", "Urls"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a writer may not find out by itself.

    `now` is an aware datetime, `make_id` gives the UUID text for a name (the same name, the same id),
    `version` is that of this software.
    """

    now: datetime
    make_id: Callable[[str], str]
    version: str


class Urls:
    """Name the entries of one Bundle: `urn:uuid:` and the id made from the claim's identifier and a name.

    It holds state: a name's URL is made at its first use and kept, since a Bundle refers to one entry many times.

    >>> from datetime import UTC, datetime
    >>> stamp = Stamp(datetime(2026, 3, 5, tzinfo=UTC), lambda name: name.lower(), "0.1.0")
    >>> Urls(stamp, "PCN1").reference("patient")
    {'reference': 'urn:uuid:pcn1/patient'}
    """

    __slots__ = ("_made", "scope", "stamp")

    def __init__(self, stamp: Stamp, scope: str) -> None:
        """Begin a Bundle; `scope` is the claim's identifier."""
        self.stamp = stamp
        self.scope = scope
        self._made: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Give the fullUrl of the entry with this name."""
        known = self._made.get(name)
        if known is None:
            known = self._made[name] = f"urn:uuid:{self.stamp.make_id(f'{self.scope}/{name}')}"
        return known

    def reference(self, name: str) -> Tree:
        """Give a Reference to the entry with this name."""
        return {"reference": self.url(name)}

    def entry(self, name: str, resource: Tree) -> Tree:
        """Give the Bundle entry with this name around a resource."""
        return {"fullUrl": self.url(name), "resource": resource}
