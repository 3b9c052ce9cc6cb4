"""Which drug is it: its HCPCS code, its package code in eleven digits, and the site's row for the package."""

from __future__ import annotations

import re
from functools import lru_cache

from adapter.coding.decision import Decision, Visit
from adapter.issues import Issue
from adapter.tables import Row, Table
from adapter.tables.table import in_force
from adapter.terms import Drug, SiteDrug, Told
from adapter.terms.ndc import pad_ndc

__all__ = ["decide_ndc", "find_drug_codes", "find_site_drug", "find_substances", "is_chemotherapy"]

_WORD = re.compile(r"[a-z]+")


def is_chemotherapy(code: str) -> bool:
    """Tell whether a HCPCS code is of the chemotherapy drugs J9000 to J9999.

    >>> is_chemotherapy("J9200"), is_chemotherapy("J3285")
    (True, False)
    """
    return re.fullmatch(r"J9[0-9]{3}", code) is not None


def find_site_drug(visit: Visit, drug: Drug) -> SiteDrug | None:
    """Find the site's row for the package that an administration names."""
    known = visit.site.drugs_by_ndc
    rows = {row.ndc: row for told in drug.ndc for row in known.get(pad_ndc(told.value) or told.value, ())}
    return next(iter(rows.values())) if len(rows) == 1 else None


def find_drug_codes(visit: Visit, drug: Drug) -> tuple[str, ...]:
    """Give the HCPCS codes that an administration tells, itself or through the site's row for its package."""
    codes = visit.codes.get(drug.source)
    if codes is None:
        row = find_site_drug(visit, drug)
        codes = tuple(dict.fromkeys([*(one.value for one in drug.hcpcs), *([row.hcpcs] if row else [])]))
        visit.codes[drug.source] = codes
    return codes


def find_substances(visit: Visit, drug: Drug) -> tuple[Row, ...]:
    """Find the rows of the drugs that an administration names in words, itself or in an ingredient: a compound has no code."""
    if not drug.words:
        return ()
    words = " ".join(drug.words).lower()
    rows = [row for row in _named(visit.tables["drug"]) if row.text("substance") in words and in_force(row, visit.table_day)]
    return tuple(row for row in rows if row.text("substance") in _WORD.findall(words))


@lru_cache(maxsize=8)
def _named(table: Table) -> tuple[Row, ...]:
    return tuple(row for row in table.rows if "substance" in row.then)


def decide_ndc(visit: Visit, drug: Drug) -> Decision[str | None]:
    """Decide the eleven-digit NDC of an administration: all that it tells must be one package."""
    row = find_site_drug(visit, drug)
    codes: dict[str, Told[str]] = {}
    issues: list[Issue] = []
    for told in drug.ndc:
        padded = pad_ndc(told.value) or (pad_ndc(row.ndc) if row else None)
        if padded is None:
            text = "The NDC cannot be made eleven digits: the label's hyphens were expected, or a row of the site file."
            issues.append(visit.issue("drug.ndc-ambiguous", text, told.source))
        else:
            codes.setdefault(padded, told)
    if len(codes) > 1:
        text = "The administration names several packages."
        issues.append(visit.issue("drug.ndc-contradiction", text, *[told.source for told in codes.values()]))
    return Decision(next(iter(codes)) if len(codes) == 1 and not issues else None, tuple(issues))
