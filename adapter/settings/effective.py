"""What holds in the end: each setting with its value, masked, and where it came from; and what must not stand together."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from adapter.settings.environment import SETTINGS, Settings, load_settings

__all__ = ["LOOPBACK", "Effective", "find_unsafe", "is_loopback", "list_effective", "mask"]

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_PASSWORD: Final = re.compile(r"(?<=//)([^/@:]*):.*(?=@)|(?<=password=)[^&\s]*")
_ENCRYPTED: Final = re.compile(r"[?&]sslmode=(require|verify-ca|verify-full)(&|$)")


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as it holds: its name, its value as it may be shown, and where it came from."""

    name: str
    value: str | None
    source: str


def list_effective(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> list[Effective]:
    """List every setting as it holds, secrets masked, from the command line, the environment or the default.

    Errors: SettingsError, as of `load_settings`.

    >>> [one for one in list_effective({"port": 9000}, {"REFILL_SITE": "a.toml"}) if one.source != "default"]
    [Effective(name='site', value='a.toml', source='REFILL_SITE'), Effective(name='port', value='9000', source='--port')]
    """
    environ = os.environ if environ is None else environ
    settings = load_settings(given, environ)
    return [_effective(name, getattr(settings, name), given or {}, environ) for name in SETTINGS]


def _effective(name: str, value: object, given: Mapping[str, Any], environ: Mapping[str, str]) -> Effective:
    variable = f"REFILL_{name.upper()}"
    if given.get(name) is not None:
        source = f"--{name}"
    else:
        source = variable if value is not None and environ.get(variable) else "default"
    return Effective(name, None if value is None else mask(str(value)), source)


def mask(text: str) -> str:
    """Write an address without the password in it.

    >>> mask("postgresql://refill:S3cret@db.example/refill"), mask("postgresql://db/refill?password=x&sslmode=require")
    ('postgresql://refill:***@db.example/refill', 'postgresql://db/refill?password=***&sslmode=require')
    """
    return _PASSWORD.sub(lambda found: f"{found[1]}:***" if found[1] is not None else "***", text)


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is this machine's own, which nobody else reaches."""
    return host in LOOPBACK


def find_unsafe(settings: Settings) -> list[str]:
    """Find settings that must not stand together, or lead to what must not be as it is: each in a sentence with a way out."""
    return [*_of_host(settings), *_of_store(settings), *_of_files(settings)]


def _of_host(settings: Settings) -> Iterator[str]:
    if not is_loopback(settings.host):
        yield (
            f"host {settings.host} is not a loopback address, and there is no sign-in: whoever reached it could read claims. "
            "Listen on 127.0.0.1 and put a proxy with sign-in before it."
        )


def _of_store(settings: Settings) -> Iterator[str]:
    if settings.data is not None and settings.database is None:
        yield from _open_to_others("data", settings.data, stat.S_IRWXO, "chmod o-rwx")
    if settings.database is not None and settings.database.startswith("postgresql"):
        host = urlsplit(settings.database).hostname or ""
        if host and not is_loopback(host) and _ENCRYPTED.search(settings.database) is None:
            yield (
                "database is on another machine, and what travels there is not said to be encrypted. "
                "Add ?sslmode=verify-full to its address."
            )


def _of_files(settings: Settings) -> Iterator[str]:
    for name in ("site", "tables"):
        place = getattr(settings, name)
        if place is not None:
            yield from _open_to_others(name, place, stat.S_IWOTH, "chmod o-w")


def _open_to_others(name: str, place: Path, bits: int, command: str) -> Iterator[str]:
    """Say what every user of the machine may do with a place, where that is among these bits; what is not there is made ours."""
    try:
        mode = place.stat().st_mode
    except OSError:
        return
    if mode & bits and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX and bits == stat.S_IWOTH):
        what = "change" if mode & stat.S_IWOTH else "read"
        yield f"{name}: every user of this machine may {what} {place}. {command} {place}"
