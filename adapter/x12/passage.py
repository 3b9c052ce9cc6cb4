"""A file of claims as its segments pass: what has to be known of it at its end, in the memory of a few segments."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from adapter.x12.envelope import IMPLEMENTATIONS, check_frame
from adapter.x12.loop import Reading
from adapter.x12.syntax import Segment

__all__ = ["Levels", "Passage", "check_levels", "find_form"]

_PARENTS = {"20": None, "22": "20", "23": "22"}
_OPENING, _CLOSING = 4, 3
_ENVELOPE = frozenset({"ISA", "GS", "ST", "TA1", "SE", "GE", "IEA"})
_KEPT = 2
"""How many of each segment of the envelope are kept behind the header: two tell that there is more than one."""


@dataclass(slots=True)
class Levels:
    """The hierarchy of a file: HL01 counts from 1, HL02 is the open level above, HL04 tells whether a child follows."""

    reading: Reading
    opened: dict[str, str] = field(default_factory=dict)
    count: int = 0
    waiting: Segment | None = None
    is_broken: bool = False

    def take(self, segment: Segment) -> None:
        """Take the next HL; the one before is judged, for its child is known now. Errors: `x12.level-out-of-order`, once."""
        self._judge(segment.get(2))
        self.waiting = segment

    def close(self) -> None:
        """Judge the last HL, which no other follows."""
        self._judge("")
        self.waiting = None

    def _judge(self, following: str) -> None:
        segment = self.waiting
        if segment is None or self.is_broken:
            return
        self.count += 1
        kind, number = segment.get(3), segment.get(1)
        parent = _PARENTS.get(kind)
        above = self.opened.get(parent, "?") if parent else ""
        right = kind in _PARENTS and number == str(self.count) and segment.get(2) == above
        if not right or segment.get(4) not in ("0", "1") or (segment.get(4) == "1") != (following == number):
            self.is_broken = True
            self.reading.report("x12.level-out-of-order", f"Segment {segment.number}, HL, does not follow from the levels "
                                "before and after it (number, parent, level 20, 22 or 23, child). Ask for the file "
                                "again.", "HL/HL/01", segment)
        self.opened[kind] = number


def check_levels(segments: Iterable[Segment], reading: Reading) -> None:
    """Check the hierarchy of a file as a whole. Errors: `x12.level-out-of-order`."""
    levels = Levels(reading)
    for segment in segments:
        if segment.id == "HL":
            levels.take(segment)
    levels.close()


@dataclass(slots=True)
class Passage:
    """What is kept of a file while it passes: its frame (header and envelope), its last segments, how many there were."""

    frame: list[Segment] = field(default_factory=list)
    count: int = 0
    reading: Reading = field(default_factory=Reading)
    levels: Levels = field(default_factory=lambda: Levels(Reading()))
    times: dict[str, int] = field(default_factory=dict)
    has_levels: bool = False

    def pass_through(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Give the segments from ST to the one before SE on; the frame is whole when they have passed."""
        last: deque[Segment] = deque()
        for segment in segments:
            self.count += 1
            if segment.id == "HL":
                self.levels.take(segment)
            last.append(segment)
            if len(last) > _CLOSING:
                before = last.popleft()
                self._keep(before, self.count - _CLOSING)
                if self.count - _CLOSING > len(("ISA", "GS")):
                    yield before
        self.levels.close()
        self.frame += last

    def _keep(self, segment: Segment, number: int) -> None:
        self.has_levels |= segment.id == "HL"
        if segment.id in _ENVELOPE:
            self.times[segment.id] = self.times.get(segment.id, 0) + 1
        if number <= _OPENING or not self.has_levels or self.times.get(segment.id, _KEPT + 1) <= _KEPT:
            self.frame.append(segment)

    def check(self) -> str | None:
        """Check the frame when all have passed, and give the form. Errors: those of `check_frame` and of `Levels`."""
        return check_frame(self.frame, self.count, self.reading)


def find_form(head: Sequence[Segment]) -> str | None:
    """Give the form of the claims that ST03, or GS08, at the head of a file names."""
    told = {one.id: one.get(8 if one.id == "GS" else 3).strip() for one in reversed(head)}
    forms = {guide: form for form, guide in IMPLEMENTATIONS.items()}
    return forms.get(told.get("ST", "")) or forms.get(told.get("GS", ""))
