"""Answers of payers: valid ones are read, whoever wrote them; one defect in any is refused where it stands."""

import re

import pytest
from hypothesis import given, strategies as st

from adapter.issues import Outcome
from adapter.x12.answer import AnswerEnvelope, read_answers, validate_answers, wrap_answer
from adapter.x12.answer_999 import write_999
from adapter.x12.answer_guide import is_answer
from adapter.x12.grammar import read_grammar
from adapter.x12.syntax import Delimiters, encode_segments
from tests.x12 import answers
from tests.x12.answers import ANSWERS, ENVELOPE, changed, foreign, fuzz
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import OWN

# A 277CA that refuses a whole file ends at its level 2000B (HL04 0); pyx12 wants a provider there all the same.
BEYOND_PYX12 = {"277 file"}

# File: one change a line, segment (its start), element and component, what stands there then; `-` is empty.
DEFECTS = {
    "999 refused": """
        AK1* 1 ZZ|AK1* 1 -|AK1* 2 -|AK1* 2 4x|AK1* 2 1234567890|AK1* 3 -|AK1* 3 005010X222A1Z
        AK2* 1 -|AK2* 1 8375|AK2* 2 -|AK2* 2 001|AK2* 2 0123456789|AK2* 4 X
        IK3*NM1 1 -|IK3*NM1 1 NM1X|IK3*NM1 1 N|IK3*NM1 2 -|IK3*NM1 2 8x|IK3*NM1 2 1234567|IK3*NM1 3 20100|IK3*NM1 4 9|IK3*NM1 5 X
        IK3*REF 4 I5|IK3*SV1 2 -
        CTX*SIT 1 -|CTX*SIT 2 CLMXX|CTX*SIT 3 1x|CTX*SIT 4 23000|CTX*SIT 5 5:3:x|CTX*SIT 5 123
        IK4*9* 1 -|IK4*9* 1 9x|IK4*9* 1 123|IK4*9* 1 9:1:1:1|IK4*9* 2 67x|IK4*9* 2 12345|IK4*9* 3 -|IK4*9* 3 14|IK4*9* 3 I8|IK4*9* 5 X
        IK5* 1 -|IK5* 1 A|IK5* 1 Z|IK5* 2 14|IK5* 3 I4|IK5* 7 5
        AK9* 1 -|AK9* 1 A|AK9* 1 P|AK9* 1 Q|AK9* 2 -|AK9* 2 1x|AK9* 3 -|AK9* 4 -|AK9* 4 1|AK9* 5 7|AK9* 10 5
        SE* 1 9|SE* 2 0002|GE* 1 2|GE* 2 102|IEA* 1 2|IEA* 2 000000102
        ST* 3 005010X230|GS* 1 HC|GS* 8 005010X222A1|GS* 4 20261341|GS* 5 2560|GS* 6 0x|ISA* 13 0000x0101""",
    "999 with TA1": "TA1* 1 42|TA1* 1 -|TA1* 2 261341|TA1* 3 2561|TA1* 4 Q|TA1* 4 -|TA1* 5 032|TA1* 5 -",
    "277 line": """
        BHT* 1 0019|BHT* 2 00|BHT* 3 -|BHT* 4 20260230|BHT* 5 9999|BHT* 6 CH
        HL*1 1 2|HL*1 4 0|HL*2 2 9|HL*3 1 4|HL*4 2 1|HL*4 4 1
        NM1*PR 1 85|NM1*PR 2 1|NM1*PR 3 -|NM1*PR 8 ZZ|NM1*PR 9 -|NM1*PR 4 X
        TRN*1*CA1 1 2|TRN*1*CA1 2 -|DTP*050 2 RD8|DTP*050 3 20260231|DTP*009 3 -
        NM1*41 2 3|NM1*41 8 XX|NM1*41 9 1|TRN*2*BATCH 2 -|STC*A1:19:PR*2 1 F1:1|STC*A1:19:PR*2 1 -|STC*A1:19:PR*2 2 2026
        STC*A1:19:PR*2 3 X|STC*A1:19:PR*2 4 1x|QTY*AA 2 -|QTY*AA 2 x|AMT*YY*1310 2 1,310
        NM1*85 1 82|NM1*85 8 PI|NM1*85 9 -|STC*A1:19:PR** 2 20260304|STC*A1:19:PR** 3 -|QTY*QC 2 2
        NM1*QC 2 2|NM1*QC 3 -|NM1*QC 8 XX|NM1*QC 9 -|TRN*2*VISIT 1 1|TRN*2*VISIT 2 -
        STC*A7:21 1 P1:20|STC*A7:21 1 A9:21|STC*A7:21 1 A7|STC*A7:21 2 -|STC*A7:21 2 20261301|STC*A7:21 3 N|STC*A7:21 4 -|STC*A7:21 5 X
        REF*D9 1 6R|REF*D9 2 -|DTP*472 1 434|DTP*472 2 D9|DTP*472 3 -
        SVC* 1 ZZ:J9190|SVC* 1 HC|SVC* 1 -|SVC* 1 HC:J9190:JZX|SVC* 2 -|SVC* 2 1.2.3|SVC* 3 5|STC*A7:507 1 F2:507|STC*A7:507 3 WQ|STC*A7:507 4 5
        REF*FJ 1 6R|REF*FJ 2 -""",
    "835 paid": """
        BPR* 1 Z|BPR* 1 -|BPR* 2 -|BPR* 2 992.41|BPR* 2 9x|BPR* 3 D|BPR* 3 X|BPR* 4 XXX|BPR* 4 -|BPR* 5 XYZ|BPR* 6 01|BPR* 12 02|BPR* 16 -|BPR* 16 20260229
        TRN* 1 2|TRN* 2 -|TRN* 3 -|TRN* 3 199|DTM*405 1 406|DTM*405 2 -|DTM*405 2 20261301
        N1*PR 1 PX|N1*PR 2 -|N1*PR 3 ZZ|N3* 1 -|N4* 1 -|N4* 2 OHI|N4* 3 44|REF*2U 1 2V|REF*2U 2 -|PER* 1 XX|PER* 3 PO|PER* 4 -
        N1*PE 3 PI|N1*PE 3 -|N1*PE 4 -|N1*PE 2 -|LX* 1 -|LX* 1 x
        CLP* 1 -|CLP* 2 5|CLP* 2 -|CLP* 3 1310.01|CLP* 3 -|CLP* 4 992.41|CLP* 4 x|CLP* 5 1,5|CLP* 6 XX|CLP* 6 -|CLP* 7 -|CLP* 8 111|CLP* 9 11|CLP* 10 1
        NM1*QC 1 QQ|NM1*QC 2 2|NM1*QC 8 -|NM1*82 2 3|NM1*82 9 -|MOA* 1 x|DTM*050 1 051|DTM*050 2 x
        SVC*HC:96522 1 ZZ:96522|SVC*HC:96522 1 -|SVC*HC:96522 2 310.01|SVC*HC:96522 2 -|SVC*HC:96522 3 150.41|SVC*HC:96522 3 -|SVC*HC:96522 5 x
        DTM*472 1 473|DTM*472 2 20260231|CAS*CO 1 XX|CAS*CO 1 -|CAS*CO 2 -|CAS*CO 2 123456|CAS*CO 3 122.01|CAS*CO 3 -|CAS*CO 3 x
        CAS*PR*1 5 -|CAS*PR*1 6 -|CAS*PR*1 6 59.00|REF*6R 2 -|AMT*B6 1 B7|AMT*B6 2 -|AMT*B6 2 x|LQ* 1 XX|LQ* 1 -|LQ* 2 -""",
    "835 denied": """
        PLB* 1 -|PLB* 2 -|PLB* 2 20261331|PLB* 3 ZZ:1|PLB* 3 -|PLB* 4 -|PLB* 4 50.01|PLB* 5 ZZ|PLB* 6 -|PLB* 6 x""",
}
CASES = [
    (name, *re.fullmatch(r"(\S+) (\d+) (.*)", one.strip()).groups())
    for name, table in DEFECTS.items() for row in table.strip().splitlines() for one in row.strip().split("|")
]

# File, what is taken away or put in, what stands there then, the segment that the issue names.
PIECES = [
    ("999 refused", "AK1*HC*42*005010X222A1~", "~", "AK1"), ("999 refused", "IK5*R*5~", "~", "IK5"), ("999 refused", "AK9*R*1*1*0~", "~", "AK9"),
    ("999 refused", "AK2*837*0001*005010X222A1~", "~", "IK3"), ("999 refused", "IK5*R*5~", "IK5*R*5~\nIK5*R*5~", "IK5"),
    ("999 refused", "IK3*REF", "ZZZ*1~\nIK3*REF", "ZZZ"), ("999 refused", "IK4*3**1~", "IK4*3**1~\nIK5*R~\nIK4*3**1~", "IK4"),
    ("999 refused", "AK9*R", "AK1*HC*42*005010X222A1~\nAK9*R", "AK1"), ("999 refused", "GE*1*101~", "~", "IEA"), ("999 refused", "IEA*1*000000101~", "~", "IEA"),
    ("277 line", "BHT*0085*08*CA1*20260304*1330*TH~", "~", "BHT"), ("277 line", "DTP*009*D8*20260304~", "~", "DTP"), ("277 line", "DTP*050*D8*20260304~", "~", "DTP"),
    ("277 line", "TRN*1*CA1~", "~", "TRN"), ("277 line", "TRN*2*VISIT-0001~", "~", "TRN"), ("277 line", "DTP*472*D8*20260302~", "~", "DTP"),
    ("277 line", "NM1*85*2*SAMPLE ONCOLOGY PRACTICE*****XX*1993999907~", "~", "NM1"), ("277 line", "NM1*QC*1*SYNTHETIC*PAT****MI*1EG4TE5MK00~", "~", "NM1"),
    ("277 line", "QTY*QC*1~", "QTY*QC*1~\nQTY*QC*1~", "QTY"), ("277 line", "REF*D9*CLEAR-1~", "REF*D9*CLEAR-1~\nREF*D9*CLEAR-1~", "REF"),
    ("277 line", "STC*A7:21*20260304*U*1310*******A7:507~", "~", "STC"), ("277 line", "QTY*AA*1~", "REF*EI*1~\nQTY*AA*1~", "REF"),
    ("835 paid", "TRN*1*CHK000777*1999999901~", "~", "TRN"), ("835 paid", "N3*1 PAYER PLAZA~", "~", "N3"), ("835 paid", "PER*BL*EDI DESK*TE*8005550100~", "~", "PER"),
    ("835 paid", "N1*PE*SAMPLE ONCOLOGY PRACTICE*XX*1993999907~", "~", "N1"), ("835 paid", "LX*1~", "~", "CLP"),
    ("835 paid", "NM1*QC*1*SYNTHETIC*PAT*Q***MI*1EG4TE5MK00~", "~", "NM1"), ("835 paid", "CAS*CO*45*122.00~", "~", "SVC"),
    ("835 paid", "DTM*050*20260306~", "DTM*050*20260306~\nZZZ~", "ZZZ"), ("835 paid", "SVC*HC:96522*310.00*150.40**1~", "~", "DTM"),
    ("835 paid", "SE*", "CLP*1~\nSE*", "CLP"), ("835 denied", "PLB*1993999907*20261231*WO:2226258000001*50.00*FB:FORWARD*-50.00~",
                                                   "PLB*1993999907*20261231*WO:2226258000001*50.00~", "BPR"),
    ("835 undone", "CAS*CO*45*-122.00~", "CAS*CO*45*122.00~", "SVC"), ("277 taken", "HL*3*2*19*1~", "HL*5*2*19*1~", "HL"),
]


def edited(text, start, element, value):
    line = next(one for one in text.splitlines() if one.startswith(start))
    parts = line.rstrip("~").split("*")
    parts += [""] * (int(element) + 1 - len(parts))
    parts[int(element)] = "" if value == "-" else value
    return changed(text, line, "*".join(parts).rstrip("*") + "~")


@pytest.mark.parametrize("name", ANSWERS)
def test_a_valid_answer_is_read_without_a_word_and_an_independent_reader_takes_it_too(name):
    assert validate_answers(ANSWERS[name]) == ()
    assert name in BEYOND_PYX12 or check_with_pyx12(ANSWERS[name]) == []


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("delimiters", [Delimiters("|", ">", "^", "!"), Delimiters("*", ":", "}", "\n")])
def test_an_answer_says_the_same_with_the_delimiters_of_another_sender(name, delimiters):
    text = foreign(ANSWERS[name], delimiters) if delimiters.terminator != "\n" else encode_lines(ANSWERS[name], delimiters)
    assert read_answers(text).value == read_answers(ANSWERS[name]).value is not None


def encode_lines(text, delimiters):
    return text.replace("^", delimiters.repetition).replace("~\n", "\n")


@pytest.mark.parametrize(("name", "start", "element", "value"), CASES)
def test_one_element_that_is_wrong_is_refused_with_segment_and_element(name, start, element, value):
    found = [issue for issue in validate_answers(edited(ANSWERS[name], start, element, value)) if issue.is_error]
    assert found
    segment = start.partition("*")[0]
    named = [issue.expression[0].split("/")[1:] for issue in found]
    both = {"BPR", "CLP", "SVC", "CAS", "PLB", "HL", "QTY", "AMT", "AK9", "IK5", "STC"}  # what must agree is told at either end
    right = [one for one in named if one[0] == segment and one[-1].partition("-")[0] == f"{int(element):02}"]
    assert right or segment in both, named


@pytest.mark.parametrize(("name", "old", "new", "segment"), PIECES)
def test_a_segment_that_is_lost_or_too_many_is_refused_by_its_name(name, old, new, segment):
    found = [issue for issue in validate_answers(changed(ANSWERS[name], old, new)) if issue.is_error]
    assert segment in {issue.expression[0].split("/")[1] for issue in found}


def test_there_are_more_than_a_hundred_and_twenty_defects():
    assert len(CASES) + len(PIECES) > 250
    assert len({(name, *case) for name, *case in CASES}) == len(CASES)


RULES = {
    "x12.2.2100.IK304.5": ("999 refused", "IK3*NM1*8*2010*8", "IK3*NM1*8*2010*9"),
    "x12.2.ST.AK102.1": ("999 refused", "AK1*HC*42*", "AK1*HC**"),
    "x12.1.ST.AK102.2": ("999 refused", "AK1*HC*42*", "AK1*HC*1234567890*"),
    "x12.1.ST.AK102.4": ("999 refused", "AK1*HC*42*", "AK1*HC*4x*"),
    "x12.2.2000.IK5.6": ("999 refused", "IK5*R*5~", "~"),
    "x12.2.2000.ZZZ.7": ("999 taken", "AK9*", "ZZZ*1~\nAK9*"),
    "x12.1.ISA.SE.7": ("999 taken", "GE*1*101~", "GE*1*101~\nSE*1*1~"),
    "x12.1.IEA.IEA.6": ("999 taken", "IEA*1*000000101~", "~"),
    "x12.2.2000.IK5.8": ("999 refused", "IK5*R*5~", "IK5*R*5~\nIK5*R*5~"),
    "x12.2.2000.AK204.9": ("999 taken", "AK2*837*0001*005010X222A1", "AK2*837*0001*005010X222A1*X"),
    "x12.3.ST.AK904.1": ("999 taken", "AK9*A*1*1*1", "AK9*E*1*1*0"),
    "x12.4.ST.AK901.1": ("999 taken", "AK9*A*1*1*1", "AK9*R*1*1*1"),
    "x12.4.2000.IK501.1": ("999 refused", "IK5*R*5", "IK5*A*5"),
    "x12.1.HL.HL01.1": ("277 line", "HL*3*2*19", "HL*4*2*19"),
    "x12.3.2200C.QTY02.1": ("277 line", "QTY*QC*1", "QTY*QC*2"),
    "x12.3.2200C.AMT02.1": ("277 line", "QTY*QC*1~\nAMT*YY*1310", "QTY*QC*1~\nAMT*YY*1311"),
    "x12.3.2110.SVC03.1": ("835 paid", "150.40**1", "150.41**1"),
    "x12.3.2100.CLP03.1": ("835 paid", "*1*1310.00*", "*1*1310.01*"),
    "x12.3.2100.CLP04.1": ("835 paid", "*992.40*195.60", "*992.41*195.60"),
    "x12.3.2100.CLP05.1": ("835 paid", "*992.40*195.60", "*992.40*195.61"),
    "x12.3.ST.BPR02.1": ("835 paid", "BPR*I*992.40", "BPR*I*992.41"),
    "x12.count-differs": ("835 paid", "SE*", "SE*9"),
    "x12.control-number-differs": ("835 paid", "GE*1*101", "GE*1*102"),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_named_by_the_file_that_breaks_it(rule):
    name, old, new = RULES[rule]
    assert rule in {issue.rule for issue in validate_answers(changed(ANSWERS[name], old, new))}


def test_an_amount_that_a_patient_owes_and_that_differs_is_a_warning_and_the_payment_is_read():
    read = read_answers(changed(ANSWERS["835 paid"], "*992.40*195.60", "*992.40*195.61"))
    assert read.value is not None
    assert [issue.severity for issue in read.issues] == ["warning"]


def test_no_issue_holds_what_a_patient_is_called():
    for name, start, element, value in CASES:
        for issue in validate_answers(edited(ANSWERS[name], start, element, value)):
            assert not re.search("SYNTHETIC|1EG4TE5MK00|VISIT-0001", issue.text)


def test_claims_are_no_answer_and_an_answer_is_no_claim():
    assert [is_answer(OWN), is_answer(ANSWERS["999 taken"]), is_answer("{}")] == [False, True, False]
    assert [issue.rule for issue in read_answers(OWN).issues if issue.is_error][:1] == ["x12.2.ST.ST01.5"]
    empty = "".join(f"{line}\n" for line in OWN.splitlines() if line.startswith(("ISA", "IEA"))).replace("IEA*1", "IEA*0")
    assert [issue.rule for issue in read_answers(empty).issues] == ["x12.2.ISA.ST.6"]


def test_a_999_that_is_read_and_written_again_is_the_same():
    text = ANSWERS["999 in part"]
    file = read_answers(text).value.files[0]
    assert encode_segments(wrap_answer(write_999(file, "0001"), ENVELOPE).value) == re.sub(r"(IK4\*3\*1251\*8)\*\d+", r"\1", text)


def test_an_envelope_whose_numbers_do_not_fit_is_refused():
    (issue,) = wrap_answer((), AnswerEnvelope("1", "0", "A", "", "20260304", "1300", "T")).issues
    assert issue.rule == "answer.envelope-wrong"


@given(st.data())
def test_whatever_bytes_come_the_readers_answer_and_never_fail(data):
    text = data.draw(st.sampled_from(sorted(ANSWERS.values())))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        text = text[:start] + data.draw(st.text(max_size=4)) + text[start + data.draw(st.integers(0, 30)):]
    read = read_answers(text)
    assert read.value is not None or any(issue.is_error for issue in read.issues)


def test_a_thousand_mutated_files_are_answered_within_their_time():
    assert fuzz(1_000, seed=6) < 1


def test_a_planted_reader_that_says_nothing_is_caught(monkeypatch):
    monkeypatch.setattr(answers, "read_answers", lambda _: Outcome(None))
    with pytest.raises(AssertionError):
        answers.fuzz(1, seed=1)


@pytest.mark.parametrize("table", ["loop ST 1..1\n SE one N1-10", "SE 1..1 N1-10", "loop ST 1..1\n SE 1..1 X9"])
def test_a_table_that_is_written_wrongly_is_refused(table):
    with pytest.raises((ValueError, TypeError)):
        read_grammar(table)
