"""Patient: the patient of a claim, and a subscriber who is somebody else."""

from __future__ import annotations

from datetime import date

from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import day, read_day
from adapter.fhir.elements import (
    filled,
    identifiers,
    read_address,
    read_name,
    write_address,
    write_identifier,
    write_name,
)
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.issues import Severity
from adapter.terms import Person

__all__ = ["check_alive", "read_person", "write_person"]


def write_person(person: Person) -> Tree:
    """Write a person as a Patient.

    FHIR: Patient.name, .gender, .birthDate, .address, .identifier of type MR.
    X12: 2010BA and 2010CA NM1, N3, N4, DMG, REF*EA.

    >>> write_person(Person("Sample", ("Ada",)))
    {'resourceType': 'Patient', 'name': [{'family': 'Sample', 'given': ['Ada']}]}
    """
    record, address = person.record_number, write_address(person.address)
    return filled(
        resourceType="Patient",
        identifier=[write_identifier(record.system, record.value, "MR")] if record else None,
        name=[write_name(person.family, person.given, person.suffix)],
        gender=person.gender,
        birthDate=person.birth_date.isoformat() if person.birth_date else None,
        address=[address] if address else None,
    )


def check_alive(chart: Chart, found: Found | None, service_date: date | None) -> None:
    """Note a patient who had died before the day of service.

    FHIR: Patient.deceasedDateTime.
    """
    died = read_day(found[0].get("deceasedDateTime", ""), chart.site.time_zone) if found else None
    if found and died and service_date and died.day < service_date:
        text = "The patient had died before the day of service."
        chart.say("patient.deceased-before-service", text, f"{found[1]}.deceased")


def read_person(found: Found, reading: Reading) -> Person | None:
    """Read a Patient or RelatedPerson; None, with an error, where no family name is clear.

    A medical record number is one that says so (type MR); of several none is taken, and a warning says so.
    """
    tree, path = found
    name, address = read_name(found, reading), read_address(found, reading)
    birth_date = day(tree.get("birthDate"))
    if tree.get("birthDate") is not None and birth_date is None:
        message = "The birth date is not a full date; YYYY-MM-DD was expected."
        reading.error("person.birth-date", f"{path}.birthDate", message)
    records = identifiers(tree, kind="MR")
    if len(records) > 1:
        note = "Several medical record numbers: none goes on the claim. Leave the one that the payer shall echo."
        reading.note(Severity.WARNING, "person.record-number", f"{path}.identifier", note)
    if name is None:
        return None
    record = records[0] if len(records) == 1 else None
    return Person(*name, tree.get("gender"), birth_date, address, record)
