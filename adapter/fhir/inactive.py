"""Which resources count as absent: entered in error, not done, cancelled or inactive."""

from __future__ import annotations

from adapter.fhir.references import Tree

__all__ = ["is_inactive"]

# FHIR R4 status value sets: the codes that say the resource is not, or is no longer, a fact.
_STATUS = {
    "ChargeItem": {"entered-in-error", "aborted", "not-billable", "planned"},
    "Claim": {"entered-in-error", "cancelled", "draft"},
    "ClaimResponse": {"entered-in-error", "cancelled", "draft"},
    "Consent": {"entered-in-error", "inactive", "rejected", "draft", "proposed"},
    "Coverage": {"entered-in-error", "cancelled", "draft"},
    "Device": {"entered-in-error", "inactive"},
    "DocumentReference": {"entered-in-error", "superseded"},
    "Encounter": {"entered-in-error", "cancelled"},
    "ExplanationOfBenefit": {"entered-in-error", "cancelled", "draft"},
    "Location": {"inactive", "suspended"},
    "Medication": {"entered-in-error", "inactive"},
    "MedicationAdministration": {"entered-in-error", "not-done"},
    "Observation": {"entered-in-error", "cancelled"},
    "Procedure": {"entered-in-error", "not-done"},
}
_ACTIVE = {"Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"}
_CONDITION = {
    "verificationStatus": {"entered-in-error", "refuted"},
    "clinicalStatus": {"inactive"},
}


def is_inactive(resource: Tree) -> bool:
    """Tell whether a resource counts as absent by its own status.

    >>> is_inactive({"resourceType": "Device", "status": "entered-in-error"})
    True
    >>> is_inactive({"resourceType": "Practitioner", "active": False})
    True
    """
    kind = resource.get("resourceType", "")
    if kind == "Condition":
        return any(
            coding.get("code") in codes
            for element, codes in _CONDITION.items() if element in resource
            for coding in resource[element].get("coding", ())
        )
    return resource.get("active") is False if kind in _ACTIVE else resource.get("status") in _STATUS.get(kind, ())
