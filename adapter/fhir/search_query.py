"""The query of a search: its parameters as conditions, and how the result is to be shown.

Source: http://hl7.org/fhir/R4/search.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from adapter.fhir.search_table import PARAMETERS
from adapter.fhir.search_value import fold, read_span, shorten, split_reference
from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Bound, Condition, Match, SortKey, ValueMatch

__all__ = ["MAX_COUNT", "Query", "read_query"]

MAX_COUNT: Final = 500
"""Resources of one page at most."""
_COUNT: Final = 50
_SHOWN: Final = frozenset({"_format", "_pretty"})
_SUMMARIES: Final = ("true", "false", "text", "data", "count")
_MODIFIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "token": ("missing", "not"), "reference": ("missing", "identifier"), "date": ("missing",),
    "string": ("missing", "exact", "contains"), "uri": ("missing",),
}
_PREFIX: Final = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb)?(\d.*)")


@dataclass(frozen=True, slots=True)
class Query:
    """A search: what is asked for, in which order, and how much of it is shown; `unknown` parameters were left out."""

    conditions: tuple[Condition, ...] = ()
    order: tuple[SortKey, ...] = ()
    count: int = _COUNT
    summary: str = "false"
    elements: tuple[str, ...] = ()
    total: bool = True
    unknown: tuple[str, ...] = ()
    used: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Reading:
    kind: str
    base: str
    told: dict[str, str] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    used: list[tuple[str, str]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def read_query(kind: str, pairs: Iterable[tuple[str, str]], base: str = "") -> Outcome[Query]:
    """Read the parameters of a search on a type; what is not known is left out and named, what is known and wrong an issue.

    Repeated parameters are all to be met, values with a comma between them in turn. `base` is the address of this service:
    references to it are its own.

    >>> read_query("Patient", [("gender", "male,female"), ("colour", "red")]).value.unknown
    ('colour',)
    """
    reading = _Reading(kind, base)
    for name, value in pairs:
        _read_pair(reading, name, value)
    if reading.issues:
        return Outcome(None, tuple(reading.issues))
    told, order = reading.told, tuple(_order(reading))
    return Outcome(Query(
        tuple(reading.conditions),
        order,
        min(int(told.get("_count", _COUNT)), MAX_COUNT),
        "count" if told.get("_count") == "0" else told.get("_summary", "false"),
        tuple(one for one in told.get("_elements", "").split(",") if one),
        told.get("_total") != "none",
        tuple(reading.unknown),
        tuple(reading.used),
    ))


_RESULT: Final[Mapping[str, Callable[[str], bool]]] = {
    "_count": lambda text: text.isascii() and text.isdigit() and len(text) < 10,
    "_summary": lambda text: text in _SUMMARIES,
    "_total": lambda text: text in ("none", "estimate", "accurate"),
    "_elements": lambda text: re.fullmatch(r"[A-Za-z_,]+", text) is not None,
    "_sort": lambda text: re.fullmatch(r"[A-Za-z_,\-]+", text) is not None,
}


def _read_pair(reading: _Reading, name: str, value: str) -> None:
    if name in _SHOWN:
        return
    if name in _RESULT:
        if _RESULT[name](value):
            reading.told[name] = value
            reading.used.append((name, value))
        else:
            reading.issues.append(_wrong(name, "search.value", IssueType.VALUE))
        return
    bare, _, modifier = name.partition(":")
    parameter = PARAMETERS[reading.kind].get(bare)
    if parameter is None:
        reading.unknown.append(bare)
        return
    if modifier and modifier not in _MODIFIERS[parameter.kind] and not (parameter.kind == "reference" and modifier in PARAMETERS):
        reading.issues.append(_wrong(bare, "search.modifier", IssueType.NOT_SUPPORTED))
        return
    if not value:
        return
    condition = _condition(reading, parameter.kind, (bare, modifier), value)
    if condition is None:
        reading.issues.append(_wrong(bare, "search.value", IssueType.VALUE))
    else:
        reading.conditions.append(condition)
        reading.used.append((name, value))


def _condition(reading: _Reading, kind: str, name: tuple[str, str], value: str) -> Condition | None:
    bare, modifier = name
    if modifier == "missing":
        return Condition(bare, is_wanted=value == "false") if value in ("true", "false") else None
    alternatives = _split(value, ",")
    if kind == "date":
        dates = [_dates(one) for one in alternatives]
        if any(one is None for one in dates):
            return None
        return Condition(bare, tuple(match for one in dates for match in one or ()))
    if modifier == "identifier":
        return Condition(f"{bare}:identifier", tuple(_token(one) for one in alternatives))
    if kind == "token":
        return Condition(bare, tuple(_token(one) for one in alternatives), modifier != "not")
    if kind == "reference":
        return Condition(bare, tuple(_reference(one, modifier, reading) for one in alternatives))
    if kind == "uri":
        return Condition(bare, tuple(Match(shorten(_bare(one))) for one in alternatives))
    return Condition(bare, tuple(_string(one, modifier) for one in alternatives))


def _split(text: str, mark: str) -> list[str]:
    r"""Split at a mark that no backslash stands before.

    >>> _split(r"a\,b,c", ",")
    ['a\\,b', 'c']
    """
    return re.findall(r"(?:\\.|[^" + re.escape(mark) + r"\\])+", text) if text else [""]


def _bare(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text)


def _token(text: str) -> Match:
    before, mark, after = re.match(r"((?:\\.|[^|\\])*)(\|?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not mark:
        return Match(shorten(_bare(before)))
    return Match(shorten(_bare(after)) if after else None, (shorten(_bare(before)),))


def _reference(text: str, modifier: str, reading: _Reading) -> Match:
    system, value = split_reference(_bare(text).removeprefix(f"{reading.base}/"))
    if system:
        return Match(value, (system,))
    if modifier:
        return Match(value, (modifier,))
    if ":" in value or "/" in value:
        return Match(value, ("",))
    return Match(value, tuple(sorted(PARAMETERS)))


def _string(text: str, modifier: str) -> Match:
    bare = _bare(text)
    if modifier == "exact":
        return Match(shorten(fold(bare)), (shorten(bare),))
    return Match(fold(bare), how=ValueMatch.CONTAINS if modifier == "contains" else ValueMatch.STARTS)


def _dates(text: str) -> list[Match] | None:
    """Read a date with its prefix: the span of a value lies in that of the date, reaches beyond it, or outside of it."""
    told = _PREFIX.fullmatch(_bare(text).replace(" ", "+"))
    span = read_span(told[2]) if told else None
    if told is None or span is None:
        return None
    first, last = span
    bounds: Mapping[str, tuple[tuple[Bound, ...], ...]] = {
        "eq": ((Bound("low", ">=", first), Bound("high", "<=", last)),),
        "ne": ((Bound("low", ">", ""), Bound("low", "<", first)), (Bound("high", ">", last),)),
        "gt": ((Bound("high", ">", last),),),
        "lt": ((Bound("low", ">", ""), Bound("low", "<", first)),),
        "ge": ((Bound("high", ">=", first),),),
        "le": ((Bound("low", ">", ""), Bound("low", "<=", last)),),
        "sa": ((Bound("low", ">", last),),),
        "eb": ((Bound("high", ">", ""), Bound("high", "<", first)),),
    }
    return [Match(bounds=one) for one in bounds[told[1] or "eq"]]


def _order(reading: _Reading) -> Iterable[SortKey]:
    for word in reading.told.get("_sort", "").split(","):
        name = word.removeprefix("-")
        if name in PARAMETERS[reading.kind]:
            yield SortKey(name, word.startswith("-"))
        elif name:
            reading.unknown.append("_sort")


def _wrong(name: str, rule: str, code: IssueType) -> Issue:
    texts = {
        "search.value": f"The value of the search parameter {name} is none that it takes. Correct it.",
        "search.modifier": f"The modifier of the search parameter {name} is not served. Leave it out.",
    }
    return Issue(Severity.ERROR, code, rule, texts[rule])
