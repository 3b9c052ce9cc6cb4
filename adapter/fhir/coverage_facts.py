"""Coverage as the record tells it: who pays, whose member, in which order; and what payers said before."""

from __future__ import annotations

from datetime import date

from adapter.fhir.chart import Chart
from adapter.fhir.coverage import RELATIONSHIP, group_classes
from adapter.fhir.datatypes import children, positive, read_codes, read_day, read_identifiers, text
from adapter.fhir.patient import read_person
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import CPT, HCPCS
from adapter.terms import Authorisation, CoverageFacts, Told

__all__ = ["read_authorisations", "read_coverages", "read_decisions"]


def read_coverages(chart: Chart, patient: Found, day: date | None) -> list[CoverageFacts]:
    """Read the Coverages whose beneficiary is the patient.

    FHIR: Coverage.payor, .subscriberId, .relationship, .subscriber, .class, .order, .period.
    """
    coverages = []
    for coverage, path in chart.all("Coverage"):
        if any(where == patient[1] for _, where in chart.follow(coverage, "beneficiary", path, "Patient")):
            coverages.append(_read_coverage(chart, (coverage, path), patient, day))
    return coverages


def _read_coverage(chart: Chart, found: Found, patient: Found, day: date | None) -> CoverageFacts:
    resource, path = found
    identifiers: list[Told[str]] = []
    for payor, where in children(resource, path, "payor"):
        resolved = chart.index.resolve(payor, where)
        if value := text(payor.get("identifier"), "value"):
            identifiers.append(Told(value, f"{where}.identifier"))
        if resolved and resolved[0].get("resourceType") == "Organization" and chart.in_force(resolved):
            identifiers += [Told(told.value.value, told.source) for told in read_identifiers(*resolved)]
    subscribers = chart.follow(resource, "subscriber", path, "Patient", "RelatedPerson")
    is_patient = any(where == patient[1] for _, where in subscribers)
    relationships = [code for code in read_codes(resource, "relationship", path) if code.system == RELATIONSHIP]
    member = text(resource, "subscriberId")
    return CoverageFacts(
        source=path,
        payer_identifiers=tuple(identifiers),
        member_id=Told(member.strip(), f"{path}.subscriberId") if member else None,
        relationships=tuple(Told(code.code, code.source) for code in relationships),
        order=positive(resource.get("order")),
        subscriber=None if is_patient or not subscribers else read_person(subscribers[0], chart.reading),
        subscriber_is_patient=is_patient,
        groups=tuple(Told((text(one, "value"), text(one, "name")), where) for one, where in group_classes(found)),
        is_in_force=_holds(chart, resource, "period", day),
    )


def _holds(chart: Chart, resource: Tree, element: str, day: date | None) -> bool:
    """Tell whether a Period holds the day; an open or unreadable end holds."""
    period = resource.get(element)
    if not period or not day:
        return True
    start, end = (read_day(period.get(name, ""), chart.site.time_zone) for name in ("start", "end"))
    return not ((start and day < start.day) or (end and end.day < day))


# A request that is queued is not granted, whatever number it has been given.
_DECIDED = {"complete", "partial"}


def read_authorisations(chart: Chart, patient: Found, day: date | None) -> list[Authorisation]:
    """Read the prior authorisations of the patient that hold on the day.

    FHIR: ClaimResponse.use preauthorization, .preAuthRef, .preAuthPeriod, .insurer; .request names the Claim whose
    items are authorised, all services where it names none.
    """
    found = []
    for response, path in chart.all("ClaimResponse"):
        number = text(response, "preAuthRef")
        if response.get("use") != "preauthorization" or not number or response.get("outcome") not in _DECIDED:
            continue
        if not any(where == patient[1] for _, where in chart.follow(response, "patient", path, "Patient")):
            continue
        if not _holds(chart, response, "preAuthPeriod", day):
            text_ = "The authorisation does not hold on the day of service."
            chart.say("authorisation.not-in-force", text_, f"{path}.preAuthPeriod")
            continue
        if "request" in response and not chart.follow(response, "request", path, "Claim"):
            text_ = "The authorisation names a Claim that was not sent: for which services it is, is not known."
            chart.say("authorisation.request-missing", text_, f"{path}.request")
            continue
        codes = tuple(
            code.code
            for request, place in chart.follow(response, "request", path, "Claim")
            for item, where in children(request, place, "item")
            for code in read_codes(item, "productOrService", where)
            if code.system in (CPT, HCPCS)
        )
        payers = tuple(
            told.value.value
            for insurer in chart.follow(response, "insurer", path, "Organization")
            for told in read_identifiers(*insurer)
        )
        found.append(Authorisation(f"{path}.preAuthRef", number, codes, payers))
    return found


def read_decisions(chart: Chart, patient: Found, day: date | None) -> list[str]:
    """Give the places of what a payer decided on a claim of this patient for this day.

    FHIR: ClaimResponse or ExplanationOfBenefit of use claim; .billablePeriod and .item.servicedDate of it or of the Claim
    that .request names. One that tells no day counts unless it was made before the day.
    """
    return [
        path
        for response, path in chart.all("ClaimResponse", "ExplanationOfBenefit")
        if response.get("use") == "claim"
        and any(where == patient[1] for _, where in chart.follow(response, "patient", path, "Patient"))
        and _may_be_of(chart, (response, path), day)
    ]


def _may_be_of(chart: Chart, found: Found, day: date | None) -> bool:
    resource, path = found
    zone = chart.site.time_zone
    claims = [found, *chart.follow(resource, "request", path, "Claim")]
    days = [
        told.day
        for claim, where in claims
        for item, _ in children(claim, where, "item")
        if (told := read_day(item.get("servicedDate", ""), zone))
    ]
    if days:
        return day is None or day in days
    if any("billablePeriod" in claim for claim, _ in claims):
        return all(_holds(chart, claim, "billablePeriod", day) for claim, _ in claims)
    created = read_day(resource.get("created", ""), zone)
    return day is None or created is None or created.day >= day
