"""Units of measure as far as they can be converted: a small table of UCUM and the grammar of its terms.

A unit that is not in the table is equal only to itself: nothing is guessed. Source: https://ucum.org/ucum (2.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

__all__ = ["UCUM", "Scale", "scale_of"]

UCUM: Final = "http://unitsofmeasure.org"

_PREFIXES: Final = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}
# Base units and what stands for itself (arbitrary units, decibels of no one): metric, may take a prefix.
_BASE: Final = ("m", "s", "g", "rad", "K", "C", "cd", "[iU]", "[arb'U]", "[USP'U]", "B", "bit")
# Defined units: (takes a prefix, factor, in terms of).
_DEFINED: Final[Mapping[str, tuple[bool, str, str]]] = {
    "mol": (True, "602214076000000000000000", "1"), "eq": (True, "1", "mol"), "osm": (True, "1", "mol"),
    "%": (False, "1/100", "1"), "[ppth]": (False, "1/1000", "1"), "[ppm]": (False, "1/1000000", "1"),
    "10*": (False, "10", "1"), "10^": (False, "10", "1"),
    "l": (True, "1", "dm3"), "L": (True, "1", "l"), "t": (True, "1000", "kg"),
    "min": (False, "60", "s"), "h": (False, "60", "min"), "d": (False, "24", "h"), "wk": (False, "7", "d"),
    "mo_j": (False, "487/16", "d"), "a_j": (False, "1461/4", "d"), "mo": (False, "1", "mo_j"), "a": (False, "1", "a_j"),
    "Hz": (True, "1", "/s"), "N": (True, "1000", "g.m/s2"), "Pa": (True, "1", "N/m2"), "J": (True, "1", "N.m"),
    "W": (True, "1", "J/s"), "A": (True, "1", "C/s"), "V": (True, "1", "J/C"), "Ohm": (True, "1", "V/A"),
    "bar": (True, "100000", "Pa"), "cal": (True, "523/125", "J"), "[Cal]": (False, "1", "kcal"),
    "kat": (True, "1", "mol/s"), "U": (True, "1", "umol/min"), "m[Hg]": (True, "133322", "Pa"),
    "m[H2O]": (True, "980665/100000", "kPa"),
    "[in_i]": (False, "127/50", "cm"), "[ft_i]": (False, "12", "[in_i]"), "[yd_i]": (False, "3", "[ft_i]"),
    "[mi_i]": (False, "5280", "[ft_i]"),
    "[lb_av]": (False, "45359237/100000", "g"), "[oz_av]": (False, "1/16", "[lb_av]"),
    "[gr]": (False, "6479891/100000000", "g"),
    "[foz_us]": (False, "473176473/16000000", "ml"), "[drp]": (False, "1/20", "ml"),
    "[IU]": (True, "1", "[iU]"),
}
_ALONE: Final = ("deg", "Cel", "[degF]", "[pH]")  # special scales: convertible to nothing but themselves

_TOKEN: Final = re.compile(
    r"([./()])|(\{[^{}]*\})"
    r"|((?:10[*^]|\[[^\[\]]*\]|[^\d./(){}+\-*^\[])+?(?=[+-]?\d*(?:[./(){}]|$)))?([+-]?\d+)?"
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a unit is in base units: a factor and the powers of the base units, sorted by name."""

    factor: Fraction
    powers: tuple[tuple[str, int], ...]


_ONE: Final = Scale(Fraction(1), ())


def scale_of(unit: str) -> Scale | None:
    """Give a unit in base units; None when it is not in the table.

    >>> scale_of("mg/dL").factor, scale_of("mg/dL").powers
    (Fraction(10, 1), (('g', 1), ('m', -3)))
    >>> scale_of("[smoot]") is None
    True
    """
    if len(unit) > 64:
        return None
    try:
        return _term(unit)
    except (IndexError, ValueError, ZeroDivisionError):
        return None


def _term(text: str) -> Scale:
    """Read `a.b/c`, with parentheses, exponents and annotations, from left to right."""
    stack: list[tuple[Scale, int]] = []
    result, sign, at, is_open = _ONE, 1, 0, True  # open: a component must follow
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise ValueError
        mark, note, name, digits = found.groups()
        is_leading_slash = mark == "/" and found.start() == 0
        if note is None and not is_leading_slash and is_open != (mark == "(" or mark is None):
            raise ValueError
        at, is_open = found.end(), mark is not None and mark != ")"
        if mark == "(":
            stack.append((result, sign))
            result, sign = _ONE, 1
        elif mark == ")":
            outer, sign = stack.pop()
            result, sign = _times(outer, result, sign), 1
        elif mark:
            sign = 1 if mark == "." else -1
        elif note is None:
            result, sign = _times(result, _component(name, digits), sign), 1
    if stack or is_open:
        raise ValueError
    return result


def _component(name: str | None, digits: str | None) -> Scale:
    if name is None:
        return Scale(Fraction(int(digits or "1")), ())
    power = int(digits) if digits else 1
    if abs(power) > 30:
        raise ValueError
    return _times(_ONE, _atom(name), power)


def _times(left: Scale, right: Scale, power: int) -> Scale:
    powers = dict(left.powers)
    for name, count in right.powers:
        powers[name] = powers.get(name, 0) + count * power
    return Scale(left.factor * right.factor**power, tuple(sorted((name, count) for name, count in powers.items() if count)))


def _atom(name: str) -> Scale:
    if name in _BASE or name in _ALONE:
        return Scale(Fraction(1), ((name, 1),))
    if name in _DEFINED:
        _, factor, terms = _DEFINED[name]
        return _times(Scale(Fraction(factor), ()), _term(terms), 1)
    for prefix, exponent in _PREFIXES.items():
        rest = name.removeprefix(prefix)
        if rest != name and (rest in _BASE or _DEFINED.get(rest, (False,))[0]):
            return _times(Scale(Fraction(10) ** exponent, ()), _atom(rest), 1)
    raise ValueError
