"""What base R4 asks beside its schema: one issue a fault, at its place, and none of what is sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapter.conformance.validation import Profiles, is_sound, validate_resource
from adapter.load import load_rule_book
from tests.conformance.resources import administration, bundle, claim, device, patient, procedure

Json = dict[str, Any]
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
TERMS = "http://terminology.hl7.org/CodeSystem"
UCUM = "http://unitsofmeasure.org"
FHIR = "http://hl7.org/fhir/StructureDefinition"


def _observation(**members: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **members}


def _narrative(inner: str, around: str = XHTML) -> Json:
    return patient() | {"text": {"status": "generated", "div": f"<div {around}>{inner}</div>"}}


def _condition(**members: Any) -> Json:
    return {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, **members}


def _item(kind: str, extension: str, **value: Any) -> Json:
    item = {"linkId": "1", "type": kind, "extension": [{"url": f"{FHIR}/{extension}", **value}]}
    return {"resourceType": "Questionnaire", "status": "draft", "item": [item]}


FAULTS: list[tuple[Json, str, str]] = [
    (_observation(valueQuantity={"value": 1, "code": "mg"}), "base.invariant.qty-3", "Observation.value"),
    (_observation(valueRatio={"numerator": {"value": 1}}), "base.invariant.rat-1", "Observation.value"),
    (_observation(valueRange={"low": {"value": 2}, "high": {"value": 1}}), "base.invariant.rng-2", "Observation.value"),
    (_observation(valuePeriod={"start": "2026-02-02", "end": "2026-02-01"}), "base.invariant.per-1", "Observation.value"),
    (_observation(valuePeriod={"start": "2026-02-02T10:00:00+01:00", "end": "2026-02-02T08:00:00Z"}), "base.invariant.per-1", "Observation.value"),
    (_observation(valueString="x", dataAbsentReason={"text": "y"}), "base.invariant.obs-6", "Observation"),
    (_observation(referenceRange=[{"appliesTo": [{"text": "x"}]}]), "base.invariant.obs-3", "Observation.referenceRange[0]"),
    (_observation(effectiveTiming={"repeat": {"period": 1}}), "base.invariant.tim-2", "Observation.effective.repeat"),
    (_observation(effectiveTiming={"repeat": {"duration": 1}}), "base.invariant.tim-1", "Observation.effective.repeat"),
    (patient() | {"telecom": [{"value": "1"}]}, "base.invariant.cpt-2", "Patient.telecom[0]"),
    (patient() | {"contact": [{"gender": "female"}]}, "base.invariant.pat-1", "Patient.contact[0]"),
    (patient() | {"photo": [{"data": "AAAA"}]}, "base.invariant.att-1", "Patient.photo[0]"),
    (patient() | {"name": [{"id": "a"}]}, "base.invariant.ele-1", "Patient.name[0]"),
    (patient() | {"name": [{}]}, "base.invariant.ele-1", "Patient.name[0]"),
    ({"resourceType": "Organization", "active": True}, "base.invariant.org-1", "Organization"),
    ({"resourceType": "Organization", "name": "x", "telecom": [{"system": "phone", "value": "1", "use": "home"}]}, "base.invariant.org-3", "Organization.telecom[0]"),
    (patient() | {"contained": [{"resourceType": "Basic", "id": "a", "code": {"text": "x"}}]}, "base.invariant.dom-3", "Patient.contained[0]"),
    *((patient() | {"contained": [{"resourceType": "Practitioner", "id": "a", "meta": meta}], "generalPractitioner": [{"reference": "#a"}]}, f"base.invariant.{key}",
       "Patient.contained[0].meta") for key, meta in (("dom-4", {"versionId": "1"}), ("dom-4", {"lastUpdated": "2026-03-02T10:00:00Z"}),
                                                      ("dom-5", {"security": [{"system": "urn:x", "code": "R"}]}))),
    (patient() | {"generalPractitioner": [{"reference": "#a"}]}, "base.invariant.ref-1", "Patient.generalPractitioner[0]"),
    (patient() | {"generalPractitioner": [{"reference": "Patient/1"}]}, "base.target", "Patient.generalPractitioner[0]"),
    (patient() | {"generalPractitioner": [{"reference": "https://example.org/fhir/Patient/1/_history/2"}]}, "base.target", "Patient.generalPractitioner[0]"),
    (patient() | {"generalPractitioner": [{"type": "Patient", "display": "x"}]}, "base.target", "Patient.generalPractitioner[0]"),
    (patient() | {"generalPractitioner": [{"type": "Organization", "reference": "Practitioner/1"}]}, "base.reference-type", "Patient.generalPractitioner[0]"),
    (patient() | {"contained": [{"resourceType": "Basic", "id": "a", "code": {"text": "x"}}], "generalPractitioner": [{"reference": "#a"}]}, "base.target", "Patient.generalPractitioner[0]"),
    (_condition(category=[{"coding": [{"system": f"{TERMS}/condition-category", "code": "x"}]}]), "base.unknown-code", "Condition.category[0].coding[0].code"),
    (_condition(clinicalStatus={"text": "x"}), "base.code", "Condition.clinicalStatus"),
    (_condition(clinicalStatus={"coding": [{"system": f"{TERMS}/condition-clinical"}]}), "base.code", "Condition.clinicalStatus"),
    (_condition(clinicalStatus={"coding": [{"system": "http://snomed.info/sct", "code": "x"}]}), "base.code", "Condition.clinicalStatus"),
    (_condition(clinicalStatus={"coding": [{"system": f"{TERMS}/condition-clinical", "code": "x"}]}), "base.unknown-code", "Condition.clinicalStatus.coding[0].code"),
    (_observation(valueQuantity={"value": 1, "system": UCUM, "code": "tbl"}), "base.unit", "Observation.value.code"),
    (patient() | {"identifier": [{"system": "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "value": "x"}]}, "base.address", "Patient.identifier[0].system"),
    (patient() | {"identifier": [{"system": "urn:oid:1.02", "value": "x"}]}, "base.address", "Patient.identifier[0].system"),
    (_narrative("<p>x"), "base.narrative", "Patient.text.div"),
    (_narrative("<script>x</script>"), "base.narrative", "Patient.text.div"),
    (_narrative('<p onclick="x()">x</p>'), "base.narrative", "Patient.text.div"),
    (_narrative('<a href="javascript:x()">x</a>'), "base.narrative", "Patient.text.div"),
    (_narrative('<a href=" java&#10;script:x()">x</a>'), "base.narrative", "Patient.text.div"),
    (_narrative('<p style="background: url(https://example.org/x.png)">x</p>'), "base.narrative", "Patient.text.div"),
    (_narrative("<form>x</form>"), "base.narrative", "Patient.text.div"),
    (_narrative("&nbsp;"), "base.narrative", "Patient.text.div"),
    (_narrative(" "), "base.narrative", "Patient.text.div"),
    (_narrative("x", 'xmlns="urn:other"'), "base.narrative", "Patient.text.div"),
    (patient() | {"text": {"status": "generated", "div": "x"}}, "base.narrative", "Patient.text.div"),
    (patient() | {"text": {"status": "generated", "div": f'<!DOCTYPE div [<!ENTITY a "x">]><div {XHTML}>&a;</div>'}}, "base.narrative", "Patient.text.div"),
    (procedure() | {"extension": [{"url": f"{FHIR}/patient-birthPlace", "valueAddress": {"text": "x"}}]}, "base.extension-context", "Procedure.extension[0]"),
    (patient() | {"modifierExtension": [{"url": f"{FHIR}/patient-birthPlace", "valueAddress": {"text": "x"}}]}, "base.extension-modifier", "Patient.modifierExtension[0]"),
    (_item("string", "questionnaire-unit", valueCoding={"code": "mg"}), "base.extension-invariant", "Questionnaire.item[0].extension[0]"),
    (_item("display", "questionnaire-minOccurs", valueInteger=0), "base.extension-invariant", "Questionnaire.item[0].extension[0]"),
    (_item("string", "questionnaire-minOccurs", valueInteger=1), "base.extension-invariant", "Questionnaire.item[0].extension[0]"),
]


@pytest.mark.parametrize(("tree", "rule", "place"), FAULTS, ids=range(len(FAULTS)))
def test_one_fault_is_one_issue_at_its_place(tree: Json, rule: str, place: str, profiles: Profiles) -> None:
    assert not is_sound(tree, profiles)
    assert [(issue.rule, issue.expression[0]) for issue in validate_resource(tree, profiles)] == [(rule, place)]


ADVICE: list[tuple[Json, str, str]] = [
    ({"resourceType": "ValueSet", "status": "draft", "name": "a b"}, "base.invariant.vsd-0", "ValueSet"),
    ({"resourceType": "NutritionOrder", "status": "draft", "intent": "order", "patient": {"display": "x"}, "dateTime": "2026-01-01"},
     "base.invariant.nor-1", "NutritionOrder"),
    ({"resourceType": "StructureDefinition", "status": "draft", "name": "A", "url": "urn:x", "kind": "logical", "abstract": True, "type": "X",
      "differential": {"element": [{"id": "x", "path": "x", "constraint": [{"key": "a-1", "severity": "error", "human": "y"}]}]}},
     "base.invariant.eld-21", "StructureDefinition.differential.element[0].constraint[0]"),
]


@pytest.mark.parametrize(("tree", "rule", "place"), ADVICE, ids=[rule for _, rule, _ in ADVICE])
def test_an_invariant_that_r4_itself_has_as_a_warning_is_one(tree: Json, rule: str, place: str, profiles: Profiles) -> None:
    assert not is_sound(tree, profiles)
    issues = validate_resource(tree, profiles)
    assert [(issue.severity.value, issue.rule, issue.expression[0]) for issue in issues] == [("warning", rule, place)]


def test_best_practice_is_no_issue_be_it_broken_or_not(profiles: Profiles) -> None:
    problem = _condition(category=[{"coding": [{"system": f"{TERMS}/condition-category", "code": "problem-list-item"}]}])
    assert "text" not in problem and "clinicalStatus" not in problem  # noqa: PT018 # dom-6 and con-3
    assert validate_resource(problem, profiles) == ()


SOUND: list[Json] = [
    _observation(valueQuantity={"value": 1, "code": "mg", "system": UCUM}),
    _observation(valuePeriod={"start": "2026-02-01", "end": "2026-02-01"}),
    _observation(valuePeriod={"start": "2026-02-02T10:00:00+01:00", "end": "2026-02-02T09:30:00Z"}),
    _observation(effectiveTiming={"repeat": {"period": 1, "periodUnit": "d"}}),
    patient() | {"generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "https://example.org/x"}, {"display": "x"}]},
    patient() | {"generalPractitioner": [{"type": "Practitioner", "display": "x"}]},
    patient() | {"contained": [{"resourceType": "Practitioner", "id": "a"}], "generalPractitioner": [{"reference": "#a"}]},
    _condition(category=[{"coding": [{"system": f"{TERMS}/condition-category", "code": "x", "version": "9"}]}]),
    _condition(clinicalStatus={"coding": [{"system": "urn:own", "code": "x"}, {"system": f"{TERMS}/condition-clinical", "code": "active"}]}),
    _condition(clinicalStatus={"extension": [{"url": f"{FHIR}/data-absent-reason", "valueCode": "unknown"}]}),
    _condition(code={"coding": [{"system": "http://snomed.info/sct", "code": "no code"}]}),
    _observation(valueQuantity={"value": 1, "system": UCUM, "code": "ng/mL/{1.73_m2}"}),
    _narrative('<p class="a">x &lt; <b>y</b><br/></p><img src="#a" alt="x"/><table><tr><td>x</td></tr></table>'),
    _narrative('<a href="https://example.org">x</a>'),
    patient() | {"extension": [{"url": f"{FHIR}/patient-birthPlace", "valueAddress": {"text": "x"}}, {"url": "urn:x:unknown", "valueCode": "x"}]},
    _item("decimal", "questionnaire-unit", valueCoding={"code": "mg"}),
    _item("string", "questionnaire-minOccurs", valueInteger=0),
]


@pytest.mark.parametrize("tree", SOUND, ids=range(len(SOUND)))
def test_what_is_sound_has_no_issue(tree: Json, profiles: Profiles) -> None:
    assert validate_resource(tree, profiles) == ()


def _urns(tree: Json, kind: str) -> Json:
    """Refer by urn:uuid to a resource of a type."""
    urn = "urn:uuid:00000000-0000-4000-8000-00000000000a"
    inner: Json = {"resourceType": kind, "id": "a"}
    return {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000b", "resource": tree | {"generalPractitioner": [{"reference": urn}]}},
        {"fullUrl": urn, "resource": inner},
    ]}


def test_a_reference_is_judged_by_what_it_leads_to_in_the_bundle(profiles: Profiles) -> None:
    assert is_sound(_urns({"resourceType": "Patient"}, "Practitioner"), profiles)
    wrong = _urns({"resourceType": "Patient"}, "Patient")
    (issue,) = validate_resource(wrong, profiles)
    assert (issue.rule, issue.expression) == ("base.target", ("Bundle.entry[0].resource.generalPractitioner[0]",))
    assert not is_sound(wrong, profiles)


def test_a_full_url_of_a_server_ends_with_type_and_id(profiles: Profiles) -> None:
    tree = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "https://example.org/fhir/Patient/2", "resource": patient() | {"id": "1"}}]}
    (issue,) = validate_resource(tree, profiles)
    assert (issue.rule, issue.expression) == ("base.full-url", ("Bundle.entry[0].fullUrl",))


def test_an_element_that_is_wrong_itself_breaks_no_invariant_beside(profiles: Profiles) -> None:
    tree = _observation(valueQuantity={"value": 1, "code": 5})
    assert [issue.rule for issue in validate_resource(tree, profiles)] == ["base.type"]


def test_many_faults_are_all_told(profiles: Profiles) -> None:
    tree = patient() | {"telecom": [{"value": "1"} for _ in range(900)]}
    assert len(validate_resource(tree, profiles)) == 900


@pytest.mark.parametrize("make", [patient, device, procedure, administration, claim, bundle])
def test_the_made_resources_are_sound(make: Callable[[], Json], profiles: Profiles) -> None:
    assert validate_resource(make(), profiles) == ()


@pytest.mark.parametrize(("code", "rules"), [("primary", []), ("rendering", []), ("zork", ["base.unknown-code"])])
def test_a_code_of_a_later_edition_is_none_that_is_unknown(profiles: Profiles, code: str, rules: list[str]) -> None:
    role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claimcareteamrole", "code": code}]}
    tree = claim() | {"careTeam": [{"sequence": 1, "provider": {"reference": "Practitioner/1"}, "role": role}]}
    assert [issue.rule for issue in validate_resource(tree, profiles)] == rules


@pytest.mark.parametrize(("currency", "rules"), [("USD", []), ("DEM", []), ("ZZZ", ["base.code"]), ("usd", ["base.code"])])
def test_a_currency_is_one_that_iso_4217_has_or_had(currency: str, rules: list[str]) -> None:
    invoice = {"resourceType": "Invoice", "status": "draft", "totalNet": {"value": 1, "currency": currency}}
    assert [issue.rule for issue in validate_resource(invoice, load_rule_book().profiles)] == rules


def _tagged(tag: str) -> Json:
    return {"resourceType": "Patient", "language": tag}


def _speaks(tag: str) -> Json:
    return {"resourceType": "Patient", "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": tag}]}}]}


TAGS = ["en", "EN", "en-US", "de-Latn-DE-1996", "sl-rozaj-biske", "zh-cmn-Hans-CN", "tlh", "x-private", "i-klingon", "en-u-ca-buddhist", "es-419"]
NO_TAGS = ["xx-invalid-zz1234567890", "zz", "e", "english", "en_US", "q1", "en-", "en-US-", "123"]


@pytest.mark.parametrize("tag", TAGS)
def test_a_language_tag_is_one_by_bcp_47(tag: str, profiles: Profiles) -> None:
    assert is_sound(_tagged(tag), profiles)
    assert is_sound(_speaks(tag), profiles)


@pytest.mark.parametrize("tag", NO_TAGS)
def test_what_is_no_language_tag_is_an_error_wherever_it_stands(tag: str, profiles: Profiles) -> None:
    assert [(issue.rule, issue.expression[0]) for issue in validate_resource(_tagged(tag), profiles)] == [("base.value", "Patient.language")]
    (issue,) = validate_resource(_speaks(tag), profiles)
    assert (issue.rule, issue.expression[0]) == ("base.unknown-code", "Patient.communication[0].language.coding[0].code")


MEDIA = [("text/plain", True), ("text/plain; charset=utf-8", True), ('a/b;c="d e"', True), ("a/b; c=d/e f", True), ("a/b; c=", False), ("application/fhir+json", True), ("TEXT/PLAIN", True),
         ("no mime", False), ("nomime", False), ("json", False), ("image/", False), ("/pdf", False), ("a/b/c", False), ("text/plain;charset", False)]


@pytest.mark.parametrize(("media", "is_one"), MEDIA)
def test_a_media_type_is_one_by_bcp_13(media: str, is_one: bool, profiles: Profiles) -> None:
    issues = validate_resource(patient() | {"photo": [{"contentType": media, "url": "http://example.org/x"}]}, profiles)
    assert [(issue.rule, issue.expression[0]) for issue in issues] == ([] if is_one else [("base.value", "Patient.photo[0].contentType")])


@pytest.mark.parametrize(("media", "is_one"), [*((media, is_one) for media, is_one in MEDIA if media != "json"), *((name, True) for name in ("xml", "json", "ttl"))])
def test_a_capability_may_name_a_format_of_fhir_by_its_short_name(media: str, is_one: bool, profiles: Profiles) -> None:
    tree = {"resourceType": "CapabilityStatement", "status": "draft", "date": "2026-01-01", "kind": "requirements", "fhirVersion": "4.0.1", "format": [media],
            "description": "x", "rest": [{"mode": "server"}]}
    assert [issue.expression[0] for issue in validate_resource(tree, profiles)] == ([] if is_one else ["CapabilityStatement.format[0]"])
