"""Questions about codes: read from Parameters or a query, or refused with what was expected."""

from datetime import date

import pytest

from adapter.fhir.code_library import Coded
from adapter.fhir.code_question import gather_parameters, read_question
from adapter.fhir.systems import CPT, HCPCS

ONE = {"code": ["refill"], "system": ["urn:s"]}


def asked(**parameters):
    return read_question({**ONE, **parameters})


def test_the_three_ways_to_name_a_code_are_one_and_an_alias_of_a_system_is_known():
    alias = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    coding = {"system": alias, "code": "J9200"}
    for parameters in ({"code": ["J9200"], "system": [alias]}, {"coding": [coding]}, {"codeableConcept": [{"coding": [coding]}]}):
        assert read_question(parameters).value.codings == (Coded(HCPCS, "J9200"),)


@pytest.mark.parametrize("parameters", [
    {}, {"code": ["x"]}, {"system": ["urn:s"]}, {**ONE, "coding": [{"system": "urn:s", "code": "x"}]}, {"coding": ["x"]}, {"coding": [None]},
    {"coding": [{"code": "x"}]}, {"codeableConcept": [{"text": "x"}]}, {"codeableConcept": [7]},
])
def test_not_exactly_one_code_with_its_system_is_refused(parameters):
    outcome = read_question(parameters)
    assert outcome.value is None
    assert "parameters.code" in [issue.rule for issue in outcome.issues]


@pytest.mark.parametrize(("name", "values"), [
    ("date", ["2026-02-30"]), ("date", ["soon"]), ("date", [7]), ("reverse", ["yes"]), ("url", [["x"]]), ("target", ["a", "b"]), ("display", [{}]),
])
def test_a_value_of_another_type_is_refused_without_being_repeated(name, values):
    outcome = asked(**{name: values})
    assert [issue.rule for issue in outcome.issues] == ["parameters.value"]
    assert name in outcome.issues[0].text


def test_a_definition_that_is_sent_along_is_not_taken():
    assert [issue.rule for issue in asked(conceptMap=[{"resourceType": "ConceptMap"}]).issues] == ["parameters.not-supported"]


def test_day_direction_and_facts_are_read():
    depends = [{"name": "element", "valueUri": "urn:pump"}, {"name": "concept", "valueCodeableConcept": {"coding": [{"code": "implanted"}]}}]
    told = asked(date=["2026-03-02T09:00:00Z"], reverse=["true"], targetsystem=["https://www.ama-assn.org/go/cpt"], dependency=[depends, None, [7], [{}]]).value
    assert (told.day, told.is_reverse, told.target_system, told.facts) == (date(2026, 3, 2), True, CPT, {"urn:pump": "implanted"})


def test_parameters_are_gathered_by_name_and_what_is_none_is_passed_over():
    tree = {"parameter": [{"name": "a", "valueCode": "x"}, {"name": "a", "part": []}, {"name": "b", "resource": {}}, {"name": 7}, "x", {"name": "c"}]}
    assert gather_parameters(tree) == {"a": ["x", []], "b": [{}], "c": [None]}
    assert gather_parameters({"parameter": "x"}) == {}
