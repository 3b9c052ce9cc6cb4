"""A resource, and queries that find it or do not: asked of the values in memory and of both databases."""

__all__ = ["PATIENT", "QUERIES"]

PATIENT = {
    "resourceType": "Patient", "id": "p", "meta": {"lastUpdated": "2026-03-03T12:00:00.000Z", "profile": ["urn:profile"], "tag": [{"system": "urn:t", "code": "a"}]},
    "identifier": [{"system": "urn:x", "value": "a,b"}, {"value": "2"}], "active": True, "gender": "male", "birthDate": "1950-01-02",
    "name": [{"use": "official", "family": "Müller-O'Neil", "given": ["José", "Maria"]}], "address": [{"city": "São Paulo", "line": ["Rua 1"]}],
    "managingOrganization": {"reference": "Organization/o", "identifier": {"system": "urn:o", "value": "9"}},
    "generalPractitioner": [{"reference": "http://elsewhere/fhir/Practitioner/1"}, {"reference": "Practitioner/2/_history/3"}],
}

QUERIES = [
    ("gender=male", True), ("gender=female", False), ("gender=female,male", True), ("gender:not=female", True), ("gender:not=male", False),
    ("gender=male&active=false", False), ("active=true", True), ("_id=p", True), ("_tag=urn:t|a", True), ("_profile=urn:profile", True),
    (r"identifier=a\,b", True), (r"identifier=urn:x|a\,b", True), ("identifier=a,b", False), (r"identifier=|a\,b", False), ("identifier=|2", True), ("identifier=urn:x|", True), ("identifier=urn:y|", False),
    ("name=muller", True), ("name=JOSE", True), ("name:contains=neil", True), ("name=neil", False), ("name:exact=José", True), ("name:exact=jose", False), ("address=sao p", True), ("name=official", False),
    ("birthdate=1950-01-02", True), ("birthdate=1950", True), ("birthdate=1950-01-03", False), ("birthdate=ne1950-01-03", True), ("birthdate=ne1950", False),
    ("birthdate=ge1950-01-02", True), ("birthdate=gt1950-01-02", False), ("birthdate=lt1950-01-03", True), ("birthdate=le1950-01-02", True), ("birthdate=sa1950-01-01", True), ("birthdate=eb1950-01-03", True), ("birthdate=eb1950-01-02", False),
    ("birthdate=ge1950-01-01&birthdate=le1950-12", True), ("_lastUpdated=2026-03-03", True), ("_lastUpdated=gt2026-03-03T11:59:59Z", True),
    ("organization=Organization/o", True), ("organization=o", True), ("organization:Organization=o", True), ("organization:Patient=o", False), ("organization=http://localhost/fhir/Organization/o", True),
    ("organization:identifier=urn:o|9", True), ("organization:identifier=urn:o|8", False), ("general-practitioner=http://elsewhere/fhir/Practitioner/1", True), ("general-practitioner=1", False), ("general-practitioner=Practitioner/2", True),
    ("death-date:missing=true", True), ("death-date:missing=false", False), ("gender:missing=true", False), ("gender=", True),
]
"""Query, and whether the patient is found."""
