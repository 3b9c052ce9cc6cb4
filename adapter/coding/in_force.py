"""Is a code in force on the day by the list that the customer brought? Without one the tables' own leaves tell a part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.issues import Issue
from adapter.tables import Table

__all__ = ["has_diagnosis_list", "judge_diagnosis_list", "judge_known_leaves", "judge_line_codes"]


def has_diagnosis_list(visit: Visit) -> bool:
    """Tell whether the customer's ICD-10-CM order file covers the day: then it decides what is valid, no shipped row."""
    return visit.tables.edition("icd10cm", visit.table_day) is not None


def judge_diagnosis_list(visit: Visit, sources: Mapping[str, str]) -> list[Issue]:
    """Judge diagnoses, dotted and with their places, by the ICD-10-CM order file of the day: each is there, and no heading."""
    edition, day = visit.tables.edition("icd10cm", visit.table_day), visit.table_day
    if edition is None or day is None:
        return []
    issues = []
    for code, source in sources.items():
        listed = edition.find(code.replace(".", ""), day)
        if listed is None:
            text = f"{code} is not in the ICD-10-CM order file of the day of service."
            issues.append(replace(visit.issue("diagnosis.not-listed", text, source), citation=str(edition.source)))
        elif listed.is_heading:
            text = f"{code} is a category; a longer code is billed."
            issues.append(replace(visit.issue("diagnosis.not-a-leaf", text, source), citation=listed.citation))
    return issues


def judge_known_leaves(visit: Visit, sources: Mapping[str, str]) -> list[Issue]:
    """Judge diagnoses, dotted and with their places, by the leaves of the shipped tables.

    No start of a leaf, and nothing longer, is a code. What the tables do not know is not checked, and a warning says so.
    """
    if visit.table_day is None:
        return []
    leaves = _leaves(visit.tables["diagnosis"], visit.tables["diagnosis-group"], visit.table_day)
    issues = []
    for code, source in sources.items():
        if code in leaves or visit.one("diagnosis-ended", code=code) or visit.one("diagnosis", code=code):
            continue
        if any(leaf.startswith(code) for leaf in leaves):
            issues.append(visit.issue("diagnosis.not-a-leaf", f"{code} is a category; a longer code is billed.", source))
        elif any(code.startswith(leaf) for leaf in leaves):
            text = f"{code} is longer than the code that it starts with, which takes no further character."
            issues.append(visit.issue("diagnosis.too-long", text, source))
        else:
            text = f"Whether {code} is an ICD-10-CM code of the day is not checked: no list of the day was brought."
            issues.append(visit.issue("diagnosis.not-checked", text, source))
    return issues


@lru_cache(maxsize=64)
def _leaves(meanings: Table, groups: Table, day: date | None) -> frozenset[str]:
    """Give the codes of both tables that are billed to their length on a day."""
    rows = [row for row in meanings.find(day) if row.text("meaning") != "category"]
    return frozenset(code for row in (*rows, *groups.find(day)) for code in row.when["code"])


def judge_line_codes(visit: Visit, lines: Iterable[DraftLine]) -> list[Issue]:
    """Judge the code of each line by the customer's CPT or HCPCS list of the day: letters first are HCPCS Level II."""
    if not visit.tables.lists or visit.table_day is None:
        return []
    issues = []
    for line in {line.code: line for line in lines}.values():
        name = "hcpcs" if line.code[0].isalpha() else "cpt"
        edition = visit.tables.edition(name, visit.table_day)
        listed = edition.find(line.code, visit.table_day) if edition else None
        if edition is not None and (listed is None or not listed.is_billable):
            text = f"{line.code} is not in force on the day of service by the {name.upper()} list: " + (
                "its days there are others." if listed else "it is not there.")
            issue = visit.issue("service.code-not-in-force", text, line.source)
            issues.append(replace(issue, citation=listed.citation if listed else str(edition.source)))
    return issues
