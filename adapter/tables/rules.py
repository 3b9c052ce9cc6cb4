"""The rules that issues name: how bad, what kind, by whose word, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.issues import Issue, IssueType, Severity
from adapter.tables.table import Source

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One documented rule: `says` is the rule in a sentence, `remedy` what a person can do."""

    id: str
    severity: Severity
    code: IssueType
    says: str
    remedy: str
    source: Source

    def issue(self, text: str, *expression: str) -> Issue:
        """Make an issue of this rule; `text` names what was found and expected, never a patient's data."""
        places = tuple(dict.fromkeys(place for place in expression if place))
        return Issue(self.severity, self.code, self.id, f"{text} {self.remedy}".strip(), places, self.source.shown)
