"""Claims written over the file that they were read from: what a claim has no place for stays where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from adapter.issues import Issue, IssueType, Outcome, Severity
from adapter.terms import Claim
from adapter.x12.file_837 import build_file, read_837
from adapter.x12.guide import validate_837
from adapter.x12.syntax import Segment, build_segment, decode_segments, encode_segments, fold_segment

__all__ = ["rewrite_837"]

_COUNTED = frozenset({"SE", "GE", "IEA"})

_CONFLICT = Issue(
    Severity.ERROR, IssueType.CONFLICT, "x12.rewrite-conflict", "A change falls upon a segment that says more than its claim "
    "holds, so one of the two would be lost. Change the file itself.", ("Claim",),
)

Edit = tuple[int, int, Sequence[Segment]]
"""The segments from one place up to another, and what stands there instead."""


def rewrite_837(text: str, claims: Sequence[Claim]) -> Outcome[str]:
    """Write the claims that were read from a file, changed or not, into that file: the lossless mode.

    X12: every segment that a claim gives back is written anew, every other one stays where it stood, as it was; SE01 is
    counted again; the delimiters are those of the file. Errors: those of `read_837` and of `validate_837`, and
    `x12.rewrite-conflict` where a change falls upon a segment that the claims do not hold whole.
    """
    read, decoded = read_837(text), decode_segments(text).value
    if read.value is None or decoded is None:
        return Outcome(None, read.issues)
    issues = tuple(validate_837(claims, read.value.envelope))
    if any(issue.is_error for issue in issues):
        return Outcome(None, issues)
    stood = tuple(map(fold_segment, decoded.segments))
    held = build_file(read.value.claims, read.value.envelope)
    wanted = build_file(claims, read.value.envelope)
    kept, changed = _compare(held, stood), _compare(held, wanted)
    if any(_meet(one, other) for one in kept for other in changed):
        return Outcome(None, (*issues, _CONFLICT))
    whole = list(held)
    for start, end, instead in sorted([*kept, *changed], key=lambda edit: edit[:2], reverse=True):
        whole[start:end] = instead
    return Outcome(encode_segments(_recount(whole), decoded.delimiters), issues)


def _compare(held: Sequence[Segment], other: Sequence[Segment]) -> list[Edit]:
    """Give what has to be put where in the first to make the second of it, segment by segment; counts are no difference."""
    first, second = ([one.id if one.id in _COUNTED else one for one in each] for each in (held, other))
    steps = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    edits: list[Edit] = []
    for name, a, b, c, d in steps:
        if name == "replace" and b - a == d - c:
            edits += [(a + place, a + place + 1, other[c + place : c + place + 1]) for place in range(b - a)]
        elif name != "equal":
            edits.append((a, b, other[c:d]))
    return edits


def _meet(one: Edit, other: Edit) -> bool:
    """Tell whether two edits take away one segment, or one puts something between segments that the other takes away."""
    (first, last), (start, end) = one[:2], other[:2]
    return max(first, start) < min(last, end) or first < start == end < last or start < first == last < end


def _recount(segments: Sequence[Segment]) -> list[Segment]:
    """Count the segments of the transaction again: SE01."""
    count = len(segments) - len(("ISA", "GS", "GE", "IEA"))
    return [build_segment("SE", str(count), one.get(2)) if one.id == "SE" else one for one in segments]
