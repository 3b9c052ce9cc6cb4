"""A code's form tells its code set, or that it belongs to neither."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.code_set import code_set
from adapter.fhir.systems import CPT, HCPCS


@pytest.mark.parametrize(("code", "system"), [
    ("96522", CPT), ("0042T", CPT), ("0001U", CPT), ("1000F", CPT), ("J9200", HCPCS), ("A4220", HCPCS), ("G0463", HCPCS),
    ("53", CPT), ("25", CPT), ("1P", CPT), ("P3", CPT), ("JW", HCPCS), ("XS", HCPCS), ("PT", HCPCS), ("E1", HCPCS),
    ("", None), ("9", None), ("9652", None), ("965222", None), ("Z1234", None), ("j9200", None), ("96522 ", None),
    ("٩٦٥٢٢", None), ("4P", None), ("96522\n", None),
])
def test_the_form_of_a_code_names_its_code_set_or_none(code: str, system: str | None) -> None:
    assert code_set(code) == system


@given(st.text(st.sampled_from("0129AFJPTUVWZ"), max_size=6))
def test_five_characters_are_cpt_by_a_leading_digit_and_hcpcs_by_a_leading_letter(code: str) -> None:
    known = code_set(code)
    if known and len(code) == 5:
        assert (known == CPT) == code[0].isdigit()
    if known is None and len(code) == 5:
        assert not re.fullmatch(r"\d{5}|[A-V]\d{4}", code)
