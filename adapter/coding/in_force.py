"""Is a code in force on the day by the list that the customer brought? Without a list for the day nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adapter.coding.decision import Visit
from adapter.coding.line import DraftLine
from adapter.issues import Issue

__all__ = ["has_diagnosis_list", "judge_diagnosis_list", "judge_line_codes"]


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
