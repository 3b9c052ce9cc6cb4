"""Provenance: which rule made each line, what was dropped, how the facts led there, and what a claim could not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapter.fhir.datatypes import children, positive, text
from adapter.fhir.elements import filled
from adapter.fhir.references import ReferenceIndex, Tree
from adapter.fhir.stamp import Stamp
from adapter.fhir.systems import BASE, own_structure
from adapter.terms import CodingRecord, Dropped, Reason, TraceStep

__all__ = ["Explanation", "read_provenance", "write_absences", "write_explanation", "write_provenance"]

_AGENT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_SOFTWARE = "refill-adapter"
_REASON, _DROPPED, _TRACE = (own_structure(name) for name in ("line-reason", "dropped-service", "coding-trace"))
_ABSENCE = own_structure("absent-fact")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What travels beside a claim and is not billed: `because` runs beside the lines, as in CodingRecord."""

    because: tuple[tuple[Reason, ...], ...] = ()
    dropped: tuple[Dropped, ...] = ()
    trace: tuple[TraceStep, ...] = ()


def write_provenance(stamp: Stamp, targets: Iterable[Tree], extensions: list[Tree]) -> Tree:
    """Write who made the targets, and when.

    FHIR: Provenance.target, .recorded (the stamp's clock), .agent (this software, by identifier, its version in the
    display), .extension.

    >>> from datetime import UTC, datetime
    >>> stamp = Stamp(datetime(2026, 3, 5, tzinfo=UTC), str, "0.1.0")
    >>> write_provenance(stamp, [{"reference": "urn:uuid:1"}], [])["recorded"]
    '2026-03-05T00:00:00+00:00'
    """
    software = {"system": BASE, "value": _SOFTWARE}
    agent = {
        "type": {"coding": [{"system": _AGENT_TYPE, "code": "assembler"}]},
        "who": {"type": "Device", "identifier": software, "display": f"{_SOFTWARE} {stamp.version}"},
    }
    return filled(
        resourceType="Provenance",
        extension=extensions,
        target=list(targets),
        recorded=stamp.now.isoformat(),
        agent=[agent],
    )


def write_explanation(record: CodingRecord) -> list[Tree]:
    """Write the trace, the reasons a line and the dropped services as extensions of a Provenance.

    FHIR: Provenance.extension line-reason (line, rule, source, citation; `line` is the 1-based position in
    Claim.item), dropped-service (code, rule, source), coding-trace (fact, value, source, rule).

    >>> [one["url"] for one in write_explanation(CodingRecord("coded", dropped=(Dropped("99211", "visit.bundled"),)))]
    ['https://refill-adapter.example/fhir/StructureDefinition/dropped-service']
    """
    reasons = [
        _write_parts(_REASON, {"rule": one.rule, "source": one.source, "citation": one.citation}, line)
        for line, because in enumerate(record.because, 1)
        for one in because
    ]
    dropped = [
        _write_parts(_DROPPED, {"code": one.code, "rule": one.rule, "source": one.source}) for one in record.dropped
    ]
    steps = [
        _write_parts(_TRACE, {"fact": one.fact, "value": one.value, "source": one.source, "rule": one.rule})
        for one in record.trace
    ]
    return [*reasons, *dropped, *steps]


def write_absences(absences: Mapping[str, str]) -> list[Tree]:
    """Write what a claim could not tell, fact by reason, as extensions of a Provenance.

    >>> write_absences({"route": "A claim names no route."})[0]["extension"][0]
    {'url': 'fact', 'valueString': 'route'}
    """
    return [_write_parts(_ABSENCE, {"fact": fact, "reason": reason}) for fact, reason in absences.items()]


def read_provenance(tree: Tree) -> Explanation:
    """Read what travels beside the claim of a claim Bundle; what is not there, or not ours, is left out.

    >>> read_provenance({"resourceType": "Bundle"})
    Explanation(because=(), dropped=(), trace=())
    """
    index = ReferenceIndex(tree)
    parts = [
        (one.get("url"), positive(_line(one)), {text(part, "url"): text(part, "valueString") or "" for part, _ in
                                                children(one, "", "extension")})
        for resource, path in index.of_type("Provenance")
        for one, _ in children(resource, path, "extension")
    ]
    claims = index.of_type("Claim")
    lines = len(children(claims[0][0], "", "item")) if claims else 0
    because: list[list[Reason]] = [[] for _ in range(lines)]
    for url, line, part in parts:
        if url == _REASON and line is not None and line <= lines:
            because[line - 1].append(Reason(part.get("rule", ""), part.get("source", ""), part.get("citation")))
    return Explanation(
        tuple(tuple(one) for one in because),
        tuple(Dropped(one.get("code", ""), one.get("rule", ""), one.get("source", "")) for url, _, one in parts
              if url == _DROPPED),
        tuple(TraceStep(one.get("fact", ""), one.get("value", ""), one.get("source", ""), one.get("rule", ""))
              for url, _, one in parts if url == _TRACE),
    )


def _write_parts(url: str, parts: Mapping[str, str | None], line: int | None = None) -> Tree:
    place: list[Tree] = [{"url": "line", "valuePositiveInt": line}] if line is not None else []
    told = [{"url": name, "valueString": value} for name, value in parts.items() if value]
    return {"url": url, "extension": place + told}


def _line(tree: Tree) -> object:
    parts = [part for part, _ in children(tree, "", "extension") if part.get("url") == "line"]
    return parts[0].get("valuePositiveInt") if parts else None
