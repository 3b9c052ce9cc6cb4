"""The Medicare Beneficiary Identifier by its form."""

from __future__ import annotations

import re

__all__ = ["is_mbi"]

# CMS, Medicare beneficiary identifier format: 11 characters, letters without S, L, O, I, B, Z.
_LETTER, _EITHER = "[AC-HJKMNP-RT-Y]", "[0-9AC-HJKMNP-RT-Y]"
_MBI = re.compile(f"[1-9]{_LETTER}{_EITHER}[0-9]{_LETTER}{_EITHER}[0-9]{_LETTER}{_LETTER}[0-9][0-9]")


def is_mbi(text: str) -> bool:
    """Tell whether a text has the form of a Medicare beneficiary identifier, without hyphens and in capitals.

    >>> is_mbi("1EG4TE5MK73"), is_mbi("1SG4TE5MK73")
    (True, False)
    """
    return _MBI.fullmatch(text) is not None
