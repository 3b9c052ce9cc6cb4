"""Questions about codes: the Parameters of $translate, $validate-code and $lookup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from adapter.fhir.code_library import Coded
from adapter.fhir.references import Tree
from adapter.fhir.systems import canonical_system
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["CodeQuestion", "gather_parameters", "read_question"]

# What the operations of R4 take and this one does not: a definition sent along, another version, another language.
_UNSUPPORTED: Final = (
    "conceptMap", "valueSet", "context", "displayLanguage", "version", "conceptMapVersion", "valueSetVersion", "systemVersion",
)
_TEXTS: Final = ("url", "system", "code", "source", "target", "targetsystem", "display", "date", "reverse")


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """What is asked: of which definition (`url`), for which codes, on which day.

    `source`, `target` (value sets) and `target_system` narrow a translation, `facts` are values by the property that a
    mapping depends on; `display` is looked at by $validate-code.
    """

    codings: tuple[Coded, ...]
    url: str | None = None
    source: str | None = None
    target: str | None = None
    target_system: str | None = None
    is_reverse: bool = False
    day: date | None = None
    display: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def gather_parameters(tree: Tree) -> dict[str, list[Any]]:
    """Give the values of a Parameters resource by name, in order: value[x], resource or part.

    >>> gather_parameters({"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "refill"}]})
    {'code': ['refill']}
    """
    found: dict[str, list[Any]] = {}
    parts = tree.get("parameter")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and isinstance(part.get("name"), str):
            value = next((part[key] for key in part if key.startswith("value") or key in ("resource", "part")), None)
            found.setdefault(part["name"], []).append(value)
    return found


def read_question(parameters: Mapping[str, Sequence[Any]]) -> Outcome[CodeQuestion]:
    """Read a question from its parameters, those of a Parameters resource or of a query.

    Exactly one of code with system, coding, codeableConcept. `date` is a day, for $translate too, where R4 has none:
    without it what still holds is told. Issues: `parameters.code`, `parameters.value`, `parameters.not-supported`.

    >>> read_question({"code": ["refill"], "system": ["urn:s"]}).value.codings
    (Coded(system='urn:s', code='refill'),)
    """
    issues = [*_problems(parameters)]
    codings, facts = list(_codings(parameters)), dict(_dependencies(parameters))
    given = [name for name in ("code", "coding", "codeableConcept") if name in parameters]
    if len(given) != 1 or not codings:
        text = "Exactly one of code with system, coding, codeableConcept was expected, each code with its system."
        issues.append(_issue(IssueType.REQUIRED, "parameters.code", text))
    if issues:
        return Outcome(None, tuple(issues))
    told = {name: parameters[name][0] for name in _TEXTS if name in parameters}
    return Outcome(CodeQuestion(
        tuple(codings), told.get("url"), told.get("source"), told.get("target"), canonical_system(told.get("targetsystem")),
        told.get("reverse") in (True, "true"), _day(told["date"]) if "date" in told else None, told.get("display"), facts,
    ))


def _problems(parameters: Mapping[str, Sequence[Any]]) -> Iterator[Issue]:
    for name in _UNSUPPORTED:
        if name in parameters:
            text = f"The parameter {name} is not taken here. Leave it out; definitions are named by url."
            yield _issue(IssueType.NOT_SUPPORTED, "parameters.not-supported", text)
    for name in _TEXTS:
        values = parameters.get(name, ())
        if len(values) > 1:
            yield _issue(IssueType.VALUE, "parameters.value", f"{name} stands here {len(values)} times. Send it once.")
        elif values and name == "reverse" and values[0] not in (True, False, "true", "false"):
            yield _issue(IssueType.VALUE, "parameters.value", "reverse is neither true nor false. Correct it.")
        elif values and name == "date" and _day(values[0]) is None:
            yield _issue(IssueType.VALUE, "parameters.value", "date is no day; YYYY-MM-DD was expected. Correct it.")
        elif values and name != "reverse" and not isinstance(values[0], str):
            yield _issue(IssueType.VALUE, "parameters.value", f"{name} is no text. Correct it.")


def _day(value: object) -> date | None:
    """Read the day of a date, or of a dateTime as it is written."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) and value[10:11] in ("", "T") else None
    except ValueError:
        return None


def _codings(parameters: Mapping[str, Sequence[Any]]) -> Iterator[Coded]:
    pairs = zip(parameters.get("system", ()), parameters.get("code", ()), strict=False)
    told = [{"system": system, "code": code} for system, code in pairs]
    told += list(parameters.get("coding", ()))
    for concept in parameters.get("codeableConcept", ()):
        inner = concept.get("coding") if isinstance(concept, dict) else None
        told += inner if isinstance(inner, list) else []
    for one in told:
        coded = _coded(one)
        if coded is not None:
            yield coded


def _coded(one: object) -> Coded | None:
    system, code = (one.get("system"), one.get("code")) if isinstance(one, dict) else (None, None)
    return Coded(canonical_system(system) or "", code) if isinstance(system, str) and isinstance(code, str) else None


def _dependencies(parameters: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    """Give the facts of `dependency`: the part `element` names the property, a code of the part `concept` its value."""
    for parts in parameters.get("dependency", ()):
        told = gather_parameters({"parameter": parts})
        (element,), (concept,) = (told.get(name, [None])[:1] for name in ("element", "concept"))
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for one in codings if isinstance(codings, list) else ():
            if isinstance(element, str) and isinstance(one, dict) and isinstance(one.get("code"), str):
                yield element, one["code"]


def _issue(code: IssueType, rule: str, text: str) -> Issue:
    return Issue(Severity.ERROR, code, rule, text, ("Parameters.parameter",))
