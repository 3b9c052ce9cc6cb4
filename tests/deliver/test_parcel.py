"""One claim stays as it is; several keep their own parties; what there is to say stands last."""

import json

import pytest
from hypothesis import given, strategies as st

from adapter.deliver import gather_bundles, wrap_document
from adapter.issues import Issue, IssueType, Severity

CLAIM = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Claim","total":{"value":185.00}}}]}'
WARNING = Issue(Severity.WARNING, IssueType.BUSINESS_RULE, "filing.near", "The filing limit is near.")


def types(data):
    return [entry["resource"]["resourceType"] for entry in json.loads(data).get("entry", [])]


def test_one_claim_alone_is_not_touched():
    assert gather_bundles([CLAIM]) is CLAIM


def test_issues_stand_last_in_the_bundle_of_one_claim():
    gathered = gather_bundles([CLAIM], [WARNING])
    assert types(gathered) == ["Claim", "OperationOutcome"]
    assert b"185.00" in gathered


def test_several_claims_are_an_entry_each():
    assert types(gather_bundles([CLAIM, CLAIM], [WARNING])) == ["Bundle", "Bundle", "OperationOutcome"]


def test_no_claim_is_a_collection_of_what_there_is_to_say():
    assert types(gather_bundles([], [WARNING])) == ["OperationOutcome"]
    assert types(gather_bundles([])) == []


def test_a_claim_that_does_not_read_back_is_a_bug():
    with pytest.raises(ValueError, match="read back"):
        gather_bundles([b"{", CLAIM])


@given(st.integers(2, 5), st.lists(st.just(WARNING), max_size=3))
def test_there_is_one_entry_a_claim_and_at_most_one_outcome(count, issues):
    assert len(types(gather_bundles([CLAIM] * count, issues))) == count + bool(issues)


def test_what_is_no_bundle_becomes_the_entry_of_one_and_a_bundle_is_not_touched():
    assert wrap_document(CLAIM) is CLAIM
    wrapped = wrap_document(b'{"resourceType":"Procedure","x":185.00}')
    assert types(wrapped) == ["Procedure"]
    assert b"185.00" in wrapped
    assert types(gather_bundles([wrapped], [WARNING])) == ["Procedure", "OperationOutcome"]
