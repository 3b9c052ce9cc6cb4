"""What `import adapter` offers: a document of any kind in, issues or an answer out, and never a traceback."""

import json
import subprocess
import sys
from collections import UserDict
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given, strategies as st

import adapter
from adapter.cli import main
from adapter.fhir.tree import encode_tree
from adapter.load import TableError, load_rule_book
from tests.cli.running import run
from tests.samples import REFILL, SITE, in_xml, refill_bytes

DAY = date(2026, 10, 1)
BAD = {"resourceType": "Patient", "gender": "none", "name": [{"family": 5}]}


def told(issues):
    return [(issue.rule, issue.expression) for issue in issues]


def test_the_public_names_are_there_and_no_other():
    assert {name for name in adapter.__all__ if getattr(adapter, name, None) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = adapter.nothing
    assert callable(main)


def test_nothing_is_loaded_before_it_is_asked_for():
    script = "import sys, adapter; assert 'adapter.flow' not in sys.modules; adapter.validate; assert 'adapter.flow' in sys.modules; assert 'flask' not in sys.modules and 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_bytes_text_and_tree_get_the_same_verdicts_and_a_tree_no_places():
    text = json.dumps(BAD)
    forms = [text, text.encode(), bytearray(text.encode()), memoryview(text.encode()), BAD, MappingProxyType(BAD), UserDict(BAD)]
    found = [adapter.validate(form) for form in forms]
    assert {tuple(sorted(told(issues))) for issues in found} == {(("base.code", ("Patient.gender",)), ("base.type", ("Patient.name[0].family",)))}
    assert all(issue.line == 1 for issues in found[:4] for issue in issues)
    assert all(issue.line is None and issue.column is None for issues in found[4:] for issue in issues)
    assert all(issue.page and issue.citation and issue.resource == "Patient" for issues in found for issue in issues)
    assert [issue.rule for issue in adapter.validate(in_xml(b'{"resourceType":"Patient","gender":"none"}'))] == ["base.code"]


@pytest.mark.parametrize("named", ["https://refill-adapter.example/fhir/StructureDefinition/refill-procedure", "https://refill-adapter.example/fhir/StructureDefinition/refill-procedure|0.1.0"])
def test_a_profile_is_named_alone_or_among_several(named):
    procedure = {"resourceType": "Procedure", "status": "completed", "subject": {"display": "x"}}
    assert adapter.validate(procedure) == ()
    alone, among = adapter.validate(procedure, profile=named), adapter.validate(procedure, profile=["https://nobody.example/p", named])
    assert {issue.rule.partition(".")[0] for issue in alone} == {"profile"}
    assert {*told(among)} == {*told(alone), ("profile.not-found", ("Procedure",))}


@pytest.mark.long
def test_profiles_of_someone_else_are_loaded_once(tmp_path):
    profile = {"resourceType": "StructureDefinition", "url": "https://theirs.example/p", "name": "P", "status": "active", "kind": "resource", "abstract": False, "type": "Device", "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Device", "differential": {"element": [{"id": "Device.owner", "path": "Device.owner", "min": 1}]}}
    (tmp_path / "p.json").write_text(json.dumps(profile))
    for place in (tmp_path, str(tmp_path), [tmp_path]):
        assert told(adapter.validate({"resourceType": "Device"}, profile=profile["url"], profiles=place)) == [("profile.required", ("Device.owner",))]
    before = load_rule_book.cache_info().misses
    adapter.validate({"resourceType": "Device"}, profiles=tmp_path)
    adapter.validate(b"{}")
    assert load_rule_book.cache_info().misses == before
    (tmp_path / "q.json").write_text("{")
    with pytest.raises(TableError, match=r"q\.json"):
        adapter.validate({}, profiles=(tmp_path, tmp_path / "q.json"))


NO_JSON = {
    "a date": ({"resourceType": "Patient", "birthDate": date(1949, 4, 11)}, "Patient.birthDate"),
    "a time": ({"resourceType": "Patient", "meta": {"lastUpdated": datetime(2026, 1, 1, tzinfo=UTC)}}, "Patient.meta.lastUpdated"),
    "bytes": ({"resourceType": "Patient", "id": b"x"}, "Patient.id"),
    "a set": ({"resourceType": "Patient", "name": [{"given": {"x"}}]}, "Patient.name[0].given"),
    "no number": ({"resourceType": "Observation", "valueQuantity": {"value": float("nan")}}, "Observation.valueQuantity.value"),
    "no decimal": ({"resourceType": "Observation", "valueQuantity": {"value": Decimal("Infinity")}}, "Observation.valueQuantity.value"),
    "half a character": ({"resourceType": "Patient", "name": [{"text": "\ud800"}]}, "Patient.name[0].text"),
    "half a key": ({"resourceType": "Patient", "\ud800": 1}, "Patient"),
    "a number for a key": ({"resourceType": "Patient", "name": [{1: 2}]}, "Patient.name[0]"),
    "a date alone": (date(1949, 4, 11), "Resource"),
}


@pytest.mark.parametrize("case", NO_JSON)
def test_what_json_has_no_place_for_is_told_at_its_place_and_not_shown(case):
    document, place = NO_JSON[case]
    issues = adapter.validate(document)
    assert told(issues) == [("document.no-json", (place,))]
    assert "1949" not in repr(issues)
    assert "Contract" in issues[0].citation


@pytest.mark.long
def test_a_circle_depth_and_shared_parts_without_end_are_told():
    circle = {"resourceType": "Patient"}
    circle["contained"] = [circle]
    shared = "x"
    for _ in range(40):
        shared = [shared] * 2
    deep = "x"
    for _ in range(70):
        deep = [deep]
    for tree, words in ((circle, "circle"), ({"a": deep}, "64 levels"), ({"a": shared}, "16 MiB")):
        (issue,) = adapter.validate(tree)
        assert (issue.rule, words in issue.text) == ("document.no-json", True)


@pytest.mark.parametrize(("document", "rule"), [
    (None, "json.not-an-object"), (5, "json.not-an-object"), ([BAD], "json.not-an-object"), ("", "json.empty"), (b"", "json.empty"),
    ({}, "base.resource-type"), ("\ud800", "json.not-utf8"), ({"resourceType": "Frob"}, "base.resource-type"), ({"resourceType": 5}, "base.resource-type"),
    ({"resourceType": "Patient", "active": None}, "json.null"), ({"resourceType": "Patient", "active": 10**41}, "json.number-out-of-range"),
    ({"resourceType": "Patient", "id": "\x00"}, "json.control-character"),
])
def test_what_is_no_resource_is_told(document, rule):
    assert [issue.rule for issue in adapter.validate(document)] == [rule]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(st.characters(codec=None)) | st.binary() | st.dates() | st.just("Patient"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["resourceType", "name", "given", "_given", "extension", "meta", "profile", "entry", "resource"]) | st.integers(), inner),
    max_leaves=12,
)


@pytest.mark.long
@given(_VALUES)
def test_whatever_comes_nothing_is_raised(document):
    for answer in (adapter.validate(document), adapter.code(document, SITE, as_of=DAY).all_issues, adapter.restore(document).issues):
        assert answer
        assert all(issue.citation for issue in answer)


def test_code_and_claim_and_restore_give_what_the_commands_give():
    answer = adapter.code(refill_bytes(), SITE, as_of=DAY)
    (line,) = run("code", "--site", SITE, "--as-of", DAY, "--json", REFILL).stdout.splitlines()
    assert [record.code for record in answer.records] == [record["code"] for record in json.loads(line)["records"]] == ["96522"]
    same, (bundle,) = adapter.claim(refill_bytes(), str(SITE), as_of=DAY)
    assert same == answer
    assert json.loads(bundle.value)["entry"][0]["resource"]["resourceType"] == "Claim"
    assert json.loads(adapter.restore(bundle.value).value)["resourceType"] == "Bundle"
    assert adapter.validate(adapter.restore(bundle.value, SITE).value) == ()
    assert adapter.claim(json.loads(refill_bytes()), SITE, as_of=DAY)[0].records[0].code == "96522"


def test_a_tree_is_encoded_with_all_its_digits():
    assert encode_tree({"a": Decimal("1.50"), "b": (1, True, None), "c": 1.5}).value == b'{"a":1.50,"b":[1,true,null],"c":1.5}'
