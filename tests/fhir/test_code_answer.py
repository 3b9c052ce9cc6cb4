"""Answers about codes: every match with its equivalence, on the day that is asked for, in both directions."""

from dataclasses import replace
from datetime import date

import pytest

from adapter.fhir.code_answer import lookup_code, translate_code, validate_code
from adapter.fhir.code_library import Coded, Days, read_library
from adapter.fhir.code_question import CodeQuestion
from adapter.fhir.systems import BASE, CPT, HCPCS, SNOMED, own_code_system
from adapter.fhir.terminology import fact_uri, write_terminology
from adapter.load import load_rule_book
from adapter.tables import Tables

TABLES = load_rule_book().tables
LIBRARY = read_library(write_terminology(TABLES))
DAY = date(2026, 3, 2)


def told(outcome, name="match"):
    """Give the parts of each match by their names, or the values of another parameter."""
    parts = [part for part in outcome.value["parameter"] if part["name"] == name]
    if name != "match":
        return [value for part in parts for key, value in part.items() if key != "name"]
    return [{each["name"]: each.get("valueCode") or each.get("valueCoding") or each.get("valueUri") for each in part["part"]} for part in parts]


def matches(map_name, system, code, library=LIBRARY, **more):
    question = CodeQuestion((Coded(system, code),), f"{BASE}/ConceptMap/{map_name}", day=more.pop("day", DAY), **more)
    return [(one["equivalence"], one["concept"]["code"]) for one in told(translate_code(question, library))]


@pytest.mark.parametrize("row", TABLES["act"].rows, ids=lambda row: row.id)
def test_an_act_with_the_facts_of_its_row_has_the_code_of_the_row_and_no_other(row):
    facts = {fact_uri(key): values[0] for key, values in row.when.items() if key != "act"}
    found = matches("refill-act-code", own_code_system("refill-act"), row.when["act"][0], facts=facts, day=row.start)
    assert {code for _, code in found} >= set(row.texts("code"))
    same = TABLES["act"].find(row.start, **{key: values[0] for key, values in row.when.items()})
    assert {code for _, code in found} == {code for one in same for code in one.texts("code")}
    assert {equivalence for equivalence, _ in found} == {"narrower"}


def test_without_facts_every_code_of_the_act_is_a_match_and_says_what_it_depends_on():
    question = CodeQuestion((Coded(own_code_system("refill-act"), "refill"),), f"{BASE}/ConceptMap/refill-act-code", day=DAY)
    found = told(translate_code(question, LIBRARY))
    assert {one["concept"]["code"] for one in found} == {"96522", "96521", "95990", "95991", "62369", "62370"}
    assert all("dependsOn" in one for one in found)


def test_a_code_is_read_back_to_its_acts_with_the_equivalence_turned():
    assert set(matches("refill-act-code", CPT, "96522", is_reverse=True)) == {("wider", "refill")}
    spinal = matches("route", own_code_system("delivery-route"), "intrathecal", is_reverse=True)
    assert set(spinal) == {("equivalent", "72607000"), ("equal", "intrathecal")}


def test_a_route_of_snomed_ct_is_ours_and_leads_to_its_branch():
    assert matches("route", SNOMED, "58100008") == [("equivalent", "intra-arterial")]
    assert matches("route-class", SNOMED, "58100008") == [("wider", "systemic")]


@pytest.mark.parametrize(("code", "day", "unit"), [
    ("J1170", date(2024, 9, 30), ["mg"]), ("J1170", date(2024, 10, 1), []), ("J1171", date(2024, 9, 30), []), ("J1171", date(2024, 10, 1), ["mg"]),
    ("J1170", None, []), ("J1171", None, ["mg"]),
])
def test_a_day_over_the_boundary_changes_what_the_table_says(code, day, unit):
    assert [found for _, found in matches("drug-unit", HCPCS, code, day=day)] == unit


def test_all_maps_are_asked_where_none_is_named_and_value_sets_and_systems_narrow_them():
    coded = (Coded(CPT, "96530"),)
    sources = {one["source"] for one in told(translate_code(CodeQuestion(coded, day=DAY), LIBRARY))}
    assert {one.rpartition("/")[2] for one in sources} == {"asserted-code|0.1.0", "asserted-act|0.1.0"}
    narrowed = CodeQuestion(coded, day=DAY, target_system=own_code_system("refill-act"))
    assert [one["concept"]["code"] for one in told(translate_code(narrowed, LIBRARY))] == ["refill"]
    other = CodeQuestion(coded, day=DAY, target=f"{BASE}/ValueSet/place-of-service")
    assert told(translate_code(other, LIBRARY), "result") == [False]


def test_no_match_is_a_result_and_a_map_that_is_not_here_an_issue():
    nothing = translate_code(CodeQuestion((Coded(CPT, "00000"),)), LIBRARY)
    assert (told(nothing, "result"), told(nothing)) == ([False], [])
    assert "holds" in told(nothing, "message")[0]
    for url in (f"{BASE}/ConceptMap/nope", f"{BASE}/ConceptMap/route|9"):
        assert [issue.rule for issue in translate_code(CodeQuestion((Coded(CPT, "96522"),), url), LIBRARY).issues] == ["terminology.unknown-map"]
    assert translate_code(CodeQuestion((Coded(CPT, "96522"),), f"{BASE}/ConceptMap/route|0.1.0"), LIBRARY).value is not None


def test_a_row_of_the_customer_wins_for_the_facts_and_days_that_it_fits():
    route = TABLES["route"]
    own = replace(route.rows[1], id="ours", when={"code": ("58100008",)}, then={"route": "intravenous", "class": "systemic"}, start=date(2026, 1, 1), rank=2)
    mine = Tables({**TABLES.tables, "route": replace(route, rows=(*route.rows, own))}, TABLES.rules, TABLES.sources)
    library = read_library(write_terminology(mine))
    assert matches("route", SNOMED, "58100008", library) == [("equivalent", "intravenous")]
    assert matches("route", SNOMED, "58100008", library, day=date(2025, 12, 31)) == [("equivalent", "intra-arterial")]


@pytest.mark.parametrize(("name", "coded", "day", "display", "result"), [
    ("accepted-route", (SNOMED, "58100008"), DAY, None, True),
    ("accepted-route", (own_code_system("delivery-route"), "epidural"), DAY, None, True),
    ("accepted-route", (SNOMED, "1"), DAY, None, False),
    ("place-of-service", ("https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set", "11"), DAY, None, True),
    ("drug-code", (HCPCS, "J1170"), date(2024, 9, 30), None, True),
    ("drug-code", (HCPCS, "J1170"), date(2024, 10, 1), None, False),
    ("drug-code", (CPT, "J9200"), DAY, None, False),
    ("refill-act", (own_code_system("refill-act"), "flush"), DAY, None, True),
    ("refill-act", (own_code_system("refill-act"), "flushed"), DAY, None, False),
    ("refill-act", (own_code_system("refill-act"), "flush"), DAY, "Flush of the catheter or port", True),
    ("refill-act", (own_code_system("refill-act"), "flush"), DAY, "Refill", False),
    ("refill-code", (CPT, "96522"), DAY, "any words: its descriptor is not held here", True),
])
def test_a_code_is_in_its_value_set_on_its_days(name, coded, day, display, result):
    question = CodeQuestion((Coded(*coded),), f"{BASE}/ValueSet/{name}", day=day, display=display)
    outcome = validate_code(question, LIBRARY)
    assert told(outcome, "result") == [result]
    assert bool(told(outcome, "message")) is not result


def test_one_code_of_a_concept_that_is_in_the_value_set_is_enough():
    codings = (Coded("urn:other", "x"), Coded(SNOMED, "47625008"))
    assert told(validate_code(CodeQuestion(codings, f"{BASE}/ValueSet/accepted-route", day=DAY), LIBRARY), "result") == [True]


def test_a_value_set_that_is_not_here_is_an_issue():
    for url in (None, f"{BASE}/ValueSet/nope"):
        assert [issue.rule for issue in validate_code(CodeQuestion((Coded(SNOMED, "1"),), url), LIBRARY).issues] == ["terminology.unknown-value-set"]


def test_a_code_of_ours_is_looked_up_and_one_of_a_licensed_system_is_not_here():
    found = lookup_code(CodeQuestion((Coded(own_code_system("pump-kind"), "port"),)), LIBRARY)
    assert [told(found, name) for name in ("name", "version", "display")] == [["PumpKind"], ["0.1.0"], ["Implanted port without a pump"]]
    for coded in (Coded(CPT, "96522"), Coded(own_code_system("pump-kind"), "nope")):
        assert [issue.rule for issue in lookup_code(CodeQuestion((coded,)), LIBRARY).issues] == ["terminology.unknown-code"]


def test_value_sets_that_filter_or_take_in_others_are_not_counted_here_and_parts_of_code_systems_are_no_whole():
    trees = [
        {"resourceType": "ValueSet", "url": f"urn:{number}", "compose": compose}
        for number, compose in enumerate((
            {"include": [{"system": "urn:s", "filter": [{}]}]}, {"include": [{"valueSet": ["urn:v"]}]}, {"include": [{"system": "urn:s"}], "exclude": [{}]}, {},
        ))
    ]
    library = read_library([*trees, {"resourceType": "CodeSystem", "url": "urn:s", "content": "fragment", "concept": [{"code": "a"}]}])
    assert (library.value_sets, library.systems) == ({}, {})
    assert Days(DAY).hold(DAY)
    assert not Days(DAY).hold(date(2026, 3, 1))
