"""Judgement of one mutant: is it refused, at the node that is hurt, once, and where that stands in the text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adapter.conformance.fault import write_path
from adapter.issues import Issue
from tests.conformance.defects import Defect, apply_defect
from tests.conformance.written import Written, write_text

__all__ = ["MARKED", "Mutant", "Survey", "Verdict", "judge", "survey"]

Json = dict[str, Any]
Path = tuple[str | int, ...]
MARKED = {"extension": [{"url": "https://example.org/mark", "valueString": "é𝄞漢"}]}


@dataclass(frozen=True)
class Mutant:
    """One defect planted in one sound source; `style` is how its text is written, `choices` names variants of choices."""

    source: str
    tree: Json
    defect: Defect
    style: str
    choices: Mapping[str, str]

    @cached_property
    def spoiled(self) -> Json:
        return apply_defect(self.tree, self.defect)

    @cached_property
    def written(self) -> Written:
        return write_text(self.spoiled, self.style)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.written.data).hexdigest()[:10]

    @property
    def name(self) -> str:
        return f"{self.source} {self.defect.kind} {'.'.join(map(str, self.defect.path))}"

    def write(self, path: Path) -> str:
        return write_path(str(self.tree["resourceType"]), path, self.choices)

    @property
    def places(self) -> set[str]:
        """Give the FHIRPaths that name the hurt node: itself, and all up or down to the node whose rule is broken."""
        defect = self.defect
        near = defect.path if defect.rule_at is None else defect.rule_at
        shorter, longer = sorted((defect.path, near), key=len)
        return {self.write(defect.path), *(self.write(longer[:size]) for size in range(len(shorter), len(longer) + 1))}

    @property
    def spans(self) -> list[Path]:
        """Give the nodes that a line and column may point into: the hurt one, or the one that it is missing in."""
        paths = [self.defect.path[:-1] if self.defect.missing else self.defect.path]
        if self.defect.rule_at is not None:
            paths.append(self.defect.rule_at)
        found = []
        for path in paths:
            size = next(size for size in range(len(path), -1, -1) if path[:size] in self.written.spans)
            found.append(path[:size])
        return found


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    refused: bool
    named: bool
    located: bool
    issues: tuple[Issue, ...]

    @property
    def is_right(self) -> bool:
        return self.refused and self.named and self.located and len(self.issues) <= 3


def judge(mutant: Mutant, validate: Callable[[bytes], Sequence[Issue]]) -> Verdict:
    issues = tuple(validate(mutant.written.data))
    errors = [issue for issue in issues if issue.is_error]
    if not errors:
        return Verdict(False, False, False, issues)
    first = issues[0]
    named = bool(first.expression) and first.expression[0] in mutant.places
    located = any(mutant.written.holds(path, first.line, first.column) for path in mutant.spans)
    return Verdict(True, named, located, issues)


@dataclass(frozen=True)
class Survey:
    """Many mutants, judged, and how each of them failed."""

    verdicts: tuple[tuple[Mutant, Verdict], ...]

    @property
    def wrong(self) -> list[str]:
        return [f"{mutant.name} ({mutant.digest}): {'; '.join(_failures(verdict))}"
                for mutant, verdict in self.verdicts if not verdict.is_right]

    @property
    def issues_each(self) -> float:
        refused = [verdict for _, verdict in self.verdicts if verdict.refused]
        return sum(len(verdict.issues) for verdict in refused) / max(1, len(refused))


def _failures(verdict: Verdict) -> list[str]:
    told = {"accepted": not verdict.refused, "another node is named": not verdict.named, "line and column are elsewhere": not verdict.located,
            f"{len(verdict.issues)} issues": len(verdict.issues) > 3}
    return [text for text, failed in told.items() if failed]


def survey(mutants: Sequence[Mutant], validate: Callable[[bytes], Sequence[Issue]]) -> Survey:
    return Survey(tuple((mutant, judge(mutant, validate)) for mutant in mutants))
