"""An issue is one line that an editor can jump to, a record a table with a row a line, an object one line of JSON."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapter.bulk import Workplace, build_context
from adapter.cli.listing import issue_line, json_line, lines_table
from adapter.flow import code_document
from adapter.issues import Issue, IssueType, Severity
from adapter.load import load_rule_book
from adapter.settings import load_sites
from tests.samples import SITE, refill_bytes


@pytest.mark.parametrize(("line", "column", "place"), [(None, None, "a.json"), (3, None, "a.json:3"), (3, 7, "a.json:3:7")])
def test_an_issue_says_file_line_column_severity_rule_text_and_place(line, column, place):
    issue = Issue(Severity.WARNING, IssueType.VALUE, "thing.odd", "Odd.", ("A.b", "A.c"), None, line, column)
    assert issue_line("a.json", issue) == f"{place}: warning thing.odd: Odd. (A.b, A.c)"


def test_an_object_keeps_every_digit_and_stays_on_one_line():
    assert json_line({"sum": Decimal("1.10"), "text": "a\nb"}) == '{"sum":1.10,"text":"a\\nb"}'


def test_a_record_is_a_row_a_line_with_the_diagnoses_that_it_points_to():
    workplace = Workplace(load_rule_book(), load_sites(SITE), datetime(2026, 10, 1, tzinfo=UTC), date(2026, 10, 1))
    (record,) = code_document(refill_bytes(), build_context(refill_bytes(), workplace).value).records
    rows = list(lines_table(record))
    assert [row.split() for row in rows[1:]] == [
        ["1", "96522", "-", "1", "190.00", "Z51.11", "C78.7", "C18.7"],
        ["2", "J9200", "JZ", "1", "95.00", "Z51.11", "C78.7", "C18.7"],
    ]
