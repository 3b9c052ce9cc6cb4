"""Where does the site file differ from what the tables say of payers and revenue codes? Notes: the site file decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adapter.tables import Row, Tables
from adapter.terms import Site, SitePayer

__all__ = ["compare_site"]

_REFILL = "96522"


def compare_site(site: Site, tables: Tables, day: date) -> Iterator[str]:
    """Give a sentence for each value of a site file that differs from the reference tables on a day.

    Compared: `[[payer]]` kind, timely_filing_days and drug_authorisation by its id; `[[revenue]]` by its code.
    """
    for payer in site.payers:
        known = tables.one("payer-id", day, code=payer.id, clearinghouse=None, transaction="837P")
        row = tables.one("payer", day, payer=known.text("payer")) if known else None
        if row is not None:
            yield from (f"payer {payer.id}: {note} ({row.source})" for note in _compare_payer(payer, row))
    for code, revenue in sorted(site.revenue.items()):
        line = _revenue_line(code, tables, day)
        rows = tables["revenue"].find(day, line=line) if line else ()
        told = {one for row in rows for key in ("usual", "others") if key in row.then for one in row.texts(key)}
        if told and revenue not in told:
            yield f"revenue code {revenue} for {code}: usual are {', '.join(sorted(told))} ({rows[0].source})"


def _compare_payer(payer: SitePayer, row: Row) -> Iterator[str]:
    if payer.kind != row.text("kind"):
        yield f"kind is {payer.kind}; sources name {row.text('kind')}"
    days = int(row.text("filing_days"))
    if payer.timely_filing_days is None:
        yield f"no timely_filing_days: a late claim is not noticed; sources name {days} days"
    elif payer.timely_filing_days > days:
        yield f"timely_filing_days is {payer.timely_filing_days}; sources name {days} days, and a contract may say more"
    wanted = set(row.texts("drug_authorisation")) if "drug_authorisation" in row.then else set()
    for entry in sorted(wanted - set(payer.drug_authorisation)):
        yield f"drug_authorisation does not name {entry}; sources say that it is asked for"


def _revenue_line(code: str, tables: Tables, day: date) -> str | None:
    """Name the line of a code in the words of the table `revenue`; None where it is none of these."""
    if code == _REFILL:
        return "refill"
    drug = tables.one("drug", day, code=code)
    if drug is not None:
        return "packaged" if drug.then.get("packaged") is True else "drug"
    beside = {row.text("relation") for row in tables["same-day"].find(day, code=code)}
    return next((line for line in ("kit", "visit") if line in beside), None)
