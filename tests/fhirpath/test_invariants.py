"""The invariants of R4 4.0.1 themselves: all compile, and give what an independent engine gives on every shipped sample."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from adapter.fhir.json import decode_json
from adapter.fhirpath import CannotRun, Environment, Node, compile_path
from adapter.fhirpath.errata import ERRATA, correct_invariant
from adapter.fhirpath.nodes import children_of, named_children
from adapter.load import data_folder

INVARIANTS = json.loads((Path(__file__).parent / "r4_invariants.json").read_text())
SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.json"))

# What the other engine cannot: it has no hasValue() and no htmlChecks(), our resolve() is asked of the caller, and its as() wants one item.
UNKNOWN_TO_THE_OTHER = ("hasValue()", "htmlChecks()", "resolve()", "descendants().as(")


def walk(node, environment, paths=frozenset()):
    """Go through all nodes of a tree, each with its environment and the paths that a rule may be laid on."""
    if "Resource" in node.type.ancestors:
        is_contained = any(path.endswith(".contained") for path in paths)
        environment = replace(environment, resource=node, root_resource=environment.root_resource if is_contained else node)
    yield node, environment, node.type.ancestors | paths
    for name, children in named_children(node):
        for child in children:
            yield from walk(child, environment, {f"{ancestor}.{name}" for ancestor in node.type.ancestors})


def found_in(path, types):
    tree = decode_json(path.read_bytes()).value
    return walk(types.node(tree), Environment(html_checks=lambda _: True, resolve=lambda _: None))


@pytest.mark.parametrize("row", INVARIANTS, ids=[row["keys"][0] + " " + row["paths"][0] for row in INVARIANTS])
def test_every_invariant_of_r4_compiles(types, row):
    assert compile_path(row["expression"], types).needs <= {"resolve", "htmlChecks"}


def test_there_are_as_many_invariants_as_the_definitions_have():
    assert len(INVARIANTS) == 203
    assert {"ele-1", "ext-1", "dom-3", "per-1", "bdl-7", "ref-1", "sdf-8a"} <= {key for row in INVARIANTS for key in row["keys"]}


@pytest.fixture(scope="module")
def rules(types):
    return [(row, compile_path(correct_invariant(row["expression"]), types)) for row in INVARIANTS]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_meets_the_invariants_of_r4(types, rules, path):
    unmet = {
        row["keys"][0]
        for node, environment, places in found_in(path, types)
        for row, rule in rules if places & set(row["paths"]) and not rule.holds(node, environment)
    }
    assert unmet - {"dom-6"} == set(), "only the advice to have a narrative may be left unheeded"


def test_the_walk_reaches_every_node(types):
    (path,) = [path for path in SAMPLES if path.stem == "single-procedure-contained"]
    reached = list(found_in(path, types))
    root = reached[0][0]

    def count(node):
        return 1 + sum(count(child) for child in children_of(node))

    assert len(reached) == count(root) > 100
    assert any("Reference" in places for _, _, places in reached)


@cache
def compiled_by_the_other(expression):
    from fhirpathpy import compile as compile_other
    from fhirpathpy.models import models

    return compile_other(expression, models["r4"])


def given_by_the_other(row, node, environment):
    """Run the independent engine on the same node: the truth of its result, as the reference validator takes it."""
    from fhirpathpy import ResourceNode

    value, resource, root = node.value, environment.resource.value, environment.root_resource.value
    focus = ResourceNode.create_node(value, node.type.name)
    result = compiled_by_the_other(correct_invariant(row["expression"]))(focus, {"resource": resource, "rootResource": root, "context": value, "ucum": "http://unitsofmeasure.org"})
    return bool(result) and result[0] is not False


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_another_engine_gives_the_same_verdict_on_every_sample(types, rules, path):
    asked = [(row, rule) for row, rule in rules if not any(word in row["expression"] for word in UNKNOWN_TO_THE_OTHER)]
    compared, differ = 0, []
    for node, environment, places in found_in(path, types):
        if node.type.system or node.value is None:
            continue
        for row, rule in asked:
            if places & set(row["paths"]):
                compared += 1
                ours = rule.holds(node, environment)
                if given_by_the_other(row, node, environment) is not ours:
                    differ.append((row["keys"], node.type.name, ours))
    assert differ == []
    assert compared > 20


def test_every_erratum_corrects_a_published_expression_into_one_that_compiles(types):
    profiles = json.loads((data_folder("profiles") / "base" / "r4.profiles.json").read_bytes())
    of_contexts = {expression for each in profiles for expression in each.get("contextInvariant", ())}
    assert {*ERRATA} <= {row["expression"] for row in INVARIANTS} | of_contexts
    assert all(compile_path(corrected, types) for corrected in ERRATA.values())


WRONGLY_REFUSED = [
    ("ref-1", "Reference", {"display": "Somebody"}), ("ref-1", "Reference", {"reference": "#"}), ("bdl-8", "Bundle.entry", {"resource": {"resourceType": "Basic"}}),
    ("evd-0", "Evidence", {"resourceType": "Evidence", "status": "draft"}), ("ras-2", "RiskAssessment.prediction", {"relativeRisk": 2}),
    ("que-7", "Questionnaire.item.enableWhen", {"question": "a", "operator": "exists", "answerBoolean": True}),
]
WRONGLY_PASSED = [
    ("evd-0", "Evidence", {"resourceType": "Evidence", "name": "not a Name"}), ("eld-20", "ElementDefinition", {"path": "Bad path"}),
    ("eld-19", "ElementDefinition", {"path": "A b"}), ("que-12", "Questionnaire.item", {"enableWhen": [{"question": "a"}, {"question": "b"}]}),
]


@pytest.mark.parametrize(("key", "kind", "tree", "is_met"), [(*case, True) for case in WRONGLY_REFUSED] + [(*case, False) for case in WRONGLY_PASSED])
def test_a_corrected_invariant_says_what_its_sentence_says_and_the_published_one_did_not(types, key, kind, tree, is_met):
    published = next(row["expression"] for row in INVARIANTS if key in row["keys"])
    node, root = types.node(tree, kind), types.node({"resourceType": "Basic"})
    environment = Environment(resource=root, root_resource=root)
    assert compile_path(published, types).holds(node, environment) is not is_met
    assert compile_path(correct_invariant(published), types).holds(node, environment) is is_met


def test_only_the_resource_around_is_advised_to_have_a_narrative(types):
    rule = compile_path(correct_invariant("text.`div`.exists()"), types)
    root, inner = types.node({"resourceType": "Basic", "id": "a"}), types.node({"resourceType": "Basic", "id": "b"})
    assert not rule.holds(root, Environment(resource=root, root_resource=root))
    assert rule.holds(inner, Environment(resource=inner, root_resource=root))


def test_a_planted_difference_is_seen_by_the_comparison_of_engines(types):
    node = types.node({"start": "2026-03-01", "end": "2026-03-02"}, "Period")
    root = types.node({"resourceType": "Basic"})
    environment = Environment(resource=root, root_resource=root)
    for expression, is_met in (("start <= end", True), ("start > end", False), ("start.exists() and id.exists()", False)):
        assert given_by_the_other({"expression": expression}, node, environment) is is_met
        assert compile_path(expression, types).holds(node, environment) is is_met


def test_a_planted_defect_fails_the_invariant_that_names_it(types):
    planted = [
        ("per-1", "Period", {"start": "2026-03-02", "end": "2026-03-01"}), ("ext-1", "Extension", {"url": "http://example.org/a"}),
        ("ext-1", "Extension", {"url": "a", "valueBoolean": True, "extension": [{"url": "b", "valueBoolean": True}]}),
        ("ref-1", "Reference", {"reference": "#nobody"}), ("qty-3", "Quantity", {"value": 1, "code": "mg"}), ("ele-1", "Quantity", {"id": "a"}),
        ("att-1", "Attachment", {"data": "AAAA"}), ("rng-2", "Range", {"low": {"value": 3}, "high": {"value": 2}}),
        ("tim-9", "Timing.repeat", {"offset": 5, "when": ["C"]}), ("rat-1", "Ratio", {"numerator": {"value": 1}}),
    ]
    rules = {key: compile_path(correct_invariant(row["expression"]), types) for row in INVARIANTS for key in row["keys"]}
    root = types.node({"resourceType": "Basic"})
    environment = Environment(resource=root, root_resource=root)
    assert [(key, kind) for key, kind, tree in planted if rules[key].holds(types.node(tree, kind), environment)] == []


def test_a_contained_resource_that_nothing_names_fails_dom_3_and_one_that_is_named_does_not(types):
    rule = next(compile_path(row["expression"], types) for row in INVARIANTS if "dom-3" in row["keys"])
    tree = {"resourceType": "Procedure", "contained": [{"resourceType": "Device", "id": "d"}]}
    for reference, is_met in (("#d", True), ("#e", False), ("Device/d", False)):
        node = types.node(tree | {"focalDevice": [{"manipulated": {"reference": reference}}]})
        assert rule.holds(node, Environment(resource=node, root_resource=node)) is is_met


def test_what_an_invariant_needs_and_nobody_gives_is_said(types):
    node = types.node({"resourceType": "Basic", "text": {"status": "empty", "div": "<div/>"}})
    with pytest.raises(CannotRun, match="narratives"):
        compile_path("text.div.htmlChecks()", types).holds(node, Environment())
    assert isinstance(node, Node)
