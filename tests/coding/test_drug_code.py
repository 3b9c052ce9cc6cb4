"""Which drug: package codes in every layout, and the site's row for a package."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapter.coding.decision import Visit
from adapter.coding.drug_code import decide_ndc, find_drug_codes, find_site_drug, is_chemotherapy
from adapter.terms import Act, Drug, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
FACTS = RefillFacts(acts=(Act("Procedure", Told("completed", "Procedure.status")),))
VISIT = Visit(FACTS, site("practice"), context().rule_book.tables, DAY, DAY, context().as_of)


def drug(*ndc, hcpcs=()):
    return Drug("Drug", 0, ndc=tuple(Told(one, f"Drug.ndc[{place}]") for place, one in enumerate(ndc)), hcpcs=tuple(Told(one, "Drug.hcpcs") for one in hcpcs))


@pytest.mark.parametrize(("code", "chemotherapy"), [("J8999", False), ("J9000", True), ("J9999", True), ("J90000", False), ("J900", False), ("C9399", False), ("j9000", False)])
def test_chemotherapy_is_j9000_to_j9999(code, chemotherapy):
    assert is_chemotherapy(code) == chemotherapy


@pytest.mark.parametrize("ndc", ["98765-4321-01", "98765432101"])
def test_the_site_knows_a_package_in_every_writing(ndc):
    assert find_site_drug(VISIT, drug(ndc)).hcpcs == "J9200"


def test_ten_digits_are_settled_by_the_one_row_of_the_site_and_never_by_a_guess():
    assert decide_ndc(VISIT, drug("9876123401")) == ("09876123401", (), ())
    unknown = decide_ndc(VISIT, drug("1111111111"))
    assert (unknown.value, [issue.rule for issue in unknown.issues]) == (None, ["drug.ndc-ambiguous"])


def test_packages_of_two_rows_are_no_row():
    assert find_site_drug(VISIT, drug("98765-4321-01", "98762-0456-20")) is None


def test_one_package_in_two_writings_is_one():
    assert decide_ndc(VISIT, drug("98765-4321-01", "98765432101")) == ("98765432101", (), ())


def test_two_packages_are_a_contradiction_that_names_both_places():
    decided = decide_ndc(VISIT, drug("98765-4321-01", "98762-0456-20"))
    assert decided.value is None
    (issue,) = decided.issues
    assert (issue.rule, issue.expression) == ("drug.ndc-contradiction", ("Drug.ndc[0]", "Drug.ndc[1]"))


def test_codes_are_those_of_the_record_and_of_its_package_each_once():
    assert find_drug_codes(replace(VISIT, codes={}), drug("98765-4321-01", hcpcs=["J9200"])) == ("J9200",)
    assert find_drug_codes(replace(VISIT, codes={}), drug("98765-4321-01", hcpcs=["J3285"])) == ("J3285", "J9200")
    assert find_drug_codes(replace(VISIT, codes={}), drug()) == ()
