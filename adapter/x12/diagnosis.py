"""The diagnoses of a claim in HI segments, and codes put back into their dotted form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from adapter.x12.loop import Loop, Reading
from adapter.x12.syntax import Element, Segment, build_segment

__all__ = ["MOST_IN_HI", "fold_diagnosis", "read_diagnoses", "write_diagnoses"]

MOST_IN_HI = 12
"""Codes that one HI holds."""

_CATEGORY = 3


def write_diagnoses(diagnoses: Sequence[str], cut: Sequence[int]) -> Iterator[Segment]:
    """Write diagnoses without their dots, the first as ABK, the others as ABF; `cut` is how many each HI takes.

    >>> [segment.elements for segment in write_diagnoses(("C78.7", "C18.9"), (1, 12))]
    [(('ABK', 'C787'),), (('ABF', 'C189'),)]
    """
    codes = [("ABF" if place else "ABK", code.replace(".", "")) for place, code in enumerate(diagnoses)]
    for end, size in zip(accumulate(cut), cut, strict=True):
        if part := codes[end - size : end]:
            yield build_segment("HI", *part)


def read_diagnoses(loop: Loop, cut: Sequence[int], reading: Reading) -> tuple[str, ...]:
    """Read the HI segments of diagnoses as `write_diagnoses` writes them; where they do not begin with ABK, an error."""
    segments = [one for one in loop.segments if one.id == "HI" and _holds_diagnoses(one)]
    told = [element for one in segments[: len(cut)] for element in one.elements if any(element)]
    right = [("ABF" if place else "ABK") for place in range(len(told))]
    if not told or [element[0] for element in told] != right or not all(map(_is_code, told)) or len(told) > sum(cut):
        place = segments[0] if segments else loop.find("HI") or loop.find("CLM")
        reading.report("x12.diagnosis-unreadable", "HI does not hold ICD-10-CM codes without a dot, ABK first and then "
                       "ABF. Ask the sender to correct it.", "2300/HI/01", place)
        return ()
    return tuple(fold_diagnosis(element[1].strip()) for element in told)


def _holds_diagnoses(segment: Segment) -> bool:
    return segment.get(1) in ("ABK", "ABF", "BK", "BF")


def _is_code(element: Element) -> bool:
    code = element[1].strip() if len(element) > 1 else ""
    return code.isascii() and code.isalnum() and len(code) >= _CATEGORY


def fold_diagnosis(code: str) -> str:
    """Put the dot after the third character.

    >>> fold_diagnosis("C787"), fold_diagnosis("I10")
    ('C78.7', 'I10')
    """
    plain = code.replace(".", "")
    return plain[:_CATEGORY] + ("." if plain[_CATEGORY:] else "") + plain[_CATEGORY:]
