"""Who pays: the one row of the site that the payor's identifiers name, filed in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.coding.payer import decide_authorisations, decide_insurance, find_payer, judge_filing
from adapter.terms import Act, Authorisation, CoverageFacts, Person, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
SITE = site("practice")
MEDICARE, STRICT, BLUE = SITE.payers[0], SITE.payers[4], SITE.payers[5]
MEMBER = "1EG4TE5MK73"


def coverage(*payers, name="0", **more):
    told = tuple(Told(one, f"Payor[{number}]") for number, one in enumerate(payers))
    return CoverageFacts(f"Coverage{name}", told, **{"member_id": Told(MEMBER, "member"), "relationships": (Told("self", "relationship"),), "order": 1, **more})


def visit(*coverages, as_of=DAY, **facts):
    known = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), patient=Person("Placeholder"), coverages=coverages, **facts)
    return Visit(known, SITE, context().rule_book.tables, DAY, DAY, as_of)


def found(*coverages):
    decided = find_payer(visit(*coverages))
    return decided.value[0].id if decided.value else None, [issue.rule for issue in decided.issues]


@pytest.mark.parametrize(("coverages", "expected"), [
    ((), (None, ["coverage.missing"])), ((coverage("90001", is_in_force=False),), (None, ["coverage.not-in-force"])),
    ((coverage("x", "90001"),), ("90001", [])), ((coverage("90001", "90001"),), ("90001", [])), ((coverage(),), (None, ["payer.unknown"])),
    ((coverage("90001 "),), (None, ["payer.unknown"])), ((coverage("90001", "90002"),), (None, ["payer.unknown"])),
    ((coverage("90003", order=2), coverage("90001", name="1")), ("90001", [])), ((coverage("90003"), coverage("90001", name="1")), (None, ["coverage.order-missing"])),
    ((coverage("90003", order=None), coverage("90001", name="1")), (None, ["coverage.order-missing"])), ((coverage("90003", order=None),), ("90003", [])),
    ((coverage("90003", is_in_force=False), coverage("90001", name="1")), ("90001", [])), ((coverage("90001", order=2),), (None, ["coverage.primary-missing"])),
])
def test_the_primary_payer_is_named_or_nobody_is(coverages, expected):
    assert found(*coverages) == expected
    assert found(*coverages[::-1]) == expected


@pytest.mark.parametrize(("days", "rules"), [(-1, ["service-date.in-future"]), (0, []), (75, []), (76, ["filing.soon-late"]), (90, ["filing.soon-late"]), (91, ["filing.late"])])
def test_the_filing_limit_is_judged_to_the_day(days, rules):
    assert [issue.rule for issue in judge_filing(visit(as_of=DAY + timedelta(days=days)), BLUE)] == rules


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_a_claim_is_late_only_past_its_limit(limit, days):
    payer = replace(BLUE, timely_filing_days=limit)
    rules = [issue.rule for issue in judge_filing(visit(as_of=DAY + timedelta(days=days)), payer)]
    assert rules == (["filing.late"] if days > limit else ["filing.soon-late"] if days >= limit - 14 else [])


def insured(payer=MEDICARE, **more):
    one = coverage(payer.id, **more)
    decided = decide_insurance(visit(one), (payer, one), "professional")
    return decided.value.insurance, [issue.rule for issue in decided.issues if issue.is_error]


@pytest.mark.parametrize(("changes", "rules", "relationship"), [
    ({}, [], "self"), ({"relationships": (), "subscriber_is_patient": True}, [], "self"), ({"relationships": ()}, ["coverage.relationship-missing"], None),
    ({"relationships": (Told("child", "r"),), "subscriber": Person("Parent")}, [], "child"), ({"relationships": (Told("child", "r"),)}, ["coverage.subscriber-missing"], "child"),
    ({"subscriber": Person("Parent")}, ["coverage.relationship-contradiction"], "self"),
    ({"relationships": (Told("self", "r"), Told("spouse", "s"))}, ["coverage.relationship-contradiction"], None),
    ({"relationships": (Told("self", "r"), Told("self", "s"))}, [], "self"),
    ({"groups": (Told(("G1", None), "g"), Told(("G2", None), "h"))}, ["coverage.group-contradiction"], "self"),
    ({"groups": (Told(("G1", None), "g"), Told(("G1", None), "h"))}, [], "self"),
    ({"relationships": (Told("spouse", "r"),), "subscriber_is_patient": True}, ["coverage.relationship-contradiction"], "spouse"),
    ({"member_id": None}, ["coverage.member-id-missing"], None),
])
def test_a_coverage_is_complete_or_says_what_is_missing(changes, rules, relationship):
    insurance, said = insured(**changes)
    assert said == rules
    assert (insurance.relationship if insurance else None) == relationship


@pytest.mark.parametrize(("member", "is_right"), [(MEMBER, True), ("1eg4-te5-mk73", True), ("1EG4TE5MK7", False), ("0EG4TE5MK73", False), ("1SG4TE5MK73", False),
    ("1EG4TE5MK7A", False), ("1EG4TE5MK733", False), ("123456789A", False)])
def test_a_medicare_number_has_its_form_and_another_payers_number_has_none(member, is_right):
    one = coverage("90001", member_id=Told(member, "member"))
    said = [issue.rule for issue in decide_insurance(visit(one), (MEDICARE, one), "professional").issues]
    assert said == ([] if is_right else ["coverage.member-id-form"])
    other = coverage("90005", member_id=Told(member, "member"))
    assert decide_insurance(visit(other), (STRICT, other), "professional").issues == ()


@pytest.mark.parametrize(("payer", "form", "indicator"), [(MEDICARE, "professional", "MB"), (MEDICARE, "institutional", "MA"), (BLUE, "professional", "BL"), (STRICT, "institutional", "CI"),
    (replace(STRICT, filing_indicator="HM"), "professional", "HM")])
def test_the_filing_indicator_follows_the_kind_of_payer_unless_the_site_says_it(payer, form, indicator):
    one = coverage(payer.id)
    assert decide_insurance(visit(one), (payer, one), form).value.insurance.filing_indicator == indicator


def authorised(*known, codes=("96522", "J9200"), payer=STRICT):
    decided = decide_authorisations(visit(authorisations=known), payer, tuple(DraftLine(code, Decimal(1)) for code in codes))
    return decided.value, [issue.rule for issue in decided.issues]


@pytest.mark.parametrize(("known", "value", "rules"), [
    ((), (None, (None, None)), ["authorisation.missing"]), ((Authorisation("A", "N1"),), ("N1", (None, None)), []),
    ((Authorisation("A", "N1", ("J9200",)),), (None, (None, "N1")), []), ((Authorisation("A", "N1", ("96522",)),), (None, ("N1", None)), ["authorisation.missing"]),
    ((Authorisation("A", "N1"), Authorisation("B", "N2")), ("N1", (None, None)), ["authorisation.contradiction"]),
    ((Authorisation("A", "N1"), Authorisation("B", "N1")), ("N1", (None, None)), []),
    ((Authorisation("A", "N1", payer_identifiers=("90005",)),), ("N1", (None, None)), []), ((Authorisation("A", "N1", payer_identifiers=("90001",)),), (None, (None, None)), ["authorisation.missing"]),
])
def test_an_authorisation_is_for_what_it_names(known, value, rules):
    assert authorised(*known) == (value, rules)


@pytest.mark.parametrize(("code", "is_asked"), [("J8999", False), ("J9000", True), ("J9999", True), ("K0001", False), ("J3285", False), ("J90000", False)])
def test_a_range_of_codes_holds_its_ends_and_nothing_else(code, is_asked):
    assert authorised(codes=(code,))[1] == ["authorisation.missing"] * is_asked


def test_a_coverage_that_is_second_alone_is_asked_about_at_its_order():
    (issue,) = find_payer(visit(coverage("90001", order=2))).issues
    assert (issue.rule, issue.expression) == ("coverage.primary-missing", ("Coverage0.order",))
