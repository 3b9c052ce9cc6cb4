"""Rows of text of a file that the customer brings, with their line numbers, one at a time: tabs, commas or a workbook."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.load.workbook import SheetError, read_workbook

__all__ = ["Column", "SheetError", "read_columns", "read_sheet"]

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
    in this encoding or that, and codes are ASCII in all: only where `has_words` must the text be UTF-8.
    Errors: SheetError where it is none of these, or is damaged.
    """
    if path.suffix.lower() == ".xlsx":
        yield from read_workbook(path)
        return
    try:
        with path.open(encoding="utf-8-sig", errors="strict" if has_words else "replace", newline="") as file:
            if path.suffix.lower() == ".csv":
                reader = csv.reader(file, strict=True)
                for row in reader:
                    yield reader.line_num, row
            else:
                for number, line in enumerate(file, 1):
                    yield number, line.rstrip("\r\n").split("\t")
    except UnicodeDecodeError as error:
        raise SheetError(f"not readable as UTF-8 text: {error.reason}; save it as UTF-8") from error
    except csv.Error as error:
        raise SheetError(f"not readable as comma-separated text: {error}") from error


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
