"""From facts to the record: every question in turn, then the claim where nothing holds it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from adapter.coding.act import ActCode, decide_act, name_of_act
from adapter.coding.charge import decide_charges, explain_fees, judge_charged_units
from adapter.coding.claim import ClaimParts, build_claim, build_lines
from adapter.coding.decision import Decision, Visit, agreed
from adapter.coding.denial import expect_denials
from adapter.coding.diagnosis import decide_diagnoses
from adapter.coding.documentation import judge_documentation, judge_udi, read_documentation
from adapter.coding.drug import decide_drugs, judge_drug_routes
from adapter.coding.in_force import judge_line_codes
from adapter.coding.indication import judge_coverage
from adapter.coding.interval import judge_interval
from adapter.coding.line import DraftLine
from adapter.coding.modifier import decide_drug_modifiers, decide_refill_modifiers
from adapter.coding.payer import decide_authorisations, decide_insurance, find_payer, judge_filing
from adapter.coding.place import Setting, decide_place
from adapter.coding.provider import decide_treating_provider, judge_billing_provider, judge_services
from adapter.coding.pump import decide_pump
from adapter.coding.reservoir import gather_measures, judge_reservoir
from adapter.coding.route import decide_route
from adapter.coding.same_day import SameDay, decide_same_day, is_charged_only, is_paid_service, is_second_pump
from adapter.coding.unit_limit import judge_unit_limits
from adapter.issues import Issue, Severity, has_errors
from adapter.tables import Tables
from adapter.terms import (
    Claim,
    CodingRecord,
    Documentation,
    Dropped,
    RefillFacts,
    Site,
    SitePayer,
    TraceStep,
)

__all__ = ["Judgement", "build_record", "hold_second_places"]

_SUBMITTED = "96522"
_BILLABLE = ("completed", "stopped")
# Why an act that is known may have no code.
_NO_CODE = {
    "analysis": "Reading a systemic pump out has no code of its own",
    "aspiration": "Drawing from a pump has no code of its own",
    "implantation": "An implantation is surgery and is not coded here",
    "infusion-start": "A start has a code for chemotherapy (96416, 96425), or for an intravenous drug at a hospital (C8957)",
    "reprogramming": "Programming a systemic pump has no code of its own",
}
_PART_OF_A_REFILL = {"aspiration", "analysis", "reprogramming"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a record is judged: the site, the tables, the day of filing, another day for the tables, what was known before.

    `issues` are those that the validation of the Bundle found.
    """

    site: Site
    tables: Tables
    as_of: date
    on: date | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Draft:
    """What is known of a record while the questions are asked."""

    visit: Visit
    issues: list[Issue]
    trace: list[TraceStep]
    documentation: Documentation | None = None
    dropped: tuple[Dropped, ...] = ()

    def note(self, decision: Decision[Any]) -> None:
        """Take over issues and steps of a decision."""
        self.issues += decision.issues
        self.trace += decision.trace


def build_record(facts: RefillFacts, judgement: Judgement, identifier: str) -> CodingRecord:
    """Build the record of one visit; `identifier` is the patient control number of its claim."""
    day = facts.day
    table_day = judgement.on or day
    visit = Visit(facts, judgement.site, judgement.tables, day, table_day, judgement.as_of)
    draft = _Draft(visit, [*judgement.issues, *_untold(facts.issues, judgement.issues, ("base.value", "base.type"))], [])
    if not any(act.is_active for act in facts.acts):
        return _nothing(draft, "act.not-done", "The refill was not done, or was entered in error: nothing is billed.")
    draft.issues += _judge_day(visit)
    draft.issues += _judge_status(visit)
    acts = _decide_acts(draft)
    refills = [act for act in acts if act.code == _SUBMITTED]
    if len(refills) > 1:
        refills.sort(key=_pump_order)
    if not refills:
        return _neighbour(draft, acts)
    return _refill(draft, refills, tuple(act for act in acts if act not in refills), identifier)


def _untold(issues: Iterable[Issue], told: Iterable[Issue], rules: Collection[str] = ()) -> list[Issue]:
    """Leave out errors of a place that an error, of one of these rules or of any, tells already: one fault is one issue."""
    places = {one.expression for one in told if one.is_error and one.expression and (not rules or one.rule in rules)}
    return [issue for issue in issues if not issue.is_error or issue.expression not in places]


def _pump_order(act: ActCode) -> tuple[str, ...]:
    """Order refills: completed ones first, then by their pumps; the order in which they were sent changes nothing."""
    pump = act.pump.pump
    parts = (pump.kind, pump.serial_number, pump.model_number, pump.udi) if pump else ()
    return (act.act.status.value, *(str(part or "") for part in parts))


def _judge_day(visit: Visit) -> list[Issue]:
    told = visit.facts.service_dates
    if visit.day is not None:
        return []
    if told:
        text = "The acts of the visit tell several days; a refill is one day."
        return [visit.issue("service-date.contradiction", text, *[one.source for one in told])]
    text = "No day of service; performedDateTime or performedPeriod was expected."
    return [visit.issue("service-date.missing", text, f"{visit.facts.acts[0].source}.performed")]


def _judge_status(visit: Visit) -> list[Issue]:
    return [
        visit.issue("procedure.not-completed", "The act is neither completed nor stopped.", act.status.source)
        for act in visit.facts.acts
        if act.is_active and act.status.value not in _BILLABLE
    ]


def _decide_acts(draft: _Draft) -> list[ActCode]:
    """Decide the acts that stand by themselves; what is part of the refill of its pump is counted into it."""
    visit = draft.visit
    acts = visit.facts.acts
    named = [name_of_act(visit, act) for act in acts]
    names = [one.value for one in named]
    programmed = [i for i, act in enumerate(acts) if act.is_active and names[i] == "reprogramming"]
    decisions = []
    for i, act in enumerate(acts):
        if not act.is_active:
            continue
        if i in programmed and (pump := decide_pump(visit, act).value).is_programmable is False:
            text = "The record tells that a pump was programmed whose kind is not programmable."
            draft.issues.append(visit.issue("act.not-programmable", text, act.source, pump.source))
        if _is_part(visit, i, names):
            draft.trace.append(TraceStep("act", str(names[i]), act.source, "act.part-of-refill"))
            continue
        of_pump = [p for p in programmed if acts[p].part_of == i or set(acts[p].devices) & set(act.devices)]
        decisions.append(decide_act(visit, i, named[i], reprogrammed=bool(of_pump) and names[i] == "refill"))
    has_refill = any(one.value.code == _SUBMITTED for one in decisions)
    for decision in decisions:
        is_flush = decision.value.name == "flush" and has_refill
        if not (has_refill and is_charged_only(decision.value)) and not is_flush:
            draft.note(decision)
        elif is_flush:
            draft.trace.append(TraceStep("act", "flush", decision.value.act.source, "act.part-of-refill"))
    return [decision.value for decision in decisions]


def _is_part(visit: Visit, position: int, names: list[str | None]) -> bool:
    """Tell whether an act is part of another, or programming counted into the refill of its pump.

    One on another pump is judged by itself, and so is one that asserts a code on a systemic pump, where none is for it.
    """
    acts = visit.facts.acts
    act, name = acts[position], names[position]
    refills = [one for one, other in zip(acts, names, strict=True) if one.is_active and other == "refill"]
    inner = act.part_of is not None and acts[act.part_of].is_active and name in _PART_OF_A_REFILL
    if inner and act.part_of is not None and act.devices and (of_whole := set(acts[act.part_of].devices)):
        inner = bool(of_whole & set(act.devices))
    counted = name == "reprogramming" and any(set(one.devices) & set(act.devices) for one in refills)
    return (inner or counted) and not (act.asserted and decide_route(visit, position, act).value.branch == "systemic")


def _nothing(draft: _Draft, rule: str, text: str) -> CodingRecord:
    draft.issues.append(draft.visit.issue(rule, text, draft.visit.facts.acts[0].status.source))
    kept = tuple(replace(issue, severity=Severity.WARNING) if issue.is_error else issue for issue in draft.issues)
    return CodingRecord("nothing-to-bill", service_date=draft.visit.day, trace=tuple(draft.trace), issues=kept)


def _neighbour(draft: _Draft, acts: list[ActCode]) -> CodingRecord:
    """Hold a visit that is not the systemic refill, with the right neighbour proposed."""
    visit = draft.visit
    own = {code for act in acts for code in act.candidates}
    paid = [service for service in visit.facts.services if service.code not in own and is_paid_service(visit, service.code)]
    if acts and all(act.name == "flush" for act in acts) and paid and not has_errors(draft.issues):
        return _nothing(draft, "flush.beside-paid-service", "A flush beside another paid service of the day is not billed.")
    others = [act for act in acts if act.name != "flush" and act.candidates]
    proposed = tuple(dict.fromkeys(code for act in others or acts for code in act.candidates))
    source = acts[0].act.source if acts else visit.facts.acts[0].source
    if proposed:
        text = f"The facts point to {' or '.join(proposed)}; this product submits claims for {_SUBMITTED} only."
        draft.issues.append(visit.issue("act.not-submitted", text, source))
    else:
        name = acts[0].name if acts else None
        text = f"{_NO_CODE.get(name or '', 'The facts point to no code that this product can name')}; a person must decide."
        draft.issues.append(visit.issue("act.no-code", text, source))
    if acts:
        draft.issues += judge_drug_routes(visit, _by_position(visit, tuple(acts)))
    payer = find_payer(visit)
    setting = decide_place(visit, payer.value[0] if payer.value else None)
    return _held(draft, proposed, (setting.value, payer.value[0] if payer.value else None), ())


def _held(
    draft: _Draft, proposed: tuple[str, ...], where: tuple[Setting, SitePayer | None], diagnoses: tuple[str, ...]
) -> CodingRecord:
    setting, payer = where
    issues = tuple(dict.fromkeys(draft.issues))
    return CodingRecord(
        status="held",
        form=setting.form,
        proposed=proposed,
        service_date=draft.visit.day,
        place_of_service=setting.place if setting.form != "institutional" else None,
        bill_type=setting.bill_type,
        billing_provider_npi=draft.visit.site.billing_provider.npi,
        payer_id=payer.id if payer else None,
        diagnoses=diagnoses,
        trace=tuple(draft.trace),
        issues=issues,
        documentation=draft.documentation,
        denials=expect_denials(draft.visit, issues, draft.dropped),
    )


def _refill(draft: _Draft, refills: list[ActCode], others: tuple[ActCode, ...], identifier: str) -> CodingRecord:
    """Code a visit with a systemic refill of an implanted pump."""
    visit = draft.visit
    refill = refills[0]
    dropped = _drop_seconds(draft, refills)
    found = find_payer(visit)
    draft.note(found)
    payer = found.value[0] if found.value else None
    place = decide_place(visit, payer)
    draft.note(place)
    setting = place.value
    insured = decide_insurance(visit, found.value, setting.form)
    treating = decide_treating_provider(visit)
    diagnoses = decide_diagnoses(visit, setting.form, refill.route)
    drugs = decide_drugs(visit, _by_position(visit, (*refills, *others)), payer)
    same_day = decide_same_day(visit, refill, others, (payer, frozenset(line.code for line in drugs.value)))
    modifiers = decide_refill_modifiers(visit, refill, (setting, payer), same_day.value.refill_modifier)
    drug_lines = decide_drug_modifiers(visit, drugs.value)
    questions: tuple[Decision[Any], ...] = (insured, treating, diagnoses, drugs, drug_lines, same_day, modifiers)
    for decision in questions:
        draft.note(decision)
    because = (*refill.because, *modifiers.value[1])
    own = DraftLine(_SUBMITTED, Decimal(1), modifiers.value[0], because, pump=refill.pump.pump, acts=(refill.position,))
    lines = explain_fees(visit, (own, *drug_lines.value, *same_day.value.lines))
    charges = decide_charges(visit, lines)
    authorisations = decide_authorisations(visit, payer, lines)
    draft.note(charges)
    draft.note(authorisations)
    draft.issues += [*judge_charged_units(visit, lines, {_SUBMITTED: len(refills)}), *judge_line_codes(visit, lines)]
    draft.issues += [*judge_billing_provider(visit), *judge_filing(visit, payer), *_untold(_judge_patient(visit), draft.issues)]
    draft.documentation = read_documentation(visit, (refill, *others))
    draft.issues += [*judge_documentation(visit, draft.documentation), *judge_udi(visit, refill)]
    draft.issues += [*judge_unit_limits(visit, lines, payer), *judge_coverage(visit, payer, diagnoses.value)]
    draft.issues += judge_services(visit, setting, treating.value, {line.code for line in same_day.value.lines})
    _judge_fills(draft, (refill, *others), payer)
    draft.dropped = (*dropped, *same_day.value.dropped)
    parts = ClaimParts(identifier, setting, insured.value, treating.value, diagnoses.value, lines, charges.value,
                       authorisations.value, draft.dropped)
    built = build_lines(visit, parts)
    draft.note(built)
    claim = None if has_errors(draft.issues) else build_claim(visit, parts, built.value)
    if claim is None:
        return _held(draft, _proposed(draft, refill, same_day.value, others), (setting, payer), diagnoses.value)
    return _coded(draft, parts, claim)


def _drop_seconds(draft: _Draft, refills: list[ActCode]) -> list[Dropped]:
    """Drop every refill of the day but the first, with a warning."""
    text = f"{_SUBMITTED} is paid once a day: the second refill is not billed."
    sources = [second.act.source for second in refills[1:]]
    draft.issues += [draft.visit.issue("unit-limit.one-refill", text, source) for source in sources]
    return [Dropped(_SUBMITTED, "unit-limit.one-refill", source) for source in sources]


def _judge_fills(draft: _Draft, acts: tuple[ActCode, ...], payer: SitePayer | None) -> None:
    """Take over what the volumes and days of each refill ask an explanation for."""
    for act in acts:
        if act.name == "refill":
            measures = gather_measures(draft.visit, act.position)
            draft.note(judge_reservoir(draft.visit, act, measures))
            draft.issues += judge_interval(draft.visit, act, measures, payer)


def _proposed(draft: _Draft, refill: ActCode, same_day: SameDay, others: tuple[ActCode, ...]) -> tuple[str, ...]:
    """Propose the refill with the other refills of the day, or what takes it in."""
    refills = [code for act in others if act.name == "refill" for code in act.candidates]
    absorbing = [code for code in same_day.absorbed_by if code not in refills]
    own = [_SUBMITTED] if all(is_second_pump(draft.visit, code) for code in absorbing) else []
    return tuple(dict.fromkeys([*own, *refills, *filter(None, absorbing), *_alarmed(draft, refill)]))


def _alarmed(draft: _Draft, refill: ActCode) -> tuple[str, ...]:
    """Propose the spinal neighbours of a refill too, where a drug of it is one that no systemic pump gives."""
    if "drug.route-contradiction" not in {issue.rule for issue in draft.issues}:
        return ()
    skill = agreed(refill.act.skills)
    facts = {"act": "refill", "pump": refill.pump.place, "route_class": "spinal", "skill": skill, "reprogrammed": "no"}
    rows = draft.visit.tables["act"].find(draft.visit.table_day, **facts)
    return tuple(dict.fromkeys(code for row in rows for code in row.texts("code")))


def _by_position(visit: Visit, acts: tuple[ActCode, ...]) -> tuple[ActCode, ...]:
    """Give an act's decision by its position in the facts; one that was not decided has the first's."""
    by_source = {act.act.source: act for act in acts}
    return tuple(by_source.get(act.source, acts[0]) for act in visit.facts.acts)


def _judge_patient(visit: Visit) -> list[Issue]:
    """Ask for what a claim says of its patient."""
    patient, source = visit.facts.patient, visit.facts.patient_source
    if patient is None:
        return [visit.issue("patient.missing", "The patient was not sent, or has no name.", source)]
    issues = []
    if patient.birth_date and visit.day and patient.birth_date > visit.day:
        text = "The patient was born after the day of service."
        issues.append(visit.issue("patient.born-after-service", text, f"{source}.birthDate"))
    if patient.address and not re.fullmatch("[A-Z]{2}", patient.address.state):
        text = "The state of the address is not two capital letters."
        issues.append(visit.issue("patient.state-form", text, f"{source}.address"))
    wanted = {"birthDate": patient.birth_date, "gender": patient.gender, "address": patient.address}
    issues += [
        visit.issue("patient.incomplete", f"A claim needs the patient's {element}.", f"{source}.{element}")
        for element, value in wanted.items()
        if value is None
    ]
    return issues


def _coded(draft: _Draft, parts: ClaimParts, claim: Claim) -> CodingRecord:
    issues = tuple(dict.fromkeys(draft.issues))
    return CodingRecord(
        status="coded",
        form=claim.form,
        service_date=claim.service_date,
        place_of_service=claim.place_of_service,
        bill_type=claim.bill_type,
        billing_provider_npi=claim.billing_provider.npi,
        payer_id=claim.insurance.payer.id,
        diagnoses=claim.diagnoses,
        claim=claim,
        lines=claim.lines,
        because=tuple(line.because for line in parts.lines),
        dropped=parts.dropped,
        trace=tuple(draft.trace),
        issues=issues,
        documentation=draft.documentation,
        denials=expect_denials(draft.visit, issues, draft.dropped),
    )


def hold_second_places(
    facts: tuple[RefillFacts, ...], records: tuple[CodingRecord, ...], tables: Tables
) -> tuple[CodingRecord, ...]:
    """Hold the coded refills of one patient and day that lie at several places: the code is paid once a day."""
    keys = [(visit.patient_source, record.service_date) for visit, record in zip(facts, records, strict=True)]
    coded = [key for key, record in zip(keys, records, strict=True) if record.status == "coded"]
    text = f"{_SUBMITTED} comes out at several places on one day."
    return tuple(
        _held_again(record, tables.issue("unit-limit.two-places", text, *[one.source for one in visit.places]))
        if record.status == "coded" and coded.count(key) > 1
        else record
        for visit, record, key in zip(facts, records, keys, strict=True)
    )


def _held_again(record: CodingRecord, issue: Issue) -> CodingRecord:
    issues = (*record.issues, issue)
    return replace(record, status="held", proposed=(_SUBMITTED,), claim=None, lines=(), because=(), dropped=(), issues=issues)
