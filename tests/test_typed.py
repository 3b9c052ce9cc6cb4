"""Trees become models of fhir.resources and come back token for token, but for what was changed."""

import json
import os
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.fhir.json import decode_json, encode_json
from adapter.typed import to_model, to_tree
from tests.samples import SAMPLES

# Every spelling that the library itself changes on the way through (its own dumps give 312.5, .120000Z, microseconds).
ODD = {
    "resourceType": "Claim", "use": "claim", "status": "active", "id": "odd",
    "meta": {"lastUpdated": "2026-03-02T09:30:00.123456789-00:00", "tag": [{"code": "a"}, {"code": "b"}]},
    "_status": {"id": "s"},
    "text": {"div": "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>", "status": "generated"},
    "extension": [
        {"_valueString": {"extension": [{"valueCode": "unknown", "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}, "url": "https://example.org/a"},
        {"url": "https://example.org/b", "valueDecimal": Decimal("0.000000001")},
    ],
    "created": "2026-03-02T09:30:00.120+00:00",
    "type": {"text": "x"}, "priority": {"text": "x"}, "patient": {"display": "x"}, "provider": {"display": "y"},
    "contained": [{"id": "p", "resourceType": "Patient", "birthDate": "1970", "name": [{"_given": [None, {"id": "g"}], "given": ["A", None]}]}],
    "insurance": [{"focal": True, "sequence": 1, "coverage": {"display": "z"}}],
    "item": [
        {"sequence": 1, "productOrService": {"text": "a"}, "net": {"currency": "USD", "value": Decimal("312.50")}, "servicedDate": "2026-03-02"},
        {"sequence": 2, "productOrService": {"text": "b"}, "net": {"value": Decimal("12345678901234567890.123456789")}, "quantity": {"value": Decimal("1.00")}},
    ],
    "total": {"value": Decimal("185.00"), "currency": "USD"},
}  # fmt: skip


def typed(tree):
    outcome = to_model(tree)
    assert outcome.value is not None, outcome.issues
    return outcome.value


def tokens(tree):
    """Give the text of a tree: order and digits count, and 1 is not 1.0 or true."""
    return encode_json(tree)


@pytest.fixture
def odd():
    return typed(ODD)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_comes_back_token_for_token(path):
    tree = decode_json(path.read_bytes()).value
    assert tokens(to_tree(typed(tree))) == tokens(tree)


def test_every_spelling_that_the_library_changes_comes_back(odd):
    assert tokens(to_tree(odd)) == tokens(ODD)
    own = odd.model.model_dump_json()
    assert '"value":312.5,' in own
    assert "123456789-00:00" not in own


def test_every_official_example_that_the_library_takes_comes_back_token_for_token():
    if folder := os.environ.get("R4_EXAMPLES"):  # the package hl7.fhir.r4.examples is too large to be kept here
        taken = refused = 0
        for path in sorted(Path(folder).glob("*-*.json")):
            tree = decode_json(path.read_bytes(), limit=10**9).value
            if tree is None:
                continue
            outcome = to_model(tree)
            assert outcome.value or outcome.issues
            if outcome.value is None:
                refused += 1
                continue
            assert tokens(to_tree(outcome.value)) == tokens(tree), path.name
            taken += 1
        assert (taken > 5200, refused < 60) == (True, True), (taken, refused)


def changed(**paths):
    tree = deepcopy(ODD)
    for path, value in paths.items():
        node, *steps = tree, *path.split("__")
        for step in steps[:-1]:
            node = node[int(step)] if step.isdecimal() else node[step]
        last = int(steps[-1]) if steps[-1].isdecimal() else steps[-1]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return tree


def set_to(path, value):
    def change(model):
        *steps, last = path.split(".")
        for step in steps:
            model = model[int(step)] if step.isdecimal() else getattr(model, step)
        setattr(model, last, value)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_to("total.value", Decimal("190.10")), changed(total__value=Decimal("190.10"))),
        (set_to("total.value", Decimal("185.0")), changed(total__value=Decimal("185.0"))),
        (set_to("item.1.quantity.value", Decimal("12345678901234567890.10")), changed(item__1__quantity__value=Decimal("12345678901234567890.10"))),
        (set_to("created", datetime(2026, 3, 3, 1, tzinfo=UTC)), changed(created="2026-03-03T01:00:00Z")),
        (set_to("item.0.servicedDate", date(2026, 3, 4)), changed(item__0__servicedDate="2026-03-04")),
        (set_to("insurance.0.focal", False), changed(insurance__0__focal=False)),
        (set_to("contained.0.name.0.given", ["A", "B"]), changed(contained__0__name__0__given=["A", "B"])),
        (set_to("contained.0.birthDate", "1971-02"), changed(contained__0__birthDate="1971-02")),
        (set_to("extension.1.url", "https://example.org/c"), changed(extension__1__url="https://example.org/c")),
        (set_to("total", None), changed(total=None)),
        (set_to("item.1.net.currency", "USD"), changed(item__1__net__currency="USD")),
    ],
)
def test_a_change_of_one_field_changes_exactly_that(odd, change, expected):
    change(odd.model)
    assert tokens(to_tree(odd)) == tokens(expected)


def test_what_moves_keeps_its_spelling_and_what_is_added_stands_in_its_place(odd):
    from fhir.resources.R4B.claim import ClaimItem

    new = ClaimItem.model_validate({"sequence": 3, "productOrService": {"text": "c"}, "net": {"value": Decimal("1.50")}})
    odd.model.item = [odd.model.item[1], new]
    added = {"sequence": 3, "net": {"value": Decimal("1.50")}, "productOrService": {"text": "c"}}
    (kept, made) = to_tree(odd)["item"]
    assert tokens(kept) == tokens(ODD["item"][1])
    assert (made, str(made["net"]["value"])) == (added, "1.50")


def test_a_resource_that_is_added_names_its_type():
    bundle = typed({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:x"}]})
    bundle.model.entry[0].resource = typed(ODD).model.contained[0]
    assert to_tree(bundle)["entry"][0]["resource"]["resourceType"] == "Patient"


def test_the_tree_that_was_handed_in_is_not_touched_and_does_not_count_later():
    tree = deepcopy(ODD)
    made = typed(tree)
    assert tree == ODD
    tree["total"]["value"] = Decimal(0)
    assert tokens(to_tree(made)) == tokens(ODD)


def test_a_value_of_an_extension_that_the_model_cannot_hold_is_said_and_kept():
    (issue,) = to_model(ODD).issues
    assert (issue.rule, issue.severity, issue.expression) == ("typed.not-shown", "information", ("Claim.extension[0]",))


@pytest.mark.parametrize(
    "tree",
    [
        {"resourceType": "SubstanceSpecification"},
        {"resourceType": "Canarysmith"},
        {"resourceType": ["Canarysmith"]},
        {"resourceType": "HumanName", "family": "Canarysmith"},
        {"id": "Canarysmith"},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Canarysmith"}}]},
    ],
    ids=json.dumps,
)
def test_a_resource_without_a_class_is_an_issue_that_repeats_nothing(tree):
    outcome = to_model(tree)
    assert (outcome.value, [issue.rule for issue in outcome.issues]) == (None, ["typed.no-class"])
    assert "Canarysmith" not in str(outcome.issues)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"gender": 3}, "Patient.gender"),
        ({"Canarysmith": "x"}, "Patient"),
        ({"name": [{"family": "x", "Canarysmith": "y"}]}, "Patient.name[0]"),
        ({"birthDate": "Canarysmith"}, "Patient.birthDate"),
        ({"contact": [None]}, "Patient.contact"),
    ],
)
def test_what_the_library_refuses_is_an_issue_at_its_place_that_repeats_nothing(change, place):
    outcome = to_model({"resourceType": "Patient", **change})
    assert outcome.value is None
    assert {(issue.rule, issue.expression) for issue in outcome.issues} == {("typed.refused", (place,))}
    assert "Canarysmith" not in str(outcome.issues)


def test_what_is_no_value_of_fhir_is_refused_and_never_rounded(odd):
    odd.model.total.__dict__["value"] = 190.1  # past the library's own check
    with pytest.raises(TypeError, match="float is no value of FHIR"):
        to_tree(odd)
