"""Coverage: one insurance of the patient, with its payer and subscriber."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapter.fhir.datatypes import children, codes, positive, text
from adapter.fhir.elements import filled, write_concept
from adapter.fhir.organization import read_payer
from adapter.fhir.patient import read_person
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.issues import IssueType, Severity
from adapter.terms import Insurance, Payer

__all__ = ["RELATIONSHIP", "CoverageReferences", "group_classes", "read_insurance", "write_coverage"]

RELATIONSHIP = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_FILING = "https://codesystem.x12.org/005010/1032"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@dataclass(frozen=True, slots=True)
class CoverageReferences:
    """The references of a Coverage: `subscriber` is None where nobody is known to be it."""

    patient: Tree
    payer: Tree
    subscriber: Tree | None


def write_coverage(insurance: Insurance, references: CoverageReferences) -> Tree:
    """Write an insurance as a Coverage.

    FHIR: Coverage.type (X12 element 1032, claim filing indicator), .subscriber, .subscriberId, .beneficiary,
    .relationship, .payor, .class (group; R4 wants a value, so a name without a number says that it is unknown), .order.
    X12: 2000B SBR, 2010BA, 2010BB; 2320 for the others.
    """
    group: Tree | None = None
    if insurance.group_number or insurance.group_name:
        unknown = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
        group = filled(
            type=write_concept(_CLASS, "group"),
            value=insurance.group_number,
            _value=None if insurance.group_number else unknown,
            name=insurance.group_name,
        )
    return filled(
        resourceType="Coverage",
        status="active",
        type=write_concept(_FILING, insurance.filing_indicator) if insurance.filing_indicator else None,
        subscriber=references.subscriber,
        subscriberId=insurance.member_id,
        beneficiary=references.patient,
        relationship=write_concept(RELATIONSHIP, insurance.relationship),
        payor=[references.payer],
        **{"class": [group] if group else None},  # a word of Python, and no name of an argument
        order=insurance.order,
    )


def read_insurance(
    entry: Found, patient: Found | None, declared: Mapping[str, str], reading: Reading
) -> Insurance | None:
    """Read one Claim.insurance with the Coverage that it refers to; what is missing is an error.

    `declared` gives the claim filing indicator by payer id, for a Coverage that has none; where neither tells it, it stays
    absent, with a warning.

    Claim.insurance.sequence is the order of payment; a Coverage.order that differs is a contradiction. The relationship
    is self where Coverage.subscriber is the patient itself.
    """
    found = reading.follow(*entry, "coverage")
    if found is None:
        if entry[0].get("coverage") is None:
            reading.missing("insurance.coverage-missing", f"{entry[1]}.coverage", "The Coverage")
        return None
    tree, path = found
    order, payer = _read_order(entry, found, reading), _read_payer(found, reading)
    member_id = text(tree, "subscriberId")
    if member_id is None:
        reading.missing("coverage.member-id-missing", f"{path}.subscriberId", "The member id")
    filing = _read_filing(found, declared.get(payer.id) if payer else None, reading)
    subscriber = reading.follow(tree, path, "subscriber")
    is_patient = subscriber is not None and patient is not None and subscriber[1] == patient[1]
    relationship = _read_relationship(found, is_patient, reading)
    person = read_person(subscriber, reading) if subscriber and not is_patient else None
    if relationship not in (None, "self") and tree.get("subscriber") is None:
        reading.missing("coverage.subscriber-missing", f"{path}.subscriber", "The subscriber, who is not the patient,")
    if payer is None or member_id is None or relationship is None or order is None:
        return None
    return _with_group(found, Insurance(payer, member_id, relationship, filing, order, person), reading)


def group_classes(found: Found) -> list[Found]:
    """Give each Coverage.class of type group, whichever system the code is said to be of."""
    return [one for one in children(*found, "class")
            if any(coding.get("code") == "group" for coding in one[0].get("type", {}).get("coding", ()))]


def _with_group(found: Found, insurance: Insurance, reading: Reading) -> Insurance | None:
    groups = group_classes(found)
    if len(groups) > 1:
        reading.error("coverage.groups", f"{found[1]}.class", "Several groups stand here; one was expected.")
        return None
    group = groups[0][0] if groups else {}
    return replace(insurance, group_number=text(group, "value"), group_name=text(group, "name"))


def _read_filing(found: Found, declared: str | None, reading: Reading) -> str | None:
    """Read X12 SBR09: absent, with a warning, where neither the Coverage nor the site tells it."""
    path = f"{found[1]}.type"
    known = codes(found[0].get("type"), _FILING) or ((declared,) if declared else ())
    if len(known) > 1:
        text_ = f"{len(known)} claim filing indicators stand here; one was expected, in {_FILING}. Leave the right one."
        reading.error("coverage.filing-indicator", path, text_, IssueType.CONFLICT)
    elif not known:
        note = f"There is no claim filing indicator, which an 837 needs. Give it as a coding in the system {_FILING}."
        reading.note(Severity.WARNING, "coverage.filing-indicator", path, note)
    return known[0] if len(known) == 1 else None


def _read_order(entry: Found, coverage: Found, reading: Reading) -> int | None:
    sequence, order = positive(entry[0].get("sequence")), coverage[0].get("order")
    if sequence is None:
        reading.missing("insurance.sequence-missing", f"{entry[1]}.sequence", "The order of this coverage, 1 or more,")
    elif order is not None and order != sequence:
        message = "Coverage.order and Claim.insurance.sequence differ; both tell the order of payment. Make them agree."
        reading.error("insurance.order-differs", f"{coverage[1]}.order", message, IssueType.CONFLICT)
    return sequence


def _read_payer(coverage: Found, reading: Reading) -> Payer | None:
    payors = children(*coverage, "payor")
    if len(payors) != 1:
        message = f"{len(payors)} payors stand here; exactly one was expected."
        reading.error("coverage.payor", f"{coverage[1]}.payor", message, IssueType.REQUIRED)
        return None
    found = reading.resolve(*payors[0], "payor")
    return read_payer(found, reading) if found else None


def _read_relationship(coverage: Found, is_patient: bool, reading: Reading) -> str | None:
    tree, path = coverage
    known = codes(tree.get("relationship"), RELATIONSHIP)
    if is_patient and not known:
        return "self"
    if len(known) != 1:
        message = f"Exactly one relationship to the subscriber was expected. Give it as a coding of {RELATIONSHIP}."
        reading.error("coverage.relationship", f"{path}.relationship", message, IssueType.REQUIRED)
        return None
    if is_patient and known[0] != "self":
        message = "The subscriber is the patient, but the relationship is not self. Make them agree."
        reading.error("coverage.relationship-differs", f"{path}.relationship", message, IssueType.CONFLICT)
    return known[0]
