"""All files that the customer brings under licence, read and joined to the tables: loaded rows win over shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from adapter.load.brought import find_brought
from adapter.load.code_lists import read_code_lists
from adapter.load.fees import read_fees
from adapter.load.ncci import REFILL, read_mue, read_ptp
from adapter.load.pairs import pair_rows, same_day_rows
from adapter.tables import CodeList, LicensedFile, Row, Table

__all__ = ["Licensed", "add_licensed", "empty_tables"]

# Tables of which no row is shipped: prices are the customer's.
_WITHOUT_ROWS: Final = {"fee": (("code",), ("charge",))}
# Where this product names the codes that it can meet on the day of a refill: table and column.
_FAMILY: Final = (
    ("act", "code"), ("asserted", "code"), ("same-day", "code"), ("drug", "code"), ("pair", "column_1"), ("pair", "column_2"),
)


class Licensed(NamedTuple):
    """What the licensed files come to: tables with their rows added, the code lists, and what each file was."""

    tables: dict[str, Table]
    lists: dict[str, CodeList]
    files: tuple[LicensedFile, ...]


def empty_tables() -> dict[str, Table]:
    """Give the tables of which no row is shipped."""
    return {name: Table(name, keys, values, ()) for name, (keys, values) in _WITHOUT_ROWS.items()}


def add_licensed(folder: Path, tables: Mapping[str, Table], problems: list[str]) -> Licensed:
    """Read the licensed files of a folder and add their rows to the tables.

    Every file is read whole and checked; kept is what this product can meet: the codes that its tables name, and all that
    NCCI pairs with 96522. Errors: `problems` names file, line and what was expected.
    """
    files = find_brought(folder, problems)
    if not files:
        return Licensed({}, {}, ())
    family = _family(tables)
    edits, told = read_ptp([one for one in files if one.kind.startswith("ncci-ptp")], family, problems)
    family |= {code for found in edits.values() for edit in found if REFILL in edit[:2] for code in edit[:2]}
    added = {
        "same-day": list(same_day_rows(edits, _shipped(tables["same-day"]), problems)),
        "pair": list(pair_rows(edits, problems)),
    }
    added["unit-limit"], more = read_mue(files, family, problems)
    added["fee"], fees = read_fees([one for one in files if one.kind == "fee-schedule"], family, problems)
    lists, listed = read_code_lists(files, problems)
    return Licensed(
        {name: _with(tables[name], rows) for name, rows in added.items() if rows}, lists, (*told, *more, *fees, *listed)
    )


def _family(tables: Mapping[str, Table]) -> set[str]:
    """Give the codes that this product can meet: those that its tables name."""
    columns = [(row, key) for name, key in _FAMILY for row in tables[name].rows]
    told = [row.when.get(key) or row.texts(key) for row, key in columns if key in row.when or key in row.then]
    return {REFILL, *(code for codes in told for code in codes)}


def _shipped(table: Table) -> Table:
    return Table(table.name, table.keys, table.values, tuple(row for row in table.rows if not row.rank))


def _with(table: Table, rows: Iterable[Row]) -> Table:
    return Table(table.name, table.keys, table.values, (*table.rows, *rows))
