"""Code lists that the customer brings: ICD-10-CM, HCPCS, CPT and the texts of adjustment and remark codes, by edition.

ICD-10-CM order file (CMS, CDC): code in positions 7 to 13 without dot, 15 is 1 for a code that may be billed, 0 for a heading.
HCPCS (CMS, record layout of the alpha-numeric file, 320 positions): code 1 to 5, record 11 (3: the first line of a
procedure, 7: of a modifier, 4 and 8: further lines), added 269 to 276, terminated 285 to 292.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from adapter.load.brought import Brought, Reading, close_editions, read_day
from adapter.load.sheet import END_OF_LINE, Column, SheetError, read_columns, read_date
from adapter.tables import CodeList, Edition, LicensedFile, Source

__all__ = ["LISTS", "read_code_lists"]

_OLDEST: Final = date(1980, 1, 1)
_ICD: Final = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}", re.ASCII)
_ICD_LINE: Final = re.compile(r"\d{5} ([0-9A-Z]{3,7}) {1,5}([01]) ", re.ASCII)
_CODES: Final = (
    Column("code", ("code", "hcpc", "hcpcs", "cpt", "hcpcs code", "cpt code", "hcpcs/cpt code")),
    Column("from", ("from", "start", "start date", "effective", "effective date", "add dt", "added"), required=False),
    Column("to", ("to", "end", "end date", "stop", "stop date", "deactivated", "term dt", "terminated"), required=False),
)
_RECORD: Final = Column("record", ("recid", "rec id", "record id"), required=False)
# Records of a HCPCS file that are no code: further lines of one (4), modifiers (7) and their further lines (8).
_NO_CODE: Final = ("4", "7", "8")
_TEXT: Final = Column("text", ("text", "description", "long description"))
_LINE_LENGTH: Final = 292


@dataclass(slots=True)
class _Content:
    """What is read of one file: lines, days and texts by code."""

    reading: Reading
    lines: dict[str, int] = field(default_factory=dict)
    days: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, code: str, line: int, days: tuple[date | None, date | None] = (None, None)) -> None:
        """Add a code with its line, below zero for a heading; a code that stands twice is a problem."""
        if code in self.lines:
            self.reading.add(abs(line), f"{code} stands in line {abs(self.lines[code])} already")
            return
        self.reading.used += 1
        self.lines[code] = line
        if days != (None, None):
            self.days[code] = days


@dataclass(frozen=True, slots=True)
class _List:
    """One kind of list: what it is called, how a code looks, how its file is read, and when an edition holds."""

    title: str
    code: re.Pattern[str]
    read: Callable[[Brought, _Content], None]
    days: Callable[[date, bool], tuple[date, date | None]]


def read_code_lists(files: Sequence[Brought], problems: list[str]) -> tuple[dict[str, CodeList], list[LicensedFile]]:
    """Read every code list among the files, its editions closed by the next one or at the end of their year."""
    lists: dict[str, CodeList] = {}
    told: list[LicensedFile] = []
    for kind, shape in LISTS.items():
        dated: dict[date, tuple[Brought, date | None]] = {}
        for brought in (one for one in files if one.kind == kind):
            found = _edition_days(shape, brought, problems)
            if found is not None and found[0] in dated:
                other = dated[found[0]][0].name
                problems.append(f"{brought.path}: the edition of {found[0]} was read from {other} already; keep one")
            elif found is not None:
                dated[found[0]] = (brought, found[1])
        starts = sorted(dated)
        closed = close_editions([(start, dated[start][1]) for start in starts])
        editions = [_read_edition(shape, dated[days[0]][0], days, (told, problems)) for days in closed]
        if editions:
            lists[kind] = CodeList(kind, tuple(editions))
    return lists, told


def _edition_days(shape: _List, brought: Brought, problems: list[str]) -> tuple[date, date | None] | None:
    day = read_day(brought.path.name)
    if day is not None:
        return shape.days(*day)
    if shape.days is _always:
        return _OLDEST, None
    problems.append(f"{brought.path}: its name tells no year; one such as icd10cm_order_2026.txt or cpt-2026.csv was expected")
    return None


def _read_edition(
    shape: _List, brought: Brought, days: tuple[date, date | None], told: tuple[list[LicensedFile], list[str]]
) -> Edition:
    content = _Content(Reading(str(brought.path)))
    try:
        shape.read(brought, content)
    except (SheetError, UnicodeDecodeError) as error:
        content.reading.add(None, "not readable as text" if isinstance(error, UnicodeDecodeError) else str(error))
    if not content.lines and not content.reading.problems:
        content.reading.add(None, "no codes")
    label = days[0].isoformat() if days[0] > _OLDEST else "undated"
    told[0].append(LicensedFile(brought.kind, brought.name, label, content.reading.lines, content.reading.used))
    told[1].extend(content.reading.problems)
    title = f"{shape.title}, edition from {label}" if days[0] > _OLDEST else shape.title
    return Edition(Source(title, brought.name, brought.read_on), *days, content.lines, content.days, content.texts)


def _read_order(brought: Brought, content: _Content) -> None:
    for number, line in _lines(brought):
        content.reading.lines += 1
        match = _ICD_LINE.match(line)
        if match is None or not _ICD.fullmatch(match[1]) or line[14:15] != match[2]:
            content.reading.add(number, "an order number, a code in positions 7 to 13 and 0 or 1 in position 15 were expected")
        else:
            content.add(match[1], number if match[2] == "1" else -number)


def _read_hcpcs(brought: Brought, content: _Content) -> None:
    if brought.path.suffix.lower() != ".txt":
        _read_codes(brought, content)
        return
    for number, line in _lines(brought):
        content.reading.lines += 1
        record = line[10:11]
        if record in _NO_CODE:
            continue
        code, days = line[:5], _read_days(line[268:276].strip(), line[284:292].strip())
        if record != "3" or len(line) < _LINE_LENGTH or not _HCPCS.fullmatch(code) or days is None:
            expected = "a record of 320 positions was expected: code 1 to 5, kind 11, days 269 to 276 and 285 to 292"
            content.reading.add(number, expected)
        else:
            content.add(code, number, days)


def _read_codes(brought: Brought, content: _Content) -> None:
    shape = LISTS[brought.kind]
    wants_text = shape.days is _always
    for number, told in read_columns(brought.path, (*_CODES, _TEXT) if wants_text else (*_CODES, _RECORD)):
        content.reading.lines += 1
        is_workbook = brought.path.suffix.lower() == ".xlsx"
        code, days = told["code"], _read_days(told.get("from", ""), told.get("to", ""), of_workbook=is_workbook)
        if brought.kind == "hcpcs" and (len(code) == 2 or told.get("record") in _NO_CODE):
            continue
        if not shape.code.fullmatch(code):
            content.reading.add(number, f"{code[:20]!r} has not the form of a code of this list")
        elif days is None:
            content.reading.add(number, "from and to are days as YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY")
        elif wants_text and not told["text"]:
            content.reading.add(number, "no text")
        else:
            content.add(code, number, days)
            if wants_text:
                content.texts[code] = told["text"]


def _lines(brought: Brought) -> Iterator[tuple[int, str]]:
    """Give the lines of a text of fixed positions that are not blank; codes and flags are ASCII in every encoding of it."""
    with brought.path.open(encoding="latin-1", newline="") as file:
        for number, line in enumerate(file, 1):
            if line.strip(END_OF_LINE + " "):
                yield number, line.rstrip(END_OF_LINE)


def _read_days(first: str, last: str, *, of_workbook: bool = False) -> tuple[date | None, date | None] | None:
    """Read two days, each None where there is none; None where one of them cannot be read.

    >>> _read_days("20241001", ""), _read_days("", "soon")
    ((datetime.date(2024, 10, 1), None), None)
    """
    try:
        return read_date(first, of_workbook=of_workbook), read_date(last, of_workbook=of_workbook)
    except ValueError:
        return None


def _fiscal_year(day: date, has_month: bool) -> tuple[date, date | None]:
    """ICD-10-CM 2026 holds from October 2025; an edition of April from April. Both end with September."""
    is_october = not has_month or day.month >= 10
    return (date(day.year - 1, 10, 1) if is_october else day.replace(day=1)), date(day.year, 9, 30)


def _calendar_year(day: date, _: bool) -> tuple[date, date | None]:
    return day, date(day.year, 12, 31)


def _always(day: date, _: bool) -> tuple[date, date | None]:
    return day, None


_HCPCS: Final = re.compile(r"[A-Z][0-9]{4}", re.ASCII)
LISTS: Final = {
    "icd10cm": _List("ICD-10-CM order file", _ICD, _read_order, _fiscal_year),
    "hcpcs": _List("HCPCS Level II file", _HCPCS, _read_hcpcs, _calendar_year),
    "cpt": _List("CPT list", re.compile(r"[0-9]{4}[0-9A-Z]", re.ASCII), _read_codes, _calendar_year),
    "carc": _List("claim adjustment reason codes", re.compile(r"[A-Z]?[0-9]{1,3}", re.ASCII), _read_codes, _always),
    "rarc": _List("remittance advice remark codes", re.compile(r"(M|MA|N)[0-9]{1,3}", re.ASCII), _read_codes, _always),
}
