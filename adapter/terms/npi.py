"""The National Provider Identifier by its form."""

from __future__ import annotations

__all__ = ["is_npi"]


def is_npi(text: str) -> bool:
    """Tell whether ten digits are an NPI: first digit 1 or 2, Luhn over them with 80840 before (45 CFR 162.406).

    >>> is_npi("1993999907"), is_npi("1993999908")
    (True, False)
    """
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in reversed("80840" + text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
