"""`refill-adapter payer`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapter.cli.document import FileFault
from adapter.cli.workplace import load_rules
from adapter.http.server import run_server
from adapter.payer import Behaviour, Payer, create_payer, load_behaviour
from adapter.settings import Settings, SettingsError

if TYPE_CHECKING:
    from adapter.store import Store

__all__ = ["payer"]


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8090, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder that keeps the Claims, one file each, and counts the answers to 837s; without it nothing is kept.",
)
@click.option(
    "--behave", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help='TOML: answer = "accept", "reject", "slow" (with seconds) or "lie" (answers another claim).  [default: accept]',
)
def payer(port: int, data: Path | None, behave: Path | None) -> None:
    """Be a payer to test against, on loopback: take Claims, keep them, answer as told; one line says the address.

    With --data the control numbers of its 999 and 277CA are each handed out once; without, they come from the clock.
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
    app = create_payer(Payer(load_rules(), data, behaviour, take_number=_count_in(data) if data else None))
    try:
        run_server(app, Settings(port=port))
    except OSError as error:
        raise FileFault(f"port {port} of 127.0.0.1 cannot be listened on: {error.strerror}; name another by --port") from error


def _count_in(data: Path) -> Callable[[], int]:
    """Hand out control numbers from a store below a folder, which is made when the first is wanted. Errors: OSError."""

    @cache
    def open_counter() -> Store:
        from adapter.store import open_store  # noqa: PLC0415 -- loaded only where an 837 is answered: half a second

        return open_store(data / "control-numbers")

    def take_number() -> int:
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 -- as above

        from adapter.store import LayoutError  # noqa: PLC0415 -- as above

        try:
            return open_counter().take_control_number()
        except (SQLAlchemyError, LayoutError) as error:
            raise OSError(f"no control number can be handed out: {type(error).__name__}") from error

    return take_number
