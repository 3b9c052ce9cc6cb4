"""Segments and text: the X12 basic syntax, whatever the transaction.

A segment is held without its delimiters: an element is a tuple of components, so no value can ever be read as
syntax. Delimiters are read from the ISA and never guessed. Source: ASC X12.5 and X12.6 (interchange control
structure: a 106-character ISA that names its own delimiters).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = [
    "DELIMITERS",
    "LINE_BREAK",
    "Delimiters",
    "Element",
    "Segment",
    "SegmentList",
    "build_segment",
    "cut_segments",
    "decode_segments",
    "encode_segments",
    "fold_segment",
    "fold_text",
    "holds_delimiter",
    "read_delimiters",
]

Element = tuple[str, ...]

LINE_BREAK = "\n"
"""What follows each segment terminator in the text that we write: readers skip it, people need it."""

_ISA_LENGTH = 106
_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ISA_TOLERATED = "\ufeff \t\r\n"

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
# What a FHIR string may not hold either (http://hl7.org/fhir/R4/datatypes.html#string).
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PLAIN = re.compile(r"(?:[A-Z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$](?:[A-Z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$ ]*"
                    r"[A-Z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$])?)?")
_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"&'()+,-./;?=%@[]_{}\\|<>#$ ")
_UNFOLDED = re.compile(r"[^A-Z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$ \x1d\x1e\x1f]"
                       r"| [\x1d\x1e\x1f]|[\x1d\x1e\x1f] |[\x1e\x1f]\x1d|\x1e\x1f")
_NO_MARKS = str.maketrans("", "", "\x1d\x1e\x1f")
_LETTERS = str.maketrans({
    "Æ": "AE", "Œ": "OE", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Ł": "L", "Ħ": "H", "Ŋ": "NG", "Ŧ": "T", "ẞ": "SS",
    "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u02b9": "'", "\u201c": '"', "\u201d": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
})


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four characters that an interchange is cut by: ISA position 4, ISA16, ISA11 and the one after ISA16."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"

    @property
    def marks(self) -> tuple[str, str, str, str]:
        """Give all four."""
        return self.element, self.component, self.repetition, self.terminator

    def are_usable(self) -> bool:
        """Tell whether they are four different signs, none of them a letter, a digit or a space.

        >>> Delimiters("|").are_usable(), Delimiters("A").are_usable(), Delimiters("*", "*").are_usable()
        (True, False, False)
        """
        single = all(len(mark) == 1 and mark.isascii() and not mark.isalnum() and mark != " " for mark in self.marks)
        return single and len(set(self.marks)) == len(self.marks)


DELIMITERS = Delimiters()
"""The delimiters that we write."""


@dataclass(unsafe_hash=True, slots=True)
class Segment:
    """One segment: its id, its elements as tuples of components, and where it stood. Nobody changes one.

    It is not frozen, for that makes it four times as slow to build, and a file is made of very many.
    `number` counts segments and `line` counts lines, both from 1 (0: not read from a text); neither is compared.

    >>> Segment("SV1", (("HC", "96522"), ("310.00",))).get(1, 2)
    '96522'
    """

    id: str
    elements: tuple[Element, ...] = ()
    number: int = field(default=0, compare=False)
    line: int = field(default=0, compare=False)

    def get(self, element: int, component: int = 1) -> str:
        """Give one component by its X12 position, counted from 1; what is not there is empty."""
        parts = self.elements[element - 1] if element <= len(self.elements) else ()
        return parts[component - 1] if component <= len(parts) else ""


@dataclass(frozen=True, slots=True)
class SegmentList:
    """An interchange cut into segments, and the delimiters that it named."""

    delimiters: Delimiters
    segments: tuple[Segment, ...]


def build_segment(name: str, *elements: str | Element) -> Segment:
    """Build a segment from its elements in order, without the empty ones at its end.

    >>> build_segment("SV1", ("HC", "96522", "", ""), "310.00", "", "")
    Segment(id='SV1', elements=(('HC', '96522'), ('310.00',)), number=0, line=0)
    """
    cut = [_without_empty_end((element,) if isinstance(element, str) else element) for element in elements]
    while cut and not cut[-1]:
        cut.pop()
    return Segment(name, tuple(element or ("",) for element in cut))


def _without_empty_end(parts: Element) -> Element:
    count = len(parts)
    while count and not parts[count - 1]:
        count -= 1
    return parts[:count]


def fold_text(text: str) -> str | None:
    """Fold a value into upper-case ASCII that cannot be read as syntax, or None where a letter has no such form.

    Accents go, ligatures and Nordic letters are spelled out, delimiters and control characters become spaces.
    X12: the extended character set without `^`, `` ` ``, the four delimiters and lower case.
    The letters of other scripts are never dropped silently: a name that holds one cannot be written.

    >>> fold_text("12*Elm~St"), fold_text("Søren Müller"), fold_text("Ελένη")
    ('12 ELM ST', 'SOREN MULLER', None)
    """
    if _PLAIN.fullmatch(text):
        return text
    spelled = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper().translate(_LETTERS))
    folded: list[str] = []
    for character in spelled:
        if character in _ALLOWED:
            folded.append(character)
            continue
        kind = unicodedata.category(character)[0]
        if character > "\x7f" and kind in "LN":
            return None
        if kind != "M":
            folded.append(" ")
    return "".join(folded).strip()


def fold_segment(segment: Segment) -> Segment:
    """Fold every value of a segment; a value that has no ASCII form stays as it is."""
    folded = tuple(
        tuple(value if (plain := fold_text(value)) is None else plain for value in element)
        for element in segment.elements
    )
    return build_segment(segment.id, *folded)


def holds_delimiter(segment: Segment, delimiters: Delimiters) -> bool:
    """Tell whether a value of a segment, folded or not, holds one of these delimiters; those of an ISA stand apart.

    >>> [holds_delimiter(build_segment("N3", street), Delimiters("|")) for street in ("12 ELM|ST", "12 ELM ST")]
    [True, False]
    """
    marks = delimiters.marks
    return any(mark in value for element in segment.elements for value in element for mark in marks)


def encode_segments(segments: Iterable[Segment], delimiters: Delimiters = DELIMITERS) -> str:
    r"""Write segments as text, one a line; every value is folded here, so none can become a segment.

    The ISA is padded to its 106 characters. A value without an ASCII form, or one that holds a delimiter other than ours,
    is a fault of the caller, who has to refuse it first (`validate_837` and `write_837` do): ValueError.

    >>> encode_segments([build_segment("N3", "12*Elm~St")])
    'N3*12 ELM ST~\n'
    """
    written = list(segments)
    plain = _encode_plain(written) if delimiters == DELIMITERS else None
    if plain is not None:
        return plain
    end = delimiters.terminator + ("" if delimiters.terminator in "\r\n" else LINE_BREAK)
    return "".join(_encode(segment, delimiters) + end for segment in written)


def _encode_plain(segments: list[Segment]) -> str | None:
    """Write segments whose values are all folded already, in one look; None where one is not.

    The parts are put together with control characters, which no folded value holds, and counted: one more of them than
    was put there, a letter that X12 has not, a delimiter or a space beside one, and the slow way writes the file.
    """
    texts: list[str] = []
    parts = 0
    for segment in segments:
        if segment.id == "ISA" and not texts:
            texts.append("ISA")
            continue
        elements = segment.elements
        parts += len(elements)
        for element in elements:
            parts += len(element) - 1
        texts.append("\x1f".join([segment.id, *[one[0] if len(one) == 1 else "\x1e".join(one) for one in elements]]))
    whole = "\x1d".join(texts) + "\x1d"
    if _UNFOLDED.search(whole) or len(whole) - len(whole.translate(_NO_MARKS)) != parts + len(segments):
        return None
    whole = whole.replace("\x1f", DELIMITERS.element).replace("\x1e", DELIMITERS.component)
    whole = whole.replace("\x1d", DELIMITERS.terminator + LINE_BREAK)
    return whole.replace("ISA", _encode_isa(segments[0], DELIMITERS), 1) if segments and segments[0].id == "ISA" else whole


def _encode(segment: Segment, delimiters: Delimiters) -> str:
    if segment.id == "ISA":
        return _encode_isa(segment, delimiters)
    folded = build_segment(segment.id, *(tuple(_ascii(part) for part in element) for element in segment.elements))
    if holds_delimiter(folded, delimiters):
        raise ValueError("a value holds a delimiter: check the claim before encoding it")
    parts = [segment.id, *(delimiters.component.join(element) for element in folded.elements)]
    return delimiters.element.join(parts)


def _encode_isa(segment: Segment, delimiters: Delimiters) -> str:
    values = [_ascii(segment.get(number)).ljust(width) for number, width in enumerate(_ISA_WIDTHS, start=1)]
    values[10], values[15] = delimiters.repetition, delimiters.component
    text = delimiters.element.join(["ISA", *values])
    if len(text) != _ISA_LENGTH - 1:
        raise ValueError("an ISA element is longer than its place: check the envelope before encoding it")
    return text


def _ascii(value: str) -> str:
    folded = fold_text(value)
    if folded is None:
        raise ValueError("a value holds a letter without an ASCII form: check the claim before encoding it")
    return folded


def decode_segments(text: str) -> Outcome[SegmentList]:
    """Cut an interchange into segments by the delimiters of its own ISA.

    Line breaks after terminators, a byte order mark and white space at both ends are tolerated.
    Errors: `x12.isa-unreadable`, `x12.delimiters-unusable`, `x12.control-character`, `x12.segment-unreadable`,
    `x12.terminator-missing`.

    >>> decode_segments("MSH|^~").issues[0].rule
    'x12.isa-unreadable'
    """
    opened = read_delimiters(text)
    if opened.value is None:
        return Outcome(None, opened.issues)
    delimiters, body, line = opened.value
    return cut_segments(body, delimiters, line)


def read_delimiters(text: str) -> Outcome[tuple[Delimiters, str, int]]:
    """Read the delimiters that an ISA names, and give them with the text from the ISA on and the line that it stands in."""
    body = text.lstrip(_ISA_TOLERATED)
    skipped = text[: len(text) - len(body)].count("\n")
    if not body.startswith("ISA") or len(body) < _ISA_LENGTH:
        return _refused("x12.isa-unreadable", "The text does not begin with an ISA segment of 106 characters. "
                        "Send the interchange whole, from its ISA to its IEA.", 1 + skipped)
    isa = body[: _ISA_LENGTH - 1].split(body[3])
    widths = tuple(len(value) for value in isa[1:])
    if widths != _ISA_WIDTHS:
        return _refused("x12.isa-unreadable", "The ISA elements do not have their fixed widths. "
                        "Pad ISA02, ISA04, ISA06 and ISA08 with spaces so that the ISA has 106 "
                        "characters.", 1 + skipped)
    found = Delimiters(body[3], body[104], isa[11], body[105])
    if not found.are_usable():
        return _refused("x12.delimiters-unusable", "The delimiters that the ISA names are not four different signs. "
                        "Use one sign each for elements, components, repetitions and segments.", 1 + skipped)
    return Outcome((found, body, 1 + skipped))


def cut_segments(body: str, delimiters: Delimiters, line: int, first: int = 1) -> Outcome[SegmentList]:
    """Cut whole segments by known delimiters; `line` and `first` are the line and the number of the first of them."""
    *pieces, rest = body.split(delimiters.terminator)
    marks = {delimiters.element, delimiters.component, delimiters.repetition}
    holds_control = not {*marks, delimiters.terminator}.issuperset(_CONTROL.findall(body))
    segments: list[Segment] = []
    for number, piece in enumerate(pieces, start=first):
        clean = piece.lstrip("\r\n")
        line += piece[: len(piece) - len(clean)].count("\n")
        if holds_control and not marks.issuperset(_CONTROL.findall(clean)):
            return _refused("x12.control-character", f"Segment {number} holds a control character that is no delimiter. "
                            "Ask the sender to leave it out.", line)
        name, *values = clean.split(delimiters.element)
        if not _SEGMENT_ID.fullmatch(name):
            return _refused("x12.segment-unreadable", f"Segment {number} does not begin with a segment id of two or "
                            "three capitals and digits. Check the text around it for a stray delimiter.", line)
        if name == "ISA":
            segments.append(_read_isa(values, number, line))
        else:
            composite = delimiters.component in clean
            elements = [tuple(value.split(delimiters.component)) if composite else (value,) for value in values]
            segments.append(Segment(name, tuple(elements), number, line))
        line += clean.count("\n") + (delimiters.terminator == "\n")
    if rest.strip():
        return _refused("x12.terminator-missing", f"Text follows the last segment terminator, after segment "
                        f"{len(segments)}. End every segment with the terminator and send the file whole.", line)
    return Outcome(SegmentList(delimiters, tuple(segments)))


def _read_isa(values: list[str], number: int, line: int) -> Segment:
    """Read the ISA without its padding, and without the delimiters in ISA11 and ISA16: `Delimiters` has them."""
    plain = [value.strip() for value in values]
    plain[10:11] = plain[15:16] = [""]
    return Segment("ISA", tuple((value,) for value in plain), number, line)


def _refused(rule: str, text: str, line: int) -> Outcome[Any]:
    return Outcome(None, (Issue(Severity.FATAL, IssueType.STRUCTURE, rule, text, line=line),))
