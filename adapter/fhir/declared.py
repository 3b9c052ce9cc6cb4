"""What a site declares for all its claims, where a Claim of another writer has no place for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Declared"]


@dataclass(frozen=True, slots=True)
class Declared:
    """Answers that the site gives for its claims; None where it gives none, and then the Claim itself must.

    X12: CLM06 to CLM09, and SBR09 by payer id. FHIR R4 has no element for any of them.
    """

    provider_signature: bool | None = None
    accept_assignment: bool | None = None
    benefits_assignment: bool | None = None
    release_of_information: bool | None = None
    filing_indicators: Mapping[str, str] = field(default_factory=dict)
