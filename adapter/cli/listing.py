"""How issues and records look on the command line: text for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapter.fhir.json import encode_json
from adapter.issues import Issue
from adapter.terms import CodingRecord

__all__ = ["issue_line", "json_line", "lines_table"]


def json_line(value: dict[str, Any]) -> str:
    """Write one JSON object as one line.

    >>> json_line({"file": "a.json", "ok": True})
    '{"file":"a.json","ok":true}'
    """
    return encode_json(value).decode("utf-8")


def issue_line(name: str, issue: Issue) -> str:
    """Write one issue as a line that editors can jump to.

    >>> from adapter.issues import IssueType, Severity
    >>> issue_line("a.json", Issue(Severity.ERROR, IssueType.REQUIRED, "route.missing", "No route.", ("Device",)))
    'a.json: error route.missing: No route. (Device)'
    """
    place = "".join(f":{number}" for number in (issue.line, issue.column) if number is not None)
    where = f" ({', '.join(issue.expression)})" if issue.expression else ""
    inside = " ".join(one for one in (issue.resource, issue.full_url) if one)
    more = (f" in {inside}" if inside else "") + (f" see {issue.page}" if issue.page else "")
    return f"{name}{place}: {issue.severity} {issue.rule}: {issue.text}{where}{more}"


def lines_table(record: CodingRecord) -> Iterable[str]:
    """Lay out the lines of a record as a small table."""
    rows = [("line", "code", "modifiers", "units", "charge", "diagnoses")]
    rows += [
        (
            str(line.sequence),
            line.code,
            " ".join(line.modifiers) or "-",
            f"{line.units:f}",
            f"{line.charge:f}",
            " ".join(_pointed(record, line.diagnosis_pointers)),
        )
        for line in (record.claim.lines if record.claim else record.lines)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _pointed(record: CodingRecord, pointers: Sequence[int]) -> list[str]:
    diagnoses = record.claim.diagnoses if record.claim else record.diagnoses
    return [diagnoses[pointer - 1] for pointer in pointers]
