"""Heads of requests: JSON and XML of R4 are taken and given, everything else is refused with its status."""

from io import BytesIO

import pytest

from adapter.fhir.json import decode_json
from adapter.fhir.xml import decode_xml
from adapter.http.answer import write_in_xml
from adapter.http.media import format_of_head
from adapter.load import load_rule_book
from tests.samples import in_xml, refill_bytes
from tests.web.exchange import CODE, JSON, post, rules

XML = "application/fhir+xml"
SHAPES = load_rule_book().shapes
BILLED = ("sequence", "productOrService", "modifier", "servicedDate", "quantity", "net", "diagnosisSequence", "revenue")


@pytest.mark.parametrize("content_type", ["application/fhir+json", "application/json", "text/json", "Application/FHIR+JSON; charset=UTF-8", "application/json; charset=utf-8", 'application/fhir+json; fhirVersion="4.0"', "application/fhir+json; fhirVersion=4.0; charset=utf-8"])
def test_these_content_types_are_taken(client, content_type):
    assert post(client, CODE, refill_bytes(), content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/fhir+xml; fhirVersion=3.0", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application/fhir+json; fhirVersion=5.0", "multipart/form-data; boundary=x", ";;;"])
def test_other_content_types_are_a_415_outcome(client, content_type):
    response = post(client, CODE, refill_bytes(), content_type)
    assert (response.status_code, rules(response)) == (415, ["http.unsupported-media-type"])


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("identity, gzip", 415), ("br", 415), ("identity", 200), ("", 200)])
def test_a_compressed_body_is_a_415_that_says_what_is_taken(client, encoding, status):
    response = post(client, CODE, refill_bytes(), **{"Content-Encoding": encoding})
    assert response.status_code == status
    if status == 415:
        assert rules(response) == ["http.unsupported-media-type"]
        assert (response.headers["Accept"], response.headers["Accept-Encoding"]) == (f"{JSON}, {XML}", "identity")


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


@pytest.mark.parametrize(("accept", "status"), [("application/fhir+json", 200), ("*/*", 200), ("application/fhir+json, */*; q=0.1", 200), ("application/json", 200), ("text/html", 406), ("application/json, application/xml", 200), ("application/fhir+xml;q=0, */*", 200), ("application/fhir+json; fhirVersion=4.0", 200), ("Application/FHIR+JSON;charset=UTF-8", 200), ("application/*", 200), ("application/fhir+json; fhirVersion=5.0", 406), ("application/fhir+json; charset=utf-16", 406), ("application/json;q=0", 406), ("*/*;q=0", 406), (";;,", 406)])
def test_json_is_given_where_it_is_asked_for_and_nothing_else_is_wanted_more(client, accept, status):
    response = client.get("/fhir/metadata", headers={"Accept": accept})
    assert response.status_code == status
    assert response.content_type.startswith(JSON)


@pytest.mark.parametrize(("query", "accept"), [
    ("", XML), ("", "application/xml"), ("", "text/xml; charset=utf-8"), ("", "application/xml, application/json;q=0.5"), ("", f"{XML}; fhirVersion=4.0"),
    ("?_format=xml", JSON), ("?_format=application/fhir%2Bxml", ""), ("?_format=application/fhir+xml", "*/*"), ("?_format=text/xml", "text/html"),
])
def test_xml_is_given_where_it_is_wanted_most_and_says_what_json_says(client, query, accept):
    response = client.get(f"/fhir/metadata{query}", headers={"Accept": accept})
    assert (response.status_code, response.content_type) == (200, f"{XML}; charset=utf-8")
    assert decode_xml(response.data, SHAPES).value == client.get("/fhir/metadata").json
    assert client.get("/fhir/metadata").json["format"] == ["json", "xml"]


@pytest.mark.parametrize("content_type", [XML, "application/xml", "text/xml; charset=UTF-8", f"{XML}; fhirVersion=4.0"])
def test_a_refill_in_xml_gives_the_claim_that_the_one_in_json_gives(client, content_type):
    of_json, of_xml = post(client, CODE, refill_bytes()), post(client, CODE, in_xml(refill_bytes()), content_type)
    items = [decode_json(response.data).value["entry"][0]["resource"]["item"] for response in (of_json, of_xml)]
    told = [[{key: item.get(key) for key in BILLED} for item in each] for each in items]
    assert told[0] == told[1]
    written = post(client, f"{CODE}?_format=xml", in_xml(refill_bytes()), content_type)
    assert decode_xml(written.data, SHAPES).value == decode_json(of_xml.data).value


@pytest.mark.parametrize(("path", "body", "status", "rule"), [
    (CODE, b"<Bundle", 400, "xml.syntax"), ("/fhir/Patient/$validate", b"<!DOCTYPE a><a/>", 400, "xml.doctype"),
    ("/fhir/Patient/$validate", b'<Patient xmlns="http://hl7.org/fhir"><gender value="x"/></Patient>', 200, "base.code"),
    (CODE, b"{}", 400, "http.other-format"), (CODE, b"", 400, "http.other-format"), ("/fhir/nothing", b"<a/>", 404, "http.not-found"),
])
def test_what_is_wrong_with_a_body_in_xml_is_said_in_json_or_in_xml(client, path, body, status, rule):
    asked = {"X-Request-Id": "one-and-the-same"}
    response = post(client, path, body, XML, **asked)
    assert (response.status_code, rules(response)) == (status, [rule])
    in_kind = post(client, f"{path}?_format=xml", body, XML, **asked)
    assert (in_kind.status_code, decode_xml(in_kind.data, SHAPES).value) == (status, response.json)


def test_xml_under_the_name_of_json_is_no_json(client):
    response = post(client, CODE, in_xml(refill_bytes()))
    assert (response.status_code, rules(response)) == (400, ["http.other-format"])


def test_parameters_in_xml_hold_the_resource_to_validate(client):
    body = (
        b'<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource><Patient><gender value="x"/></Patient>'
        b"</resource></parameter></Parameters>"
    )
    assert rules(post(client, "/fhir/Patient/$validate", body, XML)) == ["base.code"]


def test_what_xml_has_no_place_for_is_a_406_that_says_where():
    status, body = write_in_xml(200, b'{"resourceType":"Basic","text":{"status":"empty","div":"<div>&nbsp;</div>"}}', load_rule_book())
    issue = decode_xml(body, SHAPES).value["issue"][0]
    assert (status, issue["expression"]) == (406, ["Basic.text.div"])


def test_the_format_in_the_address_wins_over_accept(client):
    assert client.get("/fhir/metadata?_format=json", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir+json").status_code == 200
    assert client.get("/fhir/metadata?_format=html", headers={"Accept": JSON}).status_code == 406
    assert client.get("/fhir/metadata?_format=json", headers={"Accept": XML}).content_type.startswith(JSON)
    assert client.get("/fhir/metadata?_format=JSON").status_code == 200
    assert client.get("/fhir/metadata?_format=").status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir%2Bjson;fhirVersion=4.0").status_code == 200
    assert client.get("/fhir/metadata?_format=application/fhir%2Bjson;fhirVersion=5.0").status_code == 406


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "chunked"])
@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413), (2, 413), (5_000_000, 413)])
def test_a_body_that_is_too_large_is_a_413_outcome_and_is_never_cut(client, told, more, status):
    body = refill_bytes().ljust(16 * 1024 * 1024 + more)
    sent = {"CONTENT_LENGTH": str(len(body))} if told else {"HTTP_TRANSFER_ENCODING": "chunked"}
    response = client.post(CODE, input_stream=BytesIO(body), content_type=JSON, environ_overrides={**sent, "wsgi.input_terminated": True})
    assert response.status_code == status
    if status == 413:
        assert rules(response) == ["http.too-large"]


@pytest.mark.parametrize(("head", "form"), [
    (b"", JSON), (b"\xff\r\n\xff", JSON), (b"GET / HTTP/1.1\r\nAccept: text/xml", XML), (b"GET / HTTP/1.1\r\naccept : application/xml, */*;q=0.1\r\n", XML),
    (b"GET / HTTP/1.1\r\nAccept: */*\r\nAccept: application/xml;q=0\r\n", JSON), (b"GET / HTTP/1.1\r\nAccept: text/html\r\n", JSON),
    (b"GET /?_format=json&_format=xml HTTP/1.1\r\nAccept: text/xml\r\n", JSON), (b"GET /?_format=xml", XML), (b"GET / HTTP/1.1\r\n\r\nAccept: text/xml\r\n", JSON),
    (b"GET / HTTP/1.1\r\nAccept: ;q=1e9,text/xml;q=nan\r\n", JSON),
])
def test_a_head_that_is_refused_says_in_which_format_it_may_be_told(head, form):
    assert format_of_head(head) == form
