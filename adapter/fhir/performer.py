"""Who did it and who answered for it: Procedure.performer and Encounter.participant."""

from __future__ import annotations

from collections.abc import Iterable

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, codes, read_codes, text
from adapter.fhir.elements import identifiers, names_in_use, strings
from adapter.fhir.encounter import read_supervisors
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import EIN, NPI, NUCC, canonical_system
from adapter.terms import Practitioner, PractitionerFacts, ProviderFacts

__all__ = ["read_practitioners", "read_providers"]


_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def read_practitioners(chart: Chart, procedure: Found, encounters: list[Found]) -> list[PractitionerFacts]:
    """Read performers and participants as people with NPI and taxonomy.

    FHIR: Procedure.performer.actor (Practitioner, PractitionerRole), .function; Encounter.participant.individual, .type.
    A participant whose type says supervision, or who has no type, may have supervised; any other (a referrer) has not.
    """
    resource, path = procedure
    people: list[PractitionerFacts] = []
    for performer, where in children(resource, path, "performer"):
        supervises = read_supervisors(performer, "function", where)
        for actor in chart.follow(performer, "actor", where, "Practitioner", "PractitionerRole"):
            people += _read_person(chart, actor, is_supervisor=supervises, is_named=supervises)
    for encounter, where in encounters:
        for participant, place in children(encounter, where, "participant"):
            named = read_supervisors(participant, "type", place)
            if not named and any(code.system == _PARTICIPATION for code in read_codes(participant, "type", place)):
                continue
            for actor in chart.follow(participant, "individual", place, "Practitioner", "PractitionerRole"):
                people += _read_person(chart, actor, is_supervisor=True, is_named=named)
    return people


def _read_person(chart: Chart, found: Found, *, is_supervisor: bool, is_named: bool) -> list[PractitionerFacts]:
    resource, path = found
    if resource.get("resourceType") == "PractitionerRole":
        practitioners = chart.follow(resource, "practitioner", path, "Practitioner")
        taxonomies = _taxonomies(resource.get("specialty", ()))
    else:
        practitioners, taxonomies = [found], set()
        for role, where in chart.all("PractitionerRole"):
            for person in chart.follow(role, "practitioner", where, "Practitioner"):
                if person[1] == path:
                    taxonomies |= _taxonomies(role.get("specialty", ()))
    for practitioner, _ in practitioners:
        taxonomies |= _taxonomies(one.get("code", {}) for one in practitioner.get("qualification", ()))
    taxonomy = taxonomies.pop() if len(taxonomies) == 1 else None
    own = identifiers(resource, [NPI])
    return [
        PractitionerFacts(one[1], _practitioner(chart, one, taxonomy, own[0].value if own else None), is_supervisor, is_named)
        for one in practitioners
    ]


def _taxonomies(concepts: Iterable[Tree]) -> set[str]:
    return {code for concept in concepts for code in codes(concept, NUCC)}


def _practitioner(chart: Chart, found: Found, taxonomy: str | None, of_role: str | None) -> Practitioner:
    """Read name and NPI; several names in use are no name, which coding says of the one who treats."""
    numbers = [one.value for one in identifiers(found[0], [NPI])]
    if len(numbers) > 1:
        text_ = "The practitioner has several NPIs; one was expected."
        chart.say("performer.npi-contradiction", text_, f"{found[1]}.identifier")
    names = names_in_use(found)
    name = names[0][0] if len(names) == 1 else {}
    suffixes = strings(name.get("suffix"))
    npi = numbers[0] if numbers else of_role
    return Practitioner(text(name, "family") or "", strings(name.get("given")), suffixes[0] if suffixes else None, npi, taxonomy)


def read_providers(chart: Chart, encounters: list[Found]) -> list[ProviderFacts]:
    """Read the organization that the Encounter names as provider, with the organizations it is part of."""
    providers: list[ProviderFacts] = []
    for encounter, where in encounters:
        for reference, place in children(encounter, where, "serviceProvider"):
            logical = reference.get("identifier", {})
            npi = text(logical, "value") if canonical_system(logical.get("system")) == NPI else None
            found = chart.index.resolve(reference, place)
            if npi and (found is None or found[0].get("resourceType") != "Organization"):
                providers.append(ProviderFacts(place, (npi,)))
        for organization in chart.follow(encounter, "serviceProvider", where, "Organization"):
            npis, tax_ids, names = [], [], []
            seen: set[str] = set()
            chain = [organization]
            while chain and chain[0][1] not in seen:
                resource, path = chain[0]
                seen.add(path)
                npis += [one.value for one in identifiers(resource, [NPI])]
                tax_ids += [one.value.replace("-", "") for one in identifiers(resource, [EIN])]
                names.append(text(resource, "name") or "")
                chain = chart.follow(resource, "partOf", path, "Organization")
            providers.append(ProviderFacts(organization[1], tuple(npis), tuple(tax_ids), names[0]))
    return providers
