"""Code systems and identifier systems: one canonical URI each, and the aliases that are accepted on the way in.

Source: the HL7 terminology NamingSystems and what US guides and their examples emit (CARIN BB 2.2.0, Da Vinci PAS 2.2.1,
US Core 9.0.0, CMS beneficiary-fhir-data), read 2026-11.
"""

from __future__ import annotations

from functools import cache

__all__ = [
    "BASE", "CPT", "EIN", "HCPCS", "ICD10CM", "MBI", "NDC", "NPI", "NUBC_BILL_TYPE", "NUBC_REVENUE", "NUCC", "PLACE_OF_SERVICE",
    "RXNORM", "SNOMED", "UCUM", "V2_0203", "canonical_system", "own_code_system", "own_identifier_system",
    "own_structure",
]

BASE = "https://refill-adapter.example/fhir"

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
NDC = "http://hl7.org/fhir/sid/ndc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
PLACE_OF_SERVICE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
NUBC_REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
NUBC_BILL_TYPE = "https://www.nubc.org/CodeSystem/TypeOfBill"
NUCC = "http://nucc.org/provider-taxonomy"
NPI = "http://hl7.org/fhir/sid/us-npi"
EIN = "http://hl7.org/fhir/sid/us-ein"
MBI = "http://hl7.org/fhir/sid/us-mbi"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"

_ALIASES = {
    "https://www.ama-assn.org/go/cpt": CPT,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": HCPCS,
    "http://terminology.hl7.org/CodeSystem/HCPCS": HCPCS,
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": HCPCS,
    "urn:oid:2.16.840.1.113883.6.285": HCPCS,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.69": NDC,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "http://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set": PLACE_OF_SERVICE,
    "http://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set.html": PLACE_OF_SERVICE,
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set.html": PLACE_OF_SERVICE,
    "https://www.cms.gov/medicare/coding/place-of-service-codes/place_of_service_code_set.html": PLACE_OF_SERVICE,
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes": PLACE_OF_SERVICE,
    "urn:oid:2.16.840.1.113883.4.6": NPI,
    "urn:oid:2.16.840.1.113883.4.4": EIN,
    "http://nucc.org/provider-taxonomy-code": NUCC,
    "urn:oid:2.16.840.1.113883.6.101": NUCC,
}


def canonical_system(uri: str | None) -> str | None:
    """Give the canonical URI for a system or one of its known aliases; any other URI comes back as it is.

    >>> canonical_system("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets")
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
    """
    return _ALIASES.get(uri, uri) if uri is not None else None


def own_code_system(name: str) -> str:
    """Give the URI of one of our code systems.

    >>> own_code_system("refill-act")
    'https://refill-adapter.example/fhir/CodeSystem/refill-act'
    """
    return f"{BASE}/CodeSystem/{name}"


@cache
def own_structure(name: str) -> str:
    """Give the URI of one of our extensions or profiles.

    >>> own_structure("delivery-route")
    'https://refill-adapter.example/fhir/StructureDefinition/delivery-route'
    """
    return f"{BASE}/StructureDefinition/{name}"


def own_identifier_system(name: str) -> str:
    """Give the URI of one of our identifier systems.

    >>> own_identifier_system("payer-id")
    'https://refill-adapter.example/fhir/sid/payer-id'
    """
    return f"{BASE}/sid/{name}"
