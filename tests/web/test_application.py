"""Every route answers in FHIR, whatever is sent to it."""

import json
import logging
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapter.issues import IssueType, Severity
from adapter.load import load_rule_book
from adapter.web import Service, answers as answers_module, create_app
from tests.samples import refill_bytes

CODE = "/fhir/$refill-to-claim"
RESTORE = "/fhir/Claim/$claim-to-refill"
JSON = "application/fhir+json"


def post(client, path, data, content_type=JSON, **headers):
    return client.post(path, data=data, headers={"Content-Type": content_type, **headers})


def outcome(response):
    """Give the OperationOutcome of an answer, which is sound R4 and nothing else."""
    assert response.content_type.startswith("application/fhir+json")
    tree = json.loads(response.data)
    assert tree["resourceType"] == "OperationOutcome"
    for issue in tree["issue"]:
        assert issue["severity"] in set(Severity)
        assert issue["code"] in set(IssueType)
    return tree


def rules(response):
    return [issue["details"]["coding"][0]["code"] for issue in outcome(response)["issue"]]


def types(response):
    return [entry["resource"]["resourceType"] for entry in json.loads(response.data)["entry"]]


def refill(**changes):
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"].update(changes)
    return tree


def two_refills():
    """Give one Bundle with the refills of two days; the later one is last."""
    tree = refill()
    again = [one for one in tree["entry"] if one["resource"]["resourceType"] in ("Encounter", "MedicationAdministration", "Procedure")]
    text = json.dumps(again).replace("2026-09-14T", "2026-09-28T")
    for identity in [one["resource"]["id"] for one in again]:
        text = text.replace(identity, str(uuid5(NAMESPACE_URL, identity)))
    later = json.loads(text)
    for one in later:
        one["resource"].pop("identifier", None)
    return {**tree, "entry": [*tree["entry"], *later]}


# ---------------------------------------------------------------- refill to claim


@pytest.mark.parametrize("path", [CODE, CODE + "/"])
def test_a_refill_becomes_a_claim_bundle(client, path):
    response = post(client, path, refill_bytes())
    assert response.status_code == 200
    assert response.content_type == "application/fhir+json; charset=utf-8"
    assert types(response)[0] == "Claim"
    assert b"190.00" in response.data


def test_the_same_refill_gives_the_same_bytes(client):
    assert post(client, CODE, refill_bytes()).data == post(client, CODE, refill_bytes()).data


def test_warnings_stand_in_an_outcome_that_is_last(client):
    tree = refill()
    tree["entry"] = [entry for entry in tree["entry"] if entry["resource"]["resourceType"] != "Consent"]
    response = post(client, CODE, json.dumps(tree))
    assert response.status_code == 200
    assert types(response)[0] == "Claim"
    assert types(response)[-1] == "OperationOutcome"


def test_a_held_refill_is_a_422_outcome(client):
    response = post(client, CODE, json.dumps(refill(status="in-progress")))
    assert response.status_code == 422
    assert any(issue["severity"] == "error" for issue in outcome(response)["issue"])


def test_nothing_to_bill_is_a_200_bundle_of_an_outcome(client):
    response = post(client, CODE, json.dumps(refill(status="not-done")))
    assert response.status_code == 200
    assert types(response) == ["OperationOutcome"]


def test_several_claims_are_an_entry_each(client):
    response = post(client, CODE, json.dumps(two_refills()))
    assert response.status_code == 200
    assert types(response)[:2] == ["Bundle", "Bundle"]


def test_a_held_record_beside_a_coded_one_is_told_in_the_outcome(client):
    tree = two_refills()
    procedures = [one["resource"] for one in tree["entry"] if one["resource"]["resourceType"] == "Procedure"]
    procedures[-1]["status"] = "in-progress"
    response = post(client, CODE, json.dumps(tree))
    assert response.status_code == 200
    assert (types(response)[0], types(response)[-1]) == ("Claim", "OperationOutcome")
    told = json.loads(response.data)["entry"][-1]["resource"]["issue"]
    assert "error" in [issue["severity"] for issue in told]


def test_a_bundle_without_a_refill_is_a_422(client):
    assert post(client, CODE, b'{"resourceType": "Bundle", "type": "collection"}').status_code == 422


@pytest.mark.parametrize("path", [CODE, RESTORE, "/fhir/Patient/$validate"])
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000, b'{"a": 1e400}'])
def test_a_body_that_cannot_be_parsed_is_a_400_with_its_place(client, path, data):
    response = post(client, path, data)
    assert response.status_code == 400
    assert all(rule.startswith("json.") for rule in rules(response))


# ---------------------------------------------------------------- claim to refill


def test_a_claim_becomes_a_clinical_bundle(client):
    response = post(client, RESTORE, post(client, CODE, refill_bytes()).data)
    assert response.status_code == 200
    assert {"Procedure", "Patient", "Coverage", "Provenance"} <= set(types(response))
    assert b"intra-arterial" not in response.data


def test_a_claim_that_was_made_and_kept_here_gives_its_document_back(keeping_client):
    claim = post(keeping_client, CODE, refill_bytes()).data
    response = post(keeping_client, RESTORE, claim)
    assert response.status_code == 200
    assert response.data == refill_bytes()


def test_a_kept_claim_that_was_changed_since_is_restored_from_what_was_sent(keeping_client):
    claim = post(keeping_client, CODE, refill_bytes()).data.replace(b'"1949-04-11"', b'"1949-04-12"')
    assert post(keeping_client, RESTORE, claim).data == refill_bytes()  # the Claim itself is the same
    bundle = json.loads(claim)
    bundle["entry"][0]["resource"]["created"] = "2020-01-01"
    response = post(keeping_client, RESTORE, json.dumps(bundle))
    assert response.data != refill_bytes()


def test_what_is_no_claim_is_a_422_outcome(client):
    response = post(client, RESTORE, b'{"resourceType": "Patient"}')
    assert response.status_code == 422
    assert outcome(response)


# ---------------------------------------------------------------- validate


def test_a_valid_resource_is_a_200_that_says_so(client):
    response = post(client, "/fhir/Bundle/$validate", refill_bytes())
    assert (response.status_code, rules(response)) == (200, ["outcome.all-ok"])


def test_an_invalid_resource_is_a_200_that_says_where(client):
    response = post(client, "/fhir/Patient/$validate", b'{"resourceType": "Patient", "gender": "none"}')
    assert response.status_code == 200
    assert outcome(response)["issue"][0]["expression"] == ["Patient.gender"]


def test_a_resource_in_parameters_is_validated_like_a_bare_one(client):
    resource = {"resourceType": "Patient", "gender": "none"}
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}]}
    response = post(client, "/fhir/Patient/$validate", json.dumps(wrapped))
    assert response.status_code == 200
    assert outcome(response)["issue"][0]["expression"] == ["Patient.gender"]


def test_parameters_without_a_resource_are_a_400(client):
    response = post(client, "/fhir/Patient/$validate", b'{"resourceType": "Parameters", "parameter": [1, {"name": "x"}]}')
    assert (response.status_code, rules(response)) == (400, ["parameters.resource-missing"])


@pytest.mark.parametrize("where", ["query", "parameters"])
def test_a_nominated_profile_that_nobody_knows_is_a_400_not_found(client, where):
    profile = "https://nobody.example/profile"
    resource = {"resourceType": "Patient"}
    if where == "query":
        response = post(client, f"/fhir/Patient/$validate?profile={profile}", json.dumps(resource))
    else:
        parameters = [{"name": "resource", "resource": resource}, {"name": "profile", "valueUri": profile}]
        body = {"resourceType": "Parameters", "parameter": parameters}
        response = post(client, "/fhir/Patient/$validate", json.dumps(body))
    assert response.status_code == 400
    assert "not-found" in [issue["code"] for issue in outcome(response)["issue"]]


def test_a_resource_of_another_type_than_the_address_is_said(client):
    assert "validate.other-type" in rules(post(client, "/fhir/Claim/$validate", b'{"resourceType": "Patient"}'))


# ---------------------------------------------------------------- what is here


def test_the_capability_statement_tells_the_routes_and_is_valid_itself(client):
    response = client.get("/fhir/metadata")
    tree = json.loads(response.data)
    (rest,) = tree["rest"]
    operations = {resource["type"]: [each["name"] for each in resource["operation"]] for resource in rest["resource"]}
    assert [each["name"] for each in rest["operation"]] == ["refill-to-claim"]
    assert operations["Claim"] == ["claim-to-refill", "validate"]
    assert operations["Procedure"] == ["validate"]
    checked = outcome(post(client, "/fhir/CapabilityStatement/$validate", response.data))
    assert [issue for issue in checked["issue"] if issue["severity"] in ("error", "fatal")] == []


def test_every_operation_that_the_capability_statement_tells_is_served(client):
    (rest,) = json.loads(client.get("/fhir/metadata").data)["rest"]
    paths = [f"/fhir/${each['name']}" for each in rest["operation"]]
    paths += [f"/fhir/{one['type']}/${each['name']}" for one in rest["resource"] for each in one["operation"]]
    assert {post(client, path, b"{").status_code for path in paths} == {400}


def test_the_probes_and_the_version_answer(keeping_client):
    assert {path: keeping_client.get(path).status_code for path in ("/livez", "/readyz", "/version", "/metrics")} == {
        "/livez": 200, "/readyz": 200, "/version": 200, "/metrics": 200,
    }
    assert json.loads(keeping_client.get("/version").data)["fhirVersion"] == "4.0.1"


def test_a_store_that_takes_no_write_is_not_ready(keeping_client, store):
    with store._engine.begin() as connection:
        connection.exec_driver_sql("drop table claim")
        connection.exec_driver_sql("drop table intake")
    response = keeping_client.get("/readyz")
    assert (response.status_code, rules(response)) == (503, ["http.not-ready"])


def test_the_metrics_count_requests_and_issues_and_name_no_address(client):
    post(client, "/fhir/Patient/$validate?profile=SECRET", b"{")
    client.get("/fhir/SECRET")
    text = client.get("/metrics").text
    assert 'refill_requests_total{method="POST",route="/fhir/<type:resource_type>/$validate",status="400"} 1.0' in text
    assert 'rule="json.syntax"' in text
    assert "SECRET" not in text


# ---------------------------------------------------------------- every error


@pytest.mark.parametrize("path", ["/", "/fhir", "/fhir/", "/fhir/Nope", "/fhir/patient/$validate", "/favicon.ico", "//fhir/metadata", "/fhir//metadata"])
def test_what_is_not_here_is_a_404_outcome(client, path):
    response = client.get(path)
    assert (response.status_code, rules(response)) == (404, ["http.not-found"])


@pytest.mark.parametrize(("method", "path", "allow"), [("GET", CODE, {"POST"}), ("DELETE", "/fhir/metadata", {"GET", "HEAD"}), ("OPTIONS", CODE, {"POST"}), ("TRACE", CODE, {"POST"})])
def test_a_method_that_is_not_served_is_a_405_that_names_those_that_are(client, method, path, allow):
    response = client.open(path, method=method)
    assert (response.status_code, rules(response)) == (405, ["http.method-not-allowed"])
    assert {each.strip() for each in response.headers["Allow"].split(",")} == allow


@pytest.mark.parametrize("content_type", ["application/fhir+json", "application/json", "text/json", "Application/FHIR+JSON; charset=UTF-8", "application/json; charset=utf-8", 'application/fhir+json; fhirVersion="4.0"', "application/fhir+json; fhirVersion=4.0; charset=utf-8"])
def test_these_content_types_are_taken(client, content_type):
    assert post(client, CODE, refill_bytes(), content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/fhir+xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application/fhir+json; fhirVersion=5.0", "multipart/form-data; boundary=x", ";;;"])
def test_other_content_types_are_a_415_outcome(client, content_type):
    response = post(client, CODE, refill_bytes(), content_type)
    assert (response.status_code, rules(response)) == (415, ["http.unsupported-media-type"])


def test_a_compressed_body_is_a_415(client):
    assert post(client, CODE, b"", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(("accept", "status"), [("application/fhir+json", 200), ("*/*", 200), ("application/fhir+json, */*; q=0.1", 200), ("application/json", 200), ("application/fhir+xml", 406), ("text/html", 406), ("application/xml, application/json;q=0.5", 200)])
def test_only_json_can_be_asked_for(client, accept, status):
    response = client.get("/fhir/metadata", headers={"Accept": accept})
    assert response.status_code == status
    assert response.content_type.startswith(JSON)


def test_the_format_in_the_address_wins_over_accept(client):
    assert client.get("/fhir/metadata?_format=json", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir+json").status_code == 200
    assert client.get("/fhir/metadata?_format=xml").status_code == 406


def test_a_body_that_is_too_large_is_a_413_outcome(client):
    response = post(client, CODE, b" " * (16 * 1024 * 1024 + 1))
    assert (response.status_code, rules(response)) == (413, ["http.too-large"])


@pytest.mark.parametrize(("sent", "kept"), [("abc-123_4.5", True), ("", False), ("x" * 65, False), ("a b", False), ("<script>", False)])
def test_a_request_id_is_echoed_where_it_is_one_and_made_where_it_is_none(client, sent, kept):
    answered = client.get("/fhir/nope", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) is kept
    assert answered


def test_a_bug_is_a_fatal_outcome_with_a_log_id_and_tells_nothing_of_the_input(client, monkeypatch, capsys):
    def planted(*_arguments):
        raise RuntimeError("SECRET of " + "Samplepatient")

    monkeypatch.setattr(answers_module, "code_document", planted)
    response = post(client, CODE, refill_bytes())
    (issue,) = outcome(response)["issue"]
    log = json.loads(capsys.readouterr().out)
    assert response.status_code == 500
    assert (issue["severity"], issue["code"]) == ("fatal", "exception")
    assert log["log_id"] in issue["details"]["text"]
    assert (log["kind"], log["request_id"]) == ("RuntimeError", response.headers["X-Request-Id"])
    assert "web/answers.py" in " ".join(log["places"])
    assert "SECRET" not in response.text + json.dumps(log)
    assert "Traceback" not in response.text


def test_no_answer_may_be_cached(client):
    assert post(client, CODE, refill_bytes()).headers["Cache-Control"] == "no-store"


def test_several_sites_without_the_provider_of_the_document_are_a_422(tmp_path):
    app = create_app(Service(load_rule_book(), {}))
    assert rules(post(app.test_client(), CODE, refill_bytes())) == ["site.not-found"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.just(refill_bytes()), st.sampled_from([CODE, RESTORE, "/fhir/Bundle/$validate"]), st.data())
def test_whatever_is_sent_the_answer_is_fhir_and_never_a_500(client, data, path, chosen):
    if len(data) > 60:
        start = chosen.draw(st.integers(0, len(data) - 20))
        data = data[:start] + chosen.draw(st.binary(max_size=4)) + data[start + chosen.draw(st.integers(0, 20)):]
    response = post(client, path, data)
    assert response.status_code in (200, 400, 422)
    assert json.loads(response.data)["resourceType"] in ("Bundle", "OperationOutcome")


def test_the_library_of_the_routes_logs_nothing_of_a_request(client, caplog):
    with caplog.at_level(logging.DEBUG):
        post(client, CODE, b'{"resourceType": "SECRET"}')
    assert "SECRET" not in caplog.text
