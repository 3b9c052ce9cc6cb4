"""Steps from the tables of an older version to those of this one, by Alembic's operations, in one transaction.

A step writes the tables as they are now where they have not changed since; a later change gives it the columns of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Table, Text, text

from adapter.store.layout import (
    ANSWER,
    CLAIM,
    CLAIM_NAME,
    COUNTER,
    HOLD,
    INTAKE,
    INTERCHANGE,
    JOB,
    KEPT_ANSWER,
    LAYOUT,
    OUTBOX,
    RESOURCE,
    RESOURCE_VERSION,
    SEARCH_VALUE,
    SENT,
    SNAPSHOT,
    VERSION,
)

__all__ = ["move_layout"]


def move_layout(connection: Connection, found: int) -> None:
    """Take every step from the version that was found to this one; nothing that is kept is lost or changed."""
    operations = Operations(MigrationContext.configure(connection))
    for version in range(found, VERSION):
        _STEPS[version](operations)
    connection.execute(LAYOUT.update().values(version=VERSION))


def _keep_every_claim(operations: Operations) -> None:
    """1 to 2: claims get a number of their own and the digest of their Bundle, and the layout its version."""
    connection = operations.get_bind()
    operations.rename_table("claim", "claim_before")
    if connection.dialect.name == "postgresql":
        operations.execute("alter index claim_pkey rename to claim_before_pkey")
    LAYOUT.create(connection)
    CLAIM.create(connection)
    connection.execute(LAYOUT.insert().values(version=2))
    old = connection.execute(text("select identifier, source, made_at, bundle from claim_before order by made_at, identifier"))
    for identifier, source, made_at, bundle in old:
        digest = sha256(bundle).hexdigest()
        row = {"identifier": identifier, "sha256": digest, "source": source, "made_at": made_at, "bundle": bundle}
        connection.execute(CLAIM.insert().values(row))
    operations.drop_table("claim_before")


def _add_answers(operations: Operations) -> None:
    """2 to 3: the 837 that were sent, and what payers answered."""
    for table in (INTERCHANGE, SENT, ANSWER):
        table.create(operations.get_bind())


def _add_resources(operations: Operations) -> None:
    """3 to 4: resources with their versions and search values; the older tables get STRICT, their texts no length."""
    connection = operations.get_bind()
    if connection.dialect.name == "sqlite":
        _make_anew(operations, (LAYOUT, INTAKE, CLAIM, INTERCHANGE, SENT, ANSWER))
    else:
        for table in (INTAKE, CLAIM, INTERCHANGE, SENT, ANSWER):
            for column in table.columns:
                if isinstance(column.type, Text):
                    operations.alter_column(table.name, column.name, type_=column.type)
    for table in (HOLD, RESOURCE, RESOURCE_VERSION, SEARCH_VALUE, SNAPSHOT, COUNTER, KEPT_ANSWER, CLAIM_NAME, OUTBOX, JOB):
        table.create(connection)


def _make_anew(operations: Operations, tables: Sequence[Table]) -> None:
    """Make tables of SQLite as they are written now, and put back what was in them; what refers to another goes first."""
    for table in reversed(tables):
        operations.execute(f"create table {table.name}_before as select * from {table.name}")  # noqa: S608 -- names of ours
        operations.drop_table(table.name)
    for table in tables:
        columns = ", ".join(table.columns.keys())
        table.create(operations.get_bind())
        operations.execute(f"insert into {table.name} ({columns}) select {columns} from {table.name}_before")  # noqa: S608 -- as above
        operations.drop_table(f"{table.name}_before")


_STEPS: Final[Mapping[int, Callable[[Operations], None]]] = {
    1: _keep_every_claim, 2: _add_answers, 3: _add_resources,
}
