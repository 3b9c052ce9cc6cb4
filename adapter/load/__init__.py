"""Read mappings/ and profiles/ once; refuse to start on a bad file, saying file and row."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

from adapter.conformance.overlay import DefinitionError
from adapter.conformance.validation import Profiles, compile_profiles
from adapter.flow import RuleBook
from adapter.load.rules import read_rules
from adapter.load.table import read_table
from adapter.tables import Rule, Table, Tables

__all__ = ["TableError", "data_folder", "load_profiles", "load_rule_book", "load_tables"]

_DEFINITIONS = {"CodeSystem", "StructureDefinition", "ValueSet"}


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
    package = Path(__file__).parents[1]
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
            rules = read_rules(content, name, problems)
            continue
        table = read_table(content, name, problems)
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
