"""Where and why: Locations that were visited, diagnoses in the order that the contract gives them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapter.fhir.chart import Chart
from adapter.fhir.encounter import read_diagnoses, read_locations, read_places, read_supervisors
from adapter.terms import Diagnosis
from tests.bundles import concept
from tests.coding.decisions import context, site


def location(name, *codes, **more):
    return {"resourceType": "Location", "id": name, "type": [concept(code) for code in codes], **more}


def condition(name, *codes, **more):
    return {"resourceType": "Condition", "id": name, "code": concept(codes) if codes else {"text": "words"}, **more}


def to(name):
    return {"reference": name}


def chart(*resources):
    return Chart({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}, context().rule_book.tables, site("practice"))


def stay(name, **more):
    return {"location": to(f"Location/{name}"), **more}


@pytest.mark.parametrize(("procedure", "encounter", "expected"), [
    ({"location": to("Location/a")}, {}, ["a"]), ({}, {"location": [stay("a"), stay("b")]}, ["a", "b"]), ({"location": to("Location/b")}, {"location": [stay("b"), stay("a")]}, ["b", "a"]),
    ({}, {"location": [stay("a", status="planned"), stay("b", status="completed"), stay("a", status="reserved")]}, ["b"]), ({}, {"location": [{}, {"location": {}}]}, []), ({}, {}, []),
])
def test_locations_are_those_of_the_procedure_then_of_the_encounter_each_once(procedure, encounter, expected):
    known = chart(location("a"), location("b"))
    assert [found["id"] for found, _ in read_locations(known, (procedure, "P"), [(encounter, "E")])] == expected


def test_places_are_place_of_service_codes_under_any_of_their_uris():
    tree = location("a", "pos 11", "http://other.example 22", "http://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set 49")
    assert [tuple(told) for told in read_places([(tree, "L")])] == [("11", "L.type[0].coding[0]"), ("49", "L.type[2].coding[0]")]


def diagnoses(procedure, *encounters, known=None):
    known = known or chart(*[condition(name, f"icd {code}") for name, code in (("a", "C78.7"), ("b", "C18.9"), ("c", "I10"), ("d", "G89.3"))])
    return read_diagnoses(known, (procedure, "P"), [(one, f"E{number}") for number, one in enumerate(encounters)]), [issue.rule for issue in known.issues]


def of(name, rank=None):
    return {"condition": to(f"Condition/{name}"), **({"rank": rank} if rank else {})}


def test_ranked_ones_stand_first_then_references_then_codes_then_the_rest():
    procedure = {"reasonCode": [concept("icd Z51.11")], "reasonReference": [to("Condition/c")]}
    found, rules = diagnoses(procedure, {"diagnosis": [of("d"), of("b", 2), of("a", 1)]})
    assert [(one.code, one.rank) for one in found] == [("C78.7", 1), ("C18.9", 2), ("I10", None), ("Z51.11", None), ("G89.3", None)]
    assert (found[3].source, rules) == ("P.reasonCode[0].coding[0]", [])
    assert [(one.named_by, one.visited_by) for one in found] == [((), (0,)), ((), (0,)), ((0,), ()), ((0,), ()), ((), (0,))]


def test_ranks_run_over_several_encounters():
    found, _ = diagnoses({}, {"diagnosis": [of("a", 3)]}, {"diagnosis": [of("b", 1)]})
    assert [one.code for one in found] == ["C18.9", "C78.7"]


@pytest.mark.parametrize(("codes", "code", "rules"), [((), None, ["diagnosis.not-icd10cm"]), (("snomed 1",), None, ["diagnosis.not-icd10cm"]), (("snomed 1", "icd C78.7"), "C78.7", []),
    (("icd C78.7", "icd C78.7"), "C78.7", []), (("icd C78.7", "icd C18.9"), "C78.7", ["diagnosis.contradiction"])])
def test_one_concept_is_one_icd_code(codes, code, rules):
    found, said = diagnoses({"reasonReference": [to("Condition/a")]}, known=chart(condition("a", *codes)))
    assert ([one.code for one in found], said) == ([code] if code else [], rules)


def test_a_condition_entered_in_error_is_no_diagnosis():
    wrong = condition("a", "icd C78.7", verificationStatus={"coding": [{"code": "entered-in-error"}]})
    assert diagnoses({"reasonReference": [to("Condition/a")]}, known=chart(wrong)) == ([], ["resource.inactive"])


def test_a_rank_that_is_no_whole_number_is_no_rank():
    found, _ = diagnoses({}, {"diagnosis": [{**of("a"), "rank": Decimal("1.5")}]})
    assert found == [Diagnosis("C78.7", "Bundle.entry[0].resource.code.coding[0]", visited_by=(0,))]


@pytest.mark.parametrize(("concepts", "supervises"), [([{"text": "Supervising physician"}], True), ([{"coding": [{"code": "SPRF"}]}], True), ([{"coding": [{"code": "ATND"}]}], True),
    ([{"text": "nurse"}], False), ([{"coding": [{"code": "PART"}]}], False), ([], False), ([{}, {"coding": [{}]}], False)])
def test_supervision_is_a_word_or_a_code(concepts, supervises):
    assert read_supervisors({"type": concepts}, "type", "E") == supervises
