"""The envelope: its numbers agree, its counts are counted, another transaction is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from adapter.x12 import read_837, write_837
from adapter.x12.syntax import fold_text
from tests.strategies import envelopes
from tests.x12.examples import DEPENDENT, OWN, recounted, written_claim


def folded(party):
    return replace(party, **{name: fold_text(getattr(party, name)) for name in party.__slots__})


@given(envelopes())
def test_an_envelope_reads_back_folded(envelope):
    text = write_837([written_claim()], envelope).value
    answer = read_837(text)
    assert answer.issues == ()
    assert answer.value.envelope == replace(
        envelope, batch_id=envelope.batch_id.upper(), submitter=folded(envelope.submitter),
        receiver=folded(envelope.receiver),
    )


@pytest.mark.parametrize(("old", "new", "rule"), [
    ("SE*40*", "SE*41*", "x12.count-differs"),
    ("SE*40*0001", "SE*40*0002", "x12.control-number-differs"),
    ("GE*1*42", "GE*2*42", "x12.count-differs"),
    ("GE*1*42", "GE*1*43", "x12.control-number-differs"),
    ("IEA*1*000000042", "IEA*0*000000042", "x12.count-differs"),
    ("IEA*1*000000042", "IEA*1*000000041", "x12.control-number-differs"),
    ("GS*HC*", "GS*HB*", "x12.transaction-not-supported"),
    ("*X*005010X222A1", "*X*005010X223A2", "x12.transaction-not-supported"),
    ("0001*005010X222A1", "0001*005010X223A2", "x12.transaction-not-supported"),
    ("ST*837", "ST*835", "x12.not-a-claim"),
    ("0915*CH~", "0915*RP~", "x12.code-not-known"),
    ("*0*T*:", "*0*I*:", "x12.code-not-known"),
    ("*0915*42", "*2575*42", "x12.time-unreadable"),
    ("GS*HC*SAMPLESUB1*SAMPLECLH*20260303", "GS*HC*SAMPLESUB1*SAMPLECLH*20261303", "x12.date-unreadable"),
    ("ST*837*0001*005010X222A1~\n", "", "x12.envelope-broken"),
    ("GE*1*42~\n", "", "x12.envelope-broken"),
])
def test_an_envelope_that_does_not_hold_together_is_refused(old, new, rule):
    assert old in OWN
    answer = read_837(OWN.replace(old, new, 1))
    assert answer.value is None
    assert rule in {issue.rule for issue in answer.issues}


def wrapped(group, guide, *segments):
    """Give an interchange of another transaction, in the envelope of ours."""
    text = OWN[: OWN.index("GS*")]
    body = [f"GS*{group}*A*B*20260303*0915*42*X*{guide}", *segments, "GE*1*42"] if segments else []
    return text + "".join(f"{segment}~\n" for segment in (*body, "IEA*1*000000042"))


OTHERS = {
    "999": wrapped("FA", "005010X231A1", "ST*999*0001*005010X231A1", "AK1*HC*42*005010X222A1", "AK9*A*1*1*1", "SE*4*0001"),
    "277CA": wrapped("HN", "005010X214", "ST*277*0001*005010X214", "BHT*0085*08*1*20260303*0915*TH", "SE*3*0001"),
    "835": wrapped("HP", "005010X221A1", "ST*835*0001", "BPR*I*0*C*NON", "SE*3*0001"),
    "TA1": wrapped("", "").replace("IEA*1", "TA1*000000042*260303*0915*A*000~\nIEA*0"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_claim_is_named_and_told_that_it_holds_nothing_to_restore(name):
    answer = read_837(OTHERS[name])
    assert answer.value is None
    (issue,) = answer.issues
    assert issue.rule == "x12.not-a-claim"
    assert f"({name}" in issue.text or f" {name})" in issue.text
    assert "not a claim" in issue.text
    assert issue.line == (2 if name == "TA1" else 3)


def test_several_acknowledgements_in_one_file_are_named_too():
    start, end = OTHERS["999"].index("ST*"), OTHERS["999"].index("GE*")
    text = OTHERS["999"][:end] + OTHERS["999"][start:end] + OTHERS["999"][end:]
    assert [issue.rule for issue in read_837(text).issues] == ["x12.not-a-claim"]


@pytest.mark.parametrize(("guide", "name"), [("005010X224A2", "837D"), ("005010X222A2", "")])
def test_a_claim_of_another_guide_is_named_and_refused(guide, name):
    issues = read_837(OWN.replace("005010X222A1", guide)).issues
    assert {issue.rule for issue in issues} == {"x12.transaction-not-supported"}
    assert (name in issues[0].text) is (len(issues) == 1 or not name)


def test_two_transactions_are_refused_and_not_half_read():
    start, end = OWN.index("ST*"), OWN.index("GE*")
    answer = read_837(OWN[:end] + OWN[start:end] + OWN[end:])
    assert [issue.rule for issue in answer.issues] == ["x12.transactions-many"]


def test_a_submitter_without_a_telephone_is_warned_of_and_cannot_be_written_again():
    answer = read_837(OWN.replace("TE*5555550199", "EM*DESK AT EXAMPLE"))
    assert {issue.rule for issue in answer.issues if issue.severity == "warning"} == {"x12.contact-missing"}
    assert write_837(answer.value.claims, answer.value.envelope).value is None


def test_the_helper_that_counts_again_counts_right():
    assert recounted(OWN.replace("SE*40*", "SE*7*")) == OWN
    assert recounted(DEPENDENT) == DEPENDENT
