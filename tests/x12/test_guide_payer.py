"""The rules of a payer: what the site file says that it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.terms import SitePayer
from adapter.x12.check_837 import check_text
from adapter.x12.guide_payer import validate_payers
from tests.x12.examples import DEPENDENT, OWN, recounted, written_claim

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


NPI = "1993999907"
REPLACED = recounted(OWN.replace(":B:1*", ":B:7*").replace("REF*G1*AUTH-1~", "REF*G1*AUTH-1~\nREF*F8*P-77~"))


@pytest.mark.parametrize(("text", "payer", "places"), [
    (OWN, PAYER, []),
    (REPLACED, PAYER, [("x12.7.2300.CLM05-3.1", "2300/CLM/05-3", "Claim.related[0].relationship", "CLM")]),
    (REPLACED, replace(PAYER, frequency_codes=("1", "7")), []),
    (REPLACED, replace(PAYER, id="60054"), []),
    (OWN, replace(PAYER, filing_indicator="16"), [("x12.7.2000B.SBR09.1", "2000B/SBR/09", "Claim.insurance[0].coverage.resolve().type", "SBR")]),
])
def test_a_file_as_it_was_received_is_held_to_the_same_rules_with_its_places(text, payer, places):
    found = check_text(text, {NPI: [payer]})
    lines = text.splitlines()
    assert [(one.rule, *one.expression, lines[one.line - 1].split("*")[0]) for one in found] == places


def test_a_billing_provider_that_no_site_file_names_is_told_once_and_no_error():
    (issue,) = check_text(DEPENDENT, {"1234567893": [PAYER]})
    assert (issue.rule, issue.is_error, issue.expression[0]) == ("x12.7.2010AA.NM109.1", False, "2010AA/NM1/09")
