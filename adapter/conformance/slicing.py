"""Slicing: which slice an instance belongs to, how many each may have, and why one fits none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapter.conformance.discriminator import Discriminator
from adapter.conformance.finding import Check, Finding
from adapter.conformance.instance import Instance
from adapter.issues import Issue, IssueType, Severity

__all__ = ["Slice", "Slicing"]

DEFAULT: Final = "@default"


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice, compiled: its name, how often it stands, what tells its instances, and what is asked of them.

    `inner` are its own slices (re-slicing).
    """

    name: str
    least: int
    most: int | None
    discriminators: tuple[Discriminator, ...]
    rules: Check
    inner: Slicing | None = None

    def misses(self, instance: Instance, scene: Any) -> list[str]:
        """Give, in words, the facts that an instance of this slice shows and this one does not."""
        return [one.text for one in self.discriminators if not one.matches(instance, scene)]


@dataclass(frozen=True, slots=True)
class Slicing:
    """The slices of one element: FHIR ElementDefinition.slicing.rules and .ordered.

    `is_required` tells that the element itself must stand: where it does not, that is told, and of its slices nothing.
    """

    element: str
    slices: tuple[Slice, ...]
    rules: str
    ordered: bool
    is_required: bool = False

    def check(self, parent: Instance, instances: Sequence[Instance], scene: Any) -> Iterator[Finding | Issue]:
        """Check the instances of the element in one parent; a finding's place is the instance, or the parent's element."""
        if self.is_required and not instances:
            return
        owners = [self._owner(one, scene) for one in instances]
        if self.rules == "closed":
            yield from self._closed(instances, owners, scene)
        elif self.rules == "openAtEnd":
            yield from self._open_at_end(instances, owners)
        if self.ordered:
            yield from self._ordered(instances, owners)
        for number, one in enumerate(self.slices):
            if not one.discriminators and one.name != DEFAULT:
                text = f"was not checked against the slice {one.name}: its definition says nothing by which to know it"
                yield Finding("profile.not-checked", IssueType.INFORMATIONAL, text, (parent.link, self.element), self.element,
                              Severity.INFORMATION)
                continue
            ours = [instance for instance, owner in zip(instances, owners, strict=True) if owner == number]
            yield from self._count(one, ours, (parent, instances), scene)
            for instance in ours:
                yield from one.rules(instance, scene)
            if one.inner is not None:
                yield from one.inner.check(parent, ours, scene)

    def _owner(self, instance: Instance, scene: Any) -> int | None:
        """Give the number of the first slice that an instance belongs to; the default slice takes what no other does."""
        for number, one in enumerate(self.slices):
            if one.name != DEFAULT and one.discriminators and not one.misses(instance, scene):
                return number
        return next((number for number, one in enumerate(self.slices) if one.name == DEFAULT), None)

    def _count(
        self, one: Slice, ours: list[Instance], where: tuple[Instance, Sequence[Instance]], scene: Any
    ) -> Iterator[Finding]:
        parent, instances = where
        if len(ours) < one.least:
            nearest = self._nearest(one, [instance for instance in instances if instance not in ours], scene)
            shown = "" if one.least == 1 else f" {one.least} times"
            text = f"has no slice {one.name} where it was expected{shown}{nearest}. Add it"
            if ours:
                text = f"has slice {one.name} {len(ours)} times; at least {one.least} were expected{nearest}. Add what is missing"
            yield Finding("profile.slice-missing", IssueType.REQUIRED, text, (parent.link, self.element), self.element)
        if one.most is not None and len(ours) > one.most:
            for instance in ours[one.most:]:
                text = f"is slice {one.name} once too often; at most {one.most} were expected. Remove it"
                yield Finding("profile.slice-too-many", IssueType.STRUCTURE, text, instance.link, self.element)

    def _nearest(self, one: Slice, others: Sequence[Instance], scene: Any) -> str:
        """Say which other instance comes nearest to a slice, and the fact that it does not show."""
        tried = [(len(misses), number, misses) for number, other in enumerate(others) if (misses := one.misses(other, scene))]
        told = " and ".join(discriminator.text for discriminator in one.discriminators)
        if not tried or not one.discriminators:
            return f" ({told})" if told else ""
        _, _, misses = min(tried)
        return f" ({told}; the nearest one fails in this: {misses[0]})"

    def _closed(self, instances: Sequence[Instance], owners: Sequence[int | None], scene: Any) -> Iterator[Finding]:
        for instance, owner in zip(instances, owners, strict=True):
            if owner is None:
                tried = sorted((len(misses), one.name, misses) for one in self.slices if (misses := one.misses(instance, scene)))
                why = f"; the nearest, {tried[0][1]}, asks that {tried[0][2][0]}" if tried else ""
                names = ", ".join(one.name for one in self.slices)
                text = f"belongs to no slice, and only {names} may stand here{why}. Correct it"
                yield Finding("profile.slice-closed", IssueType.STRUCTURE, text, instance.link, self.element)

    def _open_at_end(self, instances: Sequence[Instance], owners: Sequence[int | None]) -> Iterator[Finding]:
        last = max((place for place, owner in enumerate(owners) if owner is not None), default=-1)
        for place, instance in enumerate(instances):
            if owners[place] is None and place < last:
                text = "belongs to no slice and stands before one that does; such entries stand at the end. Move it"
                yield Finding("profile.slice-order", IssueType.STRUCTURE, text, instance.link, self.element)

    def _ordered(self, instances: Sequence[Instance], owners: Sequence[int | None]) -> Iterator[Finding]:
        highest = -1
        for instance, owner in zip(instances, owners, strict=True):
            if owner is None:
                continue
            if owner < highest:
                text = f"stands after slice {self.slices[highest].name}; the slices stand in the profile's order. Move it"
                yield Finding("profile.slice-order", IssueType.STRUCTURE, text, instance.link, self.element)
            highest = max(highest, owner)
