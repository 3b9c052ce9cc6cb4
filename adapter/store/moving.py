"""All that a store holds as lines of text, and back into an empty store, of either database; nothing is lost or changed.

The first line names the layout, each further one a row (bytes in base64), the last how many there were and their digest: a
file that was cut or changed is refused, and nothing of it is taken.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import StatementError

from adapter.store.layout import LAYOUT, METADATA, VERSION
from adapter.store.unit import Store

__all__ = ["MovingError", "export_store", "import_store"]

_FORM: Final = "refill-adapter store"
_TABLES: Final = tuple(table for table in METADATA.sorted_tables if table is not LAYOUT)
_AT_ONCE: Final = 500  # rows that are written by one statement


class MovingError(Exception):
    """A file that is no whole export, or a store that may not be imported into: the text says what to do."""


def export_store(store: Store) -> Iterator[bytes]:
    """Give the lines of an export: what is there at one moment, whoever writes meanwhile.

    SQLite reads one state of its log; PostgreSQL is asked for a repeatable read.
    """
    digest, count = sha256(), 0
    yield _line({"form": _FORM, "layout": VERSION})
    with store.reading() as unit:
        if unit.connection.dialect.name == "postgresql":
            unit.connection.execute(text("set transaction isolation level repeatable read"))
        for table in _TABLES:
            for row in unit.connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
                line = _line({"table": table.name, "row": {name: _write(value) for name, value in row.items()}})
                digest.update(line)
                count += 1
                yield line
    yield _line({"rows": count, "sha256": digest.hexdigest()})


def import_store(store: Store, lines: Iterable[bytes]) -> int:
    """Import the lines of an export into an empty store, all of them or none, and give the number of rows.

    Errors: MovingError.
    """
    digest, count = sha256(), 0
    with store.begin() as unit:
        if any(unit.connection.execute(select(table).limit(1)).first() is not None for table in _TABLES):
            raise MovingError("the store is not empty; name an empty folder or database")
        found = iter(lines)
        head = _read_line(next(found, b""))
        if head.get("form") != _FORM or head.get("layout") != VERSION:
            raise MovingError(f"this is no export of layout {VERSION}; export it with this version of the program")
        waiting: dict[Table, list[dict[str, Any]]] = {}
        for line in found:
            told = _read_line(line)
            if "rows" in told:
                break
            digest.update(line)
            count += 1
            table = METADATA.tables[told["table"]]
            if table not in waiting or len(waiting[table]) == _AT_ONCE:
                _put(unit.connection, waiting)
                waiting = {table: []}
            waiting[table].append(_read_row(told.get("row")))
        else:
            raise MovingError("the export has no end; it was cut: export it again")
        if (told["rows"], told.get("sha256")) != (count, digest.hexdigest()):
            raise MovingError("the export was changed; export it again")
        _put(unit.connection, waiting)
        if unit.connection.dialect.name == "postgresql":
            _follow_on(unit.connection)
    return count


def _put(connection: Connection, waiting: dict[Table, list[dict[str, Any]]]) -> None:
    for table, rows in waiting.items():
        try:
            connection.execute(insert(table), rows)
        except StatementError:  # its text quotes the rows
            raise MovingError(f"a row of {table.name} is none that was exported; export it again") from None


def _follow_on(connection: Connection) -> None:
    """Let the numbers that PostgreSQL gives go on where those that were imported end."""
    for table in _TABLES:
        if "number" in table.primary_key.columns:
            highest = select(func.max(table.c.number)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "number")
            connection.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not ({"form", "rows"} & told.keys() or told.get("table") in METADATA.tables):
        raise MovingError("a line of the file is none of an export; export it again")
    return told


def _write(value: Any) -> Any:
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


def _read_row(row: Any) -> dict[str, Any]:
    try:
        return {name: _read(value) for name, value in row.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise MovingError("a row of the file is none of an export; export it again") from None


def _read(value: Any) -> Any:
    return b64decode(value["base64"]) if isinstance(value, dict) else value
