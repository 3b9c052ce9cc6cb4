"""Claim without its lines: identifier, form, flags, frequency, diagnoses."""

from __future__ import annotations

import re
from typing import Any

from adapter.fhir.datatypes import children, codes, extension, positive, text
from adapter.fhir.declared import Declared
from adapter.fhir.elements import filled, identifiers, write_concept, write_identifier
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import ICD10CM, NUBC_BILL_TYPE, own_code_system, own_identifier_system, own_structure
from adapter.issues import IssueType, Severity
from adapter.terms import Claim

__all__ = [
    "CLAIM_TYPE", "PATIENT_CONTROL_NUMBER", "RELATIONS", "read_bill_type", "read_diagnoses", "read_flags", "read_form",
    "read_frequency", "read_identifier", "write_diagnoses", "write_flags", "write_identifiers",
    "write_related",
]

CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
PATIENT_CONTROL_NUMBER = own_identifier_system("patient-control-number")
RELATIONS = {"1": "follows", "7": "replaces", "8": "voids"}
"""Claim frequency (X12 CLM05-3) to our claim-relationship code: R4 has no code that says replace or void."""

_RELATION = own_code_system("claim-relationship")
_PRIOR = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"
_DIAGNOSIS_TYPE = "http://terminology.hl7.org/CodeSystem/ex-diagnosistype"
_UNDOTTED = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{1,4}")
_FLAGS = ("provider_signature", "accept_assignment", "benefits_assignment", "release_of_information")


def write_flags(claim: Claim) -> list[Tree]:
    """Write those of the four answers that are known, which R4 has no element for, as extensions: X12 CLM06 to CLM09."""
    answers = ((own_structure(name.replace("_", "-")), getattr(claim, name)) for name in _FLAGS)
    return [{"url": url, "valueBoolean": answer} for url, answer in answers if answer is not None]


def read_flags(claim: Found, declared: Declared, reading: Reading) -> dict[str, Any]:
    """Read the four answers; one that neither the Claim nor the site gives stays absent, with a warning."""
    flags: dict[str, Any] = {}
    for name in _FLAGS:
        url = own_structure(name.replace("_", "-"))
        sent = (extension(claim[0], url) or {}).get("valueBoolean")
        flags[name] = sent if isinstance(sent, bool) else getattr(declared, name)
        if flags[name] is None:
            note = f"The answer {name.replace('_', ' ')} is not given; an 837 needs it. Give the extension {url}, valueBoolean."
            reading.note(Severity.WARNING, "claim.answer-missing", f"{claim[1]}.extension", note)
    return flags


def write_related(claim: Claim) -> list[Tree]:
    """Write which claim this one follows, replaces or voids.

    FHIR: Claim.related.claim.identifier (the payer's control number), .relationship (our claim-relationship, and beside
    it HL7's `prior`). X12: CLM05-3 and REF*F8.
    """
    if claim.frequency == "1" and claim.original_reference is None:
        return []
    codings = [{"system": _RELATION, "code": RELATIONS[claim.frequency]}, {"system": _PRIOR, "code": "prior"}]
    original = {"identifier": {"value": claim.original_reference}} if claim.original_reference else None
    return [filled(claim=original, relationship={"coding": codings})]


def read_frequency(claim: Found, reading: Reading) -> tuple[str, str | None]:
    """Read the frequency code and the payer's number of the earlier claim; associated claims are no matter here.

    HL7's `prior` alone does not tell whether the earlier claim is replaced or voided: an error.
    """
    frequencies = {relation: frequency for frequency, relation in RELATIONS.items()}
    found = []
    for related, where in children(*claim, "related"):
        known = [frequencies[code] for code in codes(related.get("relationship"), _RELATION) if code in frequencies]
        if len(known) == 1:
            earlier = related.get("claim")
            number = text(earlier.get("identifier"), "value") if isinstance(earlier, dict) else None
            found.append((known[0], number or text(related.get("reference"), "value")))
        elif known or "prior" in codes(related.get("relationship"), _PRIOR):
            message = f"Whether the earlier claim is replaced or voided is not told. Give one code of {_RELATION}."
            reading.error("claim.relationship", f"{where}.relationship", message, IssueType.REQUIRED)
    if len(found) > 1:
        message = "Several earlier claims are replaced or voided; a claim can do that to one."
        reading.error("claim.related-several", f"{claim[1]}.related", message, IssueType.CONFLICT)
    return found[0] if len(found) == 1 else ("1", None)


def read_identifier(claim: Found, reading: Reading) -> str | None:
    """Read the patient control number: the identifier in our system, else of type PLAC, else the only one."""
    tree = claim[0]
    known = identifiers(tree, [PATIENT_CONTROL_NUMBER]) or identifiers(tree, kind="PLAC") or identifiers(tree)
    if len(known) == 1:
        return known[0].value
    message = f"{len(known)} identifiers of the claim; exactly one was expected. Give one in {PATIENT_CONTROL_NUMBER}."
    reading.error("claim.identifier", f"{claim[1]}.identifier", message, IssueType.REQUIRED)
    return None


def read_form(claim: Found, reading: Reading) -> str | None:
    """Read whether the claim is professional or institutional, and check that it is an active claim to be paid."""
    tree, path = claim
    if tree.get("status") != "active":
        reading.error("claim.not-active", f"{path}.status", "The status is not active; only an active Claim is billed.")
    if tree.get("use") != "claim":
        reading.error("claim.use", f"{path}.use", "The use is not claim; an authorisation or estimate is not billed.")
    known = [code for code in codes(tree.get("type"), CLAIM_TYPE) if code in ("professional", "institutional")]
    if len(known) != 1:
        reading.error("claim.type", f"{path}.type", f"professional or institutional was expected, in {CLAIM_TYPE}.")
        return None
    return known[0]


def read_bill_type(claim: Found, form: str, reading: Reading) -> str | None:
    """Read the type of bill: Claim.subType, NUBC; an institutional claim needs it."""
    known = codes(claim[0].get("subType"), NUBC_BILL_TYPE)
    if len(known) == 1:
        return known[0]
    if form == "institutional":
        message = f"Exactly one type of bill was expected, in {NUBC_BILL_TYPE}."
        reading.error("claim.bill-type", f"{claim[1]}.subType", message, IssueType.REQUIRED)
    return None


def write_diagnoses(diagnoses: tuple[str, ...]) -> list[Tree]:
    """Write the diagnoses in order, the first as principal.

    FHIR: Claim.diagnosis.sequence, .diagnosisCodeableConcept, .type. X12: HI*ABK, ABF.

    >>> write_diagnoses(("C78.7",))[0]["type"][0]["coding"][0]["code"]
    'principal'
    """
    principal = [write_concept(_DIAGNOSIS_TYPE, "principal")]
    return [
        filled(
            sequence=place,
            diagnosisCodeableConcept=write_concept(ICD10CM, code),
            type=principal if place == 1 else None,
        )
        for place, code in enumerate(diagnoses, 1)
    ]


def read_diagnoses(claim: Found, reading: Reading) -> tuple[tuple[str, ...], dict[int, int]]:
    """Read the diagnoses, the principal one first, then by sequence; and the place that each sequence has.

    A Condition is followed to its code; a code without its dot gets it.
    """
    found: list[tuple[bool, int, str]] = []
    for diagnosis, where in children(*claim, "diagnosis"):
        sequence = positive(diagnosis.get("sequence"))
        if sequence is None or sequence in [one[1] for one in found]:
            reading.error("diagnosis.sequence", f"{where}.sequence", "A number of its own, 1 or more, was expected.")
            continue
        condition = reading.follow(diagnosis, where, "diagnosisReference")
        known = codes(condition[0].get("code") if condition else diagnosis.get("diagnosisCodeableConcept"), ICD10CM)
        if len(known) != 1:
            message = f"{len(known)} ICD-10-CM codes stand here; exactly one was expected, in {ICD10CM}."
            reading.error("diagnosis.code", f"{where}.diagnosis", message, IssueType.REQUIRED)
            continue
        kinds = [code for concept, _ in children(diagnosis, where, "type") for code in codes(concept, _DIAGNOSIS_TYPE)]
        found.append(("principal" not in kinds, sequence, _dotted(known[0])))
    if not children(*claim, "diagnosis"):
        reading.missing("claim.diagnosis-missing", f"{claim[1]}.diagnosis", "The diagnosis")
    if sum(1 for other, _, _ in found if not other) > 1:
        note = "Several principal diagnoses: the first by sequence leads."
        reading.note(Severity.WARNING, "diagnosis.principal-several", f"{claim[1]}.diagnosis", note)
    found.sort()
    return tuple(code for _, _, code in found), {sequence: place for place, (_, sequence, _) in enumerate(found, 1)}


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if _UNDOTTED.fullmatch(code) else code


def write_identifiers(claim: Claim) -> list[Tree]:
    """Write the patient control number: X12 CLM01. Its type is PLAC, the placer's own number.

    FHIR: Claim.identifier.
    """
    return [write_identifier(PATIENT_CONTROL_NUMBER, claim.identifier, "PLAC")]
