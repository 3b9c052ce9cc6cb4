"""The worker: every refusal in FHIR from the first byte on, and nobody who stalls keeps another from an answer."""

import json
import random
import re
import time

import pytest

from adapter.fhir.xml import decode_xml
from adapter.load import load_rule_book
from tests.samples import in_xml, refill_bytes
from tests.web.served import LIVEZ, Served, receive

pytestmark = pytest.mark.server

HEAD = b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n"
PATIENCE = 2
XML = in_xml(refill_bytes())


@pytest.fixture(scope="module")
def served():
    service = Served(patience=PATIENCE)
    yield service
    code, out, err = service.end()
    assert (code, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (400, b"nonsense\r\n\r\n"),
        (400, b"GET /fhir/metadata HTTP/9.9\r\n\r\n"),
        (400, b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n"),
        (400, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        (400, b"GE(T /SECRET HTTP/1.1\r\nHost: x\r\n\r\n"),
        (414, b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        (501, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nope, chunked\r\n\r\n"),
        (417, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nExpect: 200-maybe\r\nContent-Length: 0\r\n\r\n"),
        (400, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
        (400, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 50\r\n\r\n{}"),
        (400, b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX-Cut: off"),
        (400, b"GET /fhir/metadata HTTP/1.1\r\n\r\n"),
        (400, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
        (400, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"),
        (501, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (413, b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 99999999999\r\n\r\n"),
        (404, b"GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        (405, b"PUT /fhir/metadata HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_every_refusal_is_an_outcome_from_the_first_byte_on(served, status, data):
    answered, head, body = served.send(data)
    tree = json.loads(body)
    assert answered == status
    assert b"application/fhir+json" in head
    assert re.search(rb"X-Request-Id: [0-9a-f-]{36}\r\n", head + b"\r\n")
    assert tree["resourceType"] == "OperationOutcome"
    assert all("http" in issue["diagnostics"] for issue in tree["issue"])
    assert b"SECRET" not in head + body
    assert b"<html" not in body


IN_XML = b"Accept: application/fhir+xml\r\n"


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (400, b"GET /fhir/metadata HTTP/9.9\r\nHost: x\r\n" + IN_XML + b"\r\n"),
        (400, b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nACCEPT:text/xml\r\nBad Header: x\r\n\r\n"),
        (400, b"GE(T /fhir/metadata?a=b&_format=xml HTTP/1.1\r\nHost: x\r\n\r\n"),
        (414, b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\n" + IN_XML + b"\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\n" + IN_XML + b"X: " + b"x" * 20_000 + b"\r\n\r\n"),
        (417, HEAD + IN_XML + b"Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n"),
        (501, HEAD + IN_XML + b"Transfer-Encoding: nope, chunked\r\n\r\n"),
        (400, HEAD + IN_XML + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"),
        (400, HEAD + IN_XML + b"Content-Length: 50\r\n\r\n{}"),
        (400, HEAD.replace(b"Host: x\r\n", b"") + IN_XML + b"Content-Length: 2\r\n\r\n{}"),
        (413, HEAD + IN_XML + b"Content-Length: 99999999999\r\n\r\n"),
        (415, HEAD + IN_XML + b"Content-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
        (404, b"GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + IN_XML + b"\r\n"),
        (405, b"PUT /fhir/metadata?_format=xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_every_refusal_of_whom_asks_for_xml_is_an_outcome_in_xml(served, status, data):
    answered, head, body = served.send(data)
    tree = decode_xml(body, load_rule_book().shapes).value
    assert (answered, tree["resourceType"]) == (status, "OperationOutcome")
    assert b"Content-Type: application/fhir+xml; charset=utf-8" in head
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) == len(body)


def test_a_request_behind_another_is_refused_in_the_format_that_it_asks_for_itself(served):
    sound = b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n%s\r\n"
    odd = b"GET /fhir/metadata HTTP/9.9\r\nHost: x\r\n%s\r\n"
    for first, second, form in ((IN_XML, b"", b"json"), (b"", IN_XML, b"xml")):
        with served.connect() as connection:
            connection.sendall(sound % first + odd % second)
            connection.shutdown(1)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        assert re.findall(rb"Content-Type: application/fhir\+(json|xml)", answer)[-1] == form


def test_every_refusal_before_the_application_is_counted(served):
    def count():
        text = served.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[2].decode()
        found = re.search(r'^refill_requests_total\{method="none",route="none",status="414"\} (\S+)$', text, re.MULTILINE)
        told = re.search(r'^refill_issues_total\{code="too-long",rule="http.uri-too-long",severity="error"\} (\S+)$', text, re.MULTILINE)
        return (float(found[1]), float(told[1])) if found and told else (0.0, 0.0)

    before = count()
    assert served.send(b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 414
    assert count() == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize(("size", "status"), [(16 * 1024 * 1024, 200), (16 * 1024 * 1024 + 1, 413), (24 * 1024 * 1024, 413)])
def test_a_chunked_body_is_taken_whole_or_refused(served, size, status):
    body, piece = refill_bytes().ljust(size), 1024 * 1024
    pieces = (body[start : start + piece] for start in range(0, size, piece))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces)
    answered, _, answer = served.send(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert answered == status
    assert (b'"Claim"' in answer) is (status == 200)
    assert (b"http.too-large" in answer) is (status == 413)


def test_a_body_that_broke_off_ends_the_connection_and_the_answer_says_so(served):
    assert b"Connection: close" in served.send(HEAD + b"Content-Length: 50\r\n\r\n{}")[1]


STALLS = {
    "a body": HEAD + b"Content-Length: 500\r\n\r\n",
    "a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "a head": HEAD[:40],
}


@pytest.mark.parametrize("stall", STALLS)
def test_sixty_four_who_stall_keep_nobody_waiting_and_are_told_that_they_are_late(served, stall):
    connections = [served.connect() for _ in range(64)]
    for connection in connections:
        connection.sendall(STALLS[stall])
    began, slowest = time.monotonic(), 0.0
    while time.monotonic() < began + 2 * PATIENCE:  # while they stall, while they are refused and while they linger
        asked = time.monotonic()
        assert served.send(LIVEZ)[0] == 200
        slowest = max(slowest, time.monotonic() - asked)
    assert slowest < 1.5
    for connection in connections:
        with connection:
            status, head, body = receive(connection)
        assert status == 408
        assert b"Connection: close" in head
        assert [issue["details"]["coding"][0]["code"] for issue in json.loads(body)["issue"]] == ["http.request-timeout"]


def test_who_does_not_send_the_body_of_a_refused_request_is_not_waited_for(served):
    with served.connect() as connection:
        connection.sendall(b"POST /fhir/nope HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n")
        began = time.monotonic()
        assert receive(connection)[0] == 404
        assert time.monotonic() - began < 15


def test_several_requests_on_one_connection_are_answered_in_their_order(served):
    body = b'{"resourceType": "Patient"}'
    one = b"POST /fhir/Patient/$validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with served.connect() as connection:
        connection.sendall(one * 3 + LIVEZ)
        connection.settimeout(30)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.count(b"HTTP/1.1 200") == 4
    assert answer.endswith(b'{"status":"alive"}')


# ---------------------------------------------------------------- whatever is sent

PATHS = (b"$refill-to-claim", b"Claim/$claim-to-refill", b"Bundle/$validate", b"Patient/$validate?profile=x", b"metadata", b"%ff", b"?_format=xml")
HEADERS = (
    b"Content-Encoding: gzip", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Accept: ;q=1e9", b"Accept: \xff", b"Accept: text/xml", b"Content-Length: 5",
    b'Content-Type: application/json; charset="', b"X-Request-Id: <x>", b"Host: y", b"Upgrade: h2c", b"SCRIPT_NAME: /x", b"If-Match: *",
)


def a_request(chance):
    """Make a request out of a sound one: bytes of body and head are changed, cut, doubled and put in."""
    is_xml = chance.random() < 0.3
    body = bytearray(XML if is_xml else chance.choice((refill_bytes(), b'{"resourceType": "Patient"}')))
    spoil(body, chance, chance.randrange(4))
    head = bytearray(b"%s /fhir/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % (chance.choice((b"POST", b"POST", b"PUT", b"DELETE")), chance.choice(PATHS)))
    head += b"Content-Type: application/fhir+%s\r\n" % (b"xml" if is_xml else b"json") if chance.random() < 0.8 else b""
    head += chance.choice(HEADERS) + b"\r\n" if chance.random() < 0.3 else b""
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    spoil(head, chance, chance.choice((0, 0, 0, 1, 3)))
    return bytes(head + body)


def spoil(data, chance, times):
    for _ in range(times):
        place = chance.randrange(len(data))
        size = chance.randrange(1, 20)
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + size]
            case 2:
                data[place:place] = data[place : place + size]
            case _:
                data[place:place] = chance.choice((b"[" * 70, b'"', b"\\u0000", b"NaN", b"\r\n", b"{", b"\xff"))


def fault_of(status, head, body):
    """Say what is wrong with the first answer, or nothing."""
    if status >= 500 and status != 501:
        return f"status {status}"
    form = re.search(rb"application/fhir\+(json|xml)", head)
    if form is None:
        return "no FHIR"
    length = int(re.search(rb"Content-Length: (\d+)", head)[1])  # what follows answers the rest, as a request of its own
    tree = json.loads(body[:length]) if form[1] == b"json" else decode_xml(body[:length], load_rule_book().shapes).value or {}
    return None if status == 200 or tree.get("resourceType") == "OperationOutcome" else "no outcome"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_sent_over_the_wire_the_answer_is_fhir_and_never_a_500(served, seed):
    chance = random.Random(seed)  # noqa: S311 -- the same requests every time
    for _ in range(250):
        data = a_request(chance)
        with served.connect() as connection:
            connection.sendall(data)
            connection.shutdown(1)
            status, head, body = receive(connection)
        if status == 100:
            status, head, body = int(body.split()[1]), *body.partition(b"\r\n\r\n")[::2]
        assert fault_of(status, head, body) is None, data[:300]


@pytest.mark.parametrize("planted", [(500, b"application/fhir+json", b""), (400, b"text/html", b"{}"), (400, b"application/fhir+json\r\nContent-Length: 26", b'{"resourceType": "Bundle"}'), (400, b"application/fhir+xml\r\nContent-Length: 9", b"<Bundle/>")])
def test_a_planted_bad_answer_is_seen(planted):
    assert fault_of(*planted) is not None
