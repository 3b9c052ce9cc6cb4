"""An X12 file that a command was named: its bytes where it is small, its text in pieces where it is large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from adapter.cli.document import FileFault, document_path, standard_input
from adapter.issues import Issue
from adapter.x12.stream import stream_segments
from adapter.x12.text import decode_text

__all__ = ["LARGE", "LargeFile", "load_interchange", "opened"]

LARGE: Final = 16_000_000
"""Bytes up to which a file is held in memory; a larger one of claims is checked and read piece by piece."""

_PIECE: Final = 1 << 18
_LONGEST_LETTER: Final = 4  # bytes of UTF-8


@dataclass(slots=True)
class LargeFile:
    """A file that is read more than once and never held. `issues` tell what its bytes are, as far as `chunks` has come."""

    name: str
    stream: BinaryIO
    issues: tuple[Issue, ...] = ()

    def digest(self) -> str:
        """Give the SHA-256 of all its bytes."""
        digest = sha256()
        for piece in self._pieces():
            digest.update(piece)
        return digest.hexdigest()

    def chunks(self) -> Iterator[str]:
        """Give its text in pieces, up to a byte that is no UTF-8; `issues` are those of `decode_text`, each kind once."""
        line, rest = 0, b""
        told: dict[str, Issue] = {}
        for piece in chain(self._pieces(), [b""]):
            rest += piece
            whole = len(rest) if not piece else rest.rfind(b"\n") + 1 or _before_letter(rest)
            text = decode_text(rest[:whole])
            for issue in text.issues:
                told.setdefault(issue.rule, replace(issue, line=line + (issue.line or 0)))
            self.issues = tuple(told.values())
            if text.value is None:
                return
            yield text.value
            line += rest.count(b"\n", 0, whole)
            rest = rest[whole:]

    def _pieces(self) -> Iterator[bytes]:
        try:
            self.stream.seek(0)
            while piece := self.stream.read(_PIECE):
                yield piece
        except OSError as error:
            raise FileFault(f"{self.name}: cannot be read: {error.strerror}") from error


def _before_letter(data: bytes) -> int:
    """Give the length up to the last letter where that is not ASCII, for more of it may follow; the whole length else."""
    for back, byte in enumerate(reversed(data[-_LONGEST_LETTER:]), 1):
        if byte < 0x80:
            break
        if byte >= 0xC0:
            return len(data) - back
    return len(data)


@contextmanager
def opened(file: bytes | LargeFile) -> Iterator[bytes | LargeFile]:
    """Give a file for as long as it is used; a large one is closed then."""
    try:
        yield file
    finally:
        if isinstance(file, LargeFile):
            file.stream.close()


def load_interchange(name: str) -> bytes | LargeFile:
    """Load a file, or standard input for `-`; one of claims that is large stays where it is. Errors: OSError.

    Standard input is copied into a temporary file of the system where it is large: it is read more than once.
    """
    stream = standard_input() if name == "-" else document_path(name).open("rb")
    data = stream.read(LARGE + 1)
    if len(data) <= LARGE or not _holds_claims(data[:_PIECE]):
        data += stream.read()
        if name != "-":
            stream.close()
        return data
    if name != "-":
        return LargeFile(name, stream)
    copied = TemporaryFile()  # noqa: SIM115 -- it is closed with the program, when it has been read
    copied.write(data)
    copyfileobj(stream, copied)
    return LargeFile(name, copied)


def _holds_claims(head: bytes) -> bool:
    """Tell whether a file begins as one of claims does."""
    batch = next(stream_segments([head.decode("ascii", "replace")]))
    return any(one.id == "ST" and one.get(1) == "837" for one in batch.value or ())
