"""Files that the customer brings under licence: known by their names, each with its edition and the day that it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

__all__ = ["KINDS", "Brought", "Reading", "close_editions", "find_brought", "read_day"]

# Kind by the name of its file, as CMS, AMA and X12 publish it or as a customer would call it.
KINDS: Final[Mapping[str, re.Pattern[str]]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "ncci-ptp-practitioner": r"(ccipra|ncci[-_]ptp[-_]practitioner).*\.(txt|csv|xlsx)",
        "ncci-ptp-hospital": r"(ccioph|ncci[-_]ptp[-_]hospital).*\.(txt|csv|xlsx)",
        "ncci-mue-practitioner": r"(MCR_MUE_Practitioner|ncci[-_]mue[-_]practitioner).*\.(csv|xlsx)",
        "ncci-mue-hospital": r"(MCR_MUE_OutpatientHospital|ncci[-_]mue[-_]hospital).*\.(csv|xlsx)",
        "fee-schedule": r"fee[-_]schedule.*\.(csv|xlsx)",
        "icd10cm": r"icd10cm[-_]order.*\.txt",
        "hcpcs": r"(HCPC\d{4}.*\.(txt|xlsx)|hcpcs.*\.(csv|xlsx))",
        "cpt": r"cpt.*\.(csv|xlsx)",
        "carc": r"carc.*\.(csv|xlsx)",
        "rarc": r"rarc.*\.(csv|xlsx)",
    }.items()
}
_LOOKS_LIKE_ONE: Final = {".csv", ".xlsx", ".xls", ".txt", ".zip"}
# What CMS publishes beside the files, in one archive with them: the layout, notes, and lists that are in the file already.
_LET_BE: Final = re.compile(
    r"(read[-_ ]?me|licen[cs]e|~\$|\.|HCPC\d{4}[-_]recordlayout|proc[-_]notes|NOC[-_ ]codes|HCPC.*TRANS[-_]ALL"
    r"|icd10cm[-_](order[-_]addenda|codes)).*",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES: Final = "|".join(_MONTHS)
_DAYS: Final = tuple(re.compile(rf"(?<!\d){form}(?!\d)", re.IGNORECASE) for form in (
    r"(?P<year>20\d\d)[-_]?(?P<month>[01]\d)[-_]?(?P<day>[0-3]\d)", r"(?P<month>[01]\d)[-_](?P<day>[0-3]\d)[-_](?P<year>20\d\d)",
    r"(?P<year>20\d\d)[-_](?P<month>[01]\d)", rf"(?P<year>20\d\d)[-_](?P<name>{_NAMES})[a-z]*",
    rf"(?P<name>{_NAMES})[a-z]*[-_](?P<year>20\d\d)", r"(?P<year>20\d\d)",
))
_MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Brought:
    """One file: its kind, path, name in the folder, and the day on which it was put there."""

    kind: str
    path: Path
    name: str
    read_on: date


@dataclass(slots=True)
class Reading:
    """One file while it is read: its problems, the first of them only, and how many lines it has and gives."""

    file: str
    problems: list[str] = field(default_factory=list)
    lines: int = 0
    used: int = 0

    def add(self, line: int | None, problem: str) -> None:
        """Add a problem of a line, or of the whole file."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(f"{self.file}: line {line}: {problem}" if line is not None else f"{self.file}: {problem}")
        elif len(self.problems) == _MOST_PROBLEMS:
            self.problems.append(f"{self.file}: and further lines with problems; mend these first")


def find_brought(folder: Path, problems: list[str]) -> tuple[Brought, ...]:
    """Find the licensed files of a folder and those below it by their names.

    A sheet, text or archive of an unknown name is a problem: it would be taken for one that counts. READMEs and licences
    are let be.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in _LOOKS_LIKE_ONE or _LET_BE.fullmatch(path.name) or not path.is_file():
            continue
        kind = next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(path.name)), None)
        if path.suffix.lower() in (".zip", ".xls"):
            problems.append(f"{path}: an archive or an old workbook is not read; put its .txt, .csv or .xlsx here instead")
        elif kind is None:
            problems.append(f"{path}: not the name of a file that is known (docs/tables.md); rename it, or move it out")
        else:
            found.append(Brought(kind, path, name, datetime.fromtimestamp(path.stat().st_mtime, UTC).date()))
    return tuple(found)


def read_day(name: str) -> tuple[date, bool] | None:
    """Read the day that an edition's name tells, and whether it tells a month; a year alone is its first day.

    >>> read_day("MCR_MUE_PractitionerServices_Eff_10-01-2025.csv"), read_day("HCPC2026_JAN_ANWEB.txt"), read_day("cpt-2026.csv")
    ((datetime.date(2025, 10, 1), True), (datetime.date(2026, 1, 1), True), (datetime.date(2026, 1, 1), False))
    """
    for pattern in _DAYS:
        match = pattern.search(name)
        if match is None:
            continue
        told = match.groupdict()
        month = _MONTHS.index(told["name"].lower()) + 1 if told.get("name") else int(told.get("month") or 1)
        try:
            return date(int(told["year"]), month, int(told.get("day") or 1)), bool(told.get("name") or told.get("month"))
        except ValueError:
            continue
    return None


def close_editions(starts: Sequence[tuple[date, date | None]]) -> Iterator[tuple[date, date | None]]:
    """Close each edition, in the order of their days, on the day before the next one, or where it ends by itself.

    >>> list(close_editions([(date(2025, 1, 1), None), (date(2025, 4, 1), None)]))[0][1].isoformat()
    '2025-03-31'
    """
    for number, (start, end) in enumerate(starts):
        following = starts[number + 1][0] - timedelta(days=1) if number + 1 < len(starts) else None
        yield start, min((one for one in (end, following) if one is not None), default=None)
