"""The record as outsiders read it: the JSON of contract section 2, and sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest

from adapter.coding.documentation import find_places
from adapter.issues import Issue
from adapter.terms import CodingAnswer, CodingRecord, Documentation, Dropped, Ndc, Reason, ServiceLine, TraceStep

__all__ = ["explain_record", "report_answer", "report_issue", "report_record", "report_verdict"]


def report_answer(answer: CodingAnswer) -> dict[str, object]:
    """Give the records and issues of one document as JSON values."""
    return {
        "records": [report_record(record) for record in answer.records],
        "issues": [report_issue(issue) for issue in answer.issues],
    }


def report_record(record: CodingRecord) -> dict[str, object]:
    """Give one record as JSON values; money and units are text holding exact decimals."""
    lines = zip_longest(record.lines, record.because, fillvalue=())
    return {
        "status": record.status,
        "form": record.form,
        "code": record.code,
        "proposed": list(record.proposed),
        "service_date": record.service_date.isoformat() if record.service_date else None,
        "place_of_service": record.place_of_service,
        "bill_type": record.bill_type,
        "billing_provider_npi": record.billing_provider_npi,
        "payer_id": record.payer_id,
        "diagnoses": list(record.diagnoses),
        "lines": [_line(line, because) for line, because in lines if isinstance(line, ServiceLine)],
        "dropped": [_dropped(one) for one in record.dropped],
        "trace": [_step(step) for step in record.trace],
        "issues": [report_issue(issue) for issue in record.issues],
        "documentation": _documentation(record.documentation),
        "denials": [{"cause": one.cause, "carc": list(one.carc), "rarc": list(one.rarc)} for one in record.denials],
    }


def report_issue(issue: Issue) -> dict[str, object]:
    """Give one issue as JSON values, with line and column where they are known."""
    return {
        "severity": issue.severity.value,
        "code": issue.code.value,
        "rule": issue.rule,
        "text": issue.text,
        "expression": list(issue.expression),
        "line": issue.line,
        "column": issue.column,
        "citation": issue.citation,
    }


def report_verdict(issue: Issue) -> dict[str, object]:
    """Give one issue of validation as JSON values: beside those of any issue what was found, its entry and its page."""
    told = {"found": issue.found, "resource": issue.resource, "full_url": issue.full_url, "page": issue.page}
    return {**report_issue(issue), **told}


def _line(line: ServiceLine, because: tuple[object, ...]) -> dict[str, object]:
    return {
        "sequence": line.sequence,
        "code": line.code,
        "modifiers": list(line.modifiers),
        "units": _plain(line.units),
        "charge": _plain(line.charge),
        "diagnosis_pointers": list(line.diagnosis_pointers),
        "revenue_code": line.revenue_code,
        "ndc": _ndc(line.ndc),
        "description": line.description,
        "because": [_reason(one) for one in because if isinstance(one, Reason)],
    }


def _ndc(ndc: Ndc | None) -> dict[str, str] | None:
    return {"code": ndc.code, "quantity": _plain(ndc.quantity), "unit": ndc.unit} if ndc else None


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _reason(reason: Reason) -> dict[str, object]:
    return {"rule": reason.rule, "source": reason.source, "citation": reason.citation}


def _dropped(dropped: Dropped) -> dict[str, object]:
    return {"code": dropped.code, "rule": dropped.rule, "source": dropped.source}


def _step(step: TraceStep) -> dict[str, object]:
    return {"fact": step.fact, "value": step.value, "source": step.source, "rule": step.rule}


def _documentation(documentation: Documentation | None) -> list[dict[str, object]]:
    if documentation is None:
        return []
    return [
        {
            "element": element.name,
            "status": "shown" if sources else "missing",
            "sources": list(sources),
            "expected": list(expected),
            "asked": element.is_asked,
            "rule": element.rule,
        }
        for element, sources, expected in (find_places(one, documentation.facts) for one in documentation.elements)
    ]


def explain_record(record: CodingRecord) -> str:
    """Tell a record in sentences: what it comes to, each line with its reasons, what was dropped, what to do."""
    return "\n".join(_sentences(record))


def _sentences(record: CodingRecord) -> Iterator[str]:
    day = record.service_date.isoformat() if record.service_date else "an unknown day"
    if record.status == "coded":
        where = f"place {record.place_of_service}" if record.place_of_service else f"bill type {record.bill_type}"
        yield f"coded: {record.form} claim to payer {record.payer_id} for {day}, {where}"
    elif record.status == "held":
        proposed = ", ".join(record.proposed) or "none"
        yield f"held: a person must decide or complete; codes that the facts point to: {proposed} ({day})"
    else:
        yield f"nothing to bill ({day})"
    if record.diagnoses:
        yield f"  diagnoses {', '.join(record.diagnoses)}"
    for line, because in zip_longest(record.lines, record.because, fillvalue=()):
        if isinstance(line, ServiceLine):
            yield "  " + _line_sentence(line)
            for reason in because:
                if isinstance(reason, Reason):
                    yield f"      because {reason.rule} at {reason.source}"
    for dropped in record.dropped:
        yield f"  {dropped.code} dropped by {dropped.rule}"
    for step in record.trace:
        yield f"  {step.fact} {step.value} from {step.source} by {step.rule}"
    yield from _documentation_sentences(record.documentation)
    for denial in record.denials:
        rarc = f", RARC {' '.join(denial.rarc)}" if denial.rarc else ""
        when = "had it been billed" if denial.cause in {one.rule for one in record.dropped} else "sent as it is"
        yield f"  {when}, a denial is to be expected by {denial.cause}: CARC {' '.join(denial.carc)}{rarc}"
    for issue in record.issues:
        yield f"  {issue.severity}: {issue.rule}: {issue.text} ({', '.join(issue.expression)})"


def _documentation_sentences(documentation: Documentation | None) -> Iterator[str]:
    """Tell what the note shows and where; what is missing, and asked for, comes first."""
    if documentation is None:
        return
    listed = [find_places(one, documentation.facts) for one in documentation.elements]
    yield f"  documentation: {sum(bool(one.sources) for one in listed)} of {len(listed)} elements are shown"
    for one in sorted(listed, key=lambda one: (bool(one.sources), not one.element.is_asked)):
        if one.sources:
            yield f"    [x] {one.element.name}: {', '.join(one.sources)}"
        else:
            asked = "" if one.element.is_asked else ", not asked for"
            yield f"    [ ] {one.element.name}: missing{asked}; expected at {', '.join(one.expected)}"


def _line_sentence(line: ServiceLine) -> str:
    code = "-".join((line.code, *line.modifiers))
    ndc = f", NDC {line.ndc.code} {_plain(line.ndc.quantity)} {line.ndc.unit}" if line.ndc else ""
    revenue = f", revenue {line.revenue_code}" if line.revenue_code else ""
    return f"{line.sequence}. {code} x {_plain(line.units)} = {_plain(line.charge)}{revenue}{ndc}"
