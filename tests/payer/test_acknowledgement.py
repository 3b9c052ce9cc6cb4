"""The payer takes an 837 and answers in X12 as it was told."""

import pytest

from adapter.cli.payer import _count_in
from adapter.http.media import EDI_X12
from adapter.load import load_rule_book
from adapter.payer import Behaviour, Payer, create_payer
from adapter.x12.answer import read_answers
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import DEPENDENT, OWN, recounted


def answered(text, answer="accept", folder=None):
    payer = create_payer(Payer(load_rule_book(), folder, Behaviour(answer))).test_client()
    return payer.post("/x12", data=text, headers={"Content-Type": EDI_X12})


@pytest.mark.long
@pytest.mark.parametrize("text", [OWN, DEPENDENT])
@pytest.mark.parametrize(("answer", "category"), [("accept", "A2"), ("reject", "A7"), ("lie", "A2")])
def test_a_277ca_says_what_it_was_told_to_and_an_independent_reader_takes_it(text, answer, category, tmp_path):
    response = answered(text, answer, tmp_path)
    body = response.data.decode("ascii")
    assert (response.status_code, response.content_type) == (200, EDI_X12)
    assert check_with_pyx12(body) == []
    (report,) = read_answers(body).value.reports
    assert len(report.claims) == text.count("CLM*")
    for claim in report.claims:
        assert [status.category for status in claim.statuses] == [category]
        assert (claim.identifier in text) is (answer != "lie")
        assert (claim.payer_claim_number is None) is (answer == "reject")
    assert [path.read_text() for path in tmp_path.iterdir()] == [text]


def test_an_837_that_breaks_its_rules_gets_a_999_that_names_the_element():
    response = answered(OWN.replace("SV1*HC:J9190:JZ*1000.00", "SV1*HC:J9190:JZ*10x0.00"))
    body = response.data.decode("ascii")
    assert check_with_pyx12(body) == []
    (file,) = read_answers(body).value.files
    faults = {(fault.segment, element.element, element.code) for fault in file.transactions[0].faults for element in fault.elements}
    assert (file.status, ("SV1", 2, "6") in faults) == ("R", True)


@pytest.mark.parametrize(("old", "new", "segment", "element"), [
    ("DTP*472*D8*20260302", "DTP*472*D8*20270302", "DTP", 3), ("1EG4TE5MK00", "1SG4TE5MK00", "NM1", 9),
    ("REF*EI*987000001", "REF*EI*98700000X", "REF", 2), ("***1:2~", "***1:1~", "SV1", 7),
])
def test_an_837_that_can_be_read_and_still_breaks_a_rule_gets_a_999_too(old, new, segment, element):
    assert old in OWN
    body = answered(OWN.replace(old, new, 1)).data.decode("ascii")
    assert check_with_pyx12(body) == []
    (file,) = read_answers(body).value.files
    faults = {(fault.segment, one.element) for fault in file.transactions[0].faults for one in fault.elements}
    assert (file.status, faults) == ("R", {(segment, element)})


@pytest.mark.parametrize("text", [b"{}", b"ISA*\xff", recounted(OWN)[:106]])
def test_what_is_no_interchange_cannot_be_answered_in_x12(text):
    assert answered(text).status_code in (400, 422)


def test_control_numbers_are_handed_out_once_each_where_somebody_hands_them_out(tmp_path):
    payer = create_payer(Payer(load_rule_book(), tmp_path, take_number=_count_in(tmp_path))).test_client()
    bodies = [payer.post("/x12", data=text, headers={"Content-Type": EDI_X12}).data.decode() for text in (OWN, OWN.replace("***1:2~", "***1:1~", 1))]
    assert [body.split("*")[13] for body in bodies] == ["000000001", "000000002"]
    assert [check_with_pyx12(body) for body in bodies] == [[], []]
    again = create_payer(Payer(load_rule_book(), tmp_path, take_number=_count_in(tmp_path))).test_client()
    assert again.post("/x12", data=OWN, headers={"Content-Type": EDI_X12}).data.split(b"*")[13] == b"000000003"


def test_without_a_number_nothing_is_answered(tmp_path):
    (tmp_path / "control-numbers").write_text("no folder")
    payer = create_payer(Payer(load_rule_book(), tmp_path, take_number=_count_in(tmp_path))).test_client()
    assert payer.post("/x12", data=OWN, headers={"Content-Type": EDI_X12}).status_code == 503
