"""Mutants of sound resources, one defect each: refused, named, placed, and told about once; all 2,000 are in tests/proof."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.fhir.json import decode_json, encode_json, locate
from adapter.fhir.xml import decode_xml, encode_xml
from adapter.flow import validate_document
from tests.conformance.catalogue import TYPES, choose_mutants, list_sources, load_rules
from tests.conformance.defects import base_defects, list_sites
from tests.conformance.mutant import MARKED, judge, survey
from tests.conformance.written import STYLES, write_text

FEW = 300


def _validate(data: bytes):
    return validate_document(data, load_rules())


@pytest.fixture(scope="module")
def mutants():
    return choose_mutants(FEW)


@pytest.mark.long
def test_every_source_is_sound():
    assert {name: _validate(encode_json(tree)) for name, tree in list_sources().items()} == dict.fromkeys(list_sources(), ())


@pytest.mark.long
def test_each_mutant_is_refused_at_the_node_that_is_hurt_and_told_about_once(mutants):
    told = survey(mutants, _validate)
    assert told.wrong == []
    assert len(told.verdicts) == FEW
    assert told.issues_each <= 1.3


@pytest.mark.long
def test_the_choice_is_the_same_each_time_and_has_all_types_styles_and_many_kinds(mutants):
    assert [mutant.digest for mutant in choose_mutants(FEW)] == [mutant.digest for mutant in mutants]
    assert len({mutant.digest for mutant in mutants}) == FEW
    assert {mutant.style for mutant in mutants} == set(STYLES)
    assert {mutant.tree["resourceType"] for mutant in mutants} == set(TYPES)
    assert len({mutant.defect.kind for mutant in mutants}) > 25
    assert any("𝄞" in mutant.written.text for mutant in mutants)


def _told(data):
    return sorted((issue.severity, issue.code, issue.rule, issue.expression) for issue in _validate(data))


def _in_xml(mutants):
    """Give the mutants that XML has a place for: text in JSON, text in XML, of one tree."""
    shapes = load_rules().shapes
    trees = [(mutant.written.data, decode_json(mutant.written.data).value) for mutant in mutants]
    written = [(data, tree, encode_xml(tree, shapes).value) for data, tree in trees if tree is not None]
    return [(data, xml) for data, tree, xml in written if xml is not None and decode_xml(xml, shapes).value == tree]


@pytest.mark.long
def test_each_mutant_that_xml_can_say_has_the_same_verdicts_in_xml(mutants):
    pairs = _in_xml(mutants)
    assert len(pairs) > FEW // 4
    assert [data for data, xml in pairs if _told(data) != _told(xml)] == []
    (data, _), (_, other) = pairs[0], pairs[-1]
    assert _told(data) != _told(other)  # the comparison sees a difference


# ---------------------------------------------------------------- the plants


def _blind(data):
    return ()


def _elsewhere(data):
    return [replace(issue, line=1, column=1) for issue in _validate(data)]


def _nameless(data):
    return [replace(issue, expression=(issue.expression[0].partition(".")[0],)) for issue in _validate(data)]


def _chatty(data):
    return _validate(data) * 4


def _in_bytes(data):
    """Count columns in bytes."""
    lines = data.split(b"\n")
    return [replace(issue, column=len(lines[issue.line - 1].decode()[: issue.column - 1].encode()) + 1) for issue in _validate(data)]


@pytest.mark.parametrize(("plant", "failure"), [
    (_blind, "accepted"), (_elsewhere, "line and column are elsewhere"), (_nameless, "another node is named"), (_chatty, "4 issues"),
    (_in_bytes, "line and column are elsewhere"),
])
def test_a_planted_fault_of_the_validator_is_seen(plant, failure, mutants):
    wrong = survey(mutants[:40], plant).wrong
    assert any(failure in each for each in wrong)


@pytest.mark.long
def test_a_mutant_that_is_none_is_seen():
    mutant = choose_mutants(1)[0]
    sound = replace(mutant, defect=replace(mutant.defect, path=("_language",), put=MARKED, missing=False, also=(), rule_at=None))
    assert not judge(sound, _validate).refused


# ---------------------------------------------------------------- the harness itself


@pytest.mark.parametrize("style", STYLES)
def test_a_text_is_the_tree_and_its_spans_are_where_the_nodes_stand(style):
    tree = list_sources()["base Bundle"]
    written = write_text(tree, style)
    assert decode_json(written.data).value == tree
    assert written.holds(("entry", 0, "resource", "id"), *locate(written.data, "Bundle.entry[0].resource.id"))
    assert not written.holds(("entry", 1), *locate(written.data, "Bundle.entry[0].resource.id"))
    assert not written.holds((), 10_000, 1)


def test_every_kind_of_resource_has_defects_at_each_of_its_values(base_facts):
    for name, tree in list_sources().items():
        sites = {site.path for site in list_sites(tree, base_facts) if site.value is not None}
        hurt = {defect.path for defect in base_defects(tree, base_facts)}
        unhurt = {path for path in sites - hurt if "given" not in path}
        assert unhurt == set(), name
