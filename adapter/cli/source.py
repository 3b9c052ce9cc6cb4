"""What `validate` is given: a document, a file of one resource a line (NDJSON), or a folder of both; never all of it at once."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

import click

from adapter.cli.document import standard_input
from adapter.fhir.plain_json import MAX_SIZE

__all__ = ["Source", "list_files", "open_source"]

_LINES: Final = frozenset({".jsonl", ".ndjson"})
_DOCUMENTS: Final = frozenset({".json", ".xml"})
_BOM: Final = b"\xef\xbb\xbf"
_SHOWN_EACH: Final = 500


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is open: the bytes of its document, or its lines as they are read."""

    document: bytes
    lines: Iterator[bytes] | None = None


def list_files(names: Iterable[str]) -> Iterator[str]:
    """List files in the order given; a folder stands for all .json, .xml, .ndjson and .jsonl files in it, by their names.

    What begins with a full stop is passed over. A folder without such a file is listed itself: `open_source` refuses it.

    >>> list(list_files(["-", "a.json"]))
    ['-', 'a.json']
    """
    for name in names:
        folder = Path(name)
        found = 0
        if name != "-" and folder.is_dir():
            for path in sorted(folder.rglob("*")):
                hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
                if path.suffix.lower() in _LINES | _DOCUMENTS and path.is_file() and not hidden:
                    found += 1
                    yield str(path)
        if not found:
            yield name


@contextmanager
def open_source(name: str) -> Iterator[Source]:
    """Open a file, or standard input for `-`. Errors: OSError.

    .ndjson and .jsonl hold a resource a line, .json and .xml one document; anything else holds lines where its first line is
    a whole object and another object begins the next. Of a document, and of a line, no more is read than may be decoded.
    """
    if name == "-":
        yield _read_source(standard_input(), "")
        return
    path = Path(name)
    if path.is_dir():
        raise OSError(errno.ENOENT, "no .json, .xml, .ndjson or .jsonl file is in this folder")
    with path.open("rb") as stream:
        yield _read_source(stream, path.suffix.lower())


def _read_source(stream: BinaryIO, suffix: str) -> Source:
    lines = _read_lines(stream)
    head: list[bytes] = []
    told: list[bytes] = []  # the lines that are not blank, up to the second
    size = 0
    while suffix not in _LINES | _DOCUMENTS and len(told) < 2 and size <= MAX_SIZE and (line := next(lines, b"")):
        head.append(line)
        size += len(line)
        told += [text] if (text := line.removeprefix(_BOM).strip()) else []
    has_lines = len(told) == 2 and told[0].startswith(b"{") and told[0].endswith(b"}") and told[1].startswith(b"{")
    if suffix in _LINES or has_lines:
        return Source(b"", chain(head, lines))
    return Source(b"".join(head) + stream.read(max(0, MAX_SIZE + 1 - size)))


def _read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Read line by line, on a terminal showing how far; what a line has beyond what may be decoded is passed over."""
    shows, number = sys.stderr is not None and sys.stderr.isatty(), 0
    while line := stream.readline(MAX_SIZE + 2):
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > MAX_SIZE:
            rest = stream.readline(MAX_SIZE + 2)
        number += 1
        if shows and number % _SHOWN_EACH == 0:
            click.echo(f"\r{number} lines", nl=False, err=True)
        yield line
    if shows and number >= _SHOWN_EACH:
        click.echo(err=True)
