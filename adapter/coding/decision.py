"""What every question is asked about, and the form of every answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from adapter.issues import Issue
from adapter.tables import Row, Tables
from adapter.terms import Reason, RefillFacts, Site, Told, TraceStep

__all__ = ["Decision", "Visit", "agreed", "by_row", "row_step"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to be coded: its facts, the site, the tables, and the days by which it is judged.

    `day` is the day of service, None where it is not known; `table_day` the day whose tables apply (another day on a
    replay); `as_of` the day on which filing limits are judged. `codes` remembers the codes of each drug, by its source.
    """

    facts: RefillFacts
    site: Site
    tables: Tables
    day: date | None
    table_day: date | None
    as_of: date
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def one(self, table: str, **facts: str | None) -> Row | None:
        """Give the only row of a table that fits the facts on the tables' day."""
        return self.tables[table].one(self.table_day, **facts)

    def issue(self, rule: str, text: str, *expression: str) -> Issue:
        """Make an issue of a documented rule."""
        return self.tables.issue(rule, text, *expression)

    def root(self, position: int) -> int:
        """Give the act that an act is part of in the end; a ring of parts ends where it is entered."""
        seen: set[int] = set()
        while (parent := self.facts.acts[position].part_of) is not None and parent not in seen:
            seen.add(position)
            position = parent
        return position

    def family(self, *positions: int) -> set[int]:
        """Give the acts that have the same root as one of these: what is part of an act tells for it."""
        roots = {self.root(position) for position in positions}
        return {position for position in range(len(self.facts.acts)) if self.root(position) in roots}

    def reason(self, rule: str, source: str) -> Reason:
        """Make a reason of a documented rule or row, with its citation."""
        return Reason(rule, source, self.tables.citation(rule))


class Decision(NamedTuple, Generic[T]):
    """One answer: the value as far as it is known, what is wrong, and the steps that led to it."""

    value: T
    issues: tuple[Issue, ...] = ()
    trace: tuple[TraceStep, ...] = ()


def agreed(told: tuple[Told[T], ...]) -> T | None:
    """Give the one value that all places tell, None where none does or they differ.

    >>> agreed((Told("intravenous", "a"), Told("intravenous", "b")))
    'intravenous'
    """
    values = {one.value for one in told}
    return values.pop() if len(values) == 1 else None


def row_step(fact: str, value: str, source: str, row: Row) -> TraceStep:
    """Say that a table row gave a value."""
    return TraceStep(fact, value, source, row.id)


def by_row(issue: Issue, row: Row) -> Issue:
    """Give an issue the citation of the customer's row that made it: file, edition, line; of a shipped row the rule tells it."""
    return replace(issue, citation=row.source.shown) if row.own else issue
