"""The search parameters of R4 for the types that this service keeps: kind, and the elements whose values they ask for.

A kind for several parameters, a parameter with its paths: `name=path|path`; a name alone is its own path.
Source: http://hl7.org/fhir/R4/searchparameter-registry.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["DEFINITIONS", "PARAMETERS", "Parameter"]


class Parameter(NamedTuple):
    """What a search parameter asks for: its kind, and where the values stand."""

    kind: str
    paths: tuple[str, ...]


_ALL: Final = {"token": "_id=id _tag=meta.tag", "date": "_lastUpdated=meta.lastUpdated", "uri": "_profile=meta.profile"}
_PLACE: Final = (
    "address address-city=address.city address-country=address.country address-postalcode=address.postalCode "
    "address-state=address.state"
)
_PERSON: Final = f"{_PLACE} name family=name.family given=name.given"
_DEFINITION: Final = {"token": "version status", "string": "name title description publisher", "date": "date", "uri": "url"}
_PAID: Final = {
    "token": "identifier status", "date": "created", "string": "disposition",
}
_CLAIM_UDI: Final = (
    "procedure-udi=procedure.udi item-udi=item.udi detail-udi=item.detail.udi subdetail-udi=item.detail.subDetail.udi"
)

_TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "AuditEvent": {
        "token": (
            "action agent-role=agent.role altid=agent.altId entity-role=entity.role entity-type=entity.type outcome "
            "site=source.site subtype type"
        ),
        "date": "date=recorded",
        "string": "address=agent.network.address agent-name=agent.name entity-name=entity.name",
        "reference": "agent=agent.who entity=entity.what source=source.observer",
        "uri": "policy=agent.policy",
    },
    "ChargeItem": {
        "token": "code identifier performer-function=performer.function",
        "date": "entered-date=enteredDate occurrence=occurrenceDateTime|occurrencePeriod",
        "reference": (
            "account context enterer patient=subject performer-actor=performer.actor "
            "performing-organization=performingOrganization requesting-organization=requestingOrganization service "
            "subject"
        ),
    },
    "Claim": {
        "token": "identifier priority status use",
        "date": "created",
        "reference": (
            "care-team=careTeam.provider encounter=item.encounter enterer facility insurer patient payee=payee.party "
            f"provider {_CLAIM_UDI}"
        ),
    },
    "ClaimResponse": {
        **_PAID,
        "token": "identifier outcome status use",
        "date": "created payment-date=payment.date",
        "reference": "insurer patient request requestor",
    },
    "Condition": {
        "token": (
            "body-site=bodySite category clinical-status=clinicalStatus code evidence=evidence.code identifier severity "
            "stage=stage.summary verification-status=verificationStatus"
        ),
        "string": "abatement-string=abatementString onset-info=onsetString",
        "date": (
            "abatement-date=abatementDateTime|abatementPeriod onset-date=onsetDateTime|onsetPeriod "
            "recorded-date=recordedDate"
        ),
        "reference": "asserter encounter evidence-detail=evidence.detail patient=subject subject",
    },
    "Consent": {
        "token": (
            "action=provision.action category identifier purpose=provision.purpose scope "
            "security-label=provision.securityLabel status"
        ),
        "date": "date=dateTime period=provision.period",
        "reference": (
            "actor=provision.actor.reference consentor=performer data=provision.data.reference organization patient "
            "source-reference=sourceReference"
        ),
    },
    "Coverage": {
        "token": "class-type=class.type identifier status type",
        "string": "class-value=class.value dependent",
        "reference": "beneficiary patient=beneficiary payor policy-holder=policyHolder subscriber",
    },
    "Device": {
        "token": "identifier status type",
        "uri": "url",
        "reference": "location organization=owner patient",
        "string": (
            "device-name=deviceName.name|type.coding.display|type.text manufacturer model=modelNumber "
            "udi-carrier=udiCarrier.carrierHRF udi-di=udiCarrier.deviceIdentifier"
        ),
    },
    "DocumentReference": {
        "token": (
            "category contenttype=content.attachment.contentType event=context.event facility=context.facilityType "
            "format=content.format identifier=masterIdentifier|identifier language=content.attachment.language "
            "relation=relatesTo.code security-label=securityLabel setting=context.practiceSetting status type"
        ),
        "date": "date period=context.period",
        "string": "description",
        "uri": "location=content.attachment.url",
        "reference": (
            "authenticator author custodian encounter=context.encounter patient=subject related=context.related "
            "relatesto=relatesTo.target subject"
        ),
    },
    "Encounter": {
        "token": (
            "class identifier participant-type=participant.type reason-code=reasonCode "
            "special-arrangement=hospitalization.specialArrangement status type"
        ),
        "date": "date=period location-period=location.period",
        "reference": (
            "account appointment based-on=basedOn diagnosis=diagnosis.condition episode-of-care=episodeOfCare "
            "location=location.location part-of=partOf participant=participant.individual patient=subject "
            "reason-reference=reasonReference service-provider=serviceProvider subject"
        ),
    },
    "ExplanationOfBenefit": {
        **_PAID,
        "reference": (
            "care-team=careTeam.provider claim coverage=insurance.coverage encounter=item.encounter enterer facility "
            f"patient payee=payee.party provider {_CLAIM_UDI}"
        ),
    },
    "Location": {
        "token": "identifier operational-status=operationalStatus status type",
        "string": f"{_PLACE} name=name|alias",
        "reference": "endpoint organization=managingOrganization partof=partOf",
    },
    "Medication": {
        "token": "code form identifier ingredient-code=ingredient.itemCodeableConcept lot-number=batch.lotNumber status",
        "date": "expiration-date=batch.expirationDate",
        "reference": "ingredient=ingredient.itemReference manufacturer",
    },
    "MedicationAdministration": {
        "token": "code=medicationCodeableConcept identifier reason-given=reasonCode reason-not-given=statusReason status",
        "date": "effective-time=effectiveDateTime|effectivePeriod",
        "reference": "context device medication=medicationReference patient=subject performer=performer.actor request subject",
    },
    "Observation": {
        "token": (
            "category code combo-code=code|component.code component-code=component.code "
            "data-absent-reason=dataAbsentReason identifier method status value-concept=valueCodeableConcept"
        ),
        "string": "value-string=valueString",
        "date": "date=effectiveDateTime|effectivePeriod|effectiveInstant value-date=valueDateTime|valuePeriod",
        "reference": (
            "based-on=basedOn derived-from=derivedFrom device encounter focus has-member=hasMember part-of=partOf "
            "patient=subject performer specimen subject"
        ),
    },
    "Organization": {
        "token": "active identifier type",
        "string": f"{_PLACE} name=name|alias",
        "reference": "endpoint partof=partOf",
    },
    "Patient": {
        "token": "active gender identifier language=communication.language telecom",
        "date": "birthdate=birthDate death-date=deceasedDateTime",
        "string": f"{_PERSON}",
        "reference": "general-practitioner=generalPractitioner link=link.other organization=managingOrganization",
    },
    "PaymentReconciliation": {
        **_PAID,
        "token": "identifier outcome status",
        "reference": "payment-issuer=paymentIssuer request requestor",
    },
    "Practitioner": {
        "token": "active communication gender identifier telecom",
        "string": f"{_PERSON}",
    },
    "PractitionerRole": {
        "token": "active identifier role=code specialty telecom",
        "date": "date=period",
        "reference": "endpoint location organization practitioner service=healthcareService",
    },
    "Procedure": {
        "token": "category code identifier reason-code=reasonCode status",
        "date": "date=performedDateTime|performedPeriod",
        "uri": "instantiates-uri=instantiatesUri",
        "reference": (
            "based-on=basedOn encounter instantiates-canonical=instantiatesCanonical location part-of=partOf "
            "patient=subject performer=performer.actor reason-reference=reasonReference subject"
        ),
    },
    "Provenance": {
        "token": "agent-role=agent.role agent-type=agent.type signature-type=signature.type",
        "date": "recorded when=occurredDateTime|occurredPeriod",
        "reference": "agent=agent.who entity=entity.what location target",
    },
    "RelatedPerson": {
        "token": "active gender identifier relationship telecom",
        "date": "birthdate=birthDate",
        "string": f"{_PLACE} name",
        "reference": "patient",
    },
    "Task": {
        "token": (
            "business-status=businessStatus code group-identifier=groupIdentifier identifier intent "
            "performer=performerType priority status"
        ),
        "date": "authored-on=authoredOn modified=lastModified period=executionPeriod",
        "reference": "based-on=basedOn encounter focus owner part-of=partOf patient=for requester subject=for",
    },
    "CodeSystem": {
        **_DEFINITION,
        "uri": "url system=url",
    },
    "ConceptMap": _DEFINITION,
    "StructureDefinition": {
        **_DEFINITION,
        "token": "version status kind abstract derivation",
        "uri": "url type",
        "reference": "base=baseDefinition",
    },
    "ValueSet": _DEFINITION,
}


def _read(kinds: Mapping[str, str]) -> dict[str, Parameter]:
    told: dict[str, Parameter] = {}
    for kind, words in [*_ALL.items(), *kinds.items()]:
        for word in words.split():
            name, _, paths = word.partition("=")
            told[name] = Parameter(kind, tuple((paths or name).split("|")))
    return told


PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {name: _read(kinds) for name, kinds in _TABLE.items()}
"""By type and by name."""
DEFINITIONS: Final = frozenset({"CodeSystem", "ConceptMap", "StructureDefinition", "ValueSet"})
"""The types of the definitions that are published here, and nothing but read."""
