"""Every route answers in FHIR, whatever is sent to it."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapter.web import application as application_module
from tests.samples import refill_bytes
from tests.web.exchange import CODE, RESTORE, post, rules


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


@pytest.mark.parametrize("path", ["/", "/fhir", "/fhir/", "/fhir/Nope", "/fhir/patient/$validate", "/favicon.ico", "//fhir/metadata", "/fhir//metadata"])
def test_what_is_not_here_is_a_404_outcome(client, path):
    response = client.get(path)
    assert (response.status_code, rules(response)) == (404, ["http.not-found"])


@pytest.mark.parametrize(("method", "path", "allow"), [("GET", CODE, {"POST"}), ("DELETE", "/fhir/metadata", {"GET", "HEAD"}), ("OPTIONS", CODE, {"POST"}), ("TRACE", CODE, {"POST"})])
def test_a_method_that_is_not_served_is_a_405_that_names_those_that_are(client, method, path, allow):
    response = client.open(path, method=method)
    assert (response.status_code, rules(response)) == (405, ["http.method-not-allowed"])
    assert {each.strip() for each in response.headers["Allow"].split(",")} == allow


@pytest.mark.parametrize(("sent", "kept"), [("abc-123_4.5", True), ("", False), ("x" * 65, False), ("a b", False), ("<script>", False)])
def test_a_request_id_is_echoed_where_it_is_one_and_made_where_it_is_none(client, sent, kept):
    answered = client.get("/fhir/nope", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) is kept
    assert answered


def test_no_answer_may_be_cached(client):
    assert post(client, CODE, refill_bytes()).headers["Cache-Control"] == "no-store"


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


def test_no_more_than_eight_documents_are_worked_on_at_once_and_the_others_wait_their_turn(client, monkeypatch):
    working, most, answer = [], [], application_module.answer_validation

    def watched(*arguments):
        working.append(1)
        most.append(len(working))
        time.sleep(0.02)
        working.pop()
        return answer(*arguments)

    monkeypatch.setattr(application_module, "answer_validation", watched)
    app = client.application
    with ThreadPoolExecutor(32) as crowd:
        asked = [crowd.submit(post, app.test_client(), "/fhir/Patient/$validate", b'{"resourceType": "Patient"}') for _ in range(64)]
        assert {one.result().status_code for one in asked} == {200}
    assert max(most) == 8
