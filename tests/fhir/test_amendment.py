"""A coder's decision changes the one element that it names, and nothing else."""

import copy

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.amendment import Amendment, amend, read_amendments
from adapter.load import load_rule_book

SHAPES = load_rule_book().shapes
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": {
        "resourceType": "Procedure", "status": "completed", "performedPeriod": {"start": "2026-03-02"},
        "_performedString": {"id": "x"}, "bodySite": [{"text": "a"}, {"text": "b"}], "subject": {"reference": "Patient/1"},
    }},
    {"resource": {"resourceType": "Patient", "id": "1"}},
]}
PROCEDURE = "Bundle.entry[0].resource"


def changed(path, value=None, resource=None):
    outcome = amend(BUNDLE, [Amendment("a.rule", "why", path, value, resource)], SHAPES)
    assert outcome.value is not None, outcome.issues
    return outcome.value


def procedure(tree):
    return tree["entry"][0]["resource"]


CASES = {
    "a value": ("status", ("Code", "stopped"), {"status": "stopped"}),
    "a variant of a choice, where the others go": ("performed", ("DateTime", "2026-03-03"), {"performedDateTime": "2026-03-03", "performedPeriod": None, "_performedString": None}),
    "the same variant": ("performed", ("Period", {"start": "2026-03-04"}), {"performedPeriod": {"start": "2026-03-04"}, "_performedString": None}),
    "an element in an element": ("subject.display", ("String", "P"), {"subject": {"reference": "Patient/1", "display": "P"}}),
    "an element that was not there": ("statusReason.text", ("String", "x"), {"statusReason": {"text": "x"}}),
    "a further item": ("bodySite", ("CodeableConcept", {"text": "c"}), {"bodySite": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}),
    "one item": ("bodySite[1]", ("CodeableConcept", {"text": "c"}), {"bodySite": [{"text": "a"}, {"text": "c"}]}),
    "in one item": ("bodySite[1].text", ("String", "c"), {"bodySite": [{"text": "a"}, {"text": "c"}]}),
    "no more item": ("bodySite[0]", None, {"bodySite": [{"text": "b"}]}),
    "no more items": ("bodySite", None, {"bodySite": None}),
    "no more value": ("status", None, {"status": None}),
    "no more choice": ("performed", None, {"performedPeriod": None, "_performedString": None}),
    "an extension by its url": ("extension('http://x.example/a.b').value", ("String", "s"), {"extension": [{"url": "http://x.example/a.b", "valueString": "s"}]}),
    "the first item of a list that was not there": ("note.text", ("Markdown", "n"), {"note": [{"text": "n"}]}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_element_that_is_named_changes_and_nothing_else(name):
    path, value, expected = CASES[name]
    before = copy.deepcopy(BUNDLE)
    tree = changed(f"{PROCEDURE}.{path}", value)
    whole = {**procedure(BUNDLE), **expected}
    assert procedure(tree) == {key: held for key, held in whole.items() if held is not None}
    assert tree["entry"][1] == BUNDLE["entry"][1]
    assert before == BUNDLE


def test_a_resource_is_added_as_the_last_entry():
    device = {"resourceType": "Device", "id": "d"}
    assert changed("", resource=device)["entry"] == [*BUNDLE["entry"], {"resource": device}]


def test_in_a_resource_that_contains_what_it_refers_to_a_resource_is_added_there_and_paths_begin_with_its_type():
    document, device = {"resourceType": "Procedure", "status": "completed"}, {"resourceType": "Device", "id": "d"}
    decided = [Amendment("a.rule", "why", "Procedure.status", ("Code", "stopped")), Amendment("a.rule", "why", resource=device)]
    assert amend(document, decided, SHAPES).value == {"resourceType": "Procedure", "status": "stopped", "contained": [device]}


@pytest.mark.parametrize("path", [
    "Procedure.status", "Bundle", "Bundle.", "Bundle.entry.resource.status", "Bundle.entry[9].resource.status", f"{PROCEDURE}.bodySite[5]",
    f"{PROCEDURE}.bodySite.text", f"{PROCEDURE}.nothing", f"{PROCEDURE}.product", f"{PROCEDURE}.status.inner", f"{PROCEDURE}.extension('x').nothing", f"{PROCEDURE}.extension('x y').value", "", "Bundle..",
    f"{PROCEDURE}.performedDateTime[0].x",
])
@pytest.mark.parametrize("value", [("String", "x"), None])
def test_a_path_that_leads_nowhere_is_said_and_changes_nothing(path, value):
    outcome = amend(BUNDLE, [Amendment("a.rule", "why", path, value)], SHAPES)
    assert (outcome.value, [issue.rule for issue in outcome.issues]) == (None, ["decision.path"])


def test_a_type_that_the_choice_has_not_is_refused():
    assert amend(BUNDLE, [Amendment("a.rule", "why", f"{PROCEDURE}.performed", ("Money", {}))], SHAPES).value is None


@given(st.text(max_size=40) | st.from_regex(r"Bundle(\.[a-z]{1,8}(\[[0-9]\])?){0,5}", fullmatch=True), st.none() | st.tuples(st.text(max_size=3), st.none() | st.integers()))
def test_whatever_the_path_nothing_raises(path, value):
    amend({"resourceType": "Bundle", "entry": {"resource": 3}}, [Amendment("a.rule", "why", path, value)], SHAPES)
    amend(BUNDLE, [Amendment("a.rule", "why", path, value)], SHAPES)


# ---------------------------------------------------------------- Parameters


def parameters(*decisions):
    return {"resourceType": "Parameters", "parameter": [{"name": "decision", "part": parts} for parts in decisions]}


RULE, REASON = {"name": "rule", "valueCode": "route.missing"}, {"name": "reason", "valueString": "Asked the ward."}
PATH, VALUE = {"name": "path", "valueString": f"{PROCEDURE}.status"}, {"name": "value", "valueCode": "completed"}
ADDED = {"name": "resource", "resource": {"resourceType": "Device"}}


def test_decisions_are_read_in_their_order():
    read = read_amendments(parameters([RULE, REASON, PATH, VALUE], [RULE, REASON, PATH], [RULE, REASON, ADDED]))
    assert read.value == (
        Amendment("route.missing", "Asked the ward.", PATH["valueString"], ("Code", "completed")),
        Amendment("route.missing", "Asked the ward.", PATH["valueString"]),
        Amendment("route.missing", "Asked the ward.", resource={"resourceType": "Device"}),
    )


@pytest.mark.parametrize(("parts", "rule"), [
    ([REASON, PATH, VALUE], "decision.unreasoned"), ([RULE, PATH, VALUE], "decision.unreasoned"),
    ([RULE, {"name": "reason", "valueString": "  "}, PATH], "decision.unreasoned"), ([RULE, REASON], "decision.parts"),
    ([RULE, REASON, PATH, ADDED], "decision.parts"), ([RULE, REASON, PATH, PATH], "decision.parts"), ([RULE, REASON, PATH, {"name": "more"}], "decision.parts"),
])
def test_a_decision_that_is_not_whole_is_refused(parts, rule):
    read = read_amendments(parameters(parts))
    assert (read.value, [(issue.rule, issue.expression) for issue in read.issues]) == (None, [(rule, ("Parameters.parameter[0]",))])


def test_no_decision_is_said():
    assert [issue.rule for issue in read_amendments(parameters()).issues] == ["decision.missing"]
