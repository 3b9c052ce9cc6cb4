"""Two whole synthetic claims, a record around one of them, and how a test takes a node away."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from adapter.fhir.stamp import Stamp
from adapter.terms import (
    Address,
    Claim,
    CodingRecord,
    Dropped,
    Facility,
    Identifier,
    Insurance,
    Ndc,
    Organization,
    Payer,
    Person,
    Practitioner,
    Pump,
    Reason,
    ServiceLine,
    TraceStep,
)

__all__ = ["DAY", "INSTITUTIONAL", "PROFESSIONAL", "RECORD", "STAMP", "record_of", "without"]

DAY = date(2026, 3, 2)
STAMP = Stamp(datetime(2026, 3, 5, 14, 0, tzinfo=UTC), lambda name: str(uuid.uuid5(uuid.NAMESPACE_URL, name)), "0.1.0")

HOME = Address(("2 Sample Street", "Unit 3"), "Exampleville", "OH", "44001")
OFFICE = Address(("1 Billing Way",), "Exampleville", "OH", "440010001")
PATIENT = Person("Sample", ("Ada", "B"), "Jr", "female", date(1950, 4, 1), HOME, Identifier("https://ehr.example/mrn", "M-1"))
PARENT = Person("Sample", ("Carl",), None, "male", date(1949, 1, 2), HOME)
PROVIDER = Organization("Sample Oncology Practice", "1993999907", "987000001", "207RX0202X", "5555550199", OFFICE)
DOCTOR = Practitioner("Example", ("Dana",), "MD", "1882999901", "207RX0202X")
PRIMARY = Insurance(Payer("60054", "Sample Payer"), "W123", "self", "CI", 1, None, "G77", "Sample Group")
SECOND = Insurance(Payer("00401", "Other Payer"), "X9", "spouse", "BL", 2, PARENT, None, "Group by name")
PUMP = Pump("implanted-constant-flow", "(01)09520000000011(21)S1", "09520000000011", "Sample Maker", "M2", "S1", "L1")

REFILL = ServiceLine(1, "96522", (), Decimal(1), Decimal("185.00"), (1, 2), DAY, "PCN1-1", authorisation="AUTH2", pump=PUMP)
DRUG = ServiceLine(
    2, "J9200", ("JZ",), Decimal(3), Decimal("100.00"), (2,), DAY, "PCN1-2",
    ndc=Ndc("98765432101", Decimal("2.5"), "ML", "RX9"), pump=PUMP,
)
UNLISTED = ServiceLine(3, "J7999", ("KD",), Decimal(1), Decimal("210.00"), (2,), DAY, "PCN1-3", description="Sample mixture", pump=PUMP)
WASTE = ServiceLine(4, "J9200", ("JW",), Decimal(2), Decimal("10.00"), (2,), DAY, "PCN1-4", pump=PUMP)

PROFESSIONAL = Claim(
    "PCN1", "professional", DAY, "11", None, PATIENT, PRIMARY, PROVIDER, DOCTOR,
    Facility("Sample Site", OFFICE, "1993999907"), ("Z51.11", "C78.7"), (REFILL, DRUG, UNLISTED, WASTE), (SECOND,), "AUTH1",
    accept_assignment=True, benefits_assignment=True, provider_signature=True, release_of_information=True,
)
INSTITUTIONAL = Claim(
    "PCN2", "institutional", DAY, None, "0131", PATIENT, PRIMARY, PROVIDER, DOCTOR, None, ("C78.7",),
    (ServiceLine(1, "96522", ("52",), Decimal(1), Decimal("185.00"), (), DAY, "PCN2-1", "0335"),),
    frequency="7", original_reference="PAYER-1", accept_assignment=False, benefits_assignment=True,
    provider_signature=True, release_of_information=False,
)


def record_of(claim: Claim) -> CodingRecord:
    """Wrap a claim as a coded record that explains itself."""
    because = tuple((Reason(f"line.{line.code.lower()}", "Bundle.entry[0].resource", "a citation"),) for line in claim.lines)
    dropped = (Dropped("99211", "visit.bundled", "Bundle.entry[7].resource"), Dropped("A4220", "kit.not-paid"))
    return CodingRecord(
        "coded", claim.form, claim=claim, lines=claim.lines, because=because, dropped=dropped,
        trace=(TraceStep("route", "intra-arterial", "Bundle.entry[4].resource.dosage.route", "route.read"),),
    )


RECORD = record_of(PROFESSIONAL)


def without(tree: Any, path: tuple[str | int, ...]) -> Any:
    """Give a copy of a tree without the node at a path."""
    step, *rest = path
    if isinstance(tree, list):
        assert isinstance(step, int)
        kept = [without(one, tuple(rest)) if place == step and rest else one for place, one in enumerate(tree)]
        return kept if rest else [one for place, one in enumerate(kept) if place != step]
    return {
        name: without(value, tuple(rest)) if name == step and rest else value
        for name, value in tree.items() if rest or name != step
    }
