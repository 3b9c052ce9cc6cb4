"""What the shipped tables say of each other: a word of one that another must know."""

from datetime import date
from itertools import product

import pytest

from adapter.fhir.claim_drug import NDC_UNITS
from adapter.load import load_rule_book
from adapter.settings.keys import SECTIONS
from adapter.terms.ndc import pad_ndc

TABLES = load_rule_book().tables
DAY = date(2026, 3, 2)
# Causes of denials that no rule finds yet, or that another part of the product does.
WITHOUT_A_RULE = {"duplicate-claim", "claim-malformed"}


def causes():
    return {cause for row in TABLES["denial"].rows for cause in row.when["cause"]}


def test_every_cause_of_a_denial_is_a_documented_rule_or_a_row_or_a_known_word():
    assert causes() - TABLES.sources.keys() == WITHOUT_A_RULE


@pytest.mark.parametrize(("cause", "numbers"), [
    ("place.not-billable", ("58", "5", "97")), ("filing.late", ("29",)), ("authorisation.missing", ("197", "198")),
])
def test_a_rule_leads_to_the_numbers_of_its_denial(cause, numbers):
    assert TABLES.one("denial", DAY, cause=cause).texts("carc") == numbers


@pytest.mark.parametrize(("code", "kind", "most"), [
    ("96522", "practice", "1"), ("96522", "hospital", "1"), ("96523", "practice", "1"), ("96523", "asc", "1"), ("96523", "hospital", "2"),
    ("J9200", "practice", "5"), ("J9200", "hospital", "20"), ("J3285", "practice", "1"), ("J3285", "hospital", "9"),
])
def test_units_are_limited_by_code_and_kind_of_provider(code, kind, most):
    row = TABLES.one("unit-limit", DAY, code=code, kind=kind)
    assert (row.text("most"), row.text("mai")) == (most, "3")


def test_a_day_before_the_edition_that_was_read_has_no_limit_and_none_is_made_up():
    assert TABLES.one("unit-limit", date(2024, 6, 30), code="96522", kind="practice") is None


def test_every_reservoir_that_a_tolerance_names_is_that_of_a_pump_model():
    named = {told for row in TABLES["tolerance"].rows for told in row.when.get("capacity", ())}
    assert named == {row.text("capacity") for row in TABLES["pump-model"].rows if "capacity" in row.then}


@pytest.mark.parametrize(("facts", "expected"), [
    ({"check": "after-refill", "capacity": "20"}, {"volume": "1"}), ({"check": "after-refill", "capacity": "40"}, {"volume": "2"}),
    ({"check": "flow", "kind": "implanted-constant-flow"}, {"percent": "15"}),
    ({"check": "residual", "kind": "implanted-programmable"}, {"percent": "20", "volume": "2"}),
])
def test_each_measure_of_a_refill_has_its_tolerance(facts, expected):
    assert TABLES.one("tolerance", DAY, **facts).then == expected


@pytest.mark.parametrize(("day", "payment", "kind", "modifiers"), [
    ("2016-12-31", "apart", "practice", None), ("2017-01-01", "apart", "practice", (True, False)), ("2023-06-30", "apart", "hospital", (True, False)),
    ("2023-07-01", "apart", "practice", (True, True)), ("2023-07-01", "packaged", "practice", (True, True)), ("2023-07-01", "packaged", "asc", (False, False)),
    ("2023-07-01", "packaged", "hospital", (False, False)), ("2023-07-01", "unlisted", "practice", (False, False)),
])
def test_discarded_drugs_want_their_modifiers_from_the_day_of_the_rule(day, payment, kind, modifiers):
    row = TABLES.one("discarded", date.fromisoformat(day), container="single-dose", payment=payment, kind=kind)
    assert (row and (row.then["jw"], row.then["jz"])) == modifiers


@pytest.mark.parametrize("container", ["single-dose", "multi-dose", "compounded"])
@pytest.mark.parametrize("payment", ["apart", "packaged", "unlisted"])
@pytest.mark.parametrize("kind", ["practice", "hospital", "asc"])
def test_every_container_has_one_answer_and_only_a_single_dose_one_may_want_a_modifier(container, payment, kind):
    row = TABLES.one("discarded", DAY, container=container, payment=payment, kind=kind)
    assert row is not None
    assert container == "single-dose" or (row.then["jw"], row.then["jz"]) == (False, False)


def test_ndc_layouts_and_units_are_those_that_the_product_reads():
    known = [lengths for lengths in product(range(7), repeat=3) if pad_ndc("-".join("9" * length for length in lengths))]
    assert sorted("-".join(map(str, one)) for one in known) == sorted(row.when["layout"][0] for row in TABLES["ndc-layout"].rows)
    for row in TABLES["ndc-layout"].rows:
        lengths = [int(one) for one in row.when["layout"][0].split("-")]
        short = {"labeler": 0, "product": 1, "package": 2}.get(row.text("padded"))
        parts = ["9" * length for length in lengths]
        assert pad_ndc("-".join(parts)) == "".join("0" + part if place == short else part for place, part in enumerate(parts))
    units = {row.when["unit"][0]: (row.then["taken"], row.text("means")) for row in TABLES["ndc-unit"].rows}
    read = SECTIONS["drug"].keys["unit"].read
    assert [read(unit) for unit, (is_taken, _) in units.items() if is_taken] == ["UN", "ML", "GR", "F2"]
    with pytest.raises(ValueError):
        read("ME")
    assert units.keys() == NDC_UNITS.keys()


def test_a_diagnosis_group_changes_with_its_code():
    before, after = date(2025, 9, 30), date(2025, 10, 1)
    assert [TABLES.one("diagnosis-group", day, code="G35") is None for day in (before, after)] == [False, True]
    assert [TABLES.one("diagnosis-group", day, code="G35.D") is None for day in (before, after)] == [True, False]


def test_every_payer_id_names_a_payer_and_every_place_of_service_a_rate_or_none():
    assert {row.text("payer") for row in TABLES["payer-id"].rows} <= {name for row in TABLES["payer"].rows for name in row.when["payer"]}
    rates = {code: TABLES.one("place-of-service", DAY, place=code).then.get("rate") for code in ("11", "12", "19", "22", "24", "49", "32", "18")}
    assert rates == {"11": "non-facility", "12": "non-facility", "19": "facility", "22": "facility", "24": "facility", "49": "non-facility", "32": "non-facility", "18": None}


def test_of_all_drugs_heparin_alone_is_counted_in_units_so_that_international_units_are_its_own():
    bases = {row.when["code"][0]: TABLES.one("unit", DAY, unit=row.text("unit")).text("base") for row in TABLES["drug"].rows if "unit" in row.then}
    assert {code for code, base in bases.items() if base == "[USP'U]"} == {"J1642", "J1644"}
    assert [TABLES.one("unit", date(2009, *day), unit="[iU]").text("base") for day in ((9, 30), (10, 1))] == ["[iU]", "[USP'U]"]
