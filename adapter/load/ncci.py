"""NCCI files as CMS publishes them: procedure-to-procedure edits and medically unlikely edits, as rows of our tables.

PTP: column 1, column 2, in existence before 1996, effective, deletion, modifier indicator, rationale. MUE: code, value,
adjudication indicator, rationale. Source: https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from adapter.load.brought import Brought, Reading, close_editions, read_day
from adapter.load.sheet import Column, SheetError, read_columns, read_sheet
from adapter.tables import LicensedFile, Row, Source

__all__ = ["KINDS_OF_SETTING", "REFILL", "Edit", "read_mue", "read_ptp"]

REFILL: Final = "96522"
# CMS judges practitioners and surgical centres by the practitioner file.
KINDS_OF_SETTING: Final = {"practitioner": ("practice", "asc"), "hospital": ("hospital",)}
_CODE: Final = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", re.ASCII)
_EDITION: Final = re.compile(r"v\d+r\d+|\d{4}.*", re.IGNORECASE)
_PART: Final = re.compile(r"[-_]f\d+$", re.IGNORECASE)
_MOST_ABOVE: Final = 25
_NOT_APPLICABLE: Final = "9"
_MUE_COLUMNS: Final = (
    Column("code", ("hcpcs/cpt code", "cpt/hcpcs code", "hcpcs code", "code")),
    Column("most", ("practitioner services mue values", "outpatient hospital services mue values", "mue values", "value")),
    Column("mai", ("mue adjudication indicator", "mai")),
)


class Edit(NamedTuple):
    """One pair of a PTP file that counts: column 1 pays, column 2 denies; `end` is the last day, None where it stands still."""

    column_1: str
    column_2: str
    start: date
    end: date | None
    indicator: str
    source: Source


@dataclass(frozen=True, slots=True)
class _File:
    """One PTP file while it is read: whose, of which edition, and the codes that this product can meet."""

    brought: Brought
    edition: str
    family: Collection[str]
    reading: Reading


def read_ptp(
    files: Sequence[Brought], family: Collection[str], problems: list[str]
) -> tuple[dict[str, list[Edit]], list[LicensedFile]]:
    """Read the PTP files of each setting, as a stream: only pairs with 96522, and pairs of two codes of the family, are kept.

    Where several editions hold a pair of one effective day, the newest counts: it knows the deletion.
    """
    edits: dict[str, dict[tuple[str, str, date], tuple[tuple[int, ...], Edit]]] = {}
    told = []
    for brought in files:
        stem = _PART.sub("", brought.path.stem)
        named = _EDITION.search(stem)
        reading = Reading(str(brought.path))
        if named is None:
            reading.add(None, "its name tells no edition; one such as v312r0 or 2026-01 was expected in it")
        else:
            file = _File(brought, named[0], family, reading)
            newest = tuple(map(int, re.findall(r"\d+", named[0])))
            kept = edits.setdefault(brought.kind.rpartition("-")[2], {})
            for edit in _edits(file):
                key = (edit.column_1, edit.column_2, edit.start)
                if key not in kept or kept[key][0] <= newest:
                    kept[key] = (newest, edit)
            told.append(LicensedFile(brought.kind, brought.name, named[0], reading.lines, reading.used))
        problems += reading.problems
    return {setting: [edit for _, edit in kept.values()] for setting, kept in edits.items()}, told


def _edits(file: _File) -> Iterator[Edit]:
    reading, family = file.reading, file.family
    try:
        for number, row in read_sheet(file.brought.path):
            one, two = (row[0].strip(), row[1].strip()) if len(row) >= 6 else ("", "")
            if len(one) != 5 or len(two) != 5 or not one[4].isalnum():
                _judge_other(reading, number, row)
                continue
            reading.lines += 1
            if REFILL in (one, two) or (one in family and two in family):
                edit = _read_edit(file, number, row)
                if edit is not None:
                    reading.used += 1
                    yield edit
    except SheetError as error:
        reading.add(None, str(error))
    if not reading.lines and not reading.problems:
        reading.add(None, "no pairs; rows of column 1, column 2, in existence, effective, deletion, modifier were expected")


def _judge_other(reading: Reading, number: int, row: Sequence[str]) -> None:
    """Let titles stand above the pairs; below the first pair a row that is none is a problem."""
    if any(cell.strip() for cell in row) and (reading.lines or number > _MOST_ABOVE):
        reading.add(number, "no pair: two codes of five characters, and seven columns, were expected")


def _read_edit(file: _File, number: int, row: Sequence[str]) -> Edit | None:
    """Read a pair; None where it never was in force: CMS deletes such a pair on the day of its effect."""
    one, two, before, effective, deletion, indicator = (cell.strip() for cell in row[:6])
    if not (_CODE.fullmatch(one) and _CODE.fullmatch(two)):
        file.reading.add(number, "column 1 and column 2 are CPT or HCPCS codes: five characters were expected")
        return None
    start = date(1996, 1, 1) if before == "*" and not effective else _day(effective)
    end = None if deletion in ("*", "") else _day(deletion)
    if start is None or (end is None and deletion not in ("*", "")):
        file.reading.add(number, "effective and deletion are days as YYYYMMDD, deletion * where there is none")
        return None
    if indicator not in ("0", "1", _NOT_APPLICABLE):
        file.reading.add(number, f"the modifier indicator is {indicator!r}; 0, 1 or 9 was expected")
        return None
    if end is not None and end < start:
        file.reading.add(number, "the pair is deleted before it takes effect")
        return None
    if indicator == _NOT_APPLICABLE or end == start:
        return None
    setting = file.brought.kind.rpartition("-")[2]
    title = f"CMS NCCI procedure-to-procedure edits, {setting}, edition {file.edition}, line {number}"
    return Edit(one, two, start, end, indicator, Source(title, file.brought.name, file.brought.read_on))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 8 and text.isdecimal() and text.isascii() else None
    except ValueError:
        return None


def read_mue(files: Sequence[Brought], family: Collection[str], problems: list[str]) -> tuple[list[Row], list[LicensedFile]]:
    """Read the MUE files of each setting as rows of the table `unit-limit`; each edition holds until the next one begins."""
    rows: list[Row] = []
    told: list[LicensedFile] = []
    for setting, kinds in KINDS_OF_SETTING.items():
        dated: dict[date, Brought] = {}
        for brought in (one for one in files if one.kind == f"ncci-mue-{setting}"):
            day = read_day(brought.path.name)
            if day is None or not day[1]:
                problems.append(f"{brought.path}: its name tells no day of effect; Eff_10-01-2025 or 2025-10 was expected in it")
            elif day[0] in dated:
                problems.append(f"{brought.path}: the edition of {day[0]} was read from {dated[day[0]].name} already; keep one")
            else:
                dated[day[0]] = brought
        starts = sorted(dated)
        for start, end in close_editions([(day, None) for day in starts]):
            reading = Reading(str(dated[start].path))
            rows += _limits(dated[start], (start, end), kinds, (family, reading))
            told.append(LicensedFile(dated[start].kind, dated[start].name, start.isoformat(), reading.lines, reading.used))
            problems += reading.problems
    return rows, told


def _limits(
    brought: Brought, days: tuple[date, date | None], kinds: tuple[str, ...], context: tuple[Collection[str], Reading]
) -> Iterator[Row]:
    family, reading = context
    setting = brought.kind.rpartition("-")[2]
    seen: set[str] = set()
    try:
        for number, told in read_columns(brought.path, _MUE_COLUMNS):
            reading.lines += 1
            code, most, mai = told["code"], told["most"], told["mai"][:1]
            if not _CODE.fullmatch(code) or not most.isdecimal() or not most.isascii() or mai not in ("1", "2", "3"):
                reading.add(number, "a code of five characters, a whole number of units and an indicator 1, 2 or 3 were expected")
            elif code in seen:
                reading.add(number, f"{code} stands in the file already")
            elif code in family:
                seen.add(code)
                reading.used += 1
                title = f"CMS NCCI medically unlikely edits, {setting}, edition {days[0].isoformat()}, line {number}"
                source = Source(title, brought.name, brought.read_on)
                name = f"mue-{setting}-{code}-{days[0]:%Y%m%d}"
                then = {"most": most.lstrip("0") or "0", "mai": mai}
                yield Row(name, {"code": (code,), "kind": kinds}, then, *days, reverse=False, source=source, rank=1)
    except SheetError as error:
        reading.add(None, str(error))
    if not reading.lines and not reading.problems:
        reading.add(None, "no codes below the heading")
