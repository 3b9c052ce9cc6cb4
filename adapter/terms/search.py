"""What a search is made of: the values that a resource is found by, and the conditions that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Bound", "Condition", "Match", "SearchValue", "SortKey", "ValueMatch"]


@dataclass(frozen=True, slots=True)
class SearchValue:
    """One value of a resource under one search parameter.

    token: system and code. reference: type and id, or an absolute address without a system. uri: the address. string: the
    text folded for comparison, and the text as it was in `system`. date and number: `low` and `high`, texts that sort as
    what they stand for does.
    """

    parameter: str
    value: str = ""
    system: str = ""
    low: str = ""
    high: str = ""


class ValueMatch(StrEnum):
    """How a value meets what is asked for."""

    EQUAL = "equal"
    STARTS = "starts"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison of `low` or `high` of a value: `low` `<=` text."""

    end: str
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """What one value must be, all of it together; None asks nothing."""

    value: str | None = None
    systems: tuple[str, ...] | None = None
    how: ValueMatch = ValueMatch.EQUAL
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A resource has a value of a parameter that meets one of `matches` (any value where there are none), or has no such."""

    parameter: str
    matches: tuple[Match, ...] = ()
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class SortKey:
    """The parameter that a result is sorted by, and its direction."""

    parameter: str
    is_descending: bool = False
