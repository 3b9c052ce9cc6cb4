"""Units of measure: whether a code can be one of UCUM by its grammar and its atoms."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["is_unit"]

_words: Final = str.split
# Prefixes, metric atoms (they take a prefix) and others, as the specification lists them: https://ucum.org/ucum, tables 1
# to 22. Atoms in brackets are not listed: they are many, and grow with each edition.
_PREFIXES: Final = _words("Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti")
_METRIC: Final = frozenset(_words(
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc gf Ky Gal dyn erg "
    "P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM cal_[15] cal_[20] cal_m cal_IT cal_th cal tex m[H2O] m[Hg] eq osm g% "
    "kat U Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] st mho bit By Bd "
))
_OTHERS: Final = frozenset(_words(
    "10* 10^ % gon deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo AU atm %[slope] Ao b att circ sph bit_s "
))
_MOST: Final = 200

_COMPONENT: Final = re.compile(
    r"(?:[0-9]+|(?P<atom>10[*^]|(?:[^\[\](){}/.+\-\s0-9\"]|\[[^\[\]{}\s]+\]|[0-9](?=[^+\-0-9./(){}]))+?)(?:[+-]?[0-9]+)?)"
    r"(?=$|[./(){}])"
)
_ANNOTATION: Final = re.compile(r"\{[\x21-\x7a|\x7c\x7e ]*\}")


@lru_cache(maxsize=4096)
def is_unit(code: str) -> bool:
    """Tell whether a code can be a unit of UCUM; False where it is certainly none.

    Grammar: terms of components with `.` and `/`, exponents, parentheses and annotations. An atom in brackets is taken as
    it is.

    >>> [is_unit(code) for code in ("mg/dL", "ug/d", "10*3/uL", "{score}", "[IU]/L", "tbl", "mg//", "milligrams")]
    [True, True, True, True, True, False, False, False]
    """
    if len(code) > _MOST:
        return False
    end = _term(code, 1 if code.startswith("/") else 0, 0)
    return end == len(code)


def _term(code: str, at: int, depth: int) -> int:
    """Read a term from a place on; give where it ends, or -1."""
    while True:
        at = _component(code, at, depth)
        if at < 0 or at >= len(code) or code[at] not in "./":
            return at
        at += 1


def _component(code: str, at: int, depth: int) -> int:
    noted = _ANNOTATION.match(code, at)
    if noted:
        return noted.end()
    if code.startswith("(", at):
        end = _term(code, at + 1, depth + 1) if depth < 20 else -1
        at = end + 1 if 0 <= end < len(code) and code[end] == ")" else -1
    else:
        found = _COMPONENT.match(code, at)
        at = found.end() if found and (found["atom"] is None or _is_atom(found["atom"])) else -1
    noted = _ANNOTATION.match(code, at) if at >= 0 else None
    return noted.end() if noted else at


def _is_atom(name: str) -> bool:
    if name in _METRIC or name in _OTHERS or "[" in name:
        return True
    return any(name.startswith(prefix) and name[len(prefix):] in _METRIC for prefix in _PREFIXES)
