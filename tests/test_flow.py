"""The path refuses what it cannot read, with an issue that says so: never an exception, never a guess."""

from __future__ import annotations

import json
import time

import pytest

from adapter.flow import code_document, read_claims, restore_document, validate_document, write_claims
from tests.bundles import Shape, change_visit, clean_visit, render, to_bytes
from tests.coding.decisions import context

CLEAN = to_bytes(render(clean_visit()))
UNREADABLE = {
    "nothing": b"", "blanks": b" \n ", "words": b"not json", "half a document": CLEAN[: len(CLEAN) // 2], "two documents": CLEAN + CLEAN,
    "a list": b"[]", "a number": b"1", "a text": b'"Bundle"', "null": b"null", "an empty object": b"{}",
    "NaN": CLEAN.replace(b'"value": 180', b'"value": NaN'), "Infinity": CLEAN.replace(b'"value": 180', b'"value": -Infinity'),
    "a key twice": CLEAN.replace(b'"resourceType": "Bundle"', b'"resourceType": "Bundle", "type": "batch"', 1),
    "a key twice inside": CLEAN.replace(b'"status": "completed"', b'"status": "completed", "status": "not-done"', 1),
    "bytes that are no text": b'{"resourceType": "Bundle", "type": "\xff\xfe"}', "UTF-16": CLEAN.decode().encode("utf-16"),
    "half a surrogate": b'{"resourceType": "Bundle", "type": "\\ud800"}', "a zero byte": b"\x00", "deep lists": b'{"resourceType": "Bundle", "entry": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "deep and open": b"[" * 1_000_000, "an XML document": b"<Bundle xmlns='http://hl7.org/fhir'/>",
    "a comment": b'// note\n{"resourceType": "Bundle"}', "a trailing comma": b'{"resourceType": "Bundle", }', "half an interchange": b"ISA*00*",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_an_issue_and_no_record(name):
    answer = code_document(UNREADABLE[name], context())
    assert answer.records == ()
    _clear(answer.issues)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_not_restored(name):
    outcome = restore_document(UNREADABLE[name], context())
    assert outcome.value is None
    _clear(outcome.issues)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_not_valid(name):
    _clear(validate_document(UNREADABLE[name], context().rule_book))


def _clear(issues):
    assert any(issue.is_error for issue in issues)
    for issue in issues:
        assert len(issue.text) > 20
        assert len(issue.text) < 600
        assert issue.text.endswith((".", ")"))


@pytest.mark.parametrize("kind", ["Patient", "Claim", "Nothing", "bundle", "", 5, None, ["Bundle"], {"Bundle": 1}])
def test_another_resource_than_a_bundle_or_procedure_is_refused_with_what_was_expected(kind):
    answer = code_document(json.dumps({"resourceType": kind, "id": "x"}).encode(), context())
    assert answer.records == ()
    _clear(answer.issues)


def test_a_patient_is_refused_by_name_of_what_was_expected():
    (issue,) = code_document(to_bytes({"resourceType": "Patient"}), context()).issues
    assert issue.rule == "document.not-a-refill"
    assert "Bundle" in issue.text


@pytest.mark.parametrize("entry", [None, [], {}, "x", [None], [{}], [[]], [{"resource": None}], [{"resource": []}], [{"resource": {"resourceType": 5}}]])
def test_a_bundle_without_resources_is_refused(entry):
    answer = code_document(to_bytes({"resourceType": "Bundle", "type": "collection", "entry": entry}), context())
    assert answer.records == ()
    assert any(issue.is_error for issue in answer.issues)


def test_a_byte_order_mark_is_passed_over():
    (record,) = code_document(b"\xef\xbb\xbf" + CLEAN, context()).records
    assert record.status == "coded"


def test_an_issue_says_line_and_column_of_its_place():
    text = json.dumps(render(change_visit(clean_visit(), {"remove": ["patient.birthDate"]})), indent=1).encode()
    (record,) = code_document(text, context()).records
    found = [issue for issue in record.issues if issue.expression]
    assert found
    assert all(issue.line and issue.column for issue in found)


def test_fifteen_megabytes_of_unrelated_resources_change_nothing():
    visit = clean_visit()
    note = {"resourceType": "Binary", "contentType": "text/plain", "data": "QUFB" * 250_000}
    visit |= {f"scan{number}": note for number in range(15)}
    data = to_bytes(render(visit))
    assert len(data) > 15_000_000
    started = time.monotonic()
    (record,) = code_document(data, context()).records
    assert record.status == "coded"
    assert time.monotonic() - started < 20


def test_twenty_thousand_unrelated_resources_change_nothing():
    visit = clean_visit()
    weight = {"resourceType": "Observation", "status": "final", "subject": {"to": "patient"}, "code": {"text": "weight"}}
    visit |= {f"weight{number}": weight for number in range(20_000)}
    (record,) = code_document(to_bytes(render(visit)), context()).records
    assert record.status == "coded"


@pytest.mark.parametrize("read", [lambda data: code_document(data, context()).issues, lambda data: restore_document(data, context()).issues,
    lambda data: validate_document(data, context().rule_book)], ids=["code", "restore", "validate"])
def test_twenty_megabytes_are_refused_with_the_limit(read):
    (issue,) = read(b'{"resourceType": "Bundle", "type": "' + b"x" * 20_000_000 + b'"}')
    assert issue.rule == "json.too-large"
    assert "16777216" in issue.text


def test_the_same_bytes_give_the_same_bytes():
    first, second = (write_claims(code_document(CLEAN, context()), context()) for _ in range(2))
    assert first == second
    assert first[0].value


@pytest.mark.parametrize("references", ["urn", "absolute", "plain", "contained"])
def test_a_claim_made_from_a_visit_is_read_back_as_it_was(references):
    where = context()
    (record,) = code_document(to_bytes(render(clean_visit(), Shape(references))), where).records
    (written,) = write_claims(code_document(to_bytes(render(clean_visit(), Shape(references))), where), where)
    assert read_claims(written.value, where).value == (record.claim,)


def test_a_claim_made_from_a_visit_is_restored_without_its_route():
    where = context()
    (written,) = write_claims(code_document(CLEAN, where), where)
    restored = restore_document(written.value, where)
    assert restored.value is not None
    assert b"intra-arterial" not in restored.value
    assert b"58100008" not in restored.value
    assert b'"96522"' in restored.value
