"""The stamp: clock, id-maker and version, handed in so that the same input writes the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Urls:
    """Name the entries of one Bundle: `urn:uuid:` and the id made from the claim's identifier and a name.

    >>> from datetime import UTC, datetime
    >>> stamp = Stamp(datetime(2026, 3, 5, tzinfo=UTC), lambda name: name.lower(), "0.1.0")
    >>> Urls(stamp, "PCN1").reference("patient")
    {'reference': 'urn:uuid:pcn1/patient'}
    """

    stamp: Stamp
    scope: str
    made: dict[str, str] = field(default_factory=dict, repr=False)

    def url(self, name: str) -> str:
        """Give the fullUrl of the entry with this name."""
        known = self.made.get(name)
        if known is None:
            known = self.made[name] = f"urn:uuid:{self.stamp.make_id(f'{self.scope}/{name}')}"
        return known

    def reference(self, name: str) -> Tree:
        """Give a Reference to the entry with this name."""
        return {"reference": self.url(name)}

    def entry(self, name: str, resource: Tree) -> Tree:
        """Give the Bundle entry with this name around a resource."""
        return {"fullUrl": self.url(name), "resource": resource}
