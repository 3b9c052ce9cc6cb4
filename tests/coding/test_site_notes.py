"""The site file decides; where the tables say something else of a payer or a revenue code, a note tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapter.coding.site_notes import compare_site
from adapter.load import load_rule_book
from adapter.terms import SitePayer
from tests.coding.decisions import site

DAY = date(2026, 3, 2)
TABLES = load_rule_book().tables
UHC = SitePayer("87726", "Invented", "commercial", timely_filing_days=90, drug_authorisation=("J9000-J9999",))


def notes(*payers, revenue=None):
    return list(compare_site(replace(site("practice"), payers=payers, revenue=revenue or {}), TABLES, DAY))


@pytest.mark.parametrize(("payer", "words"), [
    (UHC, None), (replace(UHC, id="99999", kind="blue", timely_filing_days=None), None), (replace(UHC, timely_filing_days=60), None),
    (replace(UHC, kind="medicare"), ["payer 87726", "kind is medicare", "commercial"]), (replace(UHC, timely_filing_days=91), ["is 91", "90 days"]),
    (replace(UHC, timely_filing_days=None), ["no timely_filing_days", "90 days"]), (replace(UHC, drug_authorisation=()), ["J9000-J9999"]),
    (SitePayer("60054", "Invented", "commercial", timely_filing_days=180), ["payer 60054", "120 days"]),
    (SitePayer("01112", "Invented", "medicare", timely_filing_days=400), ["365 days"]), (SitePayer("00401", "Invented", "blue", timely_filing_days=90), None),
])
def test_a_payer_is_compared_with_what_sources_say_of_its_id(payer, words):
    found = notes(payer)
    assert len(found) == (words is not None)
    assert all(word in found[0] for word in words or ())


@pytest.mark.parametrize(("code", "revenue", "usual"), [
    ("96522", "0335", None), ("96522", "0260", None), ("96522", "0636", "0335"), ("J9200", "0636", None), ("J9200", "0258", None), ("J9200", "0335", "0636"),
    ("J1644", "0250", None), ("J1644", "0510", "0250"), ("A4220", "0270", None), ("A4220", "0510", "0270"), ("G0463", "0510", None), ("G0463", "0250", "0510"),
    ("36591", "0999", None),
])
def test_a_revenue_code_is_compared_with_the_usual_ones_of_its_line(code, revenue, usual):
    found = notes(revenue={code: revenue})
    assert len(found) == (usual is not None)
    assert usual is None or (usual in found[0] and f"revenue code {revenue} for {code}" in found[0])
