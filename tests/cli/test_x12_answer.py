"""What the command line takes for an answer of a payer."""

from adapter.cli.x12_answer import check_answer, holds_answer
from adapter.load import load_rule_book
from tests.x12.answers import ANSWERS
from tests.x12.examples import OWN


def test_an_answer_is_told_from_claims_and_from_what_is_no_x12():
    assert all(holds_answer(text.encode()) for text in ANSWERS.values())
    assert [holds_answer(data) for data in (OWN.encode(), b"{}", b"\xff")] == [False, False, False]


def test_what_is_wrong_with_an_answer_is_told_with_its_source():
    (issue,) = check_answer(ANSWERS["999 taken"].replace("AK9*A", "AK9*R").encode(), load_rule_book())
    assert issue.rule == "x12.4.ST.AK901.1"
    assert "ecfr" in issue.citation
    assert check_answer(b"\xff", load_rule_book())[0].rule == "x12.not-utf8"
