"""Read the documented rules: what each says, what a person can do, by whose word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.issues import IssueType, Severity
from adapter.load.table import read_source
from adapter.tables import Rule, Source

__all__ = ["RuleText", "gather_rules", "read_rules"]

_FILE_KEYS = {"title", "sources", "rule"}
_TEXTS = ("id", "says", "remedy")
_MADE = {"severity", "code"}
_RULE_KEYS = {*_TEXTS, *_MADE, "source"}
_ID = re.compile(r"[a-z][a-z0-9-]*(\.[A-Za-z0-9-]+|\.\*)+")


@dataclass(frozen=True, slots=True)
class RuleText:
    """One documented rule, and where it stands: `title` heads its file.

    `made` is the rule that issues are made of. It is None where the code makes the issue itself: then severity and code
    stand there alone. A `*` in an id stands for the parts that the code puts in (`x12.1.*.2`: loop and element).
    """

    id: str
    says: str
    remedy: str
    source: Source
    title: str
    place: str
    made: Rule | None


def read_rules(content: Mapping[str, Any], file: str, problems: list[str]) -> tuple[RuleText, ...]:
    """Read every rule of one file; every problem names file, number and id."""
    unknown = sorted(content.keys() - _FILE_KEYS)
    problems += [f"{file}: unknown key {key!r}; expected title, sources, rule" for key in unknown]
    title, found, sources = content.get("title"), content.get("rule"), content.get("sources", {})
    if not isinstance(title, str) or not title:
        problems.append(f"{file}: no title; a text that heads these rules was expected")
    if not isinstance(found, list) or not found or not all(isinstance(raw, dict) for raw in found):
        problems.append(f"{file}: no rules; [[rule]] was expected")
        return ()
    rules = []
    for number, raw in enumerate(found, 1):
        place = f"{file}: rule {number} ({raw.get('id', 'no id')})"
        source = read_source(raw.get("source"), sources)
        wrong = [*_rule_problems(raw), *([source] if isinstance(source, str) else [])]
        problems += [f"{place}: {problem}" for problem in wrong]
        if not wrong and not isinstance(source, str):
            rules.append(_read_rule(raw, source, str(title), place))
    return tuple(rules)


def gather_rules(rules: Iterable[RuleText], problems: list[str]) -> dict[str, Rule]:
    """Give by id the rules that issues are made of; an id stands once in all files."""
    seen: dict[str, RuleText] = {}
    for rule in rules:
        if rule.id in seen:
            problems.append(f"{rule.place}: the id is used twice, first at {seen[rule.id].place}")
        seen.setdefault(rule.id, rule)
    return {name: rule.made for name, rule in seen.items() if rule.made is not None}


def _rule_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(raw.keys() - _RULE_KEYS):
        yield f"unknown key {key!r}; expected {', '.join(sorted(_RULE_KEYS))}"
    for key in _TEXTS:
        if not isinstance(raw.get(key, "" if key == "remedy" else None), str):
            yield f"{key} is not there, or no text; a text was expected"
    if isinstance(raw.get("id"), str) and _ID.fullmatch(raw["id"]) is None:
        yield "id has not the form thing.problem, in kebab case"
    if len(raw.keys() & _MADE) == 1:
        yield "severity and code were expected together, or neither where the code makes the issue"
    severity, code = raw.get("severity", Severity.ERROR), raw.get("code", IssueType.VALUE)
    if severity not in list(Severity) or code not in list(IssueType):
        yield "severity and code must be of the FHIR R4 value sets"


def _read_rule(raw: Mapping[str, Any], source: Source, title: str, place: str) -> RuleText:
    name, says, remedy = raw["id"], raw["says"], raw.get("remedy", "")
    made = None
    if "severity" in raw:
        made = Rule(name, Severity(raw["severity"]), IssueType(raw["code"]), says, remedy, source)
    return RuleText(name, says, remedy, source, title, place, made)
