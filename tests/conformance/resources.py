"""Small synthetic resources: each call gives fresh trees that a test may spoil."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from adapter.fhir.systems import CPT, ICD10CM, PLACE_OF_SERVICE, UCUM, own_code_system, own_structure

Json = dict[str, Any]


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def patient() -> Json:
    return {
        "resourceType": "Patient", "id": "p1", "active": True, "gender": "female", "birthDate": "1950-02-28",
        "_birthDate": {"extension": [{"url": "https://example.org/time", "valueDateTime": "1950-02-28T06:00:00-05:00"}]},
        "name": [{"family": "Example", "given": ["Ann", None],
                  "_given": [None, {"extension": [{"url": "https://example.org/unknown", "valueCode": "masked"}]}]}],
        "multipleBirthInteger": 2,
    }


def device() -> Json:
    return {
        "resourceType": "Device", "id": "d1",
        "extension": [{"url": own_structure("delivery-route"), "valueCode": "intravenous"}],
        "udiCarrier": [{"carrierHRF": "(01)00000000000000", "carrierAIDC": "KDAxKTAw"}],
        "status": "active", "type": concept(own_code_system("pump-kind"), "implanted-programmable"),
        "property": [{"type": {"text": "reservoir"}, "valueQuantity": [{"value": 20, "unit": "mL"}]}],
        "patient": {"reference": "Patient/p1"},
    }


def procedure() -> Json:
    return {
        "resourceType": "Procedure", "id": "r1", "meta": {"profile": [own_structure("refill-procedure")]},
        "status": "completed", "code": concept(own_code_system("refill-act"), "refill"),
        "subject": {"reference": "Patient/p1"}, "performedDateTime": "2026-03-02T09:30:00-05:00",
        "focalDevice": [{"manipulated": {"reference": "Device/d1"}}],
    }


def administration() -> Json:
    return {
        "resourceType": "MedicationAdministration", "id": "m1",
        "meta": {"profile": [own_structure("refill-medication-administration")]}, "status": "completed",
        "medicationCodeableConcept": {"text": "drug"}, "subject": {"reference": "Patient/p1"},
        "effectivePeriod": {"start": "2026-03-02", "end": "2026-03-02"},
        "dosage": {"dose": {"value": Decimal("18.50"), "unit": "mg", "system": UCUM, "code": "mg"}},
    }


def claim() -> Json:
    return {
        "resourceType": "Claim", "id": "c1", "meta": {"profile": [own_structure("refill-claim-professional")]},
        "extension": [{"url": own_structure("accept-assignment"), "valueBoolean": True}],
        "identifier": [{"value": "A1"}], "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"), "use": "claim",
        "patient": {"reference": "Patient/p1"}, "created": "2026-03-02",
        "insurer": {"display": "Payer"}, "provider": {"display": "Practice"},
        "priority": {"text": "normal"},
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": concept(ICD10CM, "C78.7")}],
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Coverage"}}],
        "item": [{
            "extension": [{"url": own_structure("line-item-control-number"), "valueString": "L1"}],
            "sequence": 1, "diagnosisSequence": [1], "productOrService": concept(CPT, "96522"),
            "servicedDate": "2026-03-02", "locationCodeableConcept": concept(PLACE_OF_SERVICE, "11"),
            "quantity": {"value": 1}, "net": {"value": Decimal("185.00"), "currency": "USD"},
        }],
        "total": {"value": Decimal("185.00"), "currency": "USD"},
    }


def claim_response() -> Json:
    return {
        "resourceType": "ClaimResponse", "id": "a1", "identifier": [{"value": "R1"}], "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"), "use": "claim",
        "patient": {"reference": "Patient/p1"}, "created": "2026-03-09", "insurer": {"display": "Payer"},
        "request": {"reference": "Claim/c1"}, "outcome": "complete", "preAuthPeriod": {"start": "2026-03-01"},
        "item": [{"itemSequence": 1, "noteNumber": [1], "adjudication": [
            {"category": concept("http://terminology.hl7.org/CodeSystem/adjudication", "benefit"),
             "amount": {"value": Decimal("120.50"), "currency": "USD"}},
            {"category": concept("http://terminology.hl7.org/CodeSystem/adjudication", "copay"), "value": Decimal("0.2")},
        ]}],
        "total": [{"category": concept("http://terminology.hl7.org/CodeSystem/adjudication", "benefit"),
                   "amount": {"value": Decimal("120.50"), "currency": "USD"}}],
        "payment": {"type": {"text": "complete"}, "date": "2026-03-10", "amount": {"value": 120, "currency": "USD"}},
        "processNote": [{"number": 1, "type": "print", "text": "paid"}],
    }


def coverage() -> Json:
    kinds = "http://terminology.hl7.org/CodeSystem/coverage-class"
    return {
        "resourceType": "Coverage", "id": "v1", "status": "active", "subscriberId": "S1",
        "beneficiary": {"reference": "Patient/p1"}, "dependent": "0",
        "relationship": concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
        "period": {"start": "2026-01-01"}, "payor": [{"display": "Payer"}],
        "class": [{"type": concept(kinds, "group"), "value": "G1"}, {"type": concept(kinds, "plan"), "value": "P1", "name": "Gold"}],
        "order": 1, "costToBeneficiary": [{"type": {"text": "visit"}, "valueMoney": {"value": Decimal("20.00"), "currency": "USD"}}],
        "subrogation": False,
    }


def observation() -> Json:
    volume = {"value": Decimal("3.50"), "unit": "mL", "system": UCUM, "code": "mL"}
    return {
        "resourceType": "Observation", "id": "o1", "status": "final", "category": [concept("http://terminology.hl7.org/CodeSystem/observation-category", "procedure")],
        "code": concept(own_code_system("refill-observation"), "residual-aspirated"), "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-02T09:30:00-05:00", "issued": "2026-03-02T10:00:00.250Z", "performer": [{"display": "Nurse"}],
        "valueQuantity": volume, "note": [{"time": "2026-03-02T10:00:00Z", "text": "clear"}],
        "referenceRange": [{"low": {"value": 0, "unit": "mL"}, "high": {"value": 5, "unit": "mL"}, "text": "0 to 5"}],
        "component": [
            {"code": concept(own_code_system("refill-observation"), "residual-expected"), "valueQuantity": dict(volume)},
            {"code": concept(own_code_system("refill-observation"), "aspiration-check"), "valueBoolean": True},
        ],
    }


def bundle() -> Json:
    parts = [claim(), patient(), device(), procedure(), administration()]
    entry = [{"fullUrl": f"https://example.org/{part['resourceType']}/{part['id']}", "resource": part} for part in parts]
    return {"resourceType": "Bundle", "meta": {"profile": [own_structure("claim-bundle")]}, "type": "collection",
            "entry": entry}
