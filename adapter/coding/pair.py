"""Do two other services of the day exclude each other? NCCI pairs beside the refill, by code and kind of provider."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

from adapter.coding.decision import Decision, Visit, by_row
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.tables import Row
from adapter.terms import Dropped

__all__ = ["SEPARATE", "drop_paired", "find_pairs"]

# What tells two services of a pair apart; an X modifier before 59.
SEPARATE = ("XE", "XS", "XU", "59")


def find_pairs(visit: Visit, codes: Iterable[str]) -> dict[str, Row]:
    """Give each code that another of the day excludes (column 2), with the row of its strictest pair."""
    found: dict[str, Row] = {}
    for one, two in permutations(dict.fromkeys(codes), 2):
        row = visit.one("pair", column_1=one, column_2=two, kind=visit.site.kind)
        if row is not None and (two not in found or row.text("indicator") == "0"):
            found[two] = row
    return found


def drop_paired(visit: Visit, lines: tuple[DraftLine, ...]) -> Decision[tuple[tuple[DraftLine, ...], tuple[Dropped, ...]]]:
    """Drop each line that another line excludes; indicator 1 lets it stand with a modifier that tells the two apart."""
    pairs = find_pairs(visit, [line.code for line in lines]) if len(lines) > 1 else {}
    if not pairs:
        return Decision((lines, ()))
    kept: list[DraftLine] = []
    dropped: list[Dropped] = []
    issues: list[Issue] = []
    for line in lines:
        row = pairs.get(line.code)
        if row is None or (row.text("indicator") == "1" and set(SEPARATE) & set(line.modifiers)):
            kept.append(line)
            continue
        dropped.append(Dropped(line.code, row.id, line.source))
        if row.text("indicator") == "1":
            text = f"{line.code} is not billed beside {row.when['column_1'][0]}: 59, XE, XS or XU on it was expected."
            issues.append(by_row(visit.issue("same-day.not-separate", text, line.source), row))
    return Decision((tuple(kept), tuple(dropped)), tuple(issues))
