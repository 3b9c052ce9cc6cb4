"""Generated files: a folder holds those that were made, and none of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["replace_files"]


def replace_files(folder: Path, files: Mapping[str, str], *forms: str) -> None:
    """Write texts under their names into a folder, which is made where it is not there.

    Any other file there whose name has one of the forms (`*.md`) is taken away: nothing makes it any more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for form in forms for path in folder.glob(form)} - files.keys():
        (folder / stale).unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
