"""What a node knows: its type, the forms of a choice, the sibling of a primitive, the resource that stands in it."""

from decimal import Decimal

import pytest

from adapter.fhirpath import Environment, compile_path
from adapter.fhirpath.nodes import children_of
from tests.fhirpath.conftest import told

PATIENT = {
    "resourceType": "Patient",
    "birthDate": "1950-01-01",
    "_birthDate": {"extension": [{"url": "http://example.org/time", "valueTime": "10:00:00"}]},
    "name": [{"given": ["A", None, "C"], "_given": [None, {"id": "x"}, {"id": "y"}]}, {"_family": {"id": "z"}}],
    "multipleBirthInteger": 2,
}


@pytest.fixture
def look(types):
    def run(expression, tree=PATIENT):
        node = types.node(tree)
        return told(compile_path(expression, types)(node, Environment(resource=node)))

    return run


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("birthDate.extension.value", ["10:00:00"]), ("birthDate.is(date)", ["true"]), ("birthDate is Date", ["false"]),
        ("multipleBirth", ["2"]), ("multipleBirth is integer", ["true"]), ("multipleBirthInteger", []), ("name.given.count()", ["3"]),
        ("name.given.select(hasValue())", ["true", "false", "true"]), ("name.given.select(id)", ["x", "y"]),
        ("name[1].family.exists()", ["true"]), ("name[1].family.hasValue()", ["false"]), ("name.family = 'x'", []),
        ("resourceType", []), ("_birthDate", []), ("name.children().count()", ["4"]),
    ],
)
def test_a_path_sees_choices_and_siblings_and_no_name_of_the_json_form(look, expression, expected):
    assert look(expression) == expected


def test_names_that_look_like_a_choice_and_are_none_stay_elements(types):
    members = {name: types.by_name[name].members for name in ("ElementDefinition", "Immunization", "Device.property", "ClinicalImpression.finding")}
    assert "contentReference" in members["ElementDefinition"]
    assert "doseQuantity" in members["Immunization"]
    assert {"valueQuantity", "valueCode"} <= members["Device.property"].keys()
    assert {"itemCodeableConcept", "itemReference"} <= members["ClinicalImpression.finding"].keys()
    assert "resourceType" in types.by_name["ExampleScenario.instance"].members
    assert len(types.by_name["Extension"].members["value"]) == 50


@pytest.mark.parametrize(
    ("name", "ancestors"),
    [
        ("code", {"code", "string", "Element"}), ("canonical", {"canonical", "uri", "Element"}), ("positiveInt", {"positiveInt", "integer", "Element"}),
        ("Age", {"Age", "Quantity", "Element"}), ("Timing", {"Timing", "BackboneElement", "Element"}), ("Bundle", {"Bundle", "Resource"}),
        ("Claim", {"Claim", "DomainResource", "Resource"}), ("Claim.item", {"Claim.item", "BackboneElement", "Element"}),
        ("Timing.repeat", {"Timing.repeat", "Element"}),
    ],
)
def test_a_type_knows_what_it_specialises(types, name, ancestors):
    assert types.by_name[name].ancestors == ancestors


def test_an_entry_is_the_resource_that_stands_in_it(look):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": {"resourceType": "Unheard"}}]}
    assert look("entry.resource.ofType(Patient).multipleBirth", bundle) == ["2"]
    assert look("entry.resource.type().name", bundle) == ["Patient", "Resource"]
    assert look("entry[1].resource.children()", bundle) == []


@pytest.mark.parametrize("value", [None, True, "text", 3, Decimal("1.5"), [], [None], [[1]], {"a": 1}, [{"text": "x"}, "y"]])
@pytest.mark.parametrize("name", ["name", "birthDate", "_birthDate", "multipleBirthInteger", "contact", "text", "managingOrganization"])
def test_a_tree_of_the_wrong_shape_never_raises_anything_else(types, name, value):
    node = types.node(PATIENT | {name: value})
    for text in ("descendants().count() >= 0", "repeat(children()).count() >= 0", "name.given.exists() or birthDate.empty()", "name = name"):
        assert compile_path(text, types).holds(node, Environment()) in (True, False)


def test_children_stand_in_the_order_of_the_text_and_once(types):
    names = [child.type.name for child in children_of(types.node(PATIENT))]
    assert names == ["date", "HumanName", "HumanName", "integer"]
