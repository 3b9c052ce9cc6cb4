"""A 999 that we write names the segment and element that the check of an 837 found, and independent readers take it."""

import pytest

from adapter.issues import Issue, IssueType, Severity
from adapter.x12 import read_837
from adapter.x12.acknowledgement import acknowledge_837, judge_837
from adapter.x12.answer import AnswerEnvelope, read_answers
from adapter.x12.syntax import Delimiters
from tests.x12.answers import foreign
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import OWN, without

ENVELOPE = AnswerEnvelope("000000777", "777", "", "", "20260304", "1300", "T")


def check(text):
    return read_837(text).issues


def faults(text):
    (one,) = judge_837(text, check).transactions
    return [(fault.segment, fault.position, fault.loop, fault.code, [(e.element, e.component, e.code) for e in fault.elements]) for fault in one.faults]


def test_an_837_without_fault_is_accepted_by_a_999_that_an_independent_reader_takes():
    written = acknowledge_837(OWN, check, ENVELOPE).value
    assert check_with_pyx12(written) == []
    assert written.startswith("ISA*00*          *00*          *ZZ*SAMPLECLH      *ZZ*SAMPLESUB1     *260304*1300*^*00501*000000777*0*T*:~")
    (file,) = read_answers(written).value.files
    assert (file.status, file.group_control_number, file.transactions[0].status) == ("A", "42", "A")


@pytest.mark.parametrize(("old", "new", "fault"), [
    ("NM1*85*2*SAMPLE", "NM1*85*1*SAMPLE", ("NM1", 8, "2010", "8", [(2, 0, "7")])),
    ("DTP*472*D8*20260302~\nREF*6R*VISIT-0001-1", "DTP*472*D8*20260399~\nREF*6R*VISIT-0001-1", ("DTP", 30, "2400", "8", [(3, 0, "8")])),
    ("CLM*VISIT-0001*1310.00", "CLM**1310.00", ("CLM", 19, "2300", "8", [(1, 0, "1")])),
    ("*11:B:1*", "*11:C:1*", ("CLM", 19, "2300", "8", [(5, 2, "7")])),
    ("*UN*2*", "*UN*2,5*", ("SV1", 33, "2400", "8", [(4, 0, "6")])),
])
def test_an_element_that_is_wrong_stands_in_the_999_by_position(old, new, fault):
    assert old in OWN
    text = OWN.replace(old, new)
    assert fault in faults(text)
    written = acknowledge_837(text, check, ENVELOPE).value
    assert check_with_pyx12(written) == []
    assert read_answers(written).value.files[0].status == "R"


def test_a_file_on_one_line_with_other_delimiters_has_the_same_faults():
    text = OWN.replace("*UN*2*", "*UN*2,5*")
    assert faults(foreign(text, Delimiters("|", ">", "}", "!"))) == faults(text)


def test_a_segment_that_is_missing_is_named_where_it_should_stand():
    text = without(OWN, "SV1*HC:J9190")
    assert ("SV1", "3") in {(name, code) for name, _, _, code, _ in faults(text)}
    assert check_with_pyx12(acknowledge_837(text, check, ENVELOPE).value) == []


def test_counts_and_numbers_that_differ_are_codes_of_set_and_group():
    (one,) = judge_837(OWN.replace("SE*40*0001", "SE*39*0001"), check).transactions
    assert (one.status, one.codes) == ("R", ("4",))
    file = judge_837(OWN.replace("GE*1*42", "GE*2*42"), check)
    assert (file.status, file.codes) == ("R", ("5",))
    assert check_with_pyx12(acknowledge_837(OWN.replace("SE*40*0001", "SE*40*0002"), check, ENVELOPE).value) == []


def test_an_issue_without_a_place_refuses_the_transaction_without_naming_a_segment():
    issue = Issue(Severity.ERROR, IssueType.VALUE, "x12.claim-missing", "None.", ("2300/CLM",))
    (one,) = judge_837(OWN, lambda _: [issue]).transactions
    assert (one.status, one.faults) == ("R", ())


def test_what_has_no_group_cannot_be_acknowledged():
    assert [issue.rule for issue in acknowledge_837("{}", check, ENVELOPE).issues] == ["x12.isa-unreadable", "answer.cannot-acknowledge"]
