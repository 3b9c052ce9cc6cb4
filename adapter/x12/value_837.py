"""The single values of an 837 as it was received: how long each may be, and what form it has to have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from adapter.issues import Issue, IssueType, Severity
from adapter.x12 import form
from adapter.x12.loop import ClaimLoops, Loop
from adapter.x12.syntax import Segment

__all__ = ["check_segment", "check_values"]

# Segment to the lengths of its elements: least-most, of a composite as a whole "*". Source: the element dictionary of 005010.
_LENGTHS: Mapping[str, str] = {
    "ISA": "", "GS": "2-2 2-15 2-15 8-8 4-8 1-9 1-2 1-12", "ST": "3-3 4-9 1-35", "SE": "1-10 4-9", "GE": "1-6 1-9",
        "IEA": "1-5 9-9",
    "BHT": "4-4 2-2 1-50 8-8 4-8 2-2", "HL": "1-12 1-12 1-2 1-1", "PRV": "1-3 2-3 1-50", "CUR": "2-3 3-3",
    "NM1": "2-3 1-1 1-60 1-35 1-25 1-10 1-10 1-2 2-80 2-2 2-3", "N3": "1-55 1-55", "N4": "2-30 2-2 3-15 2-3 1-2 1-30 1-3",
    "REF": "2-3 1-50 1-80 *", "PER": "2-2 1-60 2-2 1-256 2-2 1-256 2-2 1-256",
    "SBR": "1-1 2-2 1-50 1-60 1-3 1-1 1-1 2-2 1-2", "PAT": "2-2 1-1 2-2 1-1 2-3 1-35 2-2 1-10 1-1", "DMG": "2-3 1-35 1-1",
    "CLM": "1-20 1-18 0-2 0-2 * 1-1 1-1 1-1 1-1 1-1 * 2-3 1-1 0-3 1-1 1-3 1-2 1-1 1-1 1-2", "CL1": "1-1 1-1 1-2",
    "PWK": "2-2 1-2 0-2 0-3 1-2 2-80", "NTE": "3-3 1-80", "AMT": "1-3 1-18", "DTP": "3-3 2-3 1-35",
        "HI": "* * * * * * * * * * * *",
    "LX": "1-6", "SV1": "* 1-18 2-2 1-15 1-2 0-2 * 0-18 1-1 0-1 1-1 1-1 0-2 0-10 1-1", "SV2": "1-48 * 1-18 2-2 1-15 0-10 1-18",
    "LIN": "0-20 2-2 1-48", "CTP": "0-2 0-3 0-17 1-15 2-2", "OI": "0-2 0-2 1-1 1-1 0-1 1-1",
    "SVD": "2-80 1-18 * 1-48 1-15 1-6", "CAS": "1-2" + " 1-5 1-18 1-15" * 6,
}


@lru_cache(maxsize=64)
def _lengths(name: str) -> tuple[tuple[int, int] | None, ...] | None:
    told = _LENGTHS.get(name)
    if not told:
        return None
    return tuple(None if one == "*" else (int(one.split("-")[0]), int(one.split("-")[1])) for one in told.split())


def check_segment(segment: Segment) -> Iterator[Issue]:
    """Check the length of each element, that none has spaces at its ends, and that the segment has no more than it may.

    Errors: `x12.1.*.2`, `x12.1.*.3`.
    """
    if segment.id == "ISA":
        return
    lengths = _lengths(segment.id)
    if lengths is not None and len(segment.elements) > len(lengths):
        yield _tell("x12.1.{}.2", segment, len(lengths) + 1, "stands after the last element that this segment has")
    for place, element in enumerate(segment.elements):
        for value in element:
            if value[:1] == " " or value[-1:] == " ":
                yield _tell("x12.1.{}.3", segment, place + 1, "has a space at its end")
        span = lengths[place] if lengths is not None and place < len(lengths) else None
        value = element[0]
        if span and value and not span[0] <= len(value) <= span[1]:
            yield _tell("x12.1.{}.2", segment, place + 1, f"holds {span[0]} to {span[1]} characters")
    if segment.elements and not any(segment.elements[-1]):
        yield _tell("x12.1.{}.2", segment, len(segment.elements), "is empty and the last: a segment ends with its last value")


def _tell(rule: str, segment: Segment, place: int, problem: str) -> Issue:
    element = f"{segment.id}.{segment.id}{place:02}"
    text = f"Segment {segment.number}, {segment.id}, element {place:02}: it {problem}. Ask the sender to correct it."
    return Issue(Severity.ERROR, IssueType.VALUE, rule.format(element), text, (f"{segment.id}/{segment.id}/{place:02}",),
                 line=segment.line)


_PROVIDER = ("2010AA", "2310A", "2310B", "2310C", "2310D", "2310E", "2310F")


def check_values(claim: ClaimLoops, kind: str, root: str) -> Iterator[Issue]:
    """Check the form of each value of a claim that has one: NPI, taxonomy, EIN, ZIP, state, codes. Errors: `x12.5.*.4`."""
    for name in ("2010AA", "2010AB", "2010BA", "2010CA", *_PROVIDER[1:]):
        loop = claim.get(name)
        if loop.segments:
            yield from _check_party(loop, root)
    for loop in claim.loops.values():
        for segment in loop.segments:
            if segment.id == "REF" and not segment.get(2):
                yield _tell_form(f"{loop.name}.REF02", ("REF", 2, segment), "a reference", root)
            elif segment.id == "PRV" and segment.get(2) != "PXC":
                yield _tell_form(f"{loop.name}.PRV02", ("PRV", 2, segment), "PXC", root)
    for name, path in (("2000A", "BI"), ("2310A", "AT"), ("2310B", "PE")):
        yield from _check(claim.get(name), ("PRV", path, 3), form.TAXONOMY, root)
    yield from _check(claim.get("2010AA"), ("REF", "EI", 2), form.EIN, root)
    yield from _check(claim.get("2010AA"), ("REF", "SY", 2), form.EIN, root)
    yield from _check(claim.get("2300"), ("CLM", None, 5, 3), form.FREQUENCY if kind == "professional" else _BILL_FREQUENCY, root)
    yield from _check(claim.get("2300"), ("CLM", None, 5, 1), form.PLACE, root)
    answers = {6: "YN"} if kind == "professional" else {}
    for place, codes in {**answers, 7: "ABC", 8: "NWY", 9: "IY"}.items():
        yield from _check(claim.get("2300"), ("CLM", None, place), _one_of(codes), root)
    for number, line in enumerate(claim.lines):
        loop, item = line["2400"], f"{root}.item[{number}]"
        name, place = ("SV1", 1) if kind == "professional" else ("SV2", 2)
        yield from _check(loop, (name, None, place, 2), form.PROCEDURE, f"{item}.productOrService")
        for part in range(3, 7):
            if (service := loop.find(name)) and service.get(place, part):
                yield from _check(loop, (name, None, place, part), form.MODIFIER, f"{item}.modifier")
        if drug := line.get("2410"):
            if drug.segments[0].get(2) != "N4":
                yield _tell_form("2410.LIN02", ("LIN", 3, drug.segments[0]), "an NDC (N4)", f"{item}.detail[0].productOrService")
            else:
                yield from _check(drug, ("LIN", None, 3), form.NDC, f"{item}.detail[0].productOrService")
        if kind == "institutional":
            yield from _check(loop, ("SV2", None, 1), form.REVENUE, f"{item}.revenue")
        elif (told := loop.find("SV1")) and told.get(5):
            yield from _check(loop, ("SV1", None, 5), form.PLACE, f"{item}.location")
        if (number_ := loop.find("REF", "6R")) and len(number_.get(2)) > _LONGEST_6R:
            yield _tell_form("2400.REF-6R", ("REF", 2, number_), f"a control number of {_LONGEST_6R} characters at most", item)


def _one_of(codes: str) -> form.Check:
    return (lambda value: len(value) == 1 and value in codes), f"one of {', '.join(codes)}"


_LONGEST_6R = 30
_BILL_FREQUENCY: form.Check = (re.compile(r"[0-9A-Z]").fullmatch,
    "a frequency code")  # type: ignore[assignment]  # a match is true


def _check_party(loop: Loop, root: str) -> Iterator[Issue]:
    name = loop.find("NM1")
    if name and name.get(8) == "XX":
        yield from _check(loop, ("NM1", name.get(1), 9), form.NPI, root)
    if name and not name.get(3) and loop.name != "2010AB":
        yield _tell_form(f"{loop.name}.NM103", ("NM1", 3, name), "a name", root)
    place = loop.find("N4")
    if place is None or place.get(4) not in ("", "US"):
        return
    yield from _check(loop, ("N4", None, 2), form.STATE, root)
    yield from _check(loop, ("N4", None, 3), form.LONG_ZIP if loop.name in ("2010AA", "2310C", "2310E") else form.ZIP, root)
    if loop.name == "2010AA":
        yield from _check(loop, ("N3", None, 1), form.STREET, root)
    if loop.find("N3") is None or not place.get(1):
        yield _tell_form(f"{loop.name}.N401", ("N4", 1, place), "a whole address", root)


def _check(loop: Loop, path: tuple[str, str | None, int] | tuple[str, str | None, int, int], check: form.Check,
    element: str) -> Iterator[Issue]:
    name, qualifier, place, *part = path
    segment = loop.find(name, qualifier)
    if segment is None:
        return
    component = part[0] if part else 1
    if not check[0](segment.get(place, component)):
        suffix = f"-{component}" if part else ""
        yield _tell_form(f"{loop.name}.{name}{place:02}{suffix}", (name, place, segment), check[1], element)


def _tell_form(element: str, where: tuple[str, int, Segment], wanted: str, fhir: str) -> Issue:
    name, place, segment = where
    loop, _, _ = element.partition(".")
    text = f"Segment {segment.number}, {name} of loop {loop}, element {place:02} is not {wanted}. Ask the sender to correct it."
    return Issue(Severity.ERROR, IssueType.VALUE, f"x12.5.{element}.4", text, (f"{loop}/{name}/{place:02}", fhir),
        line=segment.line)
