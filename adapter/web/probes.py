"""What those who run the service ask of it: is it ready, which version is it, what is so now."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time as time_of_day
from hashlib import sha256

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

import adapter
from adapter.fhir.json import encode_json
from adapter.http.metrics import Gauge
from adapter.http.openapi import write_openapi
from adapter.store import Store
from adapter.tables import Table, Tables
from adapter.web.service import Service

__all__ = ["DESCRIPTION", "add_probes"]

DESCRIPTION = "Refills of implantable drug pumps to claims and back"


def add_probes(app: Flask, service: Service) -> None:
    """Add `/readyz`, `/version` and `/openapi.json`, and the gauges of store and tables to `/metrics`."""
    stopping = app.extensions["stopping"]

    @app.get("/readyz")
    def readyz() -> Response:
        rule_book = service.rule_book  # a look at the customer's folder too, on a service that nobody asks anything else
        if stopping.is_set() or not rule_book.tables.tables or not _try_store(service.store)[0]:
            raise ServiceUnavailable
        told = {"status": "ready", "tables": "kept, the folder has a fault" if service.table_fault else "in use"}
        return Response(encode_json(told), 200, mimetype="application/json")

    @app.get("/version")
    def version() -> Response:
        told = {"name": "refill-adapter", "version": adapter.__version__, "fhirVersion": "4.0.1"}
        return Response(encode_json(told), 200, mimetype="application/json")

    @app.get("/openapi.json")
    def openapi() -> Response:
        return Response(encode_json(write_openapi(app.url_map, DESCRIPTION)), 200, mimetype="application/json")

    def look() -> Iterator[Gauge]:
        yield Gauge("refill_stopping", "Whether the service was told to end", (), [((), float(stopping.is_set()))])
        yield from _of_store(service.store)
        yield from _of_tables(service.rule_book.tables)
        fault = float(service.table_fault is not None)
        yield Gauge("refill_tables_fault", "Whether the customer's tables, as they are now, are not in use", (), [((), fault)])

    app.extensions["metrics"].watch(look)


def _try_store(store: Store | None) -> tuple[bool, float]:
    """Tell whether a store takes a write, and how many seconds it took to say so; without one there is nothing to write."""
    began = time.perf_counter()
    try:
        if store is not None:
            store.check()
    except SQLAlchemyError:
        return False, time.perf_counter() - began
    return True, time.perf_counter() - began


def _of_store(store: Store | None) -> Iterator[Gauge]:
    if store is not None:
        is_writable, seconds = _try_store(store)
        yield Gauge("refill_store_writable", "Whether the store takes a write", (), [((), float(is_writable))])
        yield Gauge("refill_store_check_seconds", "How long the store took to say so", (), [((), seconds)])


def _of_tables(tables: Tables) -> Iterator[Gauge]:
    """Give the version of each table: a digest of its rows, how many they are, and the day its newest source was read."""
    names = sorted(name for name, table in tables.tables.items() if table.rows)
    versions = [((name, _digest(tables[name])), 1.0) for name in names]
    yield Gauge("refill_table_info", "Which version of a table is in use", ("table", "version"), versions)
    yield Gauge("refill_table_rows", "Rows of a table", ("table",), [((name,), len(tables[name].rows)) for name in names])
    read = [((name,), _newest(tables[name])) for name in names]
    yield Gauge("refill_table_read_seconds", "When the newest source of a table was read, as Unix time", ("table",), read)
    lists = [((one.kind, one.edition), float(one.used)) for one in tables.files]
    if lists:
        yield Gauge("refill_licensed_lines", "Lines in use of a licensed file", ("kind", "edition"), lists)


def _digest(table: Table) -> str:
    """Give twelve digits that change when any row of a table does."""
    rows = [(row.id, _sorted(row.when), _sorted(row.then), row.start, row.end, row.rank) for row in table.rows]
    return sha256(repr(rows).encode()).hexdigest()[:12]


def _sorted(facts: Mapping[str, object]) -> list[tuple[str, object]]:
    return sorted(facts.items())


def _newest(table: Table) -> float:
    day = max(row.source.read_on for row in table.rows)
    return datetime.combine(day, time_of_day(), UTC).timestamp()
