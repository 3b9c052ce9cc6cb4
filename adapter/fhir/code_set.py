"""Code sets: which of the two procedure code sets a code or modifier belongs to, by the published form of each."""

from __future__ import annotations

import re
from functools import lru_cache

from adapter.fhir.systems import CPT, HCPCS

__all__ = ["code_set"]

_FORMS = (
    (re.compile(r"[0-9]{4}[0-9AFMTU]|[0-9]{2}|[1238]P|P[1-6]"), CPT),
    (re.compile(r"[A-V][0-9]{4}|[A-Z][A-Z0-9]"), HCPCS),
)
_LONGEST = 5


def code_set(code: str) -> str | None:
    """Give the canonical system of a procedure code or a modifier; None where it has the form of neither.

    The two code sets do not overlap. CPT codes are five digits, or four digits and A, F, M, T or U; CPT modifiers
    are two digits, 1P, 2P, 3P, 8P or P1 to P6. HCPCS level II codes are a letter A to V and four digits; HCPCS
    modifiers are any other letter with a letter or digit.
    FHIR: Claim.item.productOrService and .modifier. X12: SV101-2 to -6 and SV202-2 to -6, all under qualifier HC.

    >>> code_set("96522") == code_set("53") == CPT, code_set("J9200") == code_set("JW") == HCPCS, code_set("X")
    (True, True, None)
    """
    return _code_set(code) if len(code) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _code_set(code: str) -> str | None:
    return next((system for form, system in _FORMS if form.fullmatch(code)), None)
