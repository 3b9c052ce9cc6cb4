"""The National Drug Code by its form."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["pad_ndc"]

_LAYOUTS = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}
_LONGEST = 13


def pad_ndc(ndc: str) -> str | None:
    """Make an NDC eleven digits, 5-4-2 (45 CFR 162.1002; layouts: 21 CFR 207.33); None where its layout is not known.

    Ten digits without hyphens could be any of three layouts and are not padded.

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
    if tuple(map(len, parts)) not in _LAYOUTS:
        return None
    labeler, product, package = parts
    return labeler.zfill(5) + product.zfill(4) + package.zfill(2)
