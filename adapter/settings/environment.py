"""The settings of the process: what the command line gave, else REFILL_* of the environment, else the default here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from adapter.settings.keys import SettingsError

__all__ = ["SETTINGS", "Setting", "Settings", "load_settings"]


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is read, what it takes in words, and what it is for."""

    read: Callable[[str], Any]
    expected: str
    says: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the process keeps, reads and serves: REFILL_ and the name in capitals.

    `data` is the folder of the store, `database` the URL of a database that takes its place, `site` the site file or a folder
    of them, `tables` the customer's own rows and licensed files. SETTINGS says what each takes; None: it is not set.
    """

    data: Path | None = None
    database: str | None = None
    site: Path | None = None
    tables: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    rate: int | None = None
    drain: int = 1


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
            values[field.name] = SETTINGS[field.name].read(text)
        except ValueError:
            problems.append(f"{variable if option is None else f'--{field.name}'}: expected {SETTINGS[field.name].expected}")
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def _read_port(text: str) -> int:
    return _read_number(text, 0, 65_535)


def _read_rate(text: str) -> int:
    return _read_number(text, 1, 1_000_000)


def _read_drain(text: str) -> int:
    return _read_number(text, 0, 600)


def _read_number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise ValueError
    return int(text)


def _read_database(text: str) -> str:
    if _DATABASE.fullmatch(text) is None:
        raise ValueError
    return text


_DATABASE: Final = re.compile(r"(sqlite:///|postgresql(\+psycopg)?://)\S.*", re.ASCII)

SETTINGS: Final[Mapping[str, Setting]] = {
    "data": Setting(Path, "a folder", "Folder that keeps what came in and what was made of it."),
    "database": Setting(
        _read_database, "sqlite:///PATH or postgresql://USER@HOST/NAME",
        "Database in place of the folder. May hold a password, which no output of this program shows.",
    ),
    "site": Setting(Path, "a file or a folder", "Site file, or a folder of them: who bills, payers, fees."),
    "tables": Setting(Path, "a folder", "Folder of the customer's own rows of the code tables and of licensed files."),
    "host": Setting(str, "an address", "Address that the service listens on."),
    "port": Setting(_read_port, "a number from 0 to 65535", "Port that the service listens on; 0 takes a free one."),
    "rate": Setting(
        _read_rate, "a number from 1 to 1000000",
        "Requests a minute that one address may send to the service; more are 429. Unset: any number.",
    ),
    "drain": Setting(
        _read_drain, "a number of seconds from 0 to 600",
        "How long a service that is told to end goes on, not ready, before it takes no more requests.",
    ),
}
"""Every setting by its name: the variable is REFILL_ and the name in capitals, the option (where a command has it) --name.

What does not fit is told by `expected` alone: the value itself may hold a password and is not repeated.
"""
