"""An NPI is told by its form alone: ten digits and a check digit."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from adapter.terms.npi import is_npi
from tests.strategies import npis


@given(npis(), st.integers(2, 9), st.integers(1, 9))
def test_an_npi_with_one_wrong_digit_is_no_npi(npi, place, step):
    wrong = npi[:place] + str((int(npi[place]) + step) % 10) + npi[place + 1 :]
    assert is_npi(npi)
    assert not is_npi(wrong)


@pytest.mark.parametrize("text", ["", "199399990", "3993999907", "199399990x", "\uff11\uff19\uff19\uff13\uff19\uff19\uff19\uff19\uff10\uff17"])
def test_what_has_not_the_form_of_an_npi_is_none(text):
    assert not is_npi(text)
