"""Read mappings/ and profiles/ once; refuse to start on a bad file, saying file and row."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from adapter.conformance.base import BaseFacts, DefinitionError, read_base_facts
from adapter.conformance.validation import Profiles, compile_profiles
from adapter.fhir.xml_shape import Shapes
from adapter.flow import RuleBook
from adapter.load.faults import TableError as TableError
from adapter.load.licensed import Licensed, add_licensed, empty_tables
from adapter.load.live import LiveTables as LiveTables
from adapter.load.package import DefinitionFileError, read_definitions
from adapter.load.rules import RuleText, gather_rules, read_rules
from adapter.load.table import read_own_table, read_table
from adapter.load.values import value_problems
from adapter.tables import Source, Table, Tables
from adapter.terms.utf8 import decode_utf8

__all__ = [
    "LiveTables", "RuleText", "TableError", "data_folder", "load_base_facts", "load_profiles", "load_rule_book",
    "load_rule_texts", "load_tables",
]

_RULES = "rules/"
_BASE_SCHEMA = "r4.schema.json"


def data_folder(name: str) -> Path:
    """Find mappings, profiles or samples: in the installed wheel, else in the checkout.

    >>> data_folder("mappings").name
    'mappings'
    """
    package = Path(__file__).parents[1]
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name


@cache
def load_rule_book(profiles: tuple[Path, ...] = (), tables: Path | None = None) -> RuleBook:
    """Load the shipped tables and profiles once for the process, with profiles of someone else and the customer's own rows."""
    loaded = load_profiles(data_folder("profiles"), *profiles)
    return RuleBook(load_tables(data_folder("mappings"), tables), loaded, Shapes(loaded.schema))


def load_profiles(folder: Path, *more: Path) -> Profiles:
    """Compile the base R4 schema and the definitions of our folder, and of folders and packages of others, into validators.

    One definition that stands in several places, the same each time, counts once.
    Errors: TableError, which names the file, where it is no JSON, or a definition asks what this version cannot check, or
    where a place of others holds no definition: nothing is skipped.
    """
    base = msgspec.json.decode((folder / "base" / "r4.schema.json").read_bytes())
    known: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    files: dict[str, list[str]] = {}
    try:
        for place in (*sorted(folder.glob("*.json")), *more):
            for file, one in read_definitions(place, expected=place in more):
                files.setdefault(str(one.get("url")), []).append(file)
                same = known.setdefault(tuple(str(one.get(key)) for key in ("resourceType", "url", "version")), [])
                if one not in same:
                    same.append(one)
        definitions = [one for same in known.values() for one in same]
        return compile_profiles(base, load_base_facts(folder), definitions, _load_schemas(folder))
    except DefinitionFileError as error:
        raise TableError([str(error)]) from error
    except DefinitionError as error:
        raise TableError([_name_file(str(error), files)]) from error


def _name_file(problem: str, files: Mapping[str, list[str]]) -> str:
    """Put the files of a definition before a problem, which begins with its url.

    >>> _name_file("https://a.example/b, Patient.id: odd.", {"https://a.example/b": ["b.json"], "https://a.example": ["a.json"]})
    'b.json: https://a.example/b, Patient.id: odd.'
    """
    url = max((url for url in files if problem.startswith(url)), key=len, default="")
    return f"{', '.join(files[url])}: {problem}" if url else problem


def _load_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """Load the published schemas of our profiles: what each asks beside the base, by `url|version` of its profile."""
    paths = (path for path in sorted((folder / "schema").glob("*.json")) if path.name != _BASE_SCHEMA)
    read = (msgspec.json.decode(path.read_bytes()) for path in paths)
    return {schema["description"]: schema.get("allOf", [{}])[0] for schema in read}


def load_base_facts(folder: Path) -> BaseFacts:
    """Load the facts of base R4 from the folder of our profiles.

    >>> load_base_facts(data_folder("profiles")).type("Claim").base
    'DomainResource'
    """
    parts = ("facts", "profiles", "valuesets", "codesystems", "proofs")
    facts, profiles, value_sets, code_systems, proofs = (
        msgspec.json.decode((folder / "base" / f"r4.{name}.json").read_bytes()) for name in parts
    )
    return read_base_facts(facts, profiles, (value_sets, code_systems), proofs)


def load_tables(folder: Path, own: Path | None = None) -> Tables:
    """Read every table of a folder of TOML files; those in its folder `rules` hold the documented rules.

    `own` is a folder of the customer's rows for these tables and of the files that it licenses, which win where both fit.
    Errors: TableError names all problems of all files: unknown key, missing source, bad date or value, overlapping rows.
    """
    problems: list[str] = []
    tables: dict[str, Table] = {}
    files: dict[str, str] = {}
    texts: list[RuleText] = []
    for name, content in _contents(folder, problems):
        if name.startswith(_RULES):
            texts += read_rules(content, name, problems)
            continue
        table = read_table(content, name, problems)
        if table is None:
            continue
        if table.name in tables:
            problems.append(f"{name}: a table named {table.name!r} was read already; names are unique")
        tables[table.name], files[table.name] = table, name
    for name, table in tables.items():
        for number, row in enumerate(table.rows, 1):
            problems += [f"{files[name]}: row {number} ({row.id}): {problem}" for problem in value_problems(row, name, tables)]
    rules = gather_rules(texts, problems)
    if not texts:
        problems.append(f"{_RULES}: no rules; the rules that issues name must be there")
    tables |= empty_tables()
    brought = Licensed({}, {}, ())
    if own is not None and not problems:
        tables |= _add_own(own, tables, problems)
        brought = add_licensed(own, tables, problems)
        tables |= brought.tables
        if not brought.files and not any(row.own for table in tables.values() for row in table.rows) and not problems:
            text = "no table (*.toml) and no licensed file in this folder; put one there, or leave REFILL_TABLES unset"
            problems.append(f"{own}: {text}")
    sources = _gather_sources(texts, tables, problems)
    if problems:
        raise TableError(problems)
    sentences = {text.id: (text.says, text.remedy) for text in texts}
    return Tables(tables, rules, sources, brought.lists, brought.files, sentences)


def _add_own(folder: Path, shipped: Mapping[str, Table], problems: list[str]) -> dict[str, Table]:
    """Add to each table the rows that the customer's folder has for it, a file a table."""
    added: dict[str, Table] = {}
    for name, content in _contents(folder, problems):
        table = read_own_table(content, f"{folder / name}", shipped, problems)
        if table is not None and table.name in added:
            problems.append(f"{folder / name}: rows of table {table.name!r} were read already; put them into one file")
        if table is not None:
            added[table.name] = table
    return added


def load_rule_texts(folder: Path) -> tuple[RuleText, ...]:
    """Read every documented rule of a folder of tables in the order of its files, those that the code makes too.

    Errors: TableError, as for `load_tables`.

    >>> {rule.made is None for rule in load_rule_texts(data_folder("mappings")) if rule.id.startswith("json.")}
    {True}
    """
    problems: list[str] = []
    found = [(name, content) for name, content in _contents(folder, problems) if name.startswith(_RULES)]
    texts = tuple(text for name, content in found for text in read_rules(content, name, problems))
    gather_rules(texts, problems)
    if problems:
        raise TableError(problems)
    return texts


def _gather_sources(texts: Iterable[RuleText], tables: Mapping[str, Table], problems: list[str]) -> dict[str, Source]:
    """Give the source of every rule and row by its id, which stands once among all."""
    sources = {text.id: text.source for text in texts}
    for table in tables.values():
        for row in table.rows:
            if row.id in sources:
                problems.append(f"{table.name}: row id {row.id!r} stands in another table too; an id names one row of all")
            sources[row.id] = row.source
    return sources


def _contents(folder: Path, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each TOML file of a folder, by its name in there, decoded."""
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        try:
            yield name, tomllib.loads(decode_utf8(path.read_bytes()))
        except ValueError as error:  # neither UTF-8 nor TOML
            problems.append(f"{path}: not readable as TOML: {error}")
