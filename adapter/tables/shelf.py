"""All tables together, as the steps take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adapter.issues import Issue
from adapter.tables.rules import Rule
from adapter.tables.table import Row, Table

__all__ = ["Tables"]


@dataclass(frozen=True, slots=True)
class Tables:
    """The loaded tables by name and the rules by id."""

    tables: Mapping[str, Table]
    rules: Mapping[str, Rule]

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def one(self, name: str, day: date | None, **facts: str | None) -> Row | None:
        """Give the only row of a table that fits the facts on a day."""
        return self.tables[name].one(day, **facts)

    def issue(self, rule: str, text: str, *expression: str) -> Issue:
        """Make an issue of a documented rule; an undocumented one is a bug and raises KeyError."""
        return self.rules[rule].issue(text, *expression)

    def citation(self, rule: str) -> str:
        """Give the citation of a rule."""
        return str(self.rules[rule].source)
