"""Who did it and who answered for it: Procedure.performer and Encounter.participant."""

from __future__ import annotations

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, read_codes, read_identifiers, text
from adapter.fhir.encounter import read_supervisors
from adapter.fhir.references import Found
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
        taxonomies = {code.code for code in read_codes(resource, "specialty", path) if code.system == NUCC}
    else:
        practitioners, taxonomies = [found], set()
        for role, where in chart.all("PractitionerRole"):
            for person in chart.follow(role, "practitioner", where, "Practitioner"):
                if person[1] == path:
                    taxonomies |= {code.code for code in read_codes(role, "specialty", where) if code.system == NUCC}
    for practitioner, where in practitioners:
        taxonomies |= {
            code.code
            for qualification, place in children(practitioner, where, "qualification")
            for code in read_codes(qualification, "code", place)
            if code.system == NUCC
        }
    taxonomy = taxonomies.pop() if len(taxonomies) == 1 else None
    own = next((told.value.value for told in read_identifiers(resource, path) if told.value.system == NPI), None)
    return [
        PractitionerFacts(where, _practitioner(practitioner, where, taxonomy, own), is_supervisor, is_named)
        for practitioner, where in practitioners
    ]


def _practitioner(resource: dict[str, object], path: str, taxonomy: str | None, npi: str | None) -> Practitioner:
    npi = next((told.value.value for told in read_identifiers(resource, path) if told.value.system == NPI), npi)
    names = [name for name, _ in children(resource, path, "name")]
    name = names[0] if names else {}
    given = tuple(part for part in name.get("given", ()) if isinstance(part, str)) if isinstance(name.get("given"), list) else ()
    suffixes = name.get("suffix")
    suffix = suffixes[0] if isinstance(suffixes, list) and suffixes and isinstance(suffixes[0], str) else None
    return Practitioner(text(name, "family") or "", given, suffix, npi, taxonomy)


def read_providers(chart: Chart, encounters: list[Found]) -> list[ProviderFacts]:
    """Read the organization that the Encounter names as provider, with the organizations it is part of."""
    providers: list[ProviderFacts] = []
    for encounter, where in encounters:
        for reference, place in children(encounter, where, "serviceProvider"):
            logical = reference.get("identifier")
            npi = text(logical, "value") if canonical_system(text(logical, "system")) == NPI else None
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
                identifiers = [told.value for told in read_identifiers(resource, path)]
                npis += [one.value for one in identifiers if one.system == NPI]
                tax_ids += [one.value.replace("-", "") for one in identifiers if one.system == EIN]
                names.append(text(resource, "name") or "")
                chain = chart.follow(resource, "partOf", path, "Organization")
            providers.append(ProviderFacts(organization[1], tuple(npis), tuple(tax_ids), names[0]))
    return providers
