"""`refill-adapter serve`."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.cli.document import FileFault
from adapter.cli.keeping import open_named_store, store_options
from adapter.cli.workplace import load_rules, read_settings, site_option
from adapter.http.limits import Limits
from adapter.http.server import run_server
from adapter.load import LiveTables, data_folder, load_tables
from adapter.settings import SettingsError, find_unsafe, is_loopback, load_sites
from adapter.web import Service, create_app

__all__ = ["serve"]


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 takes a free one.  [default: 8080]")
@store_options
@site_option
@click.option("--open", "is_open", is_flag=True, help="Serve without sign-in; loopback only.")
def serve(is_open: bool, **given: str | int | Path | None) -> None:
    """Serve the adapter over HTTP until it is told to end; prints one line with the address when ready.

    There is no sign-in yet, so it listens on loopback only, with --open and without; without, it says so.

    \b
    Example:
      refill-adapter serve --open --site site.toml --data ./data
    """
    settings = read_settings(given)
    unsafe = find_unsafe(settings)
    if not is_loopback(settings.host):
        raise click.UsageError(unsafe[0])
    for warning in unsafe:
        click.echo(f"unsafe: {warning}", err=True)
    if settings.site is None:
        raise click.UsageError("No site file is named. Give --site FILE or set REFILL_SITE.")
    try:
        sites = load_sites(settings.site)
    except SettingsError as error:
        raise FileFault(f"the site file cannot be used:\n{error}") from error
    if not is_open:
        click.echo("There is no sign-in yet: whoever is on this machine can read claims. --open says that you know.", err=True)
    with open_named_store(settings) as store:
        try:
            app = create_app(Service(_live_rules(settings.tables), sites, store, limits=Limits(rate=settings.rate)))
            if store is not None:
                store.close()  # the worker is another process and opens connections of its own
            run_server(app, settings)
        except OSError as error:
            text = f"port {settings.port} of {settings.host} cannot be listened on: {error.strerror}; name another by --port"
            raise FileFault(text) from error


def _live_rules(folder: Path | None) -> LiveTables:
    """Load the rules, and follow the customer's folder from now on: each reading of it is told on standard error."""
    return LiveTables(
        load_rules(), folder, lambda: load_tables(data_folder("mappings"), folder), lambda text: click.echo(text, err=True)
    )
