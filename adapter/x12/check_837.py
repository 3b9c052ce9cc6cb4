"""The check of an 837 file as it was received: its syntax, its envelope, and the rules of what its claims say.

It looks at segments and not at Claims, so that a valid file is never refused for what a Claim here has no place for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice

from adapter.issues import Issue, Outcome
from adapter.x12.check_claim import check_claim, tell_fault
from adapter.x12.guide import breaks_no_rule
from adapter.x12.guide_payer import SitePayers, check_payer
from adapter.x12.loop import ClaimLoops, Loop, cut_loops, parse_day
from adapter.x12.passage import Passage, find_form
from adapter.x12.plain_837p import read_plain
from adapter.x12.syntax import Segment, decode_segments
from adapter.x12.value_837 import check_segment, check_values

__all__ = ["check_837", "check_batches", "check_text"]

_HEAD = 4
_MOST_TOLD = 10_000
"""Issues of one kind (lengths, claims, repeated numbers) that are told of a file; those beyond say nothing new."""


def check_837(text: str) -> tuple[Issue, ...]:
    """Check a file of professional or institutional claims, and tell all that is wrong with it.

    Each issue names its place as loop/segment/element, then the FHIRPath of the Claim element behind it where there is one,
    and its line. Errors: those of the envelope (`x12.count-differs` and so on), `x12.1.*.2` to `x12.5.*.4` of single values,
    and the rules of `guide` that a text can break.

    >>> check_837("ISA*00*")[0].rule
    'x12.isa-unreadable'
    """
    plain = read_plain(text)
    if plain is not None and breaks_no_rule(plain[1], plain[0].created_at.date()):
        return ()
    return check_text(text)


def check_text(text: str, payers: SitePayers | None = None) -> tuple[Issue, ...]:
    """Check a file segment by segment, the long way of `check_837`, which alone tells what is wrong.

    With the payers of each billing provider, by its NPI, claims are held to the rules of their payers too (`check_payer`).
    """
    decoded = decode_segments(text)
    return check_batches([Outcome(decoded.value.segments if decoded.value else None, decoded.issues)], payers)


def check_batches(batches: Iterable[Outcome[tuple[Segment, ...]]], payers: SitePayers | None = None) -> tuple[Issue, ...]:
    """Check a file whose segments come in batches (`stream_segments`), in the memory of one claim and all claims' numbers."""
    checking = _Checking(payers)
    head = list(islice(segments := checking.take(batches), _HEAD))
    form, header = find_form(head), dict[str, Loop]()
    passing = checking.passage.pass_through(chain(head, segments))
    if form is None:
        for _ in passing:
            pass  # what is not claims may still be no X12 at all
    else:
        made = parse_day(next((one.get(4) for one in head[1:2]), "")) or date.max
        claims = cut_loops(passing, form, header)
        for place, (claim, is_one) in enumerate(_mark_only(claims)):
            checking.check(claim, (form, made), place, "Claim" if is_one else f"Claim[{place}]")
    return checking.close()


def _mark_only(claims: Iterator[ClaimLoops]) -> Iterator[tuple[ClaimLoops, bool]]:
    """Give each claim, and whether it is the only one."""
    first, second = next(claims, None), next(claims, None)
    if first:
        yield first, second is None
    if second:
        yield second, False
    yield from ((claim, False) for claim in claims)


@dataclass(slots=True)
class _Checking:
    """A file on its way through the check: what was found so far, by what it was found with."""

    payers: SitePayers | None = None
    passage: Passage = field(default_factory=Passage)
    unreadable: tuple[Issue, ...] = ()
    lengths: list[Issue] = field(default_factory=list)
    childless: list[Issue] = field(default_factory=list)
    broken: list[Issue] = field(default_factory=list)
    repeated: dict[int, Issue] = field(default_factory=dict)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    level: Segment | None = None

    def take(self, batches: Iterable[Outcome[tuple[Segment, ...]]]) -> Iterator[Segment]:
        """Give the segments of all batches, each looked at by itself; one batch that cannot be read ends the file."""
        for batch in batches:
            if batch.value is None:
                self.unreadable = batch.issues
                return
            for segment in batch.value:
                if len(self.lengths) < _MOST_TOLD:
                    self.lengths += check_segment(segment)
                self._look_for_child(segment)
                yield segment

    def _look_for_child(self, segment: Segment) -> None:
        """Find levels that say they have no child and hold no claim."""
        if segment.id in ("HL", "SE") and self.level is not None and len(self.childless) < _MOST_TOLD:
            self.childless.append(tell_fault("x12.segment-missing", ("2300/CLM", "Claim"), "A subscriber or patient has no claim "
                                             "(CLM).", self.level))
        if segment.id == "HL":
            self.level = segment if segment.get(4) == "0" else None
        elif segment.id == "CLM":
            self.level = None

    def check(self, claim: ClaimLoops, file: tuple[str, date], place: int, root: str) -> None:
        """Check one claim; `file` is the form of its claims and its day."""
        form, made = file
        if len(self.broken) < _MOST_TOLD:
            self.broken += check_values(claim, form, root)
            self.broken += check_claim(claim, form, made, root)
            self.broken += self._hold_to_payer(claim, root)
        opening = claim.get("2300").segments[0]
        number = opening.get(1).strip()
        first, line = self.numbers.setdefault(number, (place, opening.line))
        if first != place and len(self.repeated) < _MOST_TOLD:
            self.repeated.setdefault(first, _tell_repeated(first, line))
            self.repeated[place] = _tell_repeated(place, opening.line)

    def _hold_to_payer(self, claim: ClaimLoops, root: str) -> list[Issue]:
        """Hold a claim to the rules of its payer; that nobody names its billing provider is told once."""
        found = list(check_payer(claim, self.payers, root)) if self.payers is not None else []
        known = {issue.rule for issue in self.broken if not issue.is_error}
        return [issue for issue in found if issue.rule not in known]

    def close(self) -> tuple[Issue, ...]:
        """Give all that was found: what cannot be read alone, an envelope that cannot be opened alone, else everything once."""
        if self.unreadable:
            return self.unreadable
        if self.passage.check() is None:
            return tuple(self.passage.reading.issues)
        repeated = [self.repeated[place] for place in sorted(self.repeated)]
        found = [*self.passage.reading.issues, *self.passage.levels.reading.issues, *self.lengths]
        if not self.numbers:
            found.append(tell_fault("x12.claim-missing", ("2300/CLM", "Claim"), "The file holds no claim (CLM). Ask for the "
                                    "whole file.", None))
        return tuple(dict.fromkeys((*found, *self.childless, *self.broken, *repeated)))


def _tell_repeated(place: int, line: int) -> Issue:
    issue = tell_fault("x12.4.2300.CLM01.1", ("2300/CLM/01", f"Claim[{place}].identifier[0].value"), "Two claims of the file "
                       "have one patient control number. Give each its own.", None)
    return replace(issue, line=line)
