"""What a payer answers to a claim is taken for what it is, whatever comes."""

import json

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.payer_answer import read_payer_answer

SENT = {"resourceType": "Bundle", "entry": [
    {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient"}},
    {"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Claim", "identifier": [{"system": "urn:s", "value": "R1"}]}},
]}
OURS = {"identifier": {"system": "urn:s", "value": "R1"}}


def response(outcome="queued", request=OURS, **more):
    return {"resourceType": "ClaimResponse", "outcome": outcome, "request": request, **more}


def outcome(severity):
    issue = {"severity": severity, "code": "business-rule", "details": {"text": "Member not found."}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def read(status, tree):
    return read_payer_answer(status, json.dumps(tree).encode(), SENT)


def rules(found):
    return [(issue.rule, issue.severity.value) for issue in found.issues]


@pytest.mark.parametrize("name", ["queued", "complete", "partial"])
@pytest.mark.parametrize("request_", [OURS, {"reference": "urn:uuid:c"}, {"reference": "Claim/17"}])
def test_an_answer_to_our_claim_is_taken(name, request_):
    found = read(200, response(name, request_))
    assert found.resource["outcome"] == name
    assert rules(found) == []


def test_an_answer_in_a_bundle_is_taken_with_what_else_it_says():
    bundle = {"resourceType": "Bundle", "entry": [{"resource": response()}, {"resource": outcome("warning")}]}
    found = read(200, bundle)
    assert (found.resource, rules(found)) == (bundle, [("outcome.foreign", "warning")])


REFUSED = {
    "another claim's identifier": (200, response(request={"identifier": {"system": "urn:s", "value": "R2"}}), "payer.other-claim"),
    "another entry": (200, response(request={"reference": "urn:uuid:p"}), "payer.other-claim"),
    "no request": (200, {"resourceType": "ClaimResponse", "outcome": "queued"}, "payer.other-claim"),
    "rejected": (200, response("error"), "payer.rejected"),
    "an outcome without a response": (200, outcome("information"), "payer.response-missing"),
    "an empty Bundle": (200, {"resourceType": "Bundle"}, "payer.response-missing"),
    "an outcome of an error": (422, outcome("error"), "outcome.foreign"),
    "a status that is none of success": (500, outcome("information"), "payer.refused"),
    "a response under a bad status": (409, response(), "payer.refused"),
    "another resource": (200, {"resourceType": "Patient"}, "payer.answer-unreadable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_acceptance_is_one_error(name):
    status, tree, rule = REFUSED[name]
    found = read(status, tree)
    assert [one for one in rules(found) if one[1] == "error"] == [(rule, "error")]


def test_the_reason_of_a_rejection_is_told():
    errors = [{"code": {"coding": [{"code": "a2"}], "text": "Not a member"}}, {"code": {"text": "Twice"}}]
    (issue,) = read(200, response("error", error=errors)).issues
    assert issue.text == "The payer rejected the claim: a2 Not a member; Twice."
    for disposition, told in (("As it was told to.", "As it was told to"), (".", "no reason is given")):
        (issue,) = read(200, response("error", disposition=disposition)).issues
        assert issue.text == f"The payer rejected the claim: {told}."


@pytest.mark.parametrize(("status", "advice"), [
    (401, "sign-in"), (408, "again later"), (429, "again later"), (503, "again later"), (307, "redirects"), (404, "Ask the payer"),
])
def test_a_refusal_says_whether_to_send_again(status, advice):
    (issue,) = read(status, outcome("information")).issues[1:]
    assert advice in issue.text


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{", b"\xff", b'{"resourceType": 1}'])
def test_what_is_no_fhir_is_said(body):
    assert rules(read_payer_answer(200, body, SENT)) == [("payer.answer-unreadable", "error")]


def test_an_answer_that_comes_later_is_a_warning_and_no_refusal():
    assert rules(read_payer_answer(202, b"", SENT)) == [("payer.answers-later", "warning")]
    assert rules(read(202, outcome("information")))[1:] == [("payer.answers-later", "warning")]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["ClaimResponse", "Bundle", "error"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["resourceType", "entry", "resource", "request", "outcome", "error", "code", "coding", "issue", "identifier",
                         "reference", "disposition", "text"]), inner, max_size=5),
)


@given(st.sampled_from(["ClaimResponse", "Bundle", "OperationOutcome"]), st.dictionaries(
    st.sampled_from(["entry", "request", "outcome", "error", "issue", "disposition"]), ODD, max_size=5), st.sampled_from([200, 202, 422, 500]))
def test_whatever_a_payer_sends_nothing_raises_and_no_answer_without_our_claim_is_taken(kind, tree, status):
    found = read(status, {**tree, "resourceType": kind})
    refused = any(level == "error" for _, level in rules(found))
    assert refused or status == 202 or any(part.get("request") == OURS or "reference" in part.get("request", ()) for part in parts(found.resource))


def parts(tree):
    return [tree, *(one["resource"] for one in tree.get("entry", []) if isinstance(one, dict) and isinstance(one.get("resource"), dict))]
