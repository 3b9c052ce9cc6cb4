"""All tables together, as the steps take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from adapter.issues import Issue
from adapter.tables.code_list import CodeList, Edition, LicensedFile
from adapter.tables.rules import Rule
from adapter.tables.table import Row, Source, Table

__all__ = ["Tables"]

_PAGE: Final = "https://refill-adapter.example/docs/rules#"


@dataclass(frozen=True, slots=True)
class Tables:
    """The loaded tables by name, the rules that issues are made of by id, and the sources: of every rule and every row.

    A `*` in an id stands for what the code puts in: `x12.1.*.2` is the source of x12.1.2300.CLM01.2 too. `lists` are the
    code lists that the customer brought, by name (icd10cm, hcpcs, cpt, carc, rarc), `files` all files that were brought.
    `sentences` are what every documented rule says and what a person can do, those that the code makes too.
    """

    tables: Mapping[str, Table]
    rules: Mapping[str, Rule]
    sources: Mapping[str, Source]
    lists: Mapping[str, CodeList] = field(default_factory=dict)
    files: tuple[LicensedFile, ...] = ()
    sentences: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def one(self, name: str, day: date | None, **facts: str | None) -> Row | None:
        """Give the only row of a table that fits the facts on a day."""
        return self.tables[name].one(day, **facts)

    def edition(self, name: str, day: date | None) -> Edition | None:
        """Give the edition of a code list that is the word on a day; None where the customer brought none for it."""
        brought = self.lists.get(name)
        return brought.edition(day) if brought else None

    def text(self, name: str, code: str, day: date) -> str | None:
        """Give the customer's text of a code (`carc`, `rarc`); None where there is none: no text is shipped."""
        edition = self.edition(name, day)
        listed = edition.find(code, day) if edition else None
        return listed.text if listed else None

    def issue(self, rule: str, text: str, *expression: str) -> Issue:
        """Make an issue of a documented rule; an undocumented one is a bug and raises KeyError."""
        return self.rules[rule].issue(text, *expression)

    def citation(self, rule: str) -> str:
        """Give the citation of a rule or a row; an undocumented one is a bug and raises KeyError."""
        return self.sources[self._documented(rule)].shown

    def _documented(self, rule: str) -> str:
        """Give the id under which a rule is documented."""
        if rule in self.sources:
            return rule
        return next((name for name in self.sources if "*" in name and fnmatchcase(rule, name)), rule)

    def cited(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Give issues as they leave the program: each with the citation of its rule, where it names no source of its own.

        An issue of a profile names the version of that profile, which says more than the rule does.
        """
        return tuple(issue if issue.citation else replace(issue, citation=self.citation(issue.rule)) for issue in issues)

    def explained(self, issues: Sequence[Issue]) -> tuple[Issue, ...]:
        """Give issues cited, each with what a person can do, and the page on which its rule is explained (docs/rules.md)."""
        documented = {issue.rule: self._documented(issue.rule) for issue in issues}
        return tuple(self._explain(issue, documented[issue.rule]) for issue in self.cited(issues))

    def _explain(self, issue: Issue, documented: str) -> Issue:
        return replace(issue, page=self.page(documented), remedy=self.sentences.get(documented, ("", ""))[1] or None)

    @staticmethod
    def page(documented: str) -> str:
        """Give the address of the page on which a documented rule is explained."""
        return _PAGE + documented
