"""Functions on strings: FHIRPath N1, 5.6; the later ones (trim, split, join, encode, ...) as the 2.1 draft tells them."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from typing import Any, Final

from adapter.fhirpath.faults import PathError
from adapter.fhirpath.pattern import compile_pattern
from adapter.fhirpath.sets import Items
from adapter.fhirpath.temporal import Temporal
from adapter.fhirpath.values import single

__all__ = ["TEXT_FUNCTIONS", "with_pattern"]

_BARE_QUOTE: Final = re.compile(r'(\\.)|"', re.DOTALL)


def _on_text(name: str, function: Callable[..., Any], kinds: str) -> Callable[..., Items]:
    """Make a function on collections out of one on a string and its arguments.

    `kinds` tells each argument: t a string, i an integer, in capitals where it may be left out. Empty input, or an
    argument that is empty, gives empty; what is no string raises PathError.
    """

    def run(items: Items, *arguments: Items) -> Items:
        text = single(items, f"{name}()")
        values = [single(argument, f"{name}()") for argument in arguments]
        if text is None or None in values:
            return []
        if not isinstance(text, str | Temporal):
            raise PathError(f"{name}() takes a string")
        for value, kind in zip(values, kinds.lower(), strict=False):
            if type(value) is not (str if kind == "t" else int):
                raise PathError(f"{name}() takes {'a string' if kind == 't' else 'an integer'} as its argument")
        result = function(str(text), *values)
        return result if isinstance(result, list) else [] if result is None else [result]

    return run


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(0, length)]


def _matches(text: str, pattern: str) -> bool:
    return compile_pattern(pattern).search(text) is not None


def _matches_full(text: str, pattern: str) -> bool:
    return compile_pattern(pattern).fullmatch(text) is not None


def _replace_matches(text: str, pattern: str, substitution: str) -> str:
    """Replace every match; `$1` and `${name}` in the substitution are groups, as in PCRE and Java."""
    return _replaced(compile_pattern(pattern), text, substitution) if pattern else text


def _replaced(compiled: Any, text: str, substitution: str) -> str:
    return str(compiled.sub(lambda found: _expand(substitution, found), text))


def _expand(substitution: str, found: Any) -> str:
    parts = substitution.split("$")
    out = [parts[0]]
    for part in parts[1:]:
        name, rest = (part[1:].partition("}")[0], part[1:].partition("}")[2]) if part.startswith("{") else (part[:1], part[1:])
        key: str | int = int(name) if name.isdigit() else name
        try:
            out.append((found.group(key) or "") + rest)
        except (IndexError, KeyError):
            out.append("$" + part)
    return "".join(out)


def _encode(text: str, form: str) -> str | None:
    raw = text.encode()
    makers: dict[str, Callable[[bytes], bytes]] = {
        "base64": base64.b64encode, "urlbase64": base64.urlsafe_b64encode, "hex": binascii.hexlify,
    }
    return makers[form](raw).decode() if form in makers else None


def _decode(text: str, form: str) -> str | None:
    readers: dict[str, Callable[[bytes], bytes]] = {
        "base64": base64.b64decode, "urlbase64": base64.urlsafe_b64decode, "hex": binascii.unhexlify,
    }
    try:
        return readers[form](text.encode()).decode() if form in readers else None
    except ValueError:
        return None


def _escape(text: str, form: str) -> str | None:
    if form == "html":
        return html.escape(text)
    return json.dumps(text, ensure_ascii=False)[1:-1] if form == "json" else None


def _unescape(text: str, form: str) -> str | None:
    if form == "html":
        return html.unescape(text)
    try:
        return str(json.loads('"' + _BARE_QUOTE.sub(lambda found: found[1] or '\\"', text) + '"')) if form == "json" else None
    except ValueError:
        return None


def _join(items: Items, separator: Items = [""]) -> Items:  # noqa: B006 - never changed
    values = [single([item], "join()") for item in items]
    between = single(separator, "join()")
    if not all(isinstance(value, str) for value in (*values, between)):
        raise PathError("join() takes strings")
    return [between.join(values)] if values else []


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def with_pattern(name: str, pattern: str) -> Callable[..., Items]:
    """Make matches, matchesFull or replaceMatches with a pattern that is compiled once.

    >>> with_pattern("matches", "^a+$")(["aa"], ["^a+$"])
    [True]
    """
    compiled = compile_pattern(pattern)
    if name == "replaceMatches":
        return _on_text(name, lambda text, _, new: _replaced(compiled, text, new) if pattern else text, "tt")
    search = compiled.search if name == "matches" else compiled.fullmatch
    return _on_text(name, lambda text, _: search(text) is not None, "t")


_TEXTS: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    "indexOf": (str.find, "t"),
    "lastIndexOf": (str.rfind, "t"),
    "substring": (_substring, "iI"),
    "startsWith": (str.startswith, "t"),
    "endsWith": (str.endswith, "t"),
    "contains": (lambda text, part: part in text, "t"),
    "upper": (str.upper, ""),
    "lower": (str.lower, ""),
    "replace": (str.replace, "tt"),
    "matches": (_matches, "t"),
    "matchesFull": (_matches_full, "t"),
    "replaceMatches": (_replace_matches, "tt"),
    "length": (len, ""),
    "toChars": (list, ""),
    "trim": (str.strip, ""),
    "split": (_split, "t"),
    "encode": (_encode, "t"),
    "decode": (_decode, "t"),
    "escape": (_escape, "t"),
    "unescape": (_unescape, "t"),
}
# Name: function, least and most arguments.
TEXT_FUNCTIONS: Final[dict[str, tuple[Callable[..., Items], int, int]]] = {
    name: (_on_text(name, function, kinds), sum(kind.islower() for kind in kinds), len(kinds))
    for name, (function, kinds) in _TEXTS.items()
} | {"join": (_join, 0, 1)}
