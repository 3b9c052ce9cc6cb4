"""The settings of the process: what the command line gave, else REFILL_* of the environment, else the default here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from adapter.settings.keys import SettingsError

__all__ = ["Settings", "load_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the process keeps, reads and serves: REFILL_DATA, _DATABASE, _SITE, _TABLES, _HOST, _PORT.

    `data` is the folder of the store, `database` the URL of a database that takes its place, `site` the site file or a folder
    of them, `tables` the customer's own rows and licensed files.
    """

    data: Path | None = None
    database: str | None = None
    site: Path | None = None
    tables: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080


def load_settings(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Load the settings: a value given on the command line wins over the environment.

    A folder and a database are two places of one store: where the command line gives one, the environment's other counts
    for nothing; where the environment gives both, `database` takes the place of `data`.
    Errors: SettingsError names every value that does not fit, and both places on one command line. An empty variable
    counts as absent.

    >>> load_settings({"port": 9000}, {"REFILL_PORT": "8000", "REFILL_HOST": "::1"}).port
    9000
    """
    environ = os.environ if environ is None else environ
    options = {name: value for name, value in (given or {}).items() if value is not None}
    stores = [name for name in ("data", "database") if name in options]
    values: dict[str, Any] = {}
    problems = ["--data and --database: expected one of them, for each names the store"] if len(stores) > 1 else []
    for field in fields(Settings):
        option = options.get(field.name)
        if option is None and stores and field.name in ("data", "database"):
            continue
        variable = f"REFILL_{field.name.upper()}"
        text = str(option) if option is not None else environ.get(variable, "")
        if not text:
            continue
        try:
            values[field.name] = _READERS[field.name](text)
        except ValueError:
            problems.append(f"{variable if option is None else f'--{field.name}'}: expected {_EXPECTED[field.name]}")
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def _read_port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65_535):
        raise ValueError
    return int(text)


def _read_database(text: str) -> str:
    if _DATABASE.fullmatch(text) is None:
        raise ValueError
    return text


_DATABASE: Final = re.compile(r"(sqlite:///|postgresql(\+psycopg)?://)\S.*", re.ASCII)
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "data": Path, "database": _read_database, "site": Path, "tables": Path, "host": str, "port": _read_port,
}
# What a value that does not fit is not: the value itself may hold a password and is not repeated.
_EXPECTED: Final = {
    "port": "a number from 0 to 65535", "database": "sqlite:///PATH or postgresql://USER@HOST/NAME",
}
