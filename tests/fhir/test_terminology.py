"""The tables as resources: every row is there with its days and source, and is read back as it stands."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from adapter.fhir.code_library import Coded, read_library
from adapter.fhir.systems import CPT, HCPCS, SNOMED, own_code_system, own_structure
from adapter.fhir.terminology import fact_uri, write_terminology
from adapter.load import load_rule_book
from adapter.tables import Tables

TABLES = load_rule_book().tables
TREES = list(write_terminology(TABLES))
# What holds something else than codes to codes: how the product names, files or measures.
NOT_CODES = {
    "unit", "filing-indicator", "diagnosis-ended", "own-code", "place-of-service",
    "unit-limit", "pair", "fee", "tolerance", "pump-model", "interval", "denial", "flow-unit",
    "diagnosis-group", "discarded", "ndc-layout", "ndc-unit", "payer", "payer-id", "revenue",
}


def find(kind, name, trees=TREES):
    (tree,) = [one for one in trees if (one["resourceType"], one["id"]) == (kind, name)]
    return tree


def rows_of(tree):
    """Give the ids of the rows that the extension table-row names anywhere in a tree."""
    found = []
    if isinstance(tree, dict):
        if tree.get("url") == own_structure("table-row"):
            found += [part["valueString"] for part in tree["extension"] if part["url"] == "row"]
        tree = list(tree.values())
    for each in tree if isinstance(tree, list) else []:
        found += rows_of(each)
    return found


def test_every_row_of_every_table_of_codes_is_in_a_concept_map():
    told = {row for tree in TREES if tree["resourceType"] == "ConceptMap" for row in rows_of(tree)}
    wanted = {row.id for name, table in TABLES.tables.items() if name not in NOT_CODES for row in table.rows}
    observed = {row.when["code"][0] for row in TABLES["own-code"].find(None, system="refill-observation")}
    by_resource = {row.id for row in TABLES["documentation"].rows if not observed & set(row.texts("shown_by"))}
    assert {f"documentation-{name}" for name in ("consent", "lot-of-each-drug", "performer", "order")} <= by_resource
    without_unit = {row.id for row in TABLES["drug"].rows if "unlisted" in row.then}
    assert wanted - told == by_resource | without_unit


def test_a_row_that_is_left_out_is_seen():
    act = TABLES["act"]
    fewer = Tables({**TABLES.tables, "act": replace(act, rows=act.rows[1:])}, TABLES.rules, TABLES.sources)
    assert act.rows[0].id not in rows_of(find("ConceptMap", "refill-act-code", list(write_terminology(fewer))))


def test_urls_ids_and_versions_are_those_of_one_product_and_none_stands_twice():
    assert [one for one, count in Counter(tree["url"] for tree in TREES).items() if count > 1] == []
    for tree in TREES:
        assert tree["url"] == f"https://refill-adapter.example/fhir/{tree['resourceType']}/{tree['id']}"
        assert (tree["version"], tree["status"]) == ("0.1.0", "active")


def test_a_code_of_cpt_has_no_display_and_the_resource_says_whose_it_is():
    tree = find("ConceptMap", "refill-act-code")
    assert "descriptors" in tree["copyright"]
    assert all("display" not in element for group in tree["group"] for element in group["element"])
    assert {group["target"] for group in tree["group"]} == {CPT, HCPCS}


def test_a_code_set_is_told_by_the_form_of_the_code_and_a_route_by_its_digits():
    include = find("ValueSet", "accepted-route")["compose"]["include"]
    assert {part["system"] for part in include} == {SNOMED, own_code_system("delivery-route")}
    assert all(concept["code"].isdigit() == (part["system"] == SNOMED) for part in include for concept in part["concept"])


def test_a_table_that_says_when_a_code_ended_says_so_in_the_map():
    library = read_library(TREES)
    (told,) = [one for one in library.maps["https://refill-adapter.example/fhir/ConceptMap/drug-unit"].mappings if one.source == Coded(HCPCS, "J1170")]
    assert (told.days.end, told.products[fact_uri("amount")], told.target.code) == (date(2024, 9, 30), "4", "mg")


@pytest.mark.parametrize("row", TABLES["act"].rows, ids=lambda row: row.id)
def test_each_row_of_the_act_table_comes_back_from_its_map_with_all_its_facts(row):
    mappings = read_library(TREES).maps["https://refill-adapter.example/fhir/ConceptMap/refill-act-code"].mappings
    told = [one for one in mappings if one.target.code in row.texts("code") and one.source.code in row.when["act"]]
    facts = {fact_uri(key): set(values) for key, values in row.when.items() if key != "act"}
    found = [one for one in told if one.depends_on.keys() == facts.keys() and all(one.depends_on[key] in facts[key] for key in facts)]
    count = len(row.texts("code"))
    for values in facts.values():
        count *= len(values)
    assert len(found) == count
    assert {one.days.start for one in found} == {row.start}
