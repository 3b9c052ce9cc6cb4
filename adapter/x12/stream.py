"""An 837 of any size read claim by claim, in the memory that one claim takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from adapter.issues import Issue, IssueType, Outcome, Severity, has_errors
from adapter.terms import Claim
from adapter.x12.check_837 import check_batches
from adapter.x12.claim_837 import read_claim_loops
from adapter.x12.envelope import Envelope, read_envelope
from adapter.x12.file_837 import build_file, find_unkept, name_unkept
from adapter.x12.guide_payer import SitePayers
from adapter.x12.loop import ClaimLoops, Loop, Reading, TransactionLoops, cut_loops
from adapter.x12.passage import Passage, find_form
from adapter.x12.syntax import Segment, cut_segments, decode_segments, read_delimiters

__all__ = ["LONGEST_SEGMENT", "check_chunks", "stream_claims", "stream_segments"]

LONGEST_SEGMENT = 100_000
"""Characters without a terminator after which a text is no X12: no segment of an 837 comes near it."""

_ISA = 200
"""Characters that hold the ISA, white space before it included."""

_HEAD = 4


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
        short = decode_segments(rest)
        yield Outcome(short.value.segments if short.value else None, short.issues)
    elif rest.strip():
        yield Outcome(None, (_endless(line),))


def _endless(line: int) -> Issue:
    return Issue(Severity.FATAL, IssueType.STRUCTURE, "x12.terminator-missing", "A segment does not end. End every segment with "
                 "the terminator and send the file whole.", line=line)


def check_chunks(chunks: Iterable[str], payers: SitePayers | None = None) -> tuple[Issue, ...]:
    """Check a file of claims of any size as `check_text` does; its text comes in pieces.

    >>> check_chunks(["ISA*", "00*"])[0].rule
    'x12.isa-unreadable'
    """
    return check_batches(stream_segments(chunks), payers)


def stream_claims(chunks: Iterable[str]) -> Iterator[Outcome[Claim]]:
    """Read the claims of an 837P or 837I of any size as `read_837` does, one at a time; what is wrong with one stops no other.

    The last outcome has no claim where the file as a whole is wrong: its envelope, its counts, its levels, a segment that does
    not end. Errors, warnings and information: those of `read_837`; what is not kept is told once a kind.
    """
    reader = _Reader()
    head = list(islice(segments := reader.take(chunks), _HEAD))
    form, header = find_form(head), dict[str, Loop]()
    passing = reader.passage.pass_through(chain(head, segments))
    if form is None:
        for _ in passing:
            pass  # what is not claims may still be no X12 at all
    else:
        for loops in cut_loops(passing, form, header):
            yield reader.read(loops, form, header)
    issues = reader.close()
    if issues:
        yield Outcome(None, issues)


@dataclass(slots=True)
class _Reader:
    """A file on its way through the reader: the segments since the last claim, and what was told before."""

    passage: Passage = field(default_factory=Passage)
    unreadable: tuple[Issue, ...] = ()
    since: deque[Segment] = field(default_factory=deque)
    envelope: Envelope | None = None
    opening: tuple[Issue, ...] = ()
    told: set[Issue] = field(default_factory=set)
    claims: int = 0

    def take(self, chunks: Iterable[str]) -> Iterator[Segment]:
        for batch in stream_segments(chunks):
            if batch.value is None:
                self.unreadable = batch.issues
                return
            for segment in batch.value:
                self.since.append(segment)
                yield segment

    def read(self, loops: ClaimLoops, form: str, header: dict[str, Loop]) -> Outcome[Claim]:
        """Read one claim, and compare what it would give back with what stood there."""
        reading = Reading()
        if self.envelope is None:
            told = Reading()
            self.envelope = read_envelope(self.passage.frame, TransactionLoops(header, ()), told)
            self.opening = tuple(told.issues)
        claim = read_claim_loops(loops, form, reading)
        self.claims += 1
        stood = self._cut(loops.get("2300").segments[0])
        if has_errors(reading.issues):
            return Outcome(None, tuple(reading.issues))
        unkept = () if has_errors(self.opening) else name_unkept(find_unkept(stood, build_file([claim], self.envelope)))
        opening = () if self.claims > 1 or has_errors(self.opening) else self.opening
        new = [issue for issue in (*opening, *reading.issues, *unkept) if self._is_new(issue)]
        return Outcome(claim, tuple(new))

    def _cut(self, opening: Segment) -> tuple[Segment, ...]:
        """Take away the segments up to the end of a claim: the next CLM, or the next level."""
        stood: list[Segment] = []
        while self.since and not (stood and self.since[0].number > opening.number and self.since[0].id in ("CLM", "HL", "SE")):
            stood.append(self.since.popleft())
        return tuple(stood)

    def _is_new(self, issue: Issue) -> bool:
        once = replace(issue, text="", line=None) if issue.severity is Severity.INFORMATION else issue
        is_new = once not in self.told
        self.told.add(once)
        return is_new

    def close(self) -> tuple[Issue, ...]:
        """Give what is wrong with the file as a whole."""
        if self.unreadable:
            return self.unreadable
        if self.passage.check() is None:
            return tuple(self.passage.reading.issues)
        found = [*self.passage.reading.issues, *self.passage.levels.reading.issues]
        found += self.opening if has_errors(self.opening) else ()
        if not self.claims:
            found.append(Issue(Severity.ERROR, IssueType.STRUCTURE, "x12.claim-missing", "The file holds no claim (CLM). Ask the "
                               "sender for the whole file.", ("2300/CLM",)))
        return tuple(found)
