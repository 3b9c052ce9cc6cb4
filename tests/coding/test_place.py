"""Every place of service with every kind of provider: only what the table pays has a form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapter.coding.decision import Visit
from adapter.coding.place import Setting, decide_place
from adapter.terms import Act, RefillFacts, Told
from tests.coding.decisions import context, site

DAY = date(2026, 3, 2)
TABLES = context().rule_book.tables
KNOWN = sorted({place for row in TABLES["place-of-service"].rows for place in row.when["place"]})
PAID = {("11", "practice"): ("professional", None), ("49", "practice"): ("professional", None), ("19", "hospital"): ("institutional", "0131"), ("22", "hospital"): ("institutional", "0131")}
PAYER = next(payer for payer in site("practice").payers if payer.places == ("12",))


def decide(*places, kind="practice", payer=None):
    facts = RefillFacts(acts=(Act("Procedure", Told("completed", "status")),), places=tuple(Told(one, f"Location[{n}].type") for n, one in enumerate(places)), place_expected="Procedure.location")
    return decide_place(Visit(facts, replace(site("practice"), kind=kind), TABLES, DAY, DAY, DAY), payer)


@pytest.mark.parametrize("kind", ["practice", "hospital", "asc"])
def test_a_pair_has_a_form_only_where_it_is_paid(kind):
    for place in KNOWN:
        decided = decide(place, kind=kind)
        form, bill_type = PAID.get((place, kind), (None, None))
        assert decided.value == Setting(place, form, bill_type)
        assert [issue.rule for issue in decided.issues] == ([] if form else ["place.not-billable"])


@pytest.mark.parametrize("place", ["", "1", "011", "11 ", "00", "28", "59", "98", "1A", "\u0661\u0661"])
def test_a_code_outside_the_set_is_unknown(place):
    assert place not in KNOWN
    assert [issue.rule for issue in decide(place).issues] == ["place.unknown"]


def test_a_payers_places_are_for_practices_alone():
    assert decide("12", payer=PAYER).value.form == "professional"
    assert decide("32", payer=PAYER).value.form is None
    assert decide("12", kind="hospital", payer=PAYER).value.form is None


def test_all_places_must_agree():
    assert decide("11", "11").value.form == "professional"
    (issue,) = decide("11", "22").issues
    assert (issue.rule, issue.expression) == ("place.contradiction", ("Location[0].type", "Location[1].type"))


def test_no_place_names_where_it_was_expected():
    (issue,) = decide().issues
    assert (issue.rule, issue.expression) == ("place.missing", ("Procedure.location",))
