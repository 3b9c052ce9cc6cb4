"""The values that a resource is found by, and whether they meet a condition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from adapter.fhir.json import Tree
from adapter.fhir.search_table import PARAMETERS
from adapter.terms import Bound, Condition, Match, SearchValue, ValueMatch

__all__ = ["Span", "fold", "gather_values", "meets", "read_span", "shorten", "split_reference"]

Span = tuple[str, str]
"""The first and the last millisecond of a date, as texts that sort."""

_MAX: Final = 200
_LOCAL: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_FIRST, _LAST = "0000", "9999-12-31T23:59:59.999Z"
_MILLISECOND: Final = timedelta(milliseconds=1)


def gather_values(tree: Tree) -> list[SearchValue]:
    """Gather what a resource is found by, for every search parameter of its type.

    >>> gather_values({"resourceType": "Patient", "id": "p"})
    [SearchValue(parameter='_id', value='p', system='', low='', high='')]
    """
    found: list[SearchValue] = []
    for name, (kind, paths) in PARAMETERS.get(tree["resourceType"], {}).items():
        for path in paths:
            for node in _nodes(tree, path.split(".")):
                found += _READERS[kind](name, node)
    return found


def _nodes(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for one in node:
            yield from _nodes(one, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _nodes(node[path[0]], path[1:])


def shorten(text: str) -> str:
    """Shorten a text that is too long for an index to its beginning and a digest of the whole."""
    return text if len(text) <= _MAX else text[:_MAX - 64] + sha256(text.encode("utf-8", "replace")).hexdigest()


def fold(text: str) -> str:
    """Fold a text for comparison: without case, accents and doubled blanks.

    >>> fold(" José  MÜLLER ")
    'jose muller'
    """
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(bare.casefold().split())


def _tokens(name: str, node: Any) -> Iterator[SearchValue]:
    if isinstance(node, bool):
        yield SearchValue(name, str(node).lower())
    elif isinstance(node, str):
        yield SearchValue(name, shorten(node))
    elif isinstance(node, dict):
        codings = node.get("coding")
        if isinstance(codings, list):
            for coding in codings:
                yield from _tokens(name, coding)
        code = node.get("code", node.get("value"))
        if isinstance(code, str):
            yield SearchValue(name, shorten(code), shorten(str(node.get("system", ""))))


def split_reference(text: str) -> tuple[str, str]:
    """Split a reference into type and id, an absolute one into nothing and its address.

    >>> split_reference("Patient/1/_history/2"), split_reference("urn:uuid:1")
    (('Patient', '1'), ('', 'urn:uuid:1'))
    """
    local = _LOCAL.fullmatch(text)
    return (local[1], local[2]) if local else ("", shorten(text))


def _references(name: str, node: Any) -> Iterator[SearchValue]:
    if isinstance(node, str):
        yield SearchValue(name, shorten(node.partition("|")[0]))
    elif isinstance(node, dict):
        text = node.get("reference")
        if isinstance(text, str) and not text.startswith("#"):
            system, value = split_reference(text)
            yield SearchValue(name, value, system)
        if isinstance(node.get("identifier"), dict):
            yield from _tokens(f"{name}:identifier", node["identifier"])


def read_span(text: str) -> Span | None:
    """Read a date or time to any precision, from its first to its last millisecond in UTC; None where it is none.

    >>> read_span("2026-02")
    ('2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z')
    """
    told = _DATE.fullmatch(text)
    if told is None:
        return None
    year, month, day, hour, minute, second, part, zone = told.groups()
    try:
        first = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{'59' if second == '60' else second or '00'}"
            f"{(part or '.0')[:4].ljust(4, '0')}{(zone or 'Z').replace('Z', '+00:00')}"
        ).astimezone(UTC)
        if month is None:
            after = first.replace(year=first.year + 1)
        elif day is None:
            after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        else:
            step = timedelta(days=1) if hour is None else timedelta(minutes=1) if second is None else timedelta(seconds=1)
            after = first + (step if part is None else _MILLISECOND)
        last = after - _MILLISECOND
    except (ValueError, OverflowError):
        return None
    return _write(first), _write(last)


def _write(at: datetime) -> str:
    return f"{at.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _dates(name: str, node: Any) -> Iterator[SearchValue]:
    if isinstance(node, str):
        node = {"start": node, "end": node}
    if isinstance(node, dict):
        start, end = (read_span(node[key]) if isinstance(node.get(key), str) else None for key in ("start", "end"))
        if start or end:
            yield SearchValue(name, low=start[0] if start else _FIRST, high=end[1] if end else _LAST)


def _strings(name: str, node: Any) -> Iterator[SearchValue]:
    if isinstance(node, str):
        yield SearchValue(name, shorten(fold(node)), shorten(node))
    elif isinstance(node, dict):  # HumanName and Address: any text in them
        for key, part in node.items():
            if key not in ("use", "type", "period", "id", "extension"):
                for one in part if isinstance(part, list) else [part]:
                    if isinstance(one, str):
                        yield from _strings(name, one)


def _uris(name: str, node: Any) -> Iterator[SearchValue]:
    if isinstance(node, str):
        yield SearchValue(name, shorten(node))


_READERS: Final[Mapping[str, Callable[[str, Any], Iterator[SearchValue]]]] = {
    "token": _tokens, "reference": _references, "date": _dates, "string": _strings, "uri": _uris,
}
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}


def meets(values: Collection[SearchValue], condition: Condition) -> bool:
    """Tell whether the values of a resource meet a condition.

    >>> meets([SearchValue("status", "active")], Condition("status", (Match("active"),)))
    True
    """
    mine = [value for value in values if value.parameter == condition.parameter]
    if condition.matches:
        mine = [value for value in mine if any(_is_match(value, match) for match in condition.matches)]
    return bool(mine) is condition.is_wanted


def _is_match(value: SearchValue, match: Match) -> bool:
    asked = match.value
    if asked is not None:
        how = {ValueMatch.EQUAL: value.value == asked, ValueMatch.STARTS: value.value.startswith(asked),
               ValueMatch.CONTAINS: asked in value.value}
        if not how[match.how]:
            return False
    if match.systems is not None and value.system not in match.systems:
        return False
    return all(_holds(value, bound) for bound in match.bounds)


def _holds(value: SearchValue, bound: Bound) -> bool:
    return _OPERATORS[bound.operator](getattr(value, bound.end), bound.text)
