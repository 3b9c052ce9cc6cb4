"""What the routes work with: tables, sites, store and clock, given once to `create_app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapter.bulk import Workplace
from adapter.flow import RuleBook
from adapter.http.limits import Limits
from adapter.load import LiveTables
from adapter.store import Store
from adapter.terms import Site

__all__ = ["Service"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running service; without a store nothing is kept. `rules` may follow the customer's folder."""

    rules: RuleBook | LiveTables
    sites: Mapping[str, Site]
    store: Store | None = None
    clock: Callable[[], datetime] = _now
    limits: Limits = field(default_factory=Limits)

    @property
    def rule_book(self) -> RuleBook:
        """Give the rules as they are now."""
        return self.rules.current() if isinstance(self.rules, LiveTables) else self.rules

    @property
    def table_fault(self) -> str | None:
        """Tell why the customer's tables, as they are now in their folder, are not in use; None where they are."""
        return self.rules.fault if isinstance(self.rules, LiveTables) else None

    def workplace(self) -> Workplace:
        """Give what a document is coded with now; filing limits are judged on today's local day."""
        now = self.clock()
        return Workplace(self.rule_book, self.sites, now, now.astimezone().date())
