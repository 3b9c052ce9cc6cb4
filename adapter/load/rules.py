"""Read the documented rules: how bad, what kind, by whose word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.issues import IssueType, Severity
from adapter.load.table import read_source
from adapter.tables import Rule

__all__ = ["read_rules"]

_RULE_KEYS = {"id", "severity", "code", "says", "remedy", "source"}


def read_rules(content: Mapping[str, Any], file: str, problems: list[str]) -> dict[str, Rule]:
    """Read every rule; every problem names file, number and id."""
    rules: dict[str, Rule] = {}
    for number, raw in enumerate(content.get("rule", []), 1):
        where = f"{file}: rule {number} ({raw.get('id', 'no id')})"
        source = read_source(raw.get("source"), content.get("sources", {}))
        if raw.keys() - _RULE_KEYS or not {"id", "severity", "code", "says"} <= raw.keys():
            problems.append(f"{where}: expected {', '.join(sorted(_RULE_KEYS))}")
        elif isinstance(source, str):
            problems.append(f"{where}: {source}")
        elif raw["severity"] not in list(Severity) or raw["code"] not in list(IssueType):
            problems.append(f"{where}: severity and code must be of the FHIR R4 value sets")
        elif raw["id"] in rules:
            problems.append(f"{where}: the id is used twice")
        else:
            rules[raw["id"]] = Rule(
                raw["id"], Severity(raw["severity"]), IssueType(raw["code"]), raw["says"], raw.get("remedy", ""), source
            )
    return rules
