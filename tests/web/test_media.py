"""Heads of requests: JSON of R4 is taken and given, everything else is refused with its status."""

from io import BytesIO

import pytest

from tests.samples import refill_bytes
from tests.web.exchange import CODE, JSON, post, rules


@pytest.mark.parametrize("content_type", ["application/fhir+json", "application/json", "text/json", "Application/FHIR+JSON; charset=UTF-8", "application/json; charset=utf-8", 'application/fhir+json; fhirVersion="4.0"', "application/fhir+json; fhirVersion=4.0; charset=utf-8"])
def test_these_content_types_are_taken(client, content_type):
    assert post(client, CODE, refill_bytes(), content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/fhir+xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application/fhir+json; fhirVersion=5.0", "multipart/form-data; boundary=x", ";;;"])
def test_other_content_types_are_a_415_outcome(client, content_type):
    response = post(client, CODE, refill_bytes(), content_type)
    assert (response.status_code, rules(response)) == (415, ["http.unsupported-media-type"])


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("identity, gzip", 415), ("br", 415), ("identity", 200), ("", 200)])
def test_a_compressed_body_is_a_415_that_says_what_is_taken(client, encoding, status):
    response = post(client, CODE, refill_bytes(), **{"Content-Encoding": encoding})
    assert response.status_code == status
    if status == 415:
        assert rules(response) == ["http.unsupported-media-type"]
        assert (response.headers["Accept"], response.headers["Accept-Encoding"]) == (JSON, "identity")


@pytest.mark.parametrize("coding", ["gzip, chunked", "identity, chunked", "gzip", "chunked, chunked"])
def test_another_transfer_coding_than_chunked_is_a_501(client, coding):
    response = post(client, CODE, refill_bytes(), **{"Transfer-Encoding": coding})
    assert (response.status_code, rules(response)) == (501, ["http.not-implemented"])


@pytest.mark.parametrize(("host", "status"), [
    ("x", 200), ("claims.example:8443", 200), ("[::1]:80", 200), ("", 200), (None, 400), ("a b", 400), ("a/b", 400), ("a:b:c", 400),
    ("<x>", 400), ("user@x", 400), ("x:port", 400),
])
def test_a_request_names_its_host(client, host, status):
    response = client.get("/livez", environ_overrides={"HTTP_HOST": host})
    assert response.status_code == status
    if status == 400:
        assert rules(response) == ["http.bad-request"]


def test_only_http_1_0_may_leave_the_host_out(client):
    assert client.get("/livez", environ_overrides={"HTTP_HOST": None, "SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 200
    assert client.get("/livez", environ_overrides={"HTTP_HOST": "a b", "SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 400


def test_a_body_that_is_shorter_than_it_says_is_never_read_as_whole(client):
    body = b'{"resourceType": "Patient"}'
    sent = {"CONTENT_LENGTH": str(len(body) + 9), "wsgi.input_terminated": True}
    response = client.post("/fhir/Patient/$validate", input_stream=BytesIO(body), content_type=JSON, environ_overrides=sent)
    assert (response.status_code, rules(response)) == (400, ["http.bad-request"])


@pytest.mark.parametrize(("accept", "status"), [("application/fhir+json", 200), ("*/*", 200), ("application/fhir+json, */*; q=0.1", 200), ("application/json", 200), ("application/fhir+xml", 406), ("text/html", 406), ("application/xml, application/json;q=0.5", 200), ("application/fhir+json; fhirVersion=4.0", 200), ("Application/FHIR+JSON;charset=UTF-8", 200), ("application/*", 200), ("application/fhir+json; fhirVersion=5.0", 406), ("application/fhir+json; charset=utf-16", 406), ("application/json;q=0", 406), ("*/*;q=0", 406), (";;,", 406)])
def test_only_json_can_be_asked_for(client, accept, status):
    response = client.get("/fhir/metadata", headers={"Accept": accept})
    assert response.status_code == status
    assert response.content_type.startswith(JSON)


def test_the_format_in_the_address_wins_over_accept(client):
    assert client.get("/fhir/metadata?_format=json", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir+json").status_code == 200
    assert client.get("/fhir/metadata?_format=xml", headers={"Accept": JSON}).status_code == 406
    assert client.get("/fhir/metadata?_format=JSON").status_code == 200
    assert client.get("/fhir/metadata?_format=").status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir%2Bjson;fhirVersion=4.0").status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir%2Bjson;fhirVersion=5.0").status_code == 406


def test_a_body_that_is_too_large_is_a_413_outcome(client):
    response = post(client, CODE, b" " * (16 * 1024 * 1024 + 1))
    assert (response.status_code, rules(response)) == (413, ["http.too-large"])
