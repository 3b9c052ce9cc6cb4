"""An answer of a payer finds its claim, says where in it, is kept once, and undoes what it takes back."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapter.bulk import Answering, Workplace, acknowledge, id_maker, index_document
from adapter.fhir.claim_bundle import write_claim
from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.stamp import Stamp
from adapter.flow import validate_document
from adapter.load import load_rule_book
from adapter.store import open_store
from adapter.terms import CodingRecord
from tests.x12.answers import ANSWERS, changed, wrapped
from tests.x12.examples import OWN, written_claim

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
WORKPLACE = Workplace(load_rule_book(), {}, NOW, date(2026, 4, 1))


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "data")
    record = CodingRecord("coded", claim=written_claim())
    bundle = write_claim(record, Stamp(NOW, id_maker(b"visit"), "0")).value
    opened.keep(b"visit", [("VISIT-0001", encode_json(bundle))], NOW)
    opened.keep_interchange(OWN.encode(), "42", ["VISIT-0001"], NOW)
    yield opened
    opened.close()


def told(name, store=None, text=None, **more):
    """Give the resources of an answer by type, each valid R4, and the issues of its outcome."""
    outcome = acknowledge((text or ANSWERS[name]).encode(), Answering(WORKPLACE, store, **more))
    assert outcome.value is not None, outcome.issues
    assert [issue for issue in validate_document(outcome.value, WORKPLACE.rule_book) if issue.is_error] == []
    resources = [entry["resource"] for entry in decode_json(outcome.value).value["entry"]]
    issues = [(issue["details"]["coding"][0]["code"], issue["severity"], issue.get("expression", [None])[0]) for issue in resources[-1]["issue"]]
    return resources, issues


def of_type(resources, name):
    return [each for each in resources if each["resourceType"] == name]


# ---------------------------------------------------------------- 999 and TA1


def test_a_999_names_each_refused_element_by_its_place_in_our_claim(store):
    resources, issues = told("999 refused", store)
    assert [each["resourceType"] for each in resources] == ["OperationOutcome"]
    assert issues == [
        ("answer.element-refused", "error", "Claim.provider.resolve().identifier"),
        ("answer.element-refused", "error", "Claim.provider.resolve().name"),
        ("answer.element-refused", "error", "2400/SV1/01-3"),
        ("answer.segment-refused", "error", "Claim.provider.resolve().identifier"),
    ]
    (kept,) = store.find_answers("VISIT-0001")
    assert json.loads(kept.resource)["resourceType"] == "OperationOutcome"


def test_a_999_that_points_at_the_segment_that_stands_there_names_the_line(store):
    text = changed(ANSWERS["999 refused"], "IK3*SV1*34", "IK3*SV1*33")
    assert ("answer.element-refused", "error", "Claim.item[1].modifier[0]") in told("", store, text)[1]


def test_a_999_to_a_file_that_nobody_kept_names_loop_and_element_and_says_so():
    _, issues = told("999 refused")
    assert ("answer.file-unknown", "warning", "GS") in issues
    assert ("answer.element-refused", "error", "2010/NM1/09") in issues
    assert ("answer.element-refused", "error", "Claim.provider.resolve().identifier") in told("999 refused", sent=[OWN.encode()])[1]


def test_a_999_says_what_is_taken_what_is_taken_with_errors_and_what_is_refused(store):
    assert told("999 taken", store)[1] == [("answer.file-taken", "information", "Claim")]
    _, issues = told("999 in part", store)
    assert [(rule, severity) for rule, severity, _ in issues] == [("answer.element-refused", "warning"), ("answer.file-refused", "error")]
    text = wrapped("AK1*HC*42*005010X222A1\nAK9*R*1*1*0*4", "999")
    assert ("answer.group", "error", "GS") in told("", store, text)[1]


def test_a_ta1_that_refuses_is_a_failed_task_and_one_that_takes_is_none():
    text = wrapped("AK1*HC*42*005010X222A1\nAK2*837*0001\nIK5*A\nAK9*A*1*1*1", "999", "TA1*000000042*260303*0915*R*018")
    resources, issues = told("", None, text)
    (task,) = of_type(resources, "Task")
    assert (task["status"], task["identifier"][0]["value"]) == ("failed", "000000042")
    assert ("answer.interchange-refused", "error", "ISA") in issues
    resources, issues = told("999 with TA1")
    assert of_type(resources, "Task")[0]["status"] == "accepted"
    assert ("answer.interchange-taken", "information", "ISA") in issues


# ---------------------------------------------------------------- 277CA


def test_a_claim_that_a_277ca_takes_is_queued_under_the_number_of_the_payer(store):
    resources, issues = told("277 taken", store)
    (response,) = of_type(resources, "ClaimResponse")
    assert (response["outcome"], response["identifier"][0]["value"]) == ("queued", "P1")
    assert "error" not in response
    assert issues == [("answer.claim-taken", "information", "Claim")]


def test_a_line_that_a_277ca_refuses_is_told_by_the_sequence_of_our_item(store):
    resources, issues = told("277 line", store)
    (response,) = of_type(resources, "ClaimResponse")
    assert response["outcome"] == "error"
    assert [error.get("itemSequence") for error in response["error"]] == [None, None, 2]
    assert response["error"][2]["code"]["coding"][0]["code"] == "507"
    assert response["patient"]["reference"].startswith("urn:uuid:")
    assert response["request"]["identifier"]["value"] == "VISIT-0001"
    assert ("answer.claim-rejected", "error", "Claim.item[1].productOrService") in issues


@pytest.mark.parametrize(("category", "outcome"), [
    ("A0", "queued"), ("A1", "queued"), ("A2", "queued"), ("A3", "error"), ("A4", "queued"), ("A5", "queued"), ("A6", "error"),
    ("A7", "error"), ("A8", "error"),
])
def test_four_categories_reject_and_no_other(category, outcome, store):
    text = changed(ANSWERS["277 taken"], "STC*A2:20:PR", f"STC*{category}:20:PR").replace("QTY*QA", "QTY*QA")
    if outcome == "error":
        text = text.replace("QTY*QA", "QTY*QC").replace("QTY*90", "QTY*AA").replace("AMT*YU", "AMT*YY")
    assert of_type(told("", store, text)[0], "ClaimResponse")[0]["outcome"] == outcome


def test_a_file_that_a_277ca_refuses_whole_is_an_error_though_no_claim_is_named():
    resources, issues = told("277 file")
    assert (of_type(resources, "ClaimResponse"), issues) == ([], [("answer.batch-rejected", "error", "Claim")])


def test_a_claim_that_was_not_made_here_is_told_and_nothing_of_it_is_guessed(store):
    resources, issues = told("835 denied", store)
    (response,) = of_type(resources, "ClaimResponse")
    assert ("answer.claim-unknown", "warning", "CLM/CLM/01") in issues
    assert "reference" not in response["patient"]
    assert response["type"] == {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


# ---------------------------------------------------------------- 835


def amounts(adjudication):
    return [(each["category"]["coding"][0]["code"], each["amount"]["value"]) for each in adjudication]


def test_each_adjustment_of_a_line_stands_at_our_item(store):
    resources, issues = told("835 paid", store, describe={"45": "above the fee table", "N519": "note of the list"}.get)
    (response,) = of_type(resources, "ClaimResponse")
    assert [item["itemSequence"] for item in response["item"]] == [1, 2]
    assert amounts(response["item"][0]["adjudication"]) == [
        ("submitted", Decimal("310.00")), ("eligible", Decimal("188.00")), ("CO", Decimal("122.00")), ("coinsurance", Decimal("37.60")),
        ("benefit", Decimal("150.40")),
    ]
    assert amounts(response["item"][1]["adjudication"])[2:4] == [("deductible", Decimal("100.00")), ("coinsurance", Decimal("58.00"))]
    assert response["item"][0]["adjudication"][2]["reason"]["text"] == "above the fee table"
    assert "text" not in response["item"][0]["adjudication"][3]["reason"]
    assert response["processNote"] == [{"number": 1, "text": "N519: note of the list"}, {"number": 2, "text": "MA01"}]
    assert amounts(response["total"])[-1] == ("memberliability", Decimal("195.60"))
    assert response["payment"]["identifier"]["value"] == "CHK000777"
    assert issues == [("outcome.all-ok", "information", None)]


def test_a_payment_is_the_sum_of_its_details_and_names_each_response(store):
    for name in ("835 paid", "835 undone", "835 denied"):
        resources, _ = told(name, store)
        (payment,) = of_type(resources, "PaymentReconciliation")
        assert sum(detail["amount"]["value"] for detail in payment["detail"]) == payment["paymentAmount"]["value"]
        named = [detail["response"]["reference"] for detail in payment["detail"] if "response" in detail]
        assert set(named) <= {f"urn:uuid:{each['id']}" for each in of_type(resources, "ClaimResponse")}


def test_a_reversal_undoes_the_payment_that_came_before_and_adds_nothing(store):
    first = of_type(told("835 paid", store)[0], "ClaimResponse")[0]
    resources, issues = told("835 undone", store)
    responses = of_type(resources, "ClaimResponse")
    assert [(each["status"], each["payment"]["amount"]["value"]) for each in responses] == [
        ("cancelled", Decimal("-992.40")), ("active", Decimal("800.00")), ("cancelled", Decimal("992.40")),
    ]
    assert responses[2]["id"] == first["id"]
    assert ("answer.reversal-unmatched", "warning", "2100/CLP/02") not in issues


def test_a_reversal_of_nothing_known_is_told(store):
    _, issues = told("835 undone", store)
    assert ("answer.reversal-unmatched", "warning", "2100/CLP/02") in issues


def test_an_old_payment_that_arrives_again_after_its_reversal_stays_undone_and_nothing_is_kept_twice(store):
    told("835 paid", store)
    told("835 undone", store)
    kept = len(store.find_answers("VISIT-0001"))
    responses = of_type(told("835 paid", store)[0], "ClaimResponse")
    assert [each["status"] for each in responses] == ["cancelled"]
    assert len(store.find_answers("VISIT-0001")) == kept


def test_a_line_that_the_payer_made_of_its_own_is_added_and_not_given_to_another(store):
    text = ANSWERS["835 paid"].replace("REF*6R*VISIT-0001-2", "REF*6R*OTHER")
    (response,) = of_type(told("", store, text)[0], "ClaimResponse")
    assert ([item["itemSequence"] for item in response["item"]], len(response["addItem"])) == ([1], 1)


def test_an_835_that_does_not_balance_gives_nothing_and_keeps_nothing(store):
    text = changed(ANSWERS["835 paid"], "150.40**1", "150.41**1")
    outcome = acknowledge(text.encode(), Answering(WORKPLACE, store))
    assert outcome.value is None
    assert {"x12.3.2110.SVC03.1"} <= {issue.rule for issue in outcome.issues}
    assert store.find_answers("VISIT-0001") == []


def test_of_two_claims_under_one_number_the_one_that_was_sent_is_answered(store):
    claim = json.loads(store.find_claims("VISIT-0001")[0].bundle)
    claim["entry"][0]["resource"]["item"][0]["net"]["value"] = 311.00
    claim["entry"][0]["resource"]["item"][0].pop("unitPrice")
    claim["entry"][0]["resource"]["total"]["value"] = 1311.00
    claim["entry"][0]["fullUrl"] = "urn:uuid:00000000-0000-4000-8000-000000000001"
    store.keep(b"visit again", [("VISIT-0001", json.dumps(claim).encode())], NOW)
    (response,) = of_type(told("277 taken", store)[0], "ClaimResponse")
    assert response["request"]["reference"] != claim["entry"][0]["fullUrl"]


def test_an_index_of_what_is_no_interchange_is_none():
    assert [index_document(data) for data in (b"{}", b"\xff")] == [None, None]
    assert list(index_document(OWN.encode()).lines) == ["VISIT-0001"]


@pytest.mark.long
def test_the_lists_of_the_customer_give_the_texts_of_codes_on_the_day_of_the_payment(tmp_path):
    (tmp_path / "carc-2026-03-01.csv").write_text("code,text\n45,made-up words for 45\n", encoding="utf-8")
    (tmp_path / "rarc.csv").write_text("code,text\nMA01,made-up words for MA01\n", encoding="utf-8")
    workplace = Workplace(load_rule_book((), tmp_path), {}, NOW, date(2026, 4, 1))
    tree = decode_json(acknowledge(ANSWERS["835 paid"].encode(), Answering(workplace)).value).value
    response = tree["entry"][0]["resource"]
    assert response["addItem"][0]["adjudication"][2]["reason"]["text"] == "made-up words for 45"
    assert "text" not in response["addItem"][0]["adjudication"][3]["reason"]
    assert response["processNote"] == [{"number": 1, "text": "N519"}, {"number": 2, "text": "MA01: made-up words for MA01"}]
