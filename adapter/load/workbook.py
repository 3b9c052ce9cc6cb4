"""Rows of the first sheet of a workbook (Office Open XML, ISO/IEC 29500), read as a stream: the file may be large."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NoReturn
from xml.parsers import expat

__all__ = ["SheetError", "read_workbook"]

_CHUNK = 1 << 16
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_SHARED = "xl/sharedStrings.xml"
_LETTERS = re.compile(r"[A-Z]{1,3}")


class SheetError(Exception):
    """A file that cannot be read as rows: what is wrong."""


class _Texts:
    """What a part of the workbook says, as it is read: `done` holds each row with its number, or each shared text."""

    def __init__(self, shared: Sequence[str] | None) -> None:
        self.done: list[tuple[int, list[str]]] = []
        self._shared = shared
        self._cells: list[str] = []
        self._text: list[str] = []
        self._number, self._place, self._kind = 0, 0, ""
        self._is_text = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._read
        self._parser.buffer_text = True

    def feed(self, data: bytes) -> None:
        self._parser.Parse(data, not data)

    def _refuse(self, *_: object) -> NoReturn:
        raise SheetError("not readable as a workbook: it has a document type, which none has")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells = []
        elif local == "c":
            self._place, self._kind = _place(attributes.get("r", ""), len(self._cells)), attributes.get("t", "")
            self._text = []
        elif local == "si":
            self._text = []
        self._is_text = local in ("v", "t")

    def _read(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        self._is_text = False
        if local == "c" and self._shared is not None:
            text = "".join(self._text)
            self._cells += [""] * (self._place - len(self._cells))
            self._cells.append(self._shared[int(text)] if self._kind == "s" else text)
        elif local == "row":
            self.done.append((self._number, self._cells))
        elif local == "si" and self._shared is None:
            self.done.append((0, ["".join(self._text)]))


def read_workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of the first sheet, each with its number; numbers and dates stand as the sheet keeps them.

    Errors: SheetError where the file is no workbook, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as book:
            names = book.namelist()
            sheet = next((name for name in sorted(names) if _SHEET.fullmatch(name)), None)
            if sheet is None:
                raise SheetError("not readable as a workbook: it has no sheet")
            shared: list[str] = []
            if _SHARED in names:
                with book.open(_SHARED) as file:
                    shared = [text for _, (text,) in _rows(file, None)]
            with book.open(sheet) as file:
                yield from _rows(file, shared)
    except (zipfile.BadZipFile, expat.ExpatError, ValueError, IndexError, NotImplementedError) as error:
        raise SheetError("not readable as a workbook; save it anew as .xlsx, or bring its text file") from error


def _rows(file: IO[bytes], shared: Sequence[str] | None) -> Iterator[tuple[int, list[str]]]:
    texts = _Texts(shared)
    data = b"-"
    while data:
        data = file.read(_CHUNK)
        texts.feed(data)
        yield from texts.done
        texts.done = []


def _place(reference: str, otherwise: int) -> int:
    """Give the place of a cell in its row by the letters of its reference.

    >>> _place("A1", 5), _place("G12", 0), _place("AA3", 0), _place("", 4)
    (0, 6, 26, 4)
    """
    letters = _LETTERS.match(reference)
    if letters is None:
        return otherwise
    place = 0
    for letter in letters[0]:
        place = place * 26 + ord(letter) - 64
    return place - 1
