"""The tables of the store, the version of them, and the look at those that a database has.

Texts are compared byte by byte on both databases, so that what is sorted and searched comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

__all__ = [
    "ANSWER", "CLAIM", "CLAIM_NAME", "COUNTER", "HOLD", "INTAKE", "INTERCHANGE", "JOB", "KEPT_ANSWER", "LAYOUT", "METADATA",
    "OUTBOX", "RESOURCE", "RESOURCE_VERSION", "SEARCH_VALUE", "SENT", "SNAPSHOT", "VERSION", "LayoutError", "check_layout",
    "insert_into",
]

VERSION: Final = 4
"""1 kept one claim a patient control number, and no version; 2 no 837 and no answers; 3 no resources."""
_TURN: Final = 96_522  # of the lock that PostgreSQL gives to one opening after the other
_INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

METADATA: Final = MetaData()


def _words() -> Text:
    return Text().with_variant(Text(collation="C"), "postgresql")


def _table(name: str, *parts: Column[Any] | UniqueConstraint | Index) -> Table:
    return Table(name, METADATA, *parts, sqlite_strict=True)


LAYOUT: Final = _table("layout", Column("version", Integer, primary_key=True, autoincrement=False))
INTAKE: Final = _table(
    "intake",
    Column("sha256", Text, primary_key=True),
    Column("received_at", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
CLAIM: Final = _table(
    "claim",
    Column("number", Integer, primary_key=True),
    Column("identifier", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("source", Text, ForeignKey("intake.sha256"), nullable=False),
    Column("made_at", Text, nullable=False),
    Column("bundle", LargeBinary, nullable=False),
    UniqueConstraint("identifier", "sha256"),
)
INTERCHANGE: Final = _table(
    "interchange",
    Column("number", Integer, primary_key=True),
    Column("sha256", Text, nullable=False, unique=True),
    Column("group_number", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
SENT: Final = _table(
    "sent",
    Column("identifier", Text, primary_key=True),
    Column("sha256", Text, ForeignKey("interchange.sha256"), primary_key=True),
)
ANSWER: Final = _table(
    "answer",
    Column("number", Integer, primary_key=True),
    Column("identifier", Text, nullable=False),
    Column("source", Text, ForeignKey("intake.sha256"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("resource", LargeBinary, nullable=False),
    UniqueConstraint("source", "place"),
)
HOLD: Final = _table("hold", Column("name", _words(), primary_key=True))
RESOURCE: Final = _table(
    "resource",
    Column("kind", _words(), primary_key=True),
    Column("id", _words(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("is_deleted", Integer, nullable=False),
    Column("number", Integer, nullable=False),
)
RESOURCE_VERSION: Final = _table(
    "resource_version",
    Column("number", Integer, primary_key=True),
    Column("kind", _words(), nullable=False),
    Column("id", _words(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", _words(), nullable=False),
    Column("data", LargeBinary),
    UniqueConstraint("kind", "id", "version"),
)
SEARCH_VALUE: Final = _table(
    "search_value",
    Column("number", Integer, primary_key=True),
    Column("kind", _words(), nullable=False),
    Column("id", _words(), nullable=False),
    Column("parameter", _words(), nullable=False),
    Column("system", _words(), nullable=False),
    Column("value", _words(), nullable=False),
    Column("low", _words(), nullable=False),
    Column("high", _words(), nullable=False),
    Index("search_value_by_instance", "kind", "id"),
    Index("search_value_by_value", "kind", "parameter", "value"),
    Index("search_value_by_low", "kind", "parameter", "low"),
)
SNAPSHOT: Final = _table(
    "snapshot",
    Column("token", _words(), primary_key=True),
    Column("made_at", _words(), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("snapshot_by_age", "made_at"),
)
KEPT_ANSWER: Final = _table(
    "kept_answer",
    Column("key", _words(), primary_key=True),
    Column("digest", _words(), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_until", _words(), nullable=False),
    Index("kept_answer_by_age", "kept_until"),
)
CLAIM_NAME: Final = _table(
    "claim_name",
    Column("system", _words(), primary_key=True),
    Column("value", _words(), primary_key=True),
    Column("id", _words(), nullable=False),
)
OUTBOX: Final = _table(
    "outbox",
    Column("number", Integer, primary_key=True),
    Column("claim", _words(), nullable=False, unique=True),
    Column("payer", _words(), nullable=False),
    Column("sha256", Text, ForeignKey("interchange.sha256"), nullable=False),
    Column("state", _words(), nullable=False),
    Column("queued_at", _words(), nullable=False),
)
JOB: Final = _table(
    "job",
    Column("number", Integer, primary_key=True),
    Column("id", _words(), nullable=False, unique=True),
    Column("kind", _words(), nullable=False),
    Column("head", _words(), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("queued_at", _words(), nullable=False),
    Column("taken_until", _words()),
    Column("status", Integer),
    Column("body", LargeBinary),
)
COUNTER: Final = _table("counter", Column("name", _words(), primary_key=True), Column("value", Integer, nullable=False))


class LayoutError(Exception):
    """A database whose tables are not those of this version: the text says what to do."""


def insert_into(connection: Connection, table: Table) -> Any:
    """Give an INSERT of the database's own kind, which knows `on_conflict_do_nothing`."""
    return _INSERTS[connection.dialect.name](table)


def check_layout(engine: Engine, make: bool) -> None:
    """Make the tables where there are none, move those of an older version, and read no table of another.

    Two that open one database do it one after the other. Errors: LayoutError, with nothing changed.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"select pg_advisory_xact_lock({_TURN})"))
        found = _find_version(connection)
        if found == VERSION:
            return
        if found is not None:
            from adapter.store.steps import move_layout  # noqa: PLC0415 -- Alembic is loaded only where a step is taken

            move_layout(connection, found)
        elif make:
            METADATA.create_all(connection)
            connection.execute(LAYOUT.insert().values(version=VERSION))
        else:
            raise LayoutError("there is no store in it; name the folder or database that the claim was kept in")


def _find_version(connection: Connection) -> int | None:
    """Find the version of the tables, None where there are none. Layout 1 did not write its own down."""
    look = inspect(connection)
    names = set(look.get_table_names()) & METADATA.tables.keys()
    if not names:
        return None
    versions: list[int] = list(connection.execute(select(LAYOUT.c.version)).scalars()) if LAYOUT.name in names else []
    is_known = len(versions) == 1 and 2 <= versions[0] <= VERSION
    if names == {"intake", "claim"}:
        columns = {name: [column["name"] for column in look.get_columns(name)] for name in names}
        if columns == {"intake": ["sha256", "received_at", "data"], "claim": ["identifier", "source", "made_at", "bundle"]}:
            versions, is_known = [1], True
    if not is_known:
        raise LayoutError(
            f"its store is of another version of this program, and this one reads layouts 1 to {VERSION} only; "
            "keep it for that version and name an empty folder or database for what is made from now on"
        )
    return versions[0]
