"""Who treated and who bills: the rendering or supervising practitioner, the site's billing provider, the facility."""

from __future__ import annotations

from adapter.coding.decision import Decision, Visit
from adapter.coding.place import Setting
from adapter.issues import Issue
from adapter.terms import Address, Facility, Practitioner, PractitionerFacts, TraceStep
from adapter.terms.npi import is_npi

__all__ = ["decide_facility", "decide_treating_provider", "judge_billing_provider", "judge_services"]


def decide_treating_provider(visit: Visit) -> Decision[Practitioner | None]:
    """Decide the rendering (professional) or attending (institutional) provider.

    A performer with an NPI; where clinical staff without one did it, the one who supervised.
    """
    people = visit.facts.practitioners
    performers = [one for one in people if not one.is_supervisor]
    with_npi = _by_npi(performers)
    if not with_npi:
        supervisors = [one for one in people if one.is_supervisor]
        with_npi = _by_npi([one for one in supervisors if one.is_named]) or _by_npi(supervisors)
    if len(with_npi) > 1:
        text = "Several practitioners with an NPI could be the one who treats on the claim; one was expected."
        return Decision(None, (visit.issue("performer.ambiguous", text, *[one.source for one in with_npi]),))
    if not with_npi:
        text = "No performer and no supervising practitioner has an NPI."
        return Decision(None, (visit.issue("performer.missing", text, f"{visit.facts.acts[0].source}.performer"),))
    chosen = with_npi[0]
    issues = _npi_issues(visit, chosen)
    rule = "performer.supervised" if chosen.is_supervisor else "performer.rendered"
    step = TraceStep("treating provider", chosen.practitioner.npi or "", chosen.source, rule)
    return Decision(chosen.practitioner, issues, (step,))


def _by_npi(people: list[PractitionerFacts]) -> list[PractitionerFacts]:
    """Give each person with an NPI once; the entry that tells a taxonomy is kept."""
    once: dict[str, PractitionerFacts] = {}
    for one in people:
        npi = one.practitioner.npi
        if npi and (npi not in once or (one.practitioner.taxonomy and not once[npi].practitioner.taxonomy)):
            once[npi] = one
    return list(once.values())


def _npi_issues(visit: Visit, person: PractitionerFacts) -> tuple[Issue, ...]:
    issues = []
    if not is_npi(person.practitioner.npi or ""):
        text = "The practitioner's NPI is not ten digits with a right check digit."
        issues.append(visit.issue("performer.npi-invalid", text, f"{person.source}.identifier"))
    if not person.practitioner.family:
        text = "The practitioner has no family name, or several names in use and none official."
        issues.append(visit.issue("performer.name-missing", text, f"{person.source}.name"))
    return tuple(issues)


def judge_billing_provider(visit: Visit) -> tuple[Issue, ...]:
    """Compare the Encounter's service provider with the site's billing provider: another one holds the record."""
    issues = []
    ours = visit.site.billing_provider
    for provider in visit.facts.providers:
        if provider.npis:
            differs = ours.npi not in provider.npis
        elif provider.tax_ids:
            differs = ours.tax_id not in provider.tax_ids
        else:
            text = "The service provider has no NPI: whether it is the site's billing provider is not checked."
            issues.append(visit.issue("provider.not-identified", text, provider.source))
            continue
        if differs:
            text = "The record's service provider is another one than the site's billing provider."
            issues.append(visit.issue("provider.differs", text, provider.source))
    return tuple(dict.fromkeys(issues))


def judge_services(visit: Visit, setting: Setting, treating: Practitioner | None, codes: set[str]) -> list[Issue]:
    """Find billed services of the day that were done elsewhere, or on a professional claim by another practitioner.

    A claim has one place, and one practitioner who treats: what another did is for a person.
    FHIR: Procedure.location and .performer, ChargeItem.performer.
    """
    issues = []
    for service in visit.facts.services:
        if service.code not in codes:
            continue
        elsewhere = [told.source for told in service.places if setting.place not in (None, told.value)]
        if elsewhere:
            text = f"{service.code} was done at another place of service than the refill; a claim has one."
            issues.append(visit.issue("service.other-place", text, *elsewhere))
        people = _by_npi([one for one in service.practitioners if not one.is_supervisor])
        others = [one.source for one in people if treating is not None and one.practitioner.npi != treating.npi]
        if others and setting.form == "professional":
            text = f"{service.code} was done by another practitioner with an NPI than the one who treats on the claim."
            issues.append(visit.issue("performer.ambiguous", text, *others))
    return issues


def decide_facility(visit: Visit) -> Facility | None:
    """Give the facility where it was done, where its address is another than the billing provider's."""
    ours = visit.site.billing_provider.address
    for told in visit.facts.facilities:
        there = told.value.address
        if _street(there) != _street(ours):
            return told.value
    return None


def _street(address: Address) -> tuple[object, ...]:
    return (*map(str.casefold, address.line), address.postal_code[:5])
