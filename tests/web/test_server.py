"""The process: ready in a line, every refusal in FHIR from the first byte on, a clean end."""

import json
import re
import signal
import socket
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest

from tests.samples import SITE, refill_bytes

pytestmark = pytest.mark.server


class Served:
    """One running service."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "adapter", "serve", "--port", "0", "--open", "--site", str(SITE), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+)/fhir$", self.line.strip())[1])

    def post(self, path, data):
        request = Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/fhir+json"})
        with urlopen(request, timeout=30) as response:  # noqa: S310 -- our own address
            return response.read()

    def send(self, data):
        """Send raw bytes and give status, head and body of what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head, body

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture(scope="module")
def served():
    service = Served()
    yield service
    code, _, _ = service.end()
    assert code == 0


def test_one_line_says_where_the_service_is(served):
    assert re.fullmatch(r"refill-adapter serves http://127\.0\.0\.1:\d+/fhir\n", served.line)


def test_a_refill_becomes_a_claim_over_the_wire(served):
    tree = json.loads(served.post("/fhir/$refill-to-claim", refill_bytes()))
    assert tree["entry"][0]["resource"]["resourceType"] == "Claim"


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
    assert b"SECRET" not in head + body
    assert b"<html" not in body


def test_a_chunked_body_is_taken(served):
    body = refill_bytes()
    head = b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, _, answer = served.send(head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    assert status == 200
    assert b"Claim" in answer


def test_the_service_survives_what_it_refused(served):
    assert served.send(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200


def test_the_service_ends_cleanly_and_keeps_its_claims(tmp_path):
    service = Served("--data", str(tmp_path))
    claim = service.post("/fhir/$refill-to-claim", refill_bytes())
    code, out, err = service.end()
    assert (code, out) == (0, "")
    assert "Samplepatient" not in err
    assert "Traceback" not in err
    again = Served("--data", str(tmp_path))
    assert again.post("/fhir/Claim/$claim-to-refill", claim) == refill_bytes()
    assert again.end()[0] == 0


def test_a_port_that_is_taken_is_no_silent_start(served):
    command = [sys.executable, "-m", "adapter", "serve", "--port", str(served.port), "--site", str(SITE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"port {served.port}" in done.stderr
