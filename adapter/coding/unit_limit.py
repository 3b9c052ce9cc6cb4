"""How many units of a code a payer takes on one day: medically unlikely edits, all lines of the day added up."""

from __future__ import annotations

from decimal import Decimal

from adapter.coding.decision import Visit, by_row
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.terms import SitePayer

__all__ = ["judge_unit_limits"]

# What an adjudication indicator (MAI) leaves open, by CMS.
_REMEDY = {
    "1": "Each line is limited by itself: split the lines with the modifier that says why.",
    "2": "No appeal lifts it.",
    "3": "Neither a second line nor 76 or 77 lifts it; more is paid on appeal alone.",
}


def judge_unit_limits(visit: Visit, lines: tuple[DraftLine, ...], payer: SitePayer | None) -> list[Issue]:
    """Warn where a line (MAI 1), or the lines of a code together (MAI 2 and 3), are more units than Medicare pays a day.

    The edits are Medicare's: other payers have limits of their own, and nothing is said of them.
    Source: the table unit-limit, by code and kind of provider. Units that were thrown away (JW) count too.
    """
    if payer is None or payer.kind != "medicare":
        return []
    issues = []
    for code in dict.fromkeys(line.code for line in lines):
        row = visit.one("unit-limit", code=code, kind=visit.site.kind)
        if row is None:
            continue
        ours = [line for line in lines if line.code == code]
        units = max(line.units for line in ours) if row.text("mai") == "1" else sum((line.units for line in ours), Decimal(0))
        if units > Decimal(row.text("most")):
            text = f"{units:f} units of {code} are billed and {row.text('most')} are paid a day. {_REMEDY[row.text('mai')]}"
            issues.append(by_row(visit.issue("unit-limit.exceeded", text, *[line.source for line in ours]), row))
    return issues
