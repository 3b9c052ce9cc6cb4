"""Fee schedule that the customer brings: charges for one unit of a code, by date, below the fees of the site file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from adapter.load.brought import Brought, Reading
from adapter.load.sheet import Column, SheetError, read_columns, read_date
from adapter.tables import LicensedFile, Row, Source

__all__ = ["read_fees"]

_COLUMNS: Final = (
    Column("code", ("code", "hcpcs", "cpt", "hcpcs/cpt code", "procedure code")),
    Column("charge", ("charge", "fee", "price")),
    Column("from", ("from", "start", "effective", "effective date")),
    Column("to", ("to", "end", "end date"), required=False),
)
_CODE: Final = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", re.ASCII)
_CHARGE: Final = re.compile(r"(?=.*[1-9])[0-9]{1,8}(\.[0-9]{1,6})?", re.ASCII)


def read_fees(files: Sequence[Brought], family: Collection[str], problems: list[str]) -> tuple[list[Row], list[LicensedFile]]:
    """Read the fee schedules as rows of the table `fee`: charges for codes that this product can bill.

    Every row is checked; a code has one charge a day in all files together.
    """
    rows: list[Row] = []
    told = []
    spans: dict[str, list[tuple[date, date | None, str]]] = {}
    for brought in files:
        reading = Reading(str(brought.path))
        try:
            for number, cells in read_columns(brought.path, _COLUMNS):
                reading.lines += 1
                days = _read_days(cells, number, reading)
                if days is None:
                    continue
                place = f"{brought.name} line {number}"
                known = spans.setdefault(cells["code"], [])
                clash = next((one for one in known if _overlap(one, days)), None)
                if clash:
                    reading.add(number, f"{cells['code']} has a charge on these days already, in {clash[2]}")
                    continue
                known.append((*days, place))
                if cells["code"] in family:
                    reading.used += 1
                    source = Source(f"Fee schedule {brought.path.stem}, line {number}", brought.name, brought.read_on)
                    name = f"fee-{cells['code']}-{days[0]:%Y%m%d}"
                    rows.append(Row(name, {"code": (cells["code"],)}, {"charge": cells["charge"]}, *days,
                                    reverse=False, source=source, rank=1))
        except SheetError as error:
            reading.add(None, str(error))
        if not reading.lines and not reading.problems:
            reading.add(None, "no charges below the heading")
        problems += reading.problems
        told.append(LicensedFile(brought.kind, brought.name, brought.path.stem, reading.lines, reading.used))
    return rows, told


def _read_days(cells: dict[str, str], number: int, reading: Reading) -> tuple[date, date | None] | None:
    """Check a row, and give its days; None where something is wrong."""
    if not _CODE.fullmatch(cells["code"]):
        reading.add(number, "the code is no CPT or HCPCS code: five characters were expected")
        return None
    if not _CHARGE.fullmatch(cells["charge"]):
        reading.add(number, "the charge is no exact amount above zero, such as 185.00, without sign or separator")
        return None
    is_workbook = reading.file.lower().endswith(".xlsx")
    try:
        start, end = (read_date(cells.get(name, ""), of_workbook=is_workbook) for name in ("from", "to"))
    except ValueError:
        start = None
    if start is None:
        reading.add(number, "from and to are days as YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY; to may be left empty")
        return None
    if end is not None and end < start:
        reading.add(number, "the charge ends before it begins")
        return None
    return start, end


def _overlap(one: tuple[date, date | None, str], other: tuple[date, date | None]) -> bool:
    return (one[1] is None or other[0] <= one[1]) and (other[1] is None or one[0] <= other[1])
