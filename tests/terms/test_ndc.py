"""A package code is eleven digits, or ten in the hyphens of its label; nothing is padded on a guess."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from adapter.terms.ndc import pad_ndc

LAYOUTS = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}


def digits(count):
    return st.text("0123456789", min_size=count, max_size=count)


@given(st.sampled_from(sorted(LAYOUTS)).flatmap(lambda sizes: st.tuples(*map(digits, sizes))))
def test_a_layout_of_a_label_is_padded_part_by_part(parts):
    padded = pad_ndc("-".join(parts))
    assert len(padded) == 11
    assert [int(padded[:5]), int(padded[5:9]), int(padded[9:])] == [int(part) for part in parts]


@given(st.tuples(*[st.integers(0, 7).flatmap(digits) for _ in range(3)]))
def test_any_other_layout_is_not_guessed(parts):
    known = tuple(map(len, parts)) in LAYOUTS
    assert (pad_ndc("-".join(parts)) is not None) == known


@pytest.mark.parametrize("ndc", ["", "-", "--", "9876512345", "987651234567", "98765-4321", "98765-4321-01-1", "98765-*321-01", "98765 4321 01", " 98765432101",
    "98765-43²1-01", "٩٨٧٦٥-4321-01", "98765\u20134321\u201301", "98765-4321-0a"])
def test_what_is_no_package_code_is_not_padded(ndc):
    assert pad_ndc(ndc) is None


def test_eleven_digits_stay_as_they_are():
    assert pad_ndc("98765432101") == "98765432101"


@pytest.mark.parametrize(("sent", "padded"), [("9876-1234-01", "09876123401"), ("98761-123-02", "98761012302"), ("98762-0456-2", "98762045602")])
def test_each_layout_is_padded_where_its_digit_is_wanting(sent, padded):
    assert pad_ndc(sent) == padded
