"""A drop folder: a file appears under its name whole, or it does not appear."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["deliver_to_folder"]


def deliver_to_folder(folder: Path, name: str, data: bytes) -> Path:
    """Deliver bytes into a folder under a name; an older file of that name is replaced.

    The bytes are written beside their place, synced, then renamed, and the folder is synced: a reader sees the old
    file or the new one, and after a power loss there is one of the two. The folder is made where it is missing.
    Errors: OSError, and ValueError where `name` is no plain file name. Nothing is left behind by either.
    """
    if name in ("", ".", "..") or Path(name).name != name or "\0" in name:
        raise ValueError("a plain file name was expected, without folders")
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(folder / name)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    _sync_folder(folder)
    return folder / name


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder for syncing
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
