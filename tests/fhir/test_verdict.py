"""What a verdict tells beside its sentence, and that no value of a person is among it."""

from __future__ import annotations

import pytest

from adapter.fhir.verdict import complete_verdicts
from adapter.issues import Issue, IssueType, Severity
from tests.samples import in_xml

KINDS = {"Bundle", "Observation", "Patient"}
URL = "urn:uuid:1c0e5a1a-0d2c-4a8e-9a52-3c7c0ad0b6d1"
TEXT = (
    '{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "URL", "resource": {"resourceType": "Observation", "id": "o1", '
    '"contained": [{"resourceType": "Patient", "id": "p", "gender": "zebedee"}], "status": "d\\u006fne", "code": {"text": "Zebe&dee"}, '
    '"valueInteger": 12, "component": [{"code": {"text": "a"}, "valueBoolean": true}, {"code": {"text": "b"}}]}},'
    '{"resource": {"resourceType": "Patient", "gender": "zebedee", "birthDate": "1949-04-11", "id": "z"}}]}'
).replace("URL", URL).encode()


def issue(expression: str, rule: str = "base.code", code: IssueType = IssueType.CODE_INVALID) -> Issue:
    return Issue(Severity.ERROR, code, rule, "Wrong.", (expression,))


@pytest.mark.parametrize("form", ["JSON", "XML"])
@pytest.mark.parametrize(("place", "rule", "found"), [
    ("entry[0].resource.status", "base.code", '"done"'),
    ("entry[0].resource.status", "base.value", "a text of 4 characters"),
    ("entry[0].resource.code.text", "base.code", "a text of 8 characters"),
    ("entry[0].resource.value", "base.value", ("a number", "a text of 2 characters")),
    ("entry[0].resource.component[0].value", "base.type", ("true or false", "a text of 4 characters")),
    ("entry[0].resource.component", "base.cardinality", ("an array of 2", "an array of 2")),
    ("entry[0].resource.component[1].code", "base.code", ("an object", "an element without a value")),
    ("entry[0].resource.subject", "base.required", "nothing"),
    ("entry[0].resource.contained[0].gender", "base.code", "a text of 7 characters"),
    ("entry[1].resource.gender", "base.code", "a text of 7 characters"),
    ("entry[1].resource.birthDate", "base.code", "a text of 10 characters"),
])
def test_what_was_found_is_shown_where_it_is_a_code_and_else_told_by_its_kind(form: str, place: str, rule: str, found: str | tuple[str, str]) -> None:
    data = TEXT if form == "JSON" else in_xml(TEXT)
    (told,) = complete_verdicts(data, [issue(f"Bundle.{place}", rule)], KINDS)
    expected = found if isinstance(found, str) else found[form == "XML"]
    assert told.found == expected
    assert told.text == ("Wrong." if expected == "nothing" else f"Wrong. Found: {expected}.")
    assert "zebedee" not in repr(told).lower()


@pytest.mark.parametrize("form", ["JSON", "XML"])
@pytest.mark.parametrize(("place", "resource", "url"), [
    ("Bundle.type", "Bundle", None),
    ("Bundle.entry[0]", "Bundle", None),
    ("Bundle.entry[0].resource", "Observation/o1", URL),
    ("Bundle.entry[0].resource.contained[0].gender", "Observation/o1", URL),
    ("Bundle.entry[1].resource.gender", "Patient/z", None),
    ("Bundle.entry[1].resource.name", "Patient/z", None),
    ("Bundle.entry[9].resource.name", "Bundle", None),
])
def test_the_entry_of_an_issue_is_named(form: str, place: str, resource: str, url: str | None) -> None:
    (told,) = complete_verdicts(TEXT if form == "JSON" else in_xml(TEXT), [issue(place)], KINDS)
    assert (told.resource, told.full_url) == (resource, url)


@pytest.mark.parametrize(("member", "resource", "url"), [
    ('"resourceType": "Zebedee", "id": "z"', None, "urn:oid:1.2"), ('"resourceType": "Patient", "id": "Zebedee smith"', "Patient", "urn:oid:1.2"),
    ('"resourceType": "Patient", "id": 5', "Patient", "urn:oid:1.2"), ('"id": "z"', None, "urn:oid:1.2"),
])
def test_names_of_no_form_are_not_shown(member: str, resource: str | None, url: str | None) -> None:
    data = b'{"resourceType": "Bundle", "entry": [{"fullUrl": "urn:oid:1.2", "resource": {%s}}]}' % member.encode()
    (told,) = complete_verdicts(data, [issue("Bundle.entry[0].resource.x")], KINDS)
    assert (told.resource, told.full_url) == (resource, url)
    (told,) = complete_verdicts(data.replace(b"urn:oid:1.2", b"Zebedee"), [issue("Bundle.entry[0].resource.x")], KINDS)
    assert told.full_url is None
    assert "Zebedee" not in repr(told)


def test_a_part_of_a_document_is_placed_in_the_whole() -> None:
    data = b'{"resourceType": "Parameters", "parameter": [{"name": "resource",\n "resource": {"resourceType": "Patient", "gender": "x"}}]}'
    (told,) = complete_verdicts(data, [issue("Patient.gender")], KINDS, "Parameters.parameter[0].resource")
    assert (told.line, told.column, told.resource, told.expression) == (2, 52, "Patient", ("Patient.gender",))


def test_what_is_no_text_of_fhir_leaves_an_issue_as_it_is() -> None:
    for data, place in ((b"\xff", "Patient.gender"), (b"{", "Patient.gender"), (TEXT, "2300/CLM/05")):
        assert complete_verdicts(data, [issue(place)], KINDS) == (issue(place),)
    bare = Issue(Severity.ERROR, IssueType.VALUE, "json.syntax", "Wrong.")
    assert complete_verdicts(TEXT, [bare], KINDS) == (bare,)
    placed = Issue(Severity.ERROR, IssueType.VALUE, "json.null", "Wrong.", ("Bundle.type",), line=9, column=9)
    (told,) = complete_verdicts(TEXT, [placed], KINDS)
    assert (told.line, told.column, told.resource, told.found) == (9, 9, "Bundle", None)
