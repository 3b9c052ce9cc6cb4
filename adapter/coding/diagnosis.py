"""Diagnoses in order: valid on the day, chemotherapy encounter first, pump care out where a complication excludes it."""

from __future__ import annotations

import re

from adapter.coding.decision import Decision, Visit
from adapter.coding.in_force import has_diagnosis_list, judge_diagnosis_list, judge_known_leaves
from adapter.coding.indication import judge_indication
from adapter.coding.route import Route
from adapter.issues import Issue
from adapter.terms import TraceStep

__all__ = ["decide_diagnoses", "find_pointers"]

_FORM = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
_MOST = {"professional": 12, "institutional": 25}


def decide_diagnoses(visit: Visit, form: str | None, route: Route) -> Decision[tuple[str, ...]]:
    """Decide the diagnoses of the claim and their order.

    ICD-10-CM with its dot. A code that had ended on the day, or that contradicts a systemic pump, holds the record.
    """
    issues: list[Issue] = []
    sources: dict[str, str] = {}
    for diagnosis in visit.facts.diagnoses:
        if not _FORM.fullmatch(diagnosis.code):
            text = "This is no ICD-10-CM code by its form."
            issues.append(visit.issue("diagnosis.malformed", text, diagnosis.source))
            continue
        sources.setdefault(_dotted(diagnosis.code), diagnosis.source)
    issues += _duplicate_ranks(visit)
    is_listed = has_diagnosis_list(visit)
    issues += judge_diagnosis_list(visit, sources) if is_listed else judge_known_leaves(visit, sources)
    for code, source in sources.items() if not is_listed else ():
        ended = visit.one("diagnosis-ended", code=code)
        if ended is not None:
            text = f"{code} was not valid on the day of service; {ended.text('successors')} was."
            issues.append(visit.issue("diagnosis.ended", text, source))
    meanings = {code: row.text("meaning") for code in sources if (row := visit.one("diagnosis", code=code))}
    codes = list(sources)
    for code in [code for code in codes if meanings.get(code) == "first" and codes.index(code) > 0]:
        codes.insert(0, codes.pop(codes.index(code)))
        issues.append(visit.issue("diagnosis.moved-first", f"{code} stands first on the claim.", sources[code]))
    if "complication" in meanings.values():
        for code in [code for code in codes if meanings.get(code) in ("pump-care", "points-away") and code.startswith("Z45")]:
            codes.remove(code)
            text = f"{code} leaves the claim: a complication of the device excludes it."
            issues.append(visit.issue("diagnosis.excluded", text, sources[code]))
    for code in [code for code in codes if meanings.get(code) == "category" and not is_listed]:
        issues.append(visit.issue("diagnosis.not-a-leaf", f"{code} is a category; a longer code is billed.", sources[code]))
    issues += judge_indication(visit, {code: sources[code] for code in codes}, meanings, route)
    if not codes:
        text = "No diagnosis that can be billed; ICD-10-CM was expected in Encounter.diagnosis, reasonReference or reasonCode."
        issues.append(visit.issue("diagnosis.missing", text, f"{visit.facts.acts[0].source}.reasonCode"))
    most = _MOST.get(form or "professional", 12)
    if len(codes) > most:
        text = f"The claim holds {most} diagnoses; the last {len(codes) - most} are left out."
        issues.append(visit.issue("diagnosis.too-many", text, *[sources[code] for code in codes[most:]]))
        codes = codes[:most]
    steps = tuple(TraceStep("diagnosis", code, sources[code], "diagnosis.order") for code in codes)
    return Decision(tuple(codes), tuple(issues), steps)


def find_pointers(visit: Visit, codes: tuple[str, ...], acts: tuple[int, ...]) -> tuple[int, ...]:
    """Point from a line of these acts to at most four of the claim's diagnoses, in the order of the claim, 1-based.

    An act has the diagnoses that it names, and those of its Encounter that no act names; one that names none has all of its
    Encounter. Where there are more than four, those that it names stay. What is part of an act tells for it.
    X12: SV107-1 to SV107-4. FHIR: Claim.item.diagnosisSequence.
    """
    if not acts or len(visit.facts.acts) == 1:
        return tuple(range(1, min(4, len(codes)) + 1))
    family = visit.family(*acts)
    numbers = {code: number for number, code in enumerate(codes, 1)}
    told = [(number, one) for one in visit.facts.diagnoses if (number := numbers.get(_dotted(one.code)))]
    named = {number for number, one in told if family & set(one.named_by)}
    others = {number for number, one in told if one.named_by} if named else set()
    visited = {number for number, one in told if family & set(one.visited_by)} - others
    return tuple(sorted([*sorted(named), *sorted(visited - named)][:4]))


def _dotted(code: str) -> str:
    return code if "." in code or len(code) == 3 else f"{code[:3]}.{code[3:]}"


def _duplicate_ranks(visit: Visit) -> list[Issue]:
    ranks: dict[int, set[str]] = {}
    for diagnosis in visit.facts.diagnoses:
        if diagnosis.rank is not None:
            ranks.setdefault(diagnosis.rank, set()).add(diagnosis.code)
    doubled = [rank for rank, codes in ranks.items() if len(codes) > 1]
    places = [one.source for one in visit.facts.diagnoses if one.rank in doubled]
    text = "Two diagnoses have one rank; the order in which they were sent is kept."
    return [visit.issue("diagnosis.rank-repeated", text, *places)] if doubled else []
