"""Read mappings/ and profiles/ once; refuse to start on a bad file, saying file and row."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from adapter.conformance.overlay import DefinitionError
from adapter.conformance.validation import Profiles, compile_profiles
from adapter.flow import RuleBook
from adapter.issues import IssueType, Severity
from adapter.tables import Row, Rule, Source, Table, Tables

__all__ = ["TableError", "data_folder", "load_profiles", "load_rule_book", "load_tables"]

_FILE_KEYS = {"table", "sources", "row"}
_ROW_KEYS = {"id", "when", "then", "code", "effective", "reverse", "source"}
_DEFINITIONS = {"CodeSystem", "StructureDefinition", "ValueSet"}
_RULE_KEYS = {"id", "severity", "code", "says", "remedy", "source"}


class TableError(Exception):
    """A table that must not be used: every problem with its file and row."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def data_folder(name: str) -> Path:
    """Find mappings, profiles or samples: in the installed wheel, else in the checkout.

    >>> data_folder("mappings").name
    'mappings'
    """
    package = Path(__file__).parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name


@cache
def load_rule_book(profiles: Path | None = None) -> RuleBook:
    """Load the shipped tables and profiles once for the process, with the profiles of a folder of someone else."""
    return RuleBook(load_tables(data_folder("mappings")), load_profiles(data_folder("profiles"), profiles))


def load_profiles(folder: Path, more: Path | None = None) -> Profiles:
    """Compile the base R4 schema and the definitions of one or two folders into validators.

    Errors: TableError where a file is no JSON, or a definition asks what this version cannot check: nothing is skipped.
    """
    base = json.loads((folder / "base" / "r4.schema.json").read_bytes())
    definitions = []
    for path in sorted(folder.glob("*.json")) + (sorted(more.rglob("*.json")) if more else []):
        try:
            definition = json.loads(path.read_bytes())
        except ValueError as error:
            raise TableError([f"{path}: not readable as JSON"]) from error
        if isinstance(definition, dict) and definition.get("resourceType") in _DEFINITIONS:
            definitions.append(definition)
    try:
        return compile_profiles(base, definitions)
    except DefinitionError as error:
        raise TableError([str(error)]) from error


def load_tables(folder: Path) -> Tables:
    """Read every table of a folder of TOML files; the rules are `rules.toml` at its top.

    Errors: TableError names all problems of all files: unknown key, missing source, bad date, overlapping rows.
    """
    problems: list[str] = []
    tables: dict[str, Table] = {}
    rules: dict[str, Rule] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = str(path.relative_to(folder))
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{name}: not readable as TOML: {error}")
            continue
        if name == "rules.toml":
            rules = _read_rules(content, name, problems)
            continue
        table = _read_table(content, name, problems)
        if table is None:
            continue
        if table.name in tables:
            problems.append(f"{name}: a table named {table.name!r} was read already; names are unique")
        tables[table.name] = table
    if not rules:
        problems.append("rules.toml: no rules; the rules that issues name must be there")
    if problems:
        raise TableError(problems)
    return Tables(tables, rules)


def _read_table(content: Mapping[str, Any], file: str, problems: list[str]) -> Table | None:
    before = len(problems)
    problems += [f"{file}: unknown key {key!r}; expected table, sources, row" for key in content.keys() - _FILE_KEYS]
    head = content.get("table", {})
    if set(head) != {"name", "asks", "keys", "values"}:
        problems.append(f"{file}: [table] must have name, asks, keys and values and nothing else")
        return None
    keys, values = tuple(head["keys"]), tuple(head["values"])
    rows: list[Row] = []
    for number, raw in enumerate(content.get("row", []), 1):
        where = f"{file}: row {number} ({raw.get('id', 'no id')})"
        found = list(_row_problems(raw, keys, values))
        source = _read_source(raw.get("source"), content.get("sources", {}))
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
    for key in sorted(raw.get("when", {}).keys() - set(keys)):
        yield f"unknown fact {key!r} in when; this table asks for {', '.join(keys)}"
    then = _answers(raw)
    for key in sorted(then.keys() - set(values)):
        yield f"unknown answer {key!r}; this table answers {', '.join(values)}"
    if not then:
        yield f"no answer; this table answers {', '.join(values)}"
    effective = raw.get("effective", {})
    start, end = effective.get("start"), effective.get("end")
    if not isinstance(start, date) or (end is not None and not isinstance(end, date)) or effective.keys() - {"start", "end"}:
        yield "effective must be { start = DATE } or { start = DATE, end = DATE }"
    elif end is not None and end < start:
        yield "effective ends before it starts"


def _answers(raw: Mapping[str, Any]) -> dict[str, Any]:
    then = dict(raw.get("then", {}))
    if "code" in raw:
        then["code"] = raw["code"]
    return then


def _read_row(raw: Mapping[str, Any], source: Source) -> Row:
    when = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in raw.get("when", {}).items()}
    then = {key: tuple(value) if isinstance(value, list) else value for key, value in _answers(raw).items()}
    effective = raw["effective"]
    return Row(raw["id"], when, then, effective["start"], effective.get("end"), raw.get("reverse", False), source)


def _read_source(name: object, sources: Mapping[str, Any]) -> Source | str:
    raw = sources.get(name) if isinstance(name, str) else name
    if not isinstance(raw, Mapping):
        return "missing source: give the name of one under [sources.NAME]"
    if set(raw) != {"title", "url", "read_on"} or not isinstance(raw["read_on"], date):
        return "a source has title, url and read_on (a date) and nothing else"
    return Source(raw["title"], raw["url"], raw["read_on"])


def _read_rules(content: Mapping[str, Any], file: str, problems: list[str]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for number, raw in enumerate(content.get("rule", []), 1):
        where = f"{file}: rule {number} ({raw.get('id', 'no id')})"
        source = _read_source(raw.get("source"), content.get("sources", {}))
        if raw.keys() - _RULE_KEYS or not {"id", "severity", "code", "says"} <= raw.keys():
            problems.append(f"{where}: expected {', '.join(sorted(_RULE_KEYS))}")
        elif isinstance(source, str):
            problems.append(f"{where}: {source}")
        elif raw["severity"] not in list(Severity) or raw["code"] not in list(IssueType):
            problems.append(f"{where}: severity and code must be of the FHIR R4 value sets")
        elif raw["id"] in rules:
            problems.append(f"{where}: the id is used twice")
        else:
            rules[raw["id"]] = Rule(
                raw["id"], Severity(raw["severity"]), IssueType(raw["code"]), raw["says"], raw.get("remedy", ""), source
            )
    return rules
