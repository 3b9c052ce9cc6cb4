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
from adapter.terms import Site
from adapter.x12 import Envelope

__all__ = [
    "DAY", "load_restoring_workplace", "load_rules", "load_workplace", "make_control_number", "make_envelope",
    "read_settings", "site_option",
]

DAY = click.DateTime(["%Y-%m-%d"])


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


def load_restoring_workplace(site: Path | None) -> Workplace:
    """Load what restoring wants: site files where some are named, none where not. Errors: FileFault."""
    return _load_workplace(site or read_settings().site, None, None)


def _load_workplace(path: Path | None, as_of: date | None, on: date | None) -> Workplace:
    try:
        sites = load_sites(path) if path else {}
    except SettingsError as error:
        raise FileFault(f"the site file cannot be used:\n{error}") from error
    return Workplace(load_rules(), sites, datetime.now(UTC), as_of or datetime.now().astimezone().date(), on)


def make_control_number(now: datetime) -> str:
    """Make an ISA13 from the clock: tenths of a second over three years, nine digits; one a tenth, none repeats sooner.

    >>> make_control_number(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    '368406000'
    """
    day = now.year % 3 * 366 + now.timetuple().tm_yday - 1
    tenth = (now.hour * 3600 + now.minute * 60 + now.second) * 10 + now.microsecond // 100_000
    return f"{day * 864_000 + tenth:09d}"


def make_envelope(site: Site, now: datetime, usage: str) -> Envelope:
    """Make the envelope of an 837 with control numbers from the clock, until a store hands them out.

    X12: ISA13 is `make_control_number`, GS06 the same, ST02 0001, BHT03 the whole time; `usage` is ISA15.

    >>> from types import SimpleNamespace
    >>> site = SimpleNamespace(submitter=None, receiver=None)
    >>> make_envelope(site, datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "T").interchange_control_number
    '368406000'
    """
    number = make_control_number(now)
    return Envelope(
        interchange_control_number=number,
        group_control_number=number.lstrip("0") or "1",
        transaction_control_number="0001",
        batch_id=f"{now:%Y%m%d%H%M%S}",
        created_at=now,
        usage=usage,
        submitter=site.submitter,
        receiver=site.receiver,
    )
