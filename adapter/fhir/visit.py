"""Visits: which acts on a pump belong together. One visit is one patient, day and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from adapter.fhir.chart import Chart
from adapter.fhir.device_facts import read_device
from adapter.fhir.encounter import read_places
from adapter.fhir.procedure import ActSource
from adapter.fhir.references import Found
from adapter.terms import Device

__all__ = ["VisitSource", "group_visits"]


@dataclass(slots=True)
class VisitSource:
    """The acts of one visit while its facts are gathered; `rivals` are the days of other visits, by the Encounter they share."""

    acts: list[ActSource]
    devices: dict[str, Device] = field(default_factory=dict)
    rivals: dict[str, list[date | None]] = field(default_factory=dict)

    @property
    def encounters(self) -> list[Found]:
        """Give the Encounters of the acts, each once."""
        return _once(found for act in self.acts for found in act.encounters)

    @property
    def locations(self) -> list[Found]:
        """Give the Locations of the acts, each once."""
        return _once(found for act in self.acts for found in act.locations)

    def add_device(self, chart: Chart, found: Found) -> int:
        """Read a Device once and give its position."""
        if found[1] not in self.devices:
            self.devices[found[1]] = read_device(chart, found)
        return list(self.devices).index(found[1])


def group_visits(sources: list[ActSource]) -> list[VisitSource]:
    """Group acts by patient, day and place; an act that is part of another stays with it."""
    groups: dict[tuple[object, ...], VisitSource] = {}
    key_of: dict[str, tuple[object, ...]] = {}
    ordered = sorted(sources, key=lambda source: bool(source.parents))
    paths = {source.path for source in sources}
    for source in ordered:
        patient = source.patient[1] if source.patient else None
        parent = next((key_of[where] for where in source.parents if where in key_of and where in paths), None)
        if parent and parent[0] == patient and source.day in (None, parent[1]):
            key = parent
        else:
            key = _joined((patient, source.day, *sorted({told.value for told in read_places(source.locations)})), groups)
        key_of[source.path] = key
        groups.setdefault(key, VisitSource([])).acts.append(source)
    for visit in groups.values():
        visit.acts.sort(key=lambda source: (bool(source.parents), sources.index(source)))
    active = [visit for visit in groups.values() if any(act.is_active for act in visit.acts)]
    if len(active) > 1:
        _note_rivals(active)
    return active or list(groups.values())


def _note_rivals(visits: list[VisitSource]) -> None:
    """Note in each visit the days of the others that share an Encounter with it."""
    places = [{where for _, where in visit.encounters} for visit in visits]
    for visit, ours in zip(visits, places, strict=True):
        for other, theirs in zip(visits, places, strict=True):
            for where in (ours & theirs) if other is not visit else ():
                visit.rivals.setdefault(where, []).append(other.acts[0].day)


def _joined(key: tuple[object, ...], groups: Mapping[tuple[object, ...], VisitSource]) -> tuple[object, ...]:
    """Give the group that an act belongs to: one that tells no place joins the only visit of its patient and day."""
    same = [known for known in groups if known[:2] == key[:2]]
    return same[0] if len(same) == 1 and (len(key) == 2 or len(same[0]) == 2) else key


def _once(found: Iterable[Found]) -> list[Found]:
    return list({path: (tree, path) for tree, path in found}.values())
