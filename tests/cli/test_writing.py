"""The claims of an answer are written all of them or none."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapter.bulk import Workplace, build_context
from adapter.cli.writing import write_as
from adapter.flow import code_document
from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.terms import CodingAnswer
from adapter.x12 import read_837
from tests.samples import SITE, refill_bytes


@pytest.fixture(scope="module")
def context():
    workplace = Workplace(load_rule_book(), load_sites(SITE), datetime(2026, 10, 1, tzinfo=UTC), date(2026, 10, 1))
    return build_context(refill_bytes(), workplace).value


@pytest.fixture(scope="module")
def answer(context):
    return code_document(refill_bytes(), context)


@pytest.mark.parametrize("usage", ["T", "P"])
def test_an_837_says_whether_it_is_a_test(answer, context, usage):
    assert read_837(write_as("837", answer, context, usage).value.decode()).value.envelope.usage == usage


@pytest.mark.parametrize("language", ["fhir", "837"])
def test_a_claim_that_cannot_be_written_takes_the_others_with_it(answer, context, language):
    (record,) = answer.records
    line = replace(record.claim.lines[0], units=record.claim.lines[0].units * 0)
    bad = replace(record, claim=replace(record.claim, identifier="R2", lines=(line,), frequency="9"))
    written = write_as(language, CodingAnswer((record, bad)), context, "T")
    assert written.value is None
    assert any(issue.is_error for issue in written.issues)
