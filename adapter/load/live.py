"""The tables of a running service: read anew when the customer's folder changes, kept as they were when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import TypeAlias

from adapter.flow import RuleBook
from adapter.load.faults import TableError
from adapter.tables import Tables, forget_answers

__all__ = ["LiveTables"]

_EVERY = 2.0
_Print: TypeAlias = tuple[tuple[str, int, int], ...]


class LiveTables:
    """A rule book whose tables follow a folder.

    `load` reads the tables anew, `tell` is given a sentence where they were read or could not be. A change counts once the
    folder has been the same in two looks, two seconds apart: a file that is still being copied is not read. Reading
    takes place beside the requests, which go on with the old tables until the new ones are whole.
    """

    def __init__(
        self, rule_book: RuleBook, folder: Path | None, load: Callable[[], Tables], tell: Callable[[str], None]
    ) -> None:
        self._rule_book, self._folder, self._load, self._tell = rule_book, folder, load, tell
        self._seen = self._read = _look(folder) if folder else ()
        self._next = monotonic() + _EVERY
        self._lock = Lock()
        self._reader: Thread | None = None
        self.fault: str | None = None

    def current(self) -> RuleBook:
        """Give the rule book as it is now; where the folder has changed, the reading of it begins."""
        if self._folder is not None and monotonic() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._notice(self._folder)
            finally:
                self._lock.release()
        return self._rule_book

    def settle(self) -> None:
        """Wait until a reading that has begun is over."""
        if self._reader is not None:
            self._reader.join()

    def _notice(self, folder: Path) -> None:
        self._next = monotonic() + _EVERY
        found = _look(folder)
        is_quiet, self._seen = found == self._seen, found
        if is_quiet and found != self._read and (self._reader is None or not self._reader.is_alive()):
            self._read = found
            self._reader = Thread(target=self._read_anew, name="tables", daemon=True)
            self._reader.start()

    def _read_anew(self) -> None:
        try:
            tables = self._load()
        except (TableError, OSError) as error:
            self.fault = str(error)
            self._tell(f"the tables of {self._folder} cannot be used, those read before stay in use:\n{error}")
            return
        self._rule_book = replace(self._rule_book, tables=tables)
        self.fault = None
        forget_answers()
        self._tell(f"the tables of {self._folder} were read anew")


def _look(folder: Path) -> _Print:
    """Tell one state of a folder from another: names, sizes and times of its files."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            told = path.stat()
        except OSError:
            continue  # taken away while it was looked at: the next look sees it
        found.append((path.as_posix(), told.st_size, told.st_mtime_ns))
    return tuple(found)
