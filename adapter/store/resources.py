"""Resources with every version of them, found by id and by search; what is kept is what was sent.

The facts of the server (version and time) stand beside the data, which holds neither `meta.versionId` nor
`meta.lastUpdated`: they are written into a copy when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, not_, or_, select, update

from adapter.store.layout import RESOURCE, RESOURCE_VERSION, SEARCH_VALUE, SNAPSHOT, insert_into
from adapter.terms.search import Condition, Match, SearchValue, SortKey, ValueMatch

__all__ = ["MAX_FOUND", "Key", "NewResource", "Resources", "StoredSnapshot", "StoredVersion", "TooManyError"]

MAX_FOUND = 20_000
"""Resources that one search may find: a snapshot of more is refused, not cut."""
_DAY = timedelta(days=1)
_LAST = "\U0010ffff"

Key = tuple[str, str, int]
"""Type, id and version of a resource."""


class TooManyError(Exception):
    """A search that finds more than MAX_FOUND."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a resource; `data` is None where it was deleted."""

    kind: str
    id: str
    version: int
    updated_at: datetime
    data: bytes | None


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """What a search found when it was made, in its order, and how it is to be shown: `note`, of whoever made it."""

    keys: tuple[Key, ...]
    note: str = ""


class NewResource(NamedTuple):
    """A resource that was never here: type, id, data, and what it is found by."""

    kind: str
    id: str
    data: bytes
    values: Iterable[SearchValue] = ()


_ADD_VERSIONS: Final = insert(RESOURCE_VERSION).returning(RESOURCE_VERSION.c.number, sort_by_parameter_order=True)
_ADD_RESOURCES: Final = insert(RESOURCE)
_ADD_VALUES: Final = insert(SEARCH_VALUE)


class Resources:
    """What a unit does with resources."""

    connection: Connection

    def reserve(self, kind: str, identity: str) -> int:
        """Give the version that the next write of a resource gets; who writes the same one waits for this unit's end."""
        row = {"kind": kind, "id": identity, "version": 0, "is_deleted": 1, "number": 0}
        self.connection.execute(insert_into(self.connection, RESOURCE).values(row).on_conflict_do_nothing())
        query = select(RESOURCE.c.version).where(RESOURCE.c.kind == kind, RESOURCE.c.id == identity).with_for_update()
        version: int = self.connection.execute(query).scalar_one()
        return version + 1

    def find(self, kind: str, identity: str) -> StoredVersion | None:
        """Find the current version of a resource; one that was deleted has no data."""
        query = _versions().join(RESOURCE, RESOURCE.c.number == RESOURCE_VERSION.c.number)
        return self._one(query.where(RESOURCE.c.kind == kind, RESOURCE.c.id == identity))

    def find_version(self, kind: str, identity: str, version: int) -> StoredVersion | None:
        """Find one version of a resource."""
        columns = RESOURCE_VERSION.c
        return self._one(_versions().where(columns.kind == kind, columns.id == identity, columns.version == version))

    def write(
        self, kind: str, identity: str, data: bytes, values: Iterable[SearchValue], at: datetime
    ) -> StoredVersion:
        """Write the next version of a resource, and what it is found by in place of what the version before was found by."""
        stored = self._write(kind, identity, data, at)
        self._add_values(_value_rows(kind, identity, values))
        return stored

    def add(self, resources: Sequence[NewResource], at: datetime) -> None:
        """Write the first version of several resources, in three statements for all. Errors: IntegrityError where one is here."""
        keys = [{"kind": one.kind, "id": one.id, "version": 1} for one in resources]
        versions = [key | {"updated_at": _write_time(at), "data": one.data} for key, one in zip(keys, resources, strict=True)]
        numbers = self.connection.execute(_ADD_VERSIONS, versions).scalars()
        self.connection.execute(
            _ADD_RESOURCES, [key | {"is_deleted": 0, "number": number} for key, number in zip(keys, numbers, strict=True)]
        )
        self._add_values([row for one in resources for row in _value_rows(one.kind, one.id, one.values)])

    def _add_values(self, rows: Sequence[Mapping[str, str]]) -> None:
        if rows:
            self.connection.execute(_ADD_VALUES, rows)

    def delete(self, kind: str, identity: str, at: datetime) -> StoredVersion:
        """Delete a resource: a version without data follows, and no search finds it."""
        return self._write(kind, identity, None, at)

    def history(self, kind: str | None = None, identity: str | None = None) -> list[Key]:
        """List the versions of a resource, of a type or of all, the newest first. Errors: TooManyError."""
        columns = RESOURCE_VERSION.c
        query: Select[Any] = select(columns.kind, columns.id, columns.version).order_by(columns.number.desc())
        if kind is not None:
            query = query.where(columns.kind == kind)
        if identity is not None:
            query = query.where(columns.id == identity)
        return self._keys(query)

    def search(self, kind: str, conditions: Sequence[Condition], order: Sequence[SortKey] = ()) -> list[Key]:
        """Find the resources of a type that meet every condition: sorted as asked, the newest first. Errors: TooManyError."""
        query: Select[Any] = select(RESOURCE.c.kind, RESOURCE.c.id, RESOURCE.c.version)
        query = query.where(RESOURCE.c.kind == kind, RESOURCE.c.is_deleted == 0)
        for condition in conditions:
            query = query.where(_meet(kind, condition))
        for key in order:
            query = _sort(query, key)
        return self._keys(query.order_by(RESOURCE.c.number.desc()))

    def read_versions(self, keys: Sequence[Key]) -> list[StoredVersion]:
        """Read the versions of keys, in their order."""
        columns = RESOURCE_VERSION.c
        found: dict[Key, StoredVersion] = {}
        for start in range(0, len(keys), 200):
            wanted = [and_(columns.kind == kind, columns.id == identity, columns.version == version)
                      for kind, identity, version in keys[start:start + 200]]
            for row in self.connection.execute(_versions().where(or_(*wanted))):
                one = _read(row)
                found[one.kind, one.id, one.version] = one
        return [found[key] for key in keys]

    def keep_snapshot(self, token: str, snapshot: StoredSnapshot, at: datetime) -> None:
        """Keep what a search found, for the pages that follow; those of the day before go."""
        self.connection.execute(delete(SNAPSHOT).where(SNAPSHOT.c.made_at < _write_time(at - _DAY)))
        data = json.dumps([snapshot.keys, snapshot.note], separators=(",", ":")).encode()
        self.connection.execute(insert(SNAPSHOT).values(token=token, made_at=_write_time(at), data=data))

    def find_snapshot(self, token: str, at: datetime) -> StoredSnapshot | None:
        """Find what a search found less than a day ago."""
        query = select(SNAPSHOT.c.data).where(SNAPSHOT.c.token == token, SNAPSHOT.c.made_at >= _write_time(at - _DAY))
        data = self.connection.execute(query).scalar()
        if data is None:
            return None
        keys, note = json.loads(data)
        return StoredSnapshot(tuple((kind, identity, version) for kind, identity, version in keys), note)

    def _write(self, kind: str, identity: str, data: bytes | None, at: datetime) -> StoredVersion:
        version = self.reserve(kind, identity)
        row = {"kind": kind, "id": identity, "version": version, "updated_at": _write_time(at), "data": data}
        statement = insert(RESOURCE_VERSION).values(row).returning(RESOURCE_VERSION.c.number)
        number = self.connection.execute(statement).scalar_one()
        current = update(RESOURCE).where(RESOURCE.c.kind == kind, RESOURCE.c.id == identity)
        self.connection.execute(current.values(version=version, is_deleted=int(data is None), number=number))
        self.connection.execute(delete(SEARCH_VALUE).where(SEARCH_VALUE.c.kind == kind, SEARCH_VALUE.c.id == identity))
        return StoredVersion(kind, identity, version, _read_time(row["updated_at"]), data)

    def _one(self, query: Select[Any]) -> StoredVersion | None:
        row = self.connection.execute(query).one_or_none()
        return None if row is None else _read(row)

    def _keys(self, query: Select[Any]) -> list[Key]:
        rows = self.connection.execute(query.limit(MAX_FOUND + 1)).all()
        if len(rows) > MAX_FOUND:
            raise TooManyError
        return [(kind, identity, version) for kind, identity, version in rows]


def _versions() -> Select[Any]:
    columns = RESOURCE_VERSION.c
    return select(columns.kind, columns.id, columns.version, columns.updated_at, columns.data)


def _read(row: Sequence[object]) -> StoredVersion:
    kind, identity, version, updated_at, data = row
    return StoredVersion(kind, identity, version, _read_time(updated_at), data)  # type: ignore[arg-type]


def _write_time(at: datetime) -> str:
    """Write a time to the millisecond, in UTC: such texts sort as the times do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _read_time(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _meet(kind: str, condition: Condition) -> ColumnElement[bool]:
    """Write a condition: the id is among those of the values that it asks for, or is not."""
    columns = SEARCH_VALUE.c
    among = select(columns.id).where(columns.kind == kind, columns.parameter == condition.parameter)
    if condition.matches:
        among = among.where(or_(*(_match(one) for one in condition.matches)))
    found = RESOURCE.c.id.in_(among)
    return found if condition.is_wanted else not_(found)


def _match(match: Match) -> ColumnElement[bool]:
    columns = SEARCH_VALUE.c
    wanted: list[ColumnElement[bool]] = []
    if match.value is not None:
        if match.how is ValueMatch.EQUAL:
            wanted.append(columns.value == match.value)
        elif match.how is ValueMatch.STARTS:
            wanted += [columns.value >= match.value, columns.value < match.value + _LAST]
        else:
            wanted.append(columns.value.contains(match.value, autoescape=True))
    if match.systems is not None:
        wanted.append(columns.system.in_(match.systems))
    for bound in match.bounds:
        wanted.append(columns[bound.end].op(bound.operator, is_comparison=True)(bound.text))
    return and_(*wanted)


def _sort(query: Select[Any], key: SortKey) -> Select[Any]:
    """Sort by the least value of a parameter (the greatest, descending); what has none is last."""
    columns = SEARCH_VALUE.c
    pick = func.max if key.is_descending else func.min
    values = select(pick(columns.low + columns.value)).where(
        columns.kind == RESOURCE.c.kind, columns.id == RESOURCE.c.id, columns.parameter == key.parameter
    )
    value = values.scalar_subquery()
    return query.order_by(value.is_(None), value.desc() if key.is_descending else value)


def _value_rows(kind: str, identity: str, values: Iterable[SearchValue]) -> list[dict[str, str]]:
    return [
        {"kind": kind, "id": identity, "parameter": one.parameter, "system": one.system, "value": one.value,
         "low": one.low, "high": one.high}
        for one in dict.fromkeys(values)
    ]
