"""An 837 of any size read claim by claim, in the memory that one claim takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Claim
from adapter.x12.claim_837 import read_claim_loops
from adapter.x12.envelope import IMPLEMENTATIONS
from adapter.x12.loop import Reading, read_loops
from adapter.x12.syntax import Segment, cut_segments, read_delimiters

__all__ = ["LONGEST_SEGMENT", "stream_claims", "stream_segments"]

LONGEST_SEGMENT = 100_000
"""Characters without a terminator after which a text is no X12: no segment of an 837 comes near it."""

_ISA = 200
"""Characters that hold the ISA, white space before it included."""

_DEPTHS = {"20": 0, "22": 1, "23": 2}


def stream_segments(chunks: Iterable[str]) -> Iterator[Outcome[tuple[Segment, ...]]]:
    """Cut a text that comes in pieces into segments, as many at a time as a piece ends; the first error is the last outcome.

    Errors: those of `decode_segments`; `x12.terminator-missing` where a segment does not end.
    """
    rest, pieces, delimiters = "", iter(chunks), None
    line, number = 1, 1
    for piece in pieces:
        rest += piece
        if delimiters is None:
            if len(rest) < _ISA:
                continue
            opened = read_delimiters(rest)
            if opened.value is None:
                yield Outcome(None, opened.issues)
                return
            delimiters, rest, line = opened.value
        whole, mark, rest = rest.rpartition(delimiters.terminator)
        if len(rest) > LONGEST_SEGMENT:
            yield Outcome(None, (_endless(line),))
            return
        cut = cut_segments(whole + mark, delimiters, line, number)
        yield Outcome(cut.value.segments if cut.value else None, cut.issues)
        if cut.value is None:
            return
        line += whole.count("\n")
        number += len(cut.value.segments)
    if delimiters is None:
        yield Outcome(None, read_delimiters(rest).issues or (_endless(line),))
    elif rest.strip():
        yield Outcome(None, (_endless(line),))


def _endless(line: int) -> Issue:
    return Issue(Severity.FATAL, IssueType.STRUCTURE, "x12.terminator-missing", "A segment does not end. End every segment with "
                 "the terminator and send the file whole.", line=line)


def stream_claims(chunks: Iterable[str]) -> Iterator[Outcome[Claim]]:
    """Read the claims of an 837P or 837I of any size, one at a time; a claim that cannot be read stops no other.

    Counts and control numbers of the envelope are not compared here: `check_837` does. What a Claim has no place for is
    not told: `read_837` does.
    """
    form: str | None = None
    levels: list[list[Segment]] = [[], [], []]
    claim: list[Segment] = []
    depth = -1
    for batch in stream_segments(chunks):
        if batch.value is None:
            yield Outcome(None, batch.issues)
            return
        for segment in batch.value:
            if segment.id in ("CLM", "HL", "SE") and claim and form:
                yield _read(levels, claim, form)
                claim = []
            if segment.id == "ST":
                form = next((one for one, guide in IMPLEMENTATIONS.items() if guide == segment.get(3)), None)
                if form is None:
                    yield Outcome(None, (_no_claims(segment),))
                    return
            elif segment.id == "HL":
                depth = _DEPTHS.get(segment.get(3), 2)
                levels[depth:] = [[segment], *([[]] * (2 - depth))]
            elif segment.id == "CLM" or claim:
                claim.append(segment)
            elif depth >= 0 and segment.id != "SE":
                levels[depth].append(segment)


def _read(levels: list[list[Segment]], claim: list[Segment], form: str) -> Outcome[Claim]:
    reading = Reading()
    loops = read_loops([Segment("ST"), *(one for level in levels for one in level), *claim], form)
    read = read_claim_loops(loops.claims[0], form, reading)
    return Outcome(read, tuple(reading.issues))


def _no_claims(segment: Segment) -> Issue:
    return Issue(Severity.ERROR, IssueType.NOT_SUPPORTED, "x12.transaction-not-supported", "ST03 names no claim that this reader "
                 f"takes: {' or '.join(IMPLEMENTATIONS.values())}.", ("ST/ST/03",), line=segment.line)
