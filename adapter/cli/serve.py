"""`refill-adapter serve`."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from adapter.cli.document import FileFault
from adapter.cli.workplace import load_rules, read_settings, site_option
from adapter.settings import Settings, SettingsError, load_sites
from adapter.store import Store, open_store
from adapter.web import Service
from adapter.web.server import run_server

__all__ = ["serve"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 takes a free one.  [default: 8080]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps intake and claims.")
@site_option
@click.option("--open", "is_open", is_flag=True, help="Serve without sign-in; loopback only.")
def serve(is_open: bool, **given: str | int | Path | None) -> None:
    """Serve the adapter over HTTP until it is told to end; prints one line with the address when ready.

    \b
    Example:
      refill-adapter serve --open --site site.toml --data ./data
    """
    settings = read_settings(given)
    if settings.host not in _LOOPBACK:
        raise click.UsageError(
            f"{settings.host} is not a loopback address, and this version has no sign-in: whoever reached it could "
            "read claims. Listen on 127.0.0.1 and put a proxy with sign-in before it."
        )
    if settings.site is None:
        raise click.UsageError("No site file is named. Give --site FILE or set REFILL_SITE.")
    try:
        sites = load_sites(settings.site)
    except SettingsError as error:
        raise FileFault(f"the site file cannot be used:\n{error}") from error
    del is_open  # accepted for the day when sign-in comes: until then the service is open, on loopback
    service = Service(load_rules(), sites, _open_store(settings))
    try:
        run_server(service, settings)
    except OSError as error:
        raise FileFault(f"port {settings.port} of {settings.host} cannot be listened on: {error.strerror}") from error


def _open_store(settings: Settings) -> Store | None:
    if settings.data is None:
        return None
    try:
        return open_store(settings.data)
    except (OSError, SQLAlchemyError) as error:
        raise FileFault(f"{settings.data}: the store cannot be opened: {type(error).__name__}") from error
