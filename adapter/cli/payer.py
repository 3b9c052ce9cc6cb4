"""`refill-adapter payer`."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.cli.document import FileFault
from adapter.cli.workplace import load_rules
from adapter.http.server import run_server
from adapter.payer import Behaviour, Payer, create_payer, load_behaviour
from adapter.settings import Settings, SettingsError

__all__ = ["payer"]


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8090, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder that keeps the Claims, one file each; without it none is kept.",
)
@click.option(
    "--behave", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help='TOML: answer = "accept", "reject", "slow" (with seconds) or "lie" (answers another claim).  [default: accept]',
)
def payer(port: int, data: Path | None, behave: Path | None) -> None:
    """Be a payer to test against, on loopback: take Claims, keep them, answer as told; one line says the address.

    REFILL_DATA and REFILL_PORT are the adapter's own and are not read here: the payer is another party.

    \b
    Example:
      refill-adapter payer --data ./received --behave behave.toml
    """
    try:
        behaviour = load_behaviour(behave) if behave else Behaviour()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise FileFault(f"{behave}: the file cannot be read: {error.strerror}") from error
    if data is not None:
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FileFault(f"{data}: the folder cannot be made: {error.strerror}") from error
    app = create_payer(Payer(load_rules(), data, behaviour))
    try:
        run_server(app, Settings(port=port))
    except OSError as error:
        raise FileFault(f"port {port} of 127.0.0.1 cannot be listened on: {error.strerror}") from error
