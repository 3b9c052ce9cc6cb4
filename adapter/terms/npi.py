"""The National Provider Identifier by its form."""

from __future__ import annotations

__all__ = ["is_npi"]

_PREFIX = 24
"""What 80840, which stands before every NPI, adds to the Luhn sum."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The Luhn sum of each digit doubled."""


def is_npi(text: str) -> bool:
    """Tell whether ten digits are an NPI: first digit 1 or 2, Luhn over them with 80840 before (45 CFR 162.406).

    >>> is_npi("1993999907"), is_npi("1993999908")
    (True, False)
    """
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    single, doubled = text[1::2], text[::2]
    return (_PREFIX + sum(map(int, single)) + sum([_DOUBLED[int(digit)] for digit in doubled])) % 10 == 0
