"""Which drug: package codes in every layout, and the site's row for a package."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from adapter.coding.decision import Visit
from adapter.coding.drug_code import decide_ndc, find_drug_codes, find_site_drug, is_chemotherapy, pad_ndc
from adapter.terms import Act, Drug, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
FACTS = RefillFacts(acts=(Act("Procedure", Told("completed", "Procedure.status")),))
VISIT = Visit(FACTS, site("practice"), context().rule_book.tables, DAY, DAY, context().as_of)
LAYOUTS = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}


def drug(*ndc, hcpcs=()):
    return Drug("Drug", 0, ndc=tuple(Told(one, f"Drug.ndc[{place}]") for place, one in enumerate(ndc)), hcpcs=tuple(Told(one, "Drug.hcpcs") for one in hcpcs))


def digits(count):
    return st.text("0123456789", min_size=count, max_size=count)


@given(st.sampled_from(sorted(LAYOUTS)).flatmap(lambda sizes: st.tuples(*map(digits, sizes))))
def test_a_layout_of_a_label_is_padded_part_by_part(parts):
    padded = pad_ndc("-".join(parts))
    assert len(padded) == 11
    assert [int(padded[:5]), int(padded[5:9]), int(padded[9:])] == [int(part) for part in parts]


@given(st.tuples(*[st.integers(0, 7).flatmap(digits) for _ in range(3)]))
def test_any_other_layout_is_not_guessed(parts):
    known = tuple(map(len, parts)) in LAYOUTS
    assert (pad_ndc("-".join(parts)) is not None) == known


@pytest.mark.parametrize("ndc", ["", "-", "--", "9876512345", "987651234567", "98765-4321", "98765-4321-01-1", "98765-*321-01", "98765 4321 01", " 98765432101",
    "98765-43²1-01", "٩٨٧٦٥-4321-01", "98765\u20134321\u201301", "98765-4321-0a"])
def test_what_is_no_package_code_is_not_padded(ndc):
    assert pad_ndc(ndc) is None


def test_eleven_digits_stay_as_they_are():
    assert pad_ndc("98765432101") == "98765432101"


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
    assert find_drug_codes(VISIT, drug("98765-4321-01", hcpcs=["J9200"])) == ("J9200",)
    assert find_drug_codes(VISIT, drug("98765-4321-01", hcpcs=["J3285"])) == ("J3285", "J9200")
    assert find_drug_codes(VISIT, drug()) == ()
