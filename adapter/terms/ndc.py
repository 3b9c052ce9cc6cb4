"""The National Drug Code by its form."""

from __future__ import annotations

from functools import lru_cache
from operator import le

__all__ = ["pad_ndc"]

# Digits of labeler, product and package on a claim, and the fewest and longest that a label gives for them.
_WIDTHS = (5, 4, 2)
_FEWEST, _LONGEST = 10, 13


def pad_ndc(ndc: str) -> str | None:
    """Make an NDC eleven digits, 5-4-2; None where its layout is not known.

    A label has ten digits: one part is a digit short of its width and is padded on its left (21 CFR 207.33, 45 CFR 162.1002;
    the layouts that come of it are the rows of the table ndc-layout). Ten digits without hyphens could be any of three layouts
    and are not padded.

    >>> pad_ndc("9876-1234-01"), pad_ndc("98761-123-02"), pad_ndc("9876123401")
    ('09876123401', '98761012302', None)
    """
    return _pad(ndc) if len(ndc) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _pad(ndc: str) -> str | None:
    parts = ndc.split("-")
    if not ndc.isascii() or not all(part.isdigit() for part in parts):
        return None
    if len(parts) == 1:
        return ndc if len(ndc) == 11 else None
    lengths = [len(part) for part in parts]
    is_known = len(parts) == len(_WIDTHS) and sum(lengths) >= _FEWEST and all(map(le, lengths, _WIDTHS))
    return "".join(map(str.zfill, parts, _WIDTHS)) if is_known else None
