"""The rules of a payer: what the site file says that it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.terms import SitePayer
from adapter.x12.guide_payer import validate_payers
from tests.x12.examples import written_claim

PAYER = SitePayer("99999", "EXAMPLE MEDICARE CONTRACTOR", "medicare")


@pytest.mark.parametrize(("payer", "changed", "rules"), [
    (PAYER, {}, []),
    (PAYER, {"frequency": "7"}, ["x12.7.2300.CLM05-3.1"]),
    (replace(PAYER, frequency_codes=("1", "7")), {"frequency": "7"}, []),
    (replace(PAYER, frequency_codes=("1", "7")), {"frequency": "8"}, ["x12.7.2300.CLM05-3.1"]),
    (replace(PAYER, filing_indicator="MB"), {}, []),
    (replace(PAYER, filing_indicator="16"), {"frequency": "8"}, ["x12.7.2300.CLM05-3.1", "x12.7.2000B.SBR09.1"]),
    (replace(PAYER, id="60054", filing_indicator="16"), {"frequency": "8"}, []),
])
def test_a_claim_is_held_to_what_the_site_file_says_of_its_payer_and_of_no_other(payer, changed, rules):
    found = list(validate_payers([replace(written_claim(), **changed)], [payer]))
    assert [issue.rule for issue in found] == rules
    assert all(issue.is_error and issue.expression[0].startswith("Claim.") for issue in found)


def test_the_claim_of_several_is_named():
    claims = [written_claim(), replace(written_claim(), frequency="7")]
    (issue,) = validate_payers(claims, [PAYER])
    assert issue.expression == ("Claim[1].related[0].relationship",)
