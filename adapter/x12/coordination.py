"""Coordination of benefits: the other payers of a claim and what they decided, loops 2320, 2330 and 2430."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from adapter.terms import Adjustment, Claim, Insurance, LineDecision, Payer, PayerDecision, ServiceLine
from adapter.x12.element import (
    MONEY_PLACES,
    QUANTITY_PLACES,
    RELATIONSHIPS,
    RELEASE_OF_INFORMATION,
    SEQUENCES,
    YES_NO,
    read_table,
    write_day,
    write_number,
)
from adapter.x12.line_837 import write_procedure
from adapter.x12.loop import ClaimLoops, Loop, Loops, Reading
from adapter.x12.party import read_person, write_person
from adapter.x12.syntax import Segment, build_segment

__all__ = ["read_other_insurance", "write_line_decisions", "write_other_insurance"]

_TRIPLES = 6
"""Adjustments that one CAS holds: a reason, an amount and a quantity each."""


def write_other_insurance(claim: Claim) -> Iterator[Segment]:
    """Write each coverage that is not billed.

    X12: 2320 SBR, CAS, AMT*D, OI; 2330A NM1*IL, N3, N4; 2330B NM1*PR, DTP*573 (where no line has it), REF*F8.
    FHIR: Claim.insurance with focal false, its Coverage and its ClaimResponse.
    """
    for insurance in claim.other_insurance:
        decision, group = insurance.decision, insurance.group_number or ""
        yield build_segment("SBR", SEQUENCES[insurance.order], RELATIONSHIPS[insurance.relationship], group,
                            "" if group else insurance.group_name or "", "", "", "", "", insurance.filing_indicator or "")
        if decision:
            yield from _write_adjustments(decision.adjustments)
            yield build_segment("AMT", "D", write_number(decision.paid, MONEY_PLACES))
        yield build_segment("OI", "", "", YES_NO[claim.benefits_assignment], "", "",
                            RELEASE_OF_INFORMATION[claim.release_of_information])
        person = insurance.subscriber or claim.patient
        yield from (one for one in write_person("IL", person, ("MI", insurance.member_id)) if one.id != "DMG")
        yield build_segment("NM1", "PR", "2", insurance.payer.name, "", "", "", "", "PI", insurance.payer.id)
        if decision and not decision.lines:
            yield build_segment("DTP", "573", "D8", write_day(decision.decided_on))
        if decision and decision.claim_number:
            yield build_segment("REF", "F8", decision.claim_number)


def write_line_decisions(claim: Claim, line: ServiceLine) -> Iterator[Segment]:
    """Write what each payer decided of a line: 2430 SVD, CAS, DTP*573."""
    revenue = (line.revenue_code or "") if claim.form == "institutional" else ""
    for insurance in claim.other_insurance:
        decision = insurance.decision
        for one in decision.lines if decision else ():
            if decision and one.sequence == line.sequence:
                yield build_segment("SVD", insurance.payer.id, write_number(one.paid, MONEY_PLACES), write_procedure(line),
                                    revenue, write_number(one.units, QUANTITY_PLACES))
                yield from _write_adjustments(one.adjustments)
                yield build_segment("DTP", "573", "D8", write_day(decision.decided_on))


def _write_adjustments(adjustments: tuple[Adjustment, ...]) -> Iterator[Segment]:
    """Write a CAS for each run of one group: reason, amount, quantity, six times at most."""
    for group, run in groupby(adjustments, key=lambda one: one.group):
        reasons = list(run)
        for start in range(0, len(reasons), _TRIPLES):
            triples = [
                part for one in reasons[start : start + _TRIPLES] for part in (
                    one.reason, write_number(one.amount, MONEY_PLACES),
                    write_number(one.quantity, QUANTITY_PLACES) if one.quantity is not None else "",
                )
            ]
            yield build_segment("CAS", group, *triples)


@dataclass(frozen=True, slots=True)
class _Decided:
    line: Loops
    loop: Loop
    payer: str


def read_other_insurance(claim: ClaimLoops, reading: Reading) -> tuple[Insurance, ...]:
    """Read each coverage that is not billed, and what its payer decided of the claim and of its lines."""
    decided = [
        _Decided(line, loop, reading.text(loop, "SVD01"))
        for line in claim.lines for name, loop in line.items() if name.startswith("2430")
    ]
    return tuple(_read_other(loops, decided, reading) for loops in claim.others)


def _read_other(loops: Loops, decided: list[_Decided], reading: Reading) -> Insurance:
    level, person, payer = (loops.get(name, Loop(name)) for name in ("2320", "2330A", "2330B"))
    relationship = reading.code(level, "SBR02", read_table(RELATIONSHIPS))
    reading.expect(person, "NM102", "1")
    reading.expect(person, "NM108", "MI")
    reading.expect(payer, "NM108", "PI")
    payer_id = reading.text(payer, "NM109")
    return Insurance(
        payer=Payer(payer_id, reading.text(payer, "NM103")),
        member_id=reading.text(person, "NM109"),
        relationship=relationship,
        filing_indicator=reading.optional(level, "SBR09"),
        order=reading.code(level, "SBR01", read_table(SEQUENCES)),
        subscriber=read_person(person, reading) if relationship != "self" else None,
        group_number=reading.optional(level, "SBR03"),
        group_name=reading.optional(level, "SBR04"),
        decision=_read_decision(level, payer, [one for one in decided if one.payer == payer_id], reading),
    )


def _read_decision(level: Loop, payer: Loop, decided: list[_Decided], reading: Reading) -> PayerDecision | None:
    if level.find("AMT", "D") is None:
        return None
    dated = decided[0].loop if decided else payer
    return PayerDecision(
        decided_on=reading.day(dated, "DTP[573]03"),
        paid=reading.number(level, "AMT[D]02"),
        claim_number=reading.optional(payer, "REF[F8]02"),
        adjustments=_read_adjustments(level, reading),
        lines=tuple(_read_line_decision(one, reading) for one in decided),
    )


def _read_line_decision(decided: _Decided, reading: Reading) -> LineDecision:
    loop, sequence = decided.loop, reading.text(decided.line["2400"], "LX01")
    return LineDecision(
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) <= 6 else 0,
        paid=reading.number(loop, "SVD02"),
        units=reading.number(loop, "SVD05"),
        adjustments=_read_adjustments(loop, reading),
    )


def _read_adjustments(loop: Loop, reading: Reading) -> tuple[Adjustment, ...]:
    found: list[Adjustment] = []
    for segment in loop.segments:
        if segment.id != "CAS":
            continue
        one = Loop(loop.name, (segment,))
        for place in range(2, 2 + 3 * _TRIPLES, 3):
            reason = reading.optional(one, f"CAS{place:02}")
            if reason:
                quantity = reading.optional(one, f"CAS{place + 2:02}")
                found.append(Adjustment(
                    reading.text(one, "CAS01"), reason, reading.number(one, f"CAS{place + 1:02}"),
                    reading.number(one, f"CAS{place + 2:02}") if quantity else None,
                ))
    return tuple(found)
