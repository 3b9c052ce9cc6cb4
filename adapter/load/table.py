"""Read one TOML table strictly: what is not understood is a problem with its file and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

from adapter.load.values import value_problems
from adapter.tables import Row, Source, Table

__all__ = ["read_own_table", "read_source", "read_table"]

_FILE_KEYS = {"table", "sources", "row"}
_ROW_KEYS = {"id", "when", "then", "code", "effective", "reverse", "source"}


def read_table(content: Mapping[str, Any], file: str, problems: list[str]) -> Table | None:
    """Read one table; every problem names file and row, and a table with one is no table."""
    before = len(problems)
    problems += [f"{file}: unknown key {key!r}; expected table, sources, row" for key in content.keys() - _FILE_KEYS]
    head, raw_rows = content.get("table", {}), content.get("row", [])
    if not isinstance(head, dict) or not isinstance(content.get("sources", {}), dict) or not _are_tables(raw_rows):
        problems.append(f"{file}: [table], [sources.NAME] and [[row]] are tables")
        return None
    if set(head) != {"name", "asks", "keys", "values"}:
        problems.append(f"{file}: [table] must have name, asks, keys and values and nothing else")
        return None
    if not all(_is_list_of_texts(head[name]) for name in ("keys", "values")) or not isinstance(head["name"], str):
        problems.append(f"{file}: [table] name is a text, keys and values are lists of texts and none is empty")
        return None
    keys, values = tuple(head["keys"]), tuple(head["values"])
    rows: list[Row] = []
    for number, raw in enumerate(raw_rows, 1):
        where = f"{file}: row {number} ({raw.get('id', 'no id')})"
        found = list(_row_problems(raw, keys, values))
        source = read_source(raw.get("source"), content.get("sources", {}))
        if isinstance(source, str):
            found.append(source)
        if found or isinstance(source, str):
            problems += [f"{where}: {problem}" for problem in found]
            continue
        rows.append(_read_row(raw, source))
    ids = [row.id for row in rows]
    problems += [f"{file}: row id {one!r} is used twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
    for first, second in _neighbours(rows, keys):
        if first.overlaps(second):
            problems.append(f"{file}: rows {first.id!r} and {second.id!r} overlap: the same facts on the same day fit both")
    if not rows and len(problems) == before:
        problems.append(f"{file}: no rows")
    return Table(head["name"], keys, values, tuple(rows)) if len(problems) == before else None


def read_own_table(content: Mapping[str, Any], file: str, shipped: Mapping[str, Table], problems: list[str]) -> Table | None:
    """Read a customer's rows of a shipped table, and give the table with both.

    [table] needs its name alone: keys and values are those of the shipped table. Each row asks for and answers at least
    what every shipped row does, in the same form and words, under an id of its own.
    """
    head = content.get("table")
    table = shipped.get(str(head.get("name"))) if isinstance(head, dict) else None
    if table is None or not isinstance(head, dict):
        problems.append(f"{file}: [table] name must be that of a shipped table: {', '.join(sorted(shipped))}")
        return None
    told = {"asks": "", "keys": list(table.keys), "values": list(table.values), **head}
    own = read_table({**content, "table": told}, file, problems)
    if own is None:
        return None
    if (own.keys, own.values) != (table.keys, table.values):
        problems.append(f"{file}: [table] keys and values are those of the shipped table; leave them out")
    for number, row in enumerate(own.rows, 1):
        found = [*_own_problems(row, table.rows), *value_problems(row, table.name, shipped)]
        problems += [f"{file}: row {number} ({row.id}): {problem}" for problem in found]
    return Table(table.name, table.keys, table.values, (*table.rows, *(replace(row, rank=2) for row in own.rows)))


def _own_problems(own: Row, shipped: tuple[Row, ...]) -> Iterator[str]:
    if own.id in {row.id for row in shipped}:
        yield "the id is that of a shipped row; give yours its own: it wins by its facts and days"
    for where, told, others in (
        ("when", own.when, [row.when for row in shipped]), ("then", own.then, [row.then for row in shipped]),
    ):
        for key in sorted(set.intersection(*map(set, others)) - set(told)):
            yield f"no {key} in {where}, which every shipped row has"
    for key, value in own.then.items():
        kinds = {type(row.then[key]) for row in shipped if key in row.then}
        if kinds and type(value) not in kinds:
            yield f"{key} has another form than in the shipped rows: a text, true or false, or a list of texts"


def _neighbours(rows: list[Row], keys: tuple[str, ...]) -> Iterator[tuple[Row, Row]]:
    """Pair rows that could overlap: those that share a value of the first key, or leave it open."""
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        for value in row.when.get(keys[0], (None,)):
            groups.setdefault(value, []).append(row)
    open_rows = groups.pop(None, [])
    seen: set[tuple[str, str]] = set()
    for group in (*groups.values(), []):
        for pair in combinations([*group, *open_rows], 2):
            if (key := (pair[0].id, pair[1].id)) not in seen:
                seen.add(key)
                yield pair


def _row_problems(raw: Mapping[str, Any], keys: tuple[str, ...], values: tuple[str, ...]) -> Iterator[str]:
    for key in sorted(raw.keys() - _ROW_KEYS):
        yield f"unknown key {key!r}; expected {', '.join(sorted(_ROW_KEYS))}"
    if not isinstance(raw.get("id"), str):
        yield "no id"
    when = raw.get("when", {})
    if not isinstance(when, dict):
        yield 'when must be a table of facts: { fact = "value" }'
        when = {}
    for key in sorted(when.keys() - set(keys)):
        yield f"unknown fact {key!r} in when; this table asks for {', '.join(keys)}"
    for key, value in when.items():
        if not _is_list_of_texts(value if isinstance(value, list) else [value]):
            yield f"{key} in when must be a text or a list of texts; a list that is empty would never match"
    if not isinstance(raw.get("reverse", False), bool):
        yield "reverse must be true or false"
    then = _answers(raw)
    for key in sorted(then.keys() - set(values)):
        yield f"unknown answer {key!r}; this table answers {', '.join(values)}"
    if not isinstance(raw.get("then", {}), dict):
        yield 'then must be a table of answers: { answer = "value" }'
    for key, value in then.items():
        if not (isinstance(value, str | bool) and value != "") and not _is_list_of_texts(value):
            yield f"{key} must be a text, true or false, or a list of texts"
    if not then:
        yield f"no answer; this table answers {', '.join(values)}"
    effective = raw.get("effective")
    effective = effective if isinstance(effective, dict) else {}
    start, end = effective.get("start"), effective.get("end")
    if type(start) is not date or (end is not None and type(end) is not date) or effective.keys() - {"start", "end"}:
        yield "effective must be { start = DATE } or { start = DATE, end = DATE }"
    elif end is not None and end < start:
        yield "effective ends before it starts"


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)


def _are_tables(rows: object) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _answers(raw: Mapping[str, Any]) -> dict[str, Any]:
    then = dict(raw["then"]) if isinstance(raw.get("then"), dict) else {}
    if "code" in raw:
        then["code"] = raw["code"]
    return then


def _read_row(raw: Mapping[str, Any], source: Source) -> Row:
    when = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in raw.get("when", {}).items()}
    then = {key: tuple(value) if isinstance(value, list) else value for key, value in _answers(raw).items()}
    effective = raw["effective"]
    return Row(raw["id"], when, then, effective["start"], effective.get("end"), raw.get("reverse", False), source)


def read_source(name: object, sources: Mapping[str, Any]) -> Source | str:
    """Read a source by its name under [sources], or say what is wrong with it."""
    raw = sources.get(name) if isinstance(name, str) else name
    if not isinstance(raw, Mapping):
        return "missing source: give the name of one under [sources.NAME]"
    if set(raw) != {"title", "url", "read_on"} or not isinstance(raw["read_on"], date):
        return "a source has title, url and read_on (a date) and nothing else"
    return Source(raw["title"], raw["url"], raw["read_on"])
