"""Who treats: one person with a right NPI, and nobody chosen among several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, strategies as st

from adapter.coding.decision import Visit
from adapter.coding.provider import decide_facility, decide_treating_provider, judge_billing_provider
from adapter.terms import Act, Facility, Practitioner, PractitionerFacts, ProviderFacts, RefillFacts, Told
from tests.coding.decisions import context, site
from tests.strategies import npis

DAY = date(2026, 3, 2)
SITE = site("practice")
OURS = SITE.billing_provider


def visit(**facts):
    return Visit(RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), **facts), SITE, context().rule_book.tables, DAY, DAY, DAY)


def person(npi, source="Doctor", **more):
    taxonomy = more.pop("taxonomy", None)
    return PractitionerFacts(source, Practitioner(more.pop("family", "Sample"), npi=npi, taxonomy=taxonomy), **more)


def treating(*people):
    decided = decide_treating_provider(visit(practitioners=people))
    return decided.value.npi if decided.value else None, [issue.rule for issue in decided.issues]


@given(npis())
def test_a_right_npi_is_taken(npi):
    assert treating(person(npi)) == (npi, [])


@given(npis(), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_caught(npi, place, step):
    wrong = npi[:place] + str((int(npi[place]) + step) % 10) + npi[place + 1:]
    assert treating(person(wrong))[1] == ["performer.npi-invalid"]


@pytest.mark.parametrize("npi", ["199399990", "19939999077", "1993 99990", "3993999903", "199399990X", "\u0661\u0669\u0669\u0663\u0669\u0669\u0669\u0669\u0660\u0667"])
def test_what_is_no_npi_by_its_form_is_caught(npi):
    assert treating(person(npi))[1] == ["performer.npi-invalid"]


@pytest.mark.parametrize(("people", "expected"), [
    ((), (None, ["performer.missing"])), ((person(None),), (None, ["performer.missing"])),
    ((person("1882999901"), person("1993999907", "Chief", is_supervisor=True)), ("1882999901", [])),
    ((person(None, "Nurse"), person("1993999907", "Chief", is_supervisor=True)), ("1993999907", [])),
    ((person(None, "Nurse"), person("1993999907", "Chief", is_supervisor=True, is_named=True), person("1882999901", "Guest", is_supervisor=True)), ("1993999907", [])),
    ((person(None, "Nurse"), person("1993999907", "Chief", is_supervisor=True), person("1882999901", "Guest", is_supervisor=True)), (None, ["performer.ambiguous"])),
    ((person("1882999901"), person("1993999907", "Second")), (None, ["performer.ambiguous"])),
    ((person("1882999901"), person("1882999901", "Again")), ("1882999901", [])), ((person("1882999901", family=""),), ("1882999901", ["performer.name-missing"])),
])
def test_one_person_treats_or_none_is_chosen(people, expected):
    assert treating(*people) == expected


def test_the_entry_that_tells_a_taxonomy_is_kept():
    people = (person("1882999901"), person("1882999901", "Role", taxonomy="207RX0202X"))
    assert decide_treating_provider(visit(practitioners=people)).value.taxonomy == "207RX0202X"
    assert decide_treating_provider(visit(practitioners=people[::-1])).value.taxonomy == "207RX0202X"


@pytest.mark.parametrize(("npis_of", "tax_ids", "rules"), [
    ((OURS.npi,), (), []), (("1882999901",), (), ["provider.differs"]), (("1882999901", OURS.npi), (), []), ((), (OURS.tax_id,), []),
    ((), ("000000000",), ["provider.differs"]), ((), (), ["provider.not-identified"]), (("1882999901",), (OURS.tax_id,), ["provider.differs"]),
])
def test_the_service_provider_is_ours_or_the_record_says_so(npis_of, tax_ids, rules):
    assert [issue.rule for issue in judge_billing_provider(visit(providers=(ProviderFacts("Org", npis_of, tax_ids),)))] == rules


@pytest.mark.parametrize(("change", "is_other"), [({}, False), ({"postal_code": OURS.address.postal_code[:5]}, False), ({"line": ("1 billing way",)}, False),
    ({"line": ("2 Billing Way",)}, True), ({"postal_code": "10001"}, True)])
def test_a_facility_is_named_only_where_its_street_is_another(change, is_other):
    facility = Facility("Suite", replace(OURS.address, **change))
    assert decide_facility(visit(facilities=(Told(facility, "Location"),))) == (facility if is_other else None)
