"""A part of a claim file as one template, which writes its segments and reads them back in one look each.

`{name:kind}` is an element (`{name}` again is the same value), `[...]` stands only where its first element is told, and `?`
behind a kind lets the element be empty. The kinds are those of values that are folded already, of their right length and
form, and written as this room writes them: what a part takes is right in itself, and what it does not take says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from adapter.x12.element import FILING_INDICATORS, NDC_UNITS, SEQUENCES, STATES

__all__ = ["PlainPart", "Values", "build_part"]

Values = dict[str, Any]
"""The elements of a part by their names in it, each a text; None for what is not told."""

_SIGN: Final = r"[A-Z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$ ]"

_KINDS: Final[Mapping[str, str]] = {
    "assigned": "[AC]",
    "child": "[01]",
    "clock": "(?:[01][0-9]|2[0-3])[0-5][0-9]",
    "code": "[0-9A-Z]{5}",
    "count": "[1-9][0-9]{0,8}",
    "day": "[0-9]{8}",
    "description": f"(?! )(?![0-9A-Z]{{2}}[*]){_SIGN}{{1,80}}(?<! )",
    "diagnoses": "(?:[*]ABF:[A-Z][0-9][0-9A-Z]{1,5}){1,11}",
    "diagnosis": "[A-Z][0-9][0-9A-Z]{1,5}",
    "filing": "|".join(sorted(FILING_INDICATORS)),
    "frequency": "[178]",
    "modifiers": "(?::[0-9A-Z]{2}){1,4}",
    "money": r"0|[1-9][0-9]{0,7}(?:\.[0-9]{1,2})?|\.(?!0+\b)[0-9]{1,2}",
    "number": r"[1-9][0-9]{0,7}(?:\.[0-9]{1,3})?|\.(?!0+\b)[0-9]{1,3}",
    "order": "|".join(SEQUENCES.values()),
    "own": "18|",
    "padded": f"{_SIGN}{{15}}",
    "padding": ":{1,5}",
    "pointers": "[1-9][0-9]?(?::[1-9][0-9]?){0,3}",
    "relationship": "01|19|G8",
    "release": "[IY]",
    "sex": "[FMU]",
    "state": "|".join(sorted(STATES)),
    "street": f"(?! )(?![^*~]*BOX){_SIGN}{{1,55}}(?<! )",
    "taxonomy": "[0-9]{3}[0-9A-Z]{6}X",
    "test": "[TP]",
    "unit": "|".join(sorted(NDC_UNITS)),
    "yes": "[NY]",
    "zip": "[0-9]{5}(?:[0-9]{4})?",
}
_SIZED: Final = re.compile(r"(text|digits)(\d+)(?:-(\d+))?")
_TOKEN: Final = re.compile(r"\{(\w+)(?::([\w-]+)(\?)?)?\}")


@dataclass(frozen=True, slots=True)
class PlainPart:
    """A part: its pieces, each with the element that it depends on (empty: none), the pattern of the whole, and its order."""

    pieces: tuple[tuple[str, str], ...]
    pattern: re.Pattern[str]
    order: Callable[[Values], tuple[Any, ...]]

    def write(self, values: Values) -> str | None:
        """Write the elements, or give None where reading would not give them back: one holds a sign or length that it may not."""
        text = "".join([piece for name, piece in self.pieces if not name or values[name] is not None]) % values
        match = self.pattern.fullmatch(text)
        return text if match is not None and match.groups() == self.order(values) else None

    def read(self, text: str, start: int) -> tuple[Values, int] | None:
        """Read the elements from a place in the text on, with the place after them; None where they do not stand there."""
        match = self.pattern.match(text, start)
        return (match.groupdict(), match.end()) if match is not None else None


def build_part(table: str) -> PlainPart:
    r"""Build a part from its segments, one a line.

    >>> part = build_part("REF*6R*{number:text30}~[NTE*ADD*{note:text80}~]")
    >>> part.write({"number": "V-1", "note": None}), part.write({"number": "V~1", "note": None})
    ('REF*6R*V-1~\n', None)
    >>> part.read("LX*1~REF*6R*V-1~NTE*ADD*KEPT~", 5)
    ({'number': 'V-1', 'note': 'KEPT'}, 29)
    """
    whole = "".join(line.strip(" ") if "ISA" not in line else line.lstrip() for line in table.splitlines())
    pieces, pattern = [], ""
    for place, piece in enumerate(re.split(r"[\[\]]", whole)):
        first = _TOKEN.search(piece)
        optional = place % 2 == 1 and first is not None
        template = _TOKEN.sub(r"%(\1)s", piece.replace("~", "~\n"))
        pieces.append((first[1] if optional and first else "", template))
        found = _write_pattern(piece)
        pattern += f"(?:{found})?" if optional else found
    compiled = re.compile(pattern)
    names = tuple(compiled.groupindex)
    return PlainPart(tuple(pieces), compiled, itemgetter(*names) if len(names) > 1 else lambda values: (values[names[0]],))


def _write_pattern(piece: str) -> str:
    texts = _TOKEN.split(piece)
    pattern = ""
    for place in range(0, len(texts), 4):
        pattern += re.escape(texts[place]).replace("\\~", "~").replace("~", "~\n?")
        if place + 1 < len(texts):
            name, kind, empty = texts[place + 1 : place + 4]
            pattern += f"(?P<{name}>(?:{_find_kind(kind)}){empty or ''})" if kind else f"(?P={name})"
    return pattern


def _find_kind(kind: str) -> str:
    sized = _SIZED.fullmatch(kind)
    if sized is None:
        return _KINDS[kind]
    least, most = (sized[2], sized[3]) if sized[3] else ("1", sized[2])
    if sized[1] == "digits":
        return f"[0-9]{{{least},{most}}}" if sized[3] else f"[0-9]{{{most}}}"
    return f"(?! ){_SIGN}{{{least},{most}}}(?<! )"
