"""Rows of text of a file that the customer brings, with their line numbers, one at a time: tabs, commas or a workbook."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from adapter.load.workbook import SheetError, read_workbook

__all__ = ["END_OF_LINE", "Column", "SheetError", "read_columns", "read_date", "read_sheet"]

# What ends a line: some systems end the last one with a mark of their own (SUB, control-Z).
END_OF_LINE: Final = "\r\n\x1a"
_SERIAL_START: Final = date(1899, 12, 30)

# Titles and copyright notices stand above the heading: at most so many rows of them.
_MOST_ABOVE = 25


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is wanted: its name here, and the headings under which it is found (in small letters)."""

    name: str
    headings: tuple[str, ...]
    required: bool = True


def read_sheet(path: Path, *, has_words: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a file, each with its number in there.

    `.txt` has tabs, `.csv` commas, `.xlsx` is a workbook, of which the first sheet counts. Notices above published files are
    in this encoding or that, and codes are ASCII in all: only where `has_words` must the text be UTF-8. A text that a spreadsheet
    saved as Unicode (UTF-16, known by its mark) is read too, and cells of a text may stand in quotes. The mark by which old
    systems end a file is no row.
    Errors: SheetError where it is none of these, or is damaged.
    """
    if path.suffix.lower() == ".xlsx":
        yield from read_workbook(path)
        return
    try:
        with path.open("rb") as start:
            encoding = "utf-16" if start.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"
        with path.open(encoding=encoding, errors="strict" if has_words else "replace", newline="") as file:
            if path.suffix.lower() == ".csv":
                reader = csv.reader(file, strict=True)
                for row in reader:
                    yield reader.line_num, row
            else:
                for number, line in enumerate(file, 1):
                    cells = line.rstrip(END_OF_LINE).split("\t")
                    yield number, [_unquoted(cell) for cell in cells] if '"' in line else cells
    except UnicodeDecodeError as error:
        raise SheetError(f"not readable as UTF-8 text: {error.reason}; save it as UTF-8") from error
    except csv.Error as error:
        raise SheetError(f"not readable as comma-separated text: {error}") from error


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def read_date(text: str, *, of_workbook: bool = False) -> date | None:
    """Read a day as YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY, None where there is none; ValueError where it is something else.

    A workbook keeps a day as its number from the end of 1899 on (ISO/IEC 29500-1, 18.17.4).

    >>> read_date("10/01/2024") == read_date("20241001") == read_date("45566", of_workbook=True), read_date("")
    (True, None)
    """
    american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
    if american:
        return date(int(american[3]), int(american[1]), int(american[2]))
    if of_workbook and re.fullmatch(r"[1-9]\d{4}", text, re.ASCII):
        return _SERIAL_START + timedelta(days=int(text))
    return date.fromisoformat(text) if text else None


def read_columns(path: Path, columns: Sequence[Column]) -> Iterator[tuple[int, dict[str, str]]]:
    """Read the wanted columns of a file that has a heading, which may stand below titles; blank rows are passed by.

    A column named `text` holds words, and the file must be UTF-8.
    Errors: SheetError where no row is a heading with all required columns.
    """
    rows = read_sheet(path, has_words=any(column.name == "text" for column in columns))
    places: dict[str, int] = {}
    for above, (_, row) in enumerate(rows):
        places = _find_columns(row, columns)
        if all(column.name in places for column in columns if column.required):
            break
        if above >= _MOST_ABOVE:
            places = {}
            break
    else:
        places = {}
    if not places:
        wanted = ", ".join(column.headings[0] for column in columns if column.required)
        raise SheetError(f"no heading; a row with the columns {wanted} was expected above the data")
    for number, row in rows:
        told = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        if any(told.values()):
            yield number, told


def _find_columns(row: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    headings = [re.sub(r"\s+", " ", cell.strip().lower()).replace("/ ", "/") for cell in row]
    return {
        column.name: next(place for place, heading in enumerate(headings) if heading in column.headings)
        for column in columns
        if set(column.headings) & set(headings)
    }
