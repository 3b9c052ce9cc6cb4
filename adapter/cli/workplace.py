"""What the commands work with: tables, site and clock, loaded once, or the start refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from adapter.bulk import Workplace
from adapter.cli.document import FileFault
from adapter.flow import RuleBook
from adapter.load import TableError, data_folder, load_rule_book
from adapter.settings import Settings, SettingsError, load_settings, load_sites

__all__ = [
    "DAY", "load_restoring_workplace", "load_rules", "load_shipped_workplace", "load_workplace",
    "read_settings", "site_option",
]

class _Day(click.DateTime):
    """A day of the calendar on the command line."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            return self.fail(f"{value!r} is no day; YYYY-MM-DD was expected.", param, ctx)


DAY = _Day()


def site_option(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--site`: a site file or a folder of them; REFILL_SITE names it else."""
    return click.option(
        "--site", type=click.Path(path_type=Path), help="Site file, or a folder of them; else REFILL_SITE names it."
    )(function)


def read_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """Read the options and REFILL_* variables. Errors: UsageError names each value that does not fit."""
    try:
        return load_settings(given)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def load_rules(profiles: tuple[Path, ...] = ()) -> RuleBook:
    """Load the tables, with the customer's rows that REFILL_TABLES names, and the profiles, with those of folders or packages.

    Errors: FileFault where one of them must not be used.
    """
    tables = read_settings().tables
    try:
        return load_rule_book(profiles, tables)
    except (TableError, OSError) as error:
        raise FileFault(f"the tables or profiles cannot be used:\n{error}") from error


def load_workplace(site: Path | None, as_of: date | None = None, on: date | None = None) -> Workplace:
    """Load all that coding wants. Errors: FileFault; UsageError where no site is named."""
    path = site or read_settings().site
    if path is None:
        raise click.UsageError(
            "No site file is named. Give --site FILE or set REFILL_SITE; "
            f"{data_folder('samples') / 'site.toml'} is a complete example."
        )
    return _load_workplace(path, as_of, on)


def load_shipped_workplace(site: Path) -> Workplace:
    """Load what the demonstration wants: a shipped site file and the shipped tables, whatever REFILL_* variables name."""
    return Workplace(load_rule_book(), load_sites(site), datetime.now(UTC), datetime.now().astimezone().date())


def load_restoring_workplace(site: Path | None) -> Workplace:
    """Load what restoring wants: site files where some are named, none where not. Errors: FileFault."""
    return _load_workplace(site or read_settings().site, None, None)


def _load_workplace(path: Path | None, as_of: date | None, on: date | None) -> Workplace:
    try:
        sites = load_sites(path) if path else {}
    except SettingsError as error:
        raise FileFault(f"the site file cannot be used:\n{error}") from error
    return Workplace(load_rules(), sites, datetime.now(UTC), as_of or datetime.now().astimezone().date(), on)
