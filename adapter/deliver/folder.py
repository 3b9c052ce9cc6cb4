"""A drop folder: a file appears under its name whole, or it does not appear."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["deliver_to_folder"]


def deliver_to_folder(folder: Path, name: str, data: bytes) -> Path:
    """Deliver bytes into a folder under a name; an older file of that name is replaced.

    The bytes are written beside their place, synced, then renamed, and the folder is synced: a reader sees the old
    file or the new one, and after a power loss there is one of the two. The folder is made where it is missing.
    A link, device or pipe of that name is never replaced.
    Errors: OSError, and ValueError where `name` is no plain file name. Nothing is left behind by either.
    """
    if name in ("", ".", "..") or Path(name).name != name or "\0" in name:
        raise ValueError("a plain file name was expected, without folders")
    place = folder / name
    if place.is_symlink() or (place.exists() and not place.is_file()):
        raise FileExistsError(errno.EEXIST, "a link, folder or device stands there; name another file", str(place))
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    _sync_folder(folder)
    return place


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder for syncing
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
