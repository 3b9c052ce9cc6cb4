"""Read tests/cases/*.toml and compare what they expect with what the path says."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from adapter.coding.documentation import find_places
from adapter.flow import Context, RestoringContext, code_document
from adapter.issues import Issue
from adapter.load import load_rule_book
from adapter.settings import load_site
from adapter.terms import Claim, CodingAnswer, CodingRecord, ServiceLine, Site
from tests.bundles import Shape, change_visit, clean_visit, render, to_bytes

__all__ = ["Decision", "answer", "back", "compare", "context", "load_decisions", "line_text", "site"]

FOLDER = Path(__file__).parents[1] / "cases"
KEYS = {"says", "change", "expect", "site", "as_of", "on", "shape"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One sentence of a biller: the change to the clean visit and what must come of it."""

    file: str
    says: str
    change: Mapping[str, Any]
    expect: Mapping[str, Any]
    site: str = "practice"
    as_of: str = "2026-04-01"
    on: str | None = None
    shape: str = "urn"

    def __str__(self) -> str:
        return f"{self.file}: {self.says}"


def load_decisions() -> list[Decision]:
    """Read every case; an unknown word in one is an error of the case."""
    found: list[Decision] = []
    for path in sorted(FOLDER.glob("*.toml")):
        for raw in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            unknown = (raw.keys() - KEYS) | (raw["expect"].keys() - CHECKS.keys())
            if unknown:
                raise ValueError(f"{path.name}: {raw['says']}: unknown {sorted(unknown)}")
            found.append(Decision(path.stem, **{"change": {}, **raw}))
    return found


@cache
def site(name: str) -> Site:
    """Load one of the sites of the cases."""
    return load_site(FOLDER / "sites" / f"{name}.toml")


def context(name: str = "practice", as_of: str = "2026-04-01", on: str | None = None) -> Context:
    """Build the context of a case: fixed clock, ids from names."""
    return Context(
        rule_book=load_rule_book(), site=site(name), as_of=date.fromisoformat(as_of), now=datetime(2026, 4, 1, tzinfo=UTC),
        make_id=lambda text: str(UUID(sha256(text.encode()).hexdigest()[:32])), on=date.fromisoformat(on) if on else None,
    )


def back(name: str = "practice") -> RestoringContext:
    """Build the context of the way back, of the same clock and ids."""
    forward = context(name)
    return RestoringContext(forward.rule_book, {forward.site.billing_provider.npi: forward.site}, forward.now, forward.make_id)


def answer(decision: Decision) -> CodingAnswer:
    """Code the visit of a case."""
    visit = clean_visit()
    if decision.site != "practice":
        billing = site(decision.site).billing_provider
        visit["provider"]["identifier"] = [{"system": "http://hl7.org/fhir/sid/us-npi", "value": billing.npi}]
    data = to_bytes(render(change_visit(visit, decision.change), Shape(decision.shape)))
    return code_document(data, context(decision.site, decision.as_of, decision.on))


# ---------------------------------------------------------------- what a case may expect


def line_text(line: ServiceLine) -> str:
    """Write a line as a biller says it: `J9200-JZ x1 = 96.00`."""
    return f"{'-'.join((line.code, *line.modifiers))} x{line.units.normalize():f} = {line.charge}"


def _errors(issues: tuple[Issue, ...]) -> set[str]:
    return {issue.rule for issue in issues if issue.is_error}


def _lines(record: CodingRecord, wanted: list[str]) -> list[str]:
    with_charge = any("=" in one for one in wanted)
    texts = [line_text(line) for line in record.lines]
    return sorted(texts if with_charge else [text.split(" = ")[0] for text in texts])


def _claim(record: CodingRecord) -> Claim:
    assert record.claim is not None, "no claim"
    return record.claim


def _ndc(record: CodingRecord) -> dict[str, str]:
    return {"-".join((line.code, *line.modifiers)): f"{line.ndc.code} {line.ndc.quantity.normalize():f} {line.ndc.unit}"
        for line in record.lines if line.ndc}


def _followed(record: CodingRecord) -> set[str]:
    """Give the rules of reasons, steps and dropped services: those that made the record what it is."""
    reasons = [reason for one in record.because for reason in one]
    return {one.rule for one in (*reasons, *record.trace, *record.dropped)}


def _missing(there: set[str], wanted: list[str]) -> list[str]:
    return sorted(set(wanted) - there)


CHECKS: dict[str, Callable[[CodingRecord, Any], tuple[Any, Any]]] = {
    "status": lambda r, w: (r.status, w),
    "code": lambda r, w: (r.code, w),
    "proposed": lambda r, w: (sorted(r.proposed), sorted(w)),
    "excludes": lambda r, w: (sorted(set(r.proposed) & set(w)), []),
    "form": lambda r, w: (r.form, w),
    "place_of_service": lambda r, w: (r.place_of_service or "", w),
    "bill_type": lambda r, w: (r.bill_type or "", w),
    "service_date": lambda r, w: (str(r.service_date), w),
    "payer_id": lambda r, w: (r.payer_id, w),
    "npi": lambda r, w: (r.billing_provider_npi, w),
    "diagnoses": lambda r, w: (list(r.diagnoses), w),
    "lines": lambda r, w: (_lines(r, w), sorted(w)),
    "lines_include": lambda r, w: (_missing(set(_lines(r, w)), w), []),
    "dropped": lambda r, w: (sorted(one.code for one in r.dropped), sorted(w)),
    "errors": lambda r, w: (sorted(_errors(r.issues)), sorted(w)),
    "issues": lambda r, w: (_missing({issue.rule for issue in r.issues}, w), []),
    "absent": lambda r, w: (sorted({issue.rule for issue in r.issues} & set(w)), []),
    "follows": lambda r, w: (_missing(_followed(r), w), []),
    "ndc": lambda r, w: (_ndc(r), w),
    "revenue": lambda r, w: ({line.code: line.revenue_code for line in r.lines}, w),
    "pointers": lambda r, w: ({line.code: list(line.diagnosis_pointers) for line in r.lines}, w),
    "described": lambda r, w: (sorted(line.code for line in r.lines if line.description), sorted(w)),
    "treating": lambda r, w: (getattr(_claim(r).treating_provider, "npi", None), w),
    "other_payers": lambda r, w: ([one.payer.id for one in _claim(r).other_insurance], w),
    "relationship": lambda r, w: (_claim(r).insurance.relationship, w),
    "authorised": lambda r, w: ({line.code: line.authorisation or _claim(r).authorisation or "" for line in r.lines}, w),
    "denials": lambda r, w: ([" ".join((one.cause, *one.carc)) for one in r.denials], w),
    "undocumented": lambda r, w: ([one.name for one in r.documentation.elements if not find_places(one, r.documentation.facts).sources] if r.documentation else None, w or None),
    "records": lambda r, w: (None, None),
    "file_issues": lambda r, w: (None, None),
    "dates": lambda r, w: (None, None),
}


def compare(said: CodingAnswer, expect: Mapping[str, Any]) -> list[str]:
    """Compare an answer with an expectation: a sentence for each thing that is not as expected."""
    wrong = []
    count = expect.get("records", 1)
    if len(said.records) != count:
        wrong.append(f"records: expected {count}, got {len(said.records)}")
    missing = _missing({issue.rule for issue in said.issues}, expect.get("file_issues", []))
    if missing:
        wrong.append(f"issues of the file: {missing} are not there")
    if "dates" in expect and sorted(str(r.service_date) for r in said.records) != sorted(expect["dates"]):
        wrong.append(f"dates: expected {expect['dates']}")
    for record in said.records:
        for key, wanted in expect.items():
            got, right = CHECKS[key](record, wanted)
            if got != right:
                wrong.append(f"{key}: expected {right}, got {got}; {record.status} {sorted(_errors(record.issues))}")
    return wrong
