"""The path refuses what it cannot read, with an issue that says so: never an exception, never a guess."""

from __future__ import annotations

import json
import re
import time

import pytest

from adapter.fhir.xml import decode_xml
from adapter.flow import code_document, locate_answer, read_claims, restore_document, validate_document, write_claims, write_x12
from adapter.x12.envelope import Envelope
from tests.bundles import Shape, change_visit, clean_visit, render, to_bytes
from tests.coding.decisions import back, context
from tests.samples import in_xml

CLEAN = to_bytes(render(clean_visit()))
UNREADABLE = {
    "nothing": b"", "blanks": b" \n ", "words": b"not json", "half a document": CLEAN[: len(CLEAN) // 2], "two documents": CLEAN + CLEAN,
    "a list": b"[]", "a number": b"1", "a text": b'"Bundle"', "null": b"null", "an empty object": b"{}",
    "NaN": CLEAN.replace(b'"value": 180', b'"value": NaN'), "Infinity": CLEAN.replace(b'"value": 180', b'"value": -Infinity'),
    "a key twice": CLEAN.replace(b'"resourceType": "Bundle"', b'"resourceType": "Bundle", "type": "batch"', 1),
    "a key twice inside": CLEAN.replace(b'"status": "completed"', b'"status": "completed", "status": "not-done"', 1),
    "bytes that are no text": b'{"resourceType": "Bundle", "type": "\xff\xfe"}', "UTF-16": CLEAN.decode().encode("utf-16"),
    "half a surrogate": b'{"resourceType": "Bundle", "type": "\\ud800"}', "a zero byte": b"\x00", "deep lists": b'{"resourceType": "Bundle", "entry": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "deep and open": b"[" * 1_000_000, "an XML document": b"<Bundle xmlns='http://hl7.org/fhir'/>",
    "a comment": b'// note\n{"resourceType": "Bundle"}', "a trailing comma": b'{"resourceType": "Bundle", }', "half an interchange": b"ISA*00*",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_an_issue_and_no_record(name):
    answer = code_document(UNREADABLE[name], context())
    assert answer.records == ()
    _clear(answer.issues)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_not_restored(name):
    outcome = restore_document(UNREADABLE[name], back())
    assert outcome.value is None
    _clear(outcome.issues)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_not_valid(name):
    _clear(validate_document(UNREADABLE[name], context().rule_book))


_SPOILED_VALUES = (b"2026-02-30", b"completedd", b"1.5.0", b"maybe", b" ", b"http://no where", b"%", b"\xc3\xa9")


@pytest.mark.long
@pytest.mark.parametrize("other", _SPOILED_VALUES)
def test_the_same_defect_has_the_same_verdict_in_json_and_in_xml_and_is_placed_at_its_element(other):
    xml, rule_book = in_xml(CLEAN), context().rule_book
    told = 0
    for place in list(re.finditer(rb'<(\w+) value="([^"]+)"/>', xml))[::3]:
        spoiled = xml[: place.start(2)] + other + xml[place.end(2) :]
        found = validate_document(spoiled, rule_book)
        tree = decode_xml(spoiled, rule_book.shapes).value
        same = validate_document(json.dumps(tree, default=float).encode(), rule_book)
        assert [(one.rule, one.text, one.expression) for one in found] == [(one.rule, one.text, one.expression) for one in same]
        told += len(found)
        if len(found) == 1 and found[0].rule in ("base.value", "base.code", "base.type"):
            assert (found[0].line, found[0].column) == (1, len(spoiled[: place.start()].decode()) + 1)
    assert told > 0


def test_a_refill_in_xml_is_coded_claimed_and_restored_as_the_one_in_json():
    one, other = code_document(CLEAN, context()), code_document(in_xml(CLEAN), context())
    assert one.records == other.records
    assert other.issues == ()
    (claim,) = write_claims(other, context())
    assert read_claims(in_xml(claim.value), back()).value == read_claims(claim.value, back()).value
    assert restore_document(in_xml(claim.value), back()).value is not None


def test_a_warning_of_reading_travels_on_with_the_verdict():
    named = b'<Basic xmlns="http://hl7.org/fhir" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a"/>'
    assert [issue.rule for issue in validate_document(named, context().rule_book)] == ["xml.schema-location", "base.required"]


_VALUE = re.compile(rb'(?<=": )("[^"]*"|-?[0-9.]+|true|false)')
_SPOILED = (b'""', b"null", b"{}", b"[]", b"[null]", b"9" * 41, b"1e5", b"0." + b"1" * 41, b'"\\u0001"', b'"\\ud800"', b"NaN")


@pytest.mark.long
@pytest.mark.parametrize("other", _SPOILED)
def test_the_quick_way_through_decoding_and_validation_finds_what_the_long_one_finds(other, monkeypatch):
    spoiled = [CLEAN[: place.start()] + other + CLEAN[place.end() :] for place in list(_VALUE.finditer(CLEAN))[::3]]
    assert len(spoiled) > 50
    quick = [validate_document(data, context().rule_book) for data in spoiled]
    monkeypatch.setattr("adapter.flow.decode_plain", lambda data: None)
    assert quick == [validate_document(data, context().rule_book) for data in spoiled]
    assert sum(not issues for issues in quick) < len(quick) // 5  # an exponent is a fault only where no decimal stands


def _clear(issues):
    assert any(issue.is_error for issue in issues)
    for issue in issues:
        assert len(issue.text) > 20
        assert len(issue.text) < 600
        assert issue.text.endswith((".", ")"))
        assert issue.citation


@pytest.mark.parametrize("kind", ["Patient", "Claim", "Nothing", "bundle", "", 5, None, ["Bundle"], {"Bundle": 1}])
def test_another_resource_than_a_bundle_or_procedure_is_refused_with_what_was_expected(kind):
    answer = code_document(json.dumps({"resourceType": kind, "id": "x"}).encode(), context())
    assert answer.records == ()
    _clear(answer.issues)


def test_a_patient_is_refused_by_name_of_what_was_expected():
    (issue,) = code_document(to_bytes({"resourceType": "Patient"}), context()).issues
    assert issue.rule == "document.not-a-refill"
    assert "Bundle" in issue.text
    assert "Contract" in issue.citation


@pytest.mark.parametrize("entry", [None, [], {}, "x", [None], [{}], [[]], [{"resource": None}], [{"resource": []}], [{"resource": {"resourceType": 5}}]])
def test_a_bundle_without_resources_is_refused(entry):
    answer = code_document(to_bytes({"resourceType": "Bundle", "type": "collection", "entry": entry}), context())
    assert answer.records == ()
    assert any(issue.is_error for issue in answer.issues)


def test_a_byte_order_mark_is_passed_over():
    (record,) = code_document(b"\xef\xbb\xbf" + CLEAN, context()).records
    assert record.status == "coded"


def test_an_issue_says_line_and_column_of_its_place():
    text = json.dumps(render(change_visit(clean_visit(), {"remove": ["patient.birthDate"]})), indent=1).encode()
    (record,) = locate_answer(text, code_document(text, context())).records
    found = [issue for issue in record.issues if issue.expression]
    assert found
    assert all(issue.line and issue.column for issue in found)


def test_fifteen_megabytes_of_unrelated_resources_change_nothing():
    visit = clean_visit()
    note = {"resourceType": "Binary", "contentType": "text/plain", "data": "QUFB" * 250_000}
    visit |= {f"scan{number}": note for number in range(15)}
    data = to_bytes(render(visit))
    assert len(data) > 15_000_000
    started = time.monotonic()
    (record,) = code_document(data, context()).records
    assert record.status == "coded"
    assert time.monotonic() - started < 20


def test_twenty_thousand_unrelated_resources_change_nothing():
    visit = clean_visit()
    weight = {"resourceType": "Observation", "status": "final", "subject": {"to": "patient"}, "code": {"text": "weight"}}
    visit |= {f"weight{number}": weight for number in range(20_000)}
    (record,) = code_document(to_bytes(render(visit)), context()).records
    assert record.status == "coded"


@pytest.mark.parametrize("read", [lambda data: code_document(data, context()).issues, lambda data: restore_document(data, back()).issues,
    lambda data: validate_document(data, context().rule_book)], ids=["code", "restore", "validate"])
def test_twenty_megabytes_are_refused_with_the_limit(read):
    (issue,) = read(b'{"resourceType": "Bundle", "type": "' + b"x" * 20_000_000 + b'"}')
    assert issue.rule == "json.too-large"
    assert "16777216" in issue.text


def test_the_same_bytes_give_the_same_bytes():
    first, second = (write_claims(code_document(CLEAN, context()), context()) for _ in range(2))
    assert first == second
    assert first[0].value


@pytest.mark.parametrize("references", ["urn", "absolute", "plain", "contained"])
def test_a_claim_made_from_a_visit_is_read_back_as_it_was(references):
    where = context()
    (record,) = code_document(to_bytes(render(clean_visit(), Shape(references))), where).records
    (written,) = write_claims(code_document(to_bytes(render(clean_visit(), Shape(references))), where), where)
    assert read_claims(written.value, back()).value == (record.claim,)


def test_a_claim_made_from_a_visit_is_restored_without_its_route():
    where = context()
    (written,) = write_claims(code_document(CLEAN, where), where)
    restored = restore_document(written.value, back())
    assert restored.value is not None
    assert b"intra-arterial" not in restored.value
    assert b"58100008" not in restored.value
    assert b'"96522"' in restored.value


# ---------------------------------------------------------------- what holds a record, and what does not


@pytest.mark.parametrize(("change", "rule"), [
    ({"set": {"patient.birthDate": "1950-13-45"}}, "base.value"), ({"set": {"consent.dateTime": "x"}}, "base.value"), ({"set": {"encounter.class": "AMB"}}, "base.type"),
    ({"remove": ["coverage.payor"]}, "base.required"), ({"set": {"pump.status": 5}}, "base.code"), ({"add": {"odd": {"status": "final"}}}, "base.resource-type"),
])
def test_a_wrong_shape_in_a_resource_of_the_visit_holds_its_record(change, rule):
    (record,) = code_document(to_bytes(render(change_visit(clean_visit(), change))), context()).records
    assert record.status == "held"
    assert rule in {issue.rule for issue in record.issues if issue.is_error}


@pytest.mark.parametrize("resource", [
    {"resourceType": "AllergyIntolerance", "patient": {"to": "patient"}, "code": "latex"}, {"resourceType": "Appointment", "status": 5}, {"resourceType": "Unheard", "status": "final"},
    {"resourceType": "Immunization"}, {"resourceType": "Binary", "data": 5},
])
def test_a_wrong_shape_in_an_unrelated_resource_holds_nothing_and_is_said_of_the_file(resource):
    answer = code_document(to_bytes(render(clean_visit() | {"unrelated": resource})), context())
    assert [record.status for record in answer.records] == ["coded"]
    assert any(issue.is_error for issue in answer.issues)
    assert not any(issue.rule.startswith("base.") for issue in answer.records[0].issues)


# ---------------------------------------------------------------- the number of a claim


NUMBERED = {"set": {"procedure.identifier": [{"system": "https://ehr.example/procedures", "value": "P-1"}]}}


@pytest.mark.parametrize(("written", "rules"), [
    ("1950-13-45", ["base.value"]), ("1950", ["person.birth-date"]), (5, ["base.type"]), (None, ["patient.incomplete"]), ("3000-01-01", ["patient.born-after-service"]),
])
def test_a_wrong_birth_date_is_told_once_by_who_sees_it_first(written, rules):
    tree = render(clean_visit())
    (patient,) = [entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Patient"]
    patient.pop("birthDate")
    patient |= {} if written is None else {"birthDate": written}
    (record,) = code_document(json.dumps(tree).encode(), context()).records
    assert (record.status, record.proposed) == ("held", ("96522",))
    assert [issue.rule for issue in record.issues if issue.is_error] == rules


def _number(change=None, shape=None, written=to_bytes, name="practice"):
    tree = render(change_visit(change_visit(clean_visit(), NUMBERED), change or {}), shape or Shape())
    return [record.claim.identifier for record in code_document(written(tree), context(name)).records if record.claim]


def test_the_same_visit_has_the_same_number_however_it_is_written():
    (number,) = _number()
    assert len(number) == 17
    assert _number(written=lambda tree: json.dumps(tree, indent=3, sort_keys=True).encode()) == [number]
    assert _number(shape=Shape(order=lambda keys: keys[::-1])) == [number]
    assert _number(shape=Shape("absolute", "transaction", "salt")) == [number]
    assert _number(shape=Shape("contained")) == [number]
    assert _number({"set": {"patient.telecom": [{"system": "phone", "value": "5555550100"}]}}) == [number]
    assert _number({"set": {"patient.name.0.family": "Other"}}) == [number]  # its identifiers say who it is


@pytest.mark.parametrize("change", [
    {"date": "2026-03-03"}, {"set": {"procedure.identifier.0.value": "P-2"}}, {"set": {"procedure.identifier.0.system": "https://ehr.example/other"}},
    {"set": {"patient.identifier.0.value": "SYN-1002"}}, {"set": {"patient.identifier.0.system": "https://ehr.example/other"}},
])
def test_another_visit_or_patient_has_another_number(change):
    (other,) = _number(change)
    assert [other] != _number()


UNKNOWN = ["patient.identifier"]


@pytest.mark.parametrize("change", [{}, {"patient.birthDate": "1950-01-03"}, {"patient.name.0.family": "Other"}, {"patient.name.0.given": ["Other"]}])
def test_a_patient_without_identifiers_is_told_by_name_and_birth_date(change):
    assert (_number({"remove": UNKNOWN, "set": change}) == _number({"remove": UNKNOWN})) is (change == {})


def test_an_identifier_of_a_procedure_without_system_makes_no_number():
    bare = [{"value": "1"}]
    first, second = (_number({"set": {"procedure.identifier": each}}) for each in (bare, [{"value": "2"}]))
    assert first == second  # made of the ids of the input, which are the same in these tests
    assert _number({"set": {"procedure.identifier": [*bare, *NUMBERED["set"]["procedure.identifier"]]}}) == _number()


# ---------------------------------------------------------------- several records, and the way back


def _two_visits(**second):
    """Write two visits of one patient, a week apart, into one Bundle; keywords change the second's Procedure."""
    first, other = (change_visit(clean_visit(), {"date": day, "set": {"procedure.identifier": [{"system": "https://ehr.example/procedures", "value": day}]}})
        for day in ("2026-03-02", "2026-03-09"))
    own = ("procedure", "administration", "encounter", *[key for key in first if key.startswith("obs-")])
    other["procedure"] |= second
    moved = {f"second-{key}": other[key] for key in own}
    text = json.dumps(moved)
    for key in own:
        text = text.replace(json.dumps({"to": key}), json.dumps({"to": f"second-{key}"}))
    return to_bytes(render(first | json.loads(text)))


def _envelope():
    site = context().site
    return Envelope("000000001", "1", "0001", "BATCH1", context().now, "T", site.submitter, site.receiver)


def _resources(restored):
    return [entry["resource"] for entry in json.loads(restored)["entry"]]


def test_two_visits_are_two_records_with_two_claims():
    answer = code_document(_two_visits(), context())
    assert [(record.status, str(record.service_date)) for record in answer.records] == [("coded", "2026-03-02"), ("coded", "2026-03-09")]
    written = write_claims(answer, context())
    assert len({record.claim.identifier for record in answer.records}) == len(written) == 2
    assert [read_claims(one.value, back()).value for one in written] == [(record.claim,) for record in answer.records]


def test_a_held_visit_does_not_take_the_other_with_it():
    answer = code_document(_two_visits(status="on-hold"), context())
    assert [record.status for record in answer.records] == ["coded", "held"]
    assert len(write_claims(answer, context())) == 1


def test_a_claim_whose_npi_fails_its_check_digit_is_not_restored_in_either_language():
    made = code_document(CLEAN, context())
    claim, text = write_claims(made, context())[0].value, write_x12(made, _envelope(), context().rule_book).value
    assert claim.count(b"1993999907") == 1
    for wrong, rule in ((claim.replace(b"1993999907", b"1993999908"), "identifier.npi-wrong"),
                        (text.replace("1993999907", "1993999908").encode(), "x12.npi-wrong")):
        outcome = restore_document(wrong, back())
        assert outcome.value is None
        assert rule in [issue.rule for issue in outcome.issues if issue.is_error]


def test_an_interchange_in_another_encoding_is_not_restored_and_one_in_utf8_is_with_a_warning():
    text = write_x12(code_document(CLEAN, context()), _envelope(), context().rule_book).value.replace("ALVA", "\u00c4LVA")
    assert "\u00c4" in text
    guessed, told = restore_document(text.encode("latin-1"), back()), restore_document(text.encode(), back())
    assert (guessed.value, [issue.rule for issue in guessed.issues]) == (None, ["x12.not-utf8"])
    assert "\u00c4".encode() in told.value
    assert [issue.rule for issue in told.issues] == ["x12.character-beyond-ascii"]


def test_the_claims_of_a_file_go_into_one_interchange_and_come_back_in_one_bundle():
    answer = code_document(_two_visits(), context())
    interchange = write_x12(answer, _envelope(), context().rule_book)
    assert interchange.issues == ()
    assert interchange.value.count("CLM*") == 2
    restored = restore_document(interchange.value.encode(), back())
    assert restored.value is not None
    days = sorted(one["performedDateTime"] for one in _resources(restored.value) if one["resourceType"] == "Procedure")
    assert days == ["2026-03-02", "2026-03-09"]


@pytest.mark.parametrize("language", ["fhir", "x12"])
def test_a_restored_visit_has_its_parts_and_no_route(language):
    answer = code_document(CLEAN, context())
    claim = write_claims(answer, context())[0].value if language == "fhir" else write_x12(answer, _envelope(), context().rule_book).value.encode()
    restored = restore_document(claim, back())
    assert restored.value is not None
    assert {one["resourceType"] for one in _resources(restored.value)} >= {"Patient", "Coverage", "Procedure", "MedicationAdministration", "Provenance"}
    assert not any(word in restored.value for word in (b"intra-arterial", b"58100008", b"delivery-route"))
    assert restore_document(claim, back()) == restored


def test_a_refusal_to_write_an_837_names_its_source():
    answer = code_document(to_bytes(render(change_visit(clean_visit(), {"set": {"patient.name.0.family": "\u738b"}}))), context())
    issues = write_x12(answer, _envelope(), context().rule_book).issues
    assert {issue.rule for issue in issues} == {"x12.1.2010BA.NM103.3"}
    assert all("45 CFR 162.1102" in issue.citation for issue in issues)


def test_an_interchange_may_stand_after_a_mark_and_blanks():
    text = write_x12(code_document(CLEAN, context()), _envelope(), context().rule_book).value.encode()
    assert read_claims(b"\xef\xbb\xbf\r\n " + text, back()).value == read_claims(text, back()).value is not None


@pytest.mark.parametrize("planted", [lambda text: text.replace("CLM*", "CLM*X", 1), lambda text: text.replace("SV1*HC:96522", "SV1*HC:96521", 1), lambda text: text.replace("20260302", "20260303")])
def test_a_planted_change_of_the_interchange_is_seen(planted):
    answer = code_document(CLEAN, context())
    text = write_x12(answer, _envelope(), context().rule_book).value
    assert read_claims(planted(text).encode(), back()).value != read_claims(text.encode(), back()).value


@pytest.mark.parametrize("element", ["patient", "insurer"])
def test_a_claim_that_refers_to_a_wrong_type_is_told_of_it_once(element):
    (claim,) = write_claims(code_document(CLEAN, context()), context())
    tree = json.loads(claim.value)
    wrong = next(entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Claim")
    wrong[element] = wrong["insurance"][0]["coverage"]
    issues = read_claims(json.dumps(tree).encode(), back()).issues
    assert [issue.rule for issue in issues if issue.expression == (f"Bundle.entry[0].resource.{element}",)] == ["base.target"]
