"""ServiceRequest and Claim.payee: who sent the patient, and where the payment goes."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.fhir.datatypes import children, codes, text
from adapter.fhir.elements import filled, read_address, write_address, write_concept, write_identifier
from adapter.fhir.organization import write_organization
from adapter.fhir.practitioner import read_practitioner, write_practitioner
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.stamp import Urls
from adapter.fhir.systems import NUCC, own_identifier_system
from adapter.terms import Address, Claim, Practitioner, Referral

__all__ = ["payee_of", "read_pay_to", "read_referral", "write_pay_to", "write_referral"]

_PAYEE = "http://terminology.hl7.org/CodeSystem/payeetype"
_NUMBER = own_identifier_system("referral-number")


def write_referral(claim: Claim, urls: Urls) -> Iterator[Tree]:
    """Write the entries of a referral: ServiceRequest (referral), Practitioner (referrer).

    FHIR: ServiceRequest.identifier, .requester. X12: REF*9F, NM1*DN.
    """
    referral = claim.referral
    if referral is None:
        return
    yield urls.entry("referral", filled(
        resourceType="ServiceRequest",
        identifier=[write_identifier(_NUMBER, referral.number)] if referral.number else None,
        status="completed",
        intent="order",
        subject=urls.reference("patient"),
        requester=urls.reference("referrer") if referral.requester else None,
    ))
    if referral.requester:
        yield urls.entry("referrer", _write_referrer(referral.requester))


def _write_referrer(practitioner: Practitioner) -> Tree:
    """Write who referred: no care team holds the taxonomy, so it stands among the qualifications."""
    code = practitioner.taxonomy
    return filled(**write_practitioner(practitioner), qualification=[{"code": write_concept(NUCC, code)}] if code else None)


def read_referral(claim: Found, reading: Reading) -> Referral | None:
    """Read a referral: the one identifier of its ServiceRequest, and the Practitioner who requested it."""
    found = reading.follow(*claim, "referral")
    if found is None:
        return None
    sent = found[0].get("identifier")
    numbers = [text(one, "value") for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    requester = reading.follow(*found, "requester")
    if requester and requester[0].get("resourceType") == "PractitionerRole":
        requester = reading.follow(*requester, "practitioner")
    taxonomies = tuple(
        code for one, _ in (children(*requester, "qualification") if requester else ()) for code in codes(one.get("code"), NUCC)
    )
    told = read_practitioner(requester, taxonomies, reading) if requester else None
    number = numbers[0] if len(numbers) == 1 else None
    return Referral(number, told) if number or told else None


def write_pay_to(claim: Claim, urls: Urls) -> Iterator[Tree]:
    """Write the entry of the payee: the billing provider at the address where payments go. X12: 2010AB."""
    if claim.pay_to:
        organization = {**write_organization(claim.billing_provider), "address": [write_address(claim.pay_to)]}
        yield urls.entry("payee", organization)


def payee_of(claim: Claim, urls: Urls) -> Tree | None:
    """Give Claim.payee, where the payment goes to another address than the billing provider's."""
    return {"type": write_concept(_PAYEE, "provider"), "party": urls.reference("payee")} if claim.pay_to else None


def read_pay_to(claim: Found, reading: Reading) -> Address | None:
    """Read where the payment goes: the address of the Organization that is the payee, None where it is the provider itself."""
    payee = claim[0].get("payee")
    found = reading.follow(payee, f"{claim[1]}.payee", "party") if isinstance(payee, dict) else None
    provider = reading.follow(*claim, "provider")
    if found is None or found[0].get("resourceType") != "Organization" or (provider and provider[1] == found[1]):
        return None
    return read_address(found, reading)
