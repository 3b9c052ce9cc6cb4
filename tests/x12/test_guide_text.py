"""The rules of texts: lengths are judged on what is written, not on what was typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.x12.guide_text import validate_claim_texts, validate_envelope
from tests.x12.examples import OWN, written_claim, written_envelope

CLAIM = written_claim(OWN)


def named(family):
    return replace(CLAIM, patient=replace(CLAIM.patient, family=family))


def test_a_name_that_grows_when_folded_is_judged_by_what_is_written():
    assert validate_claim_texts(named("Æ" * 30), "Claim") == ()
    assert [issue.rule for issue in validate_claim_texts(named("Æ" * 31), "Claim")] == ["x12.1.2010BA.NM103.2"]


@pytest.mark.parametrize("line", ["PO Box 5", "P.O. BOX 5", "Suite 1, P O Box 5", "post office box 9"])
def test_a_po_box_is_no_address_of_a_billing_provider(line):
    provider = CLAIM.billing_provider
    claim = replace(CLAIM, billing_provider=replace(provider, address=replace(provider.address, line=("1 Way", line))))
    assert [issue.rule for issue in validate_claim_texts(claim, "Claim")] == ["x12.5.2010AA.N302.4"]


@pytest.mark.parametrize("line", ["5 Poboxer Street", "1 Depot Boxwood Way", "12 Postal Road"])
def test_a_street_that_sounds_like_one_is_none(line):
    provider = CLAIM.billing_provider
    claim = replace(CLAIM, billing_provider=replace(provider, address=replace(provider.address, line=(line,))))
    assert validate_claim_texts(claim, "Claim") == ()


def test_lower_case_in_an_identifier_is_written_and_a_forbidden_sign_is_not():
    assert validate_claim_texts(replace(CLAIM, authorisation="auth-1"), "Claim") == ()
    assert len(validate_claim_texts(replace(CLAIM, authorisation="auth*1"), "Claim")) == 1


def test_a_good_envelope_has_no_issue():
    assert validate_envelope(written_envelope(OWN)) == ()
