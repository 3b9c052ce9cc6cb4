"""Claims to test with: whole synthetic ones, and a strategy over all that a Claim can hold."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

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

__all__ = ["DAY", "INSTITUTIONAL", "PROFESSIONAL", "RECORD", "STAMP", "claims", "record_of", "without"]

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

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
maybe_words = st.none() | words
npis = st.sampled_from(["1993999907", "1882999901"])
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
amounts = st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2)
units = st.decimals(Decimal("0.001"), Decimal(9999), places=3)
addresses = st.builds(
    Address, st.lists(words, min_size=1, max_size=2).map(tuple), words, words, st.from_regex(r"[0-9]{5}([0-9]{4})?", fullmatch=True))
people = st.builds(
    Person, words, st.lists(words, max_size=3).map(tuple), maybe_words,
    st.sampled_from([None, "male", "female", "other", "unknown"]), st.none() | days, st.none() | addresses,
    st.none() | st.builds(Identifier, maybe_words, words))
lines = st.builds(
    ServiceLine,
    sequence=st.just(1),
    code=st.from_regex(r"[0-9]{4}[0-9FTU]|[A-V][0-9]{4}", fullmatch=True),
    modifiers=st.lists(st.sampled_from(["25", "53", "JW", "XS", "KD", "1P", "P3"]), max_size=4, unique=True).map(tuple),
    units=units,
    charge=amounts,
    diagnosis_pointers=st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True).map(tuple),
    service_date=days,
    control_number=words,
    revenue_code=st.none() | st.just("0335"),
    ndc=st.none() | st.builds(
        Ndc, st.from_regex(r"[0-9]{11}", fullmatch=True), units, st.sampled_from(["UN", "ML", "GR", "F2"]), maybe_words),
    description=maybe_words,
    authorisation=maybe_words,
    pump=st.none() | st.builds(Pump, st.sampled_from([None, "implanted-reservoir"]), *[maybe_words] * 6),
)


@st.composite
def insurances(draw: st.DrawFn, order: int) -> Insurance:
    """Draw one insurance with its place in the order of payment."""
    relationship = draw(st.sampled_from(["self", "spouse", "child", "other"]))
    subscriber = None if relationship == "self" else draw(people)
    payer = draw(st.builds(Payer, words, words))
    return Insurance(payer, draw(words), relationship, draw(st.sampled_from(["CI", "MB", "BL"])), order, subscriber,
                     draw(maybe_words), draw(maybe_words))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Draw a claim of either form with every optional part there or not."""
    form = draw(st.sampled_from(["professional", "institutional"]))
    orders = draw(st.permutations([1, 2, 3]))
    first, *others = [draw(insurances(order)) for order in orders[: draw(st.integers(1, 3))]]
    drawn = draw(st.lists(lines, min_size=1, max_size=4))
    numbers = draw(st.permutations(range(1, 6)))
    frequency = draw(st.sampled_from(["1", "7", "8"]))
    provider = draw(st.builds(Organization, words, npis, st.just("987000001"), st.just("207RX0202X"), maybe_words, addresses))
    flags = draw(st.tuples(*[st.booleans()] * 4))
    return Claim(
        draw(words), form, draw(days), "11" if form == "professional" else None, "0131" if form == "institutional" else None,
        draw(people), first, provider,
        draw(st.none() | st.builds(Practitioner, words, st.lists(words, max_size=2).map(tuple), maybe_words, st.none() | npis,
                                   st.none() | st.just("207RX0202X"))),
        draw(st.none() | st.builds(Facility, words, addresses, st.none() | npis)),
        ("Z51.11", "C78.7", "C22.0"),
        tuple(_numbered(line, number) for line, number in zip(drawn, numbers, strict=False)),
        tuple(others),
        draw(maybe_words), frequency, draw(maybe_words), *flags,
    )


def _numbered(line: ServiceLine, number: int) -> ServiceLine:
    return replace(line, sequence=number)


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
