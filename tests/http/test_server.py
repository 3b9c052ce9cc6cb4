"""The process: ready in a line, a clean end."""

import json
import re
import subprocess
import sys

import pytest

from tests.samples import SITE, refill_bytes
from tests.web.served import LIVEZ, Served

pytestmark = pytest.mark.server


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


def test_a_chunked_body_is_taken(served):
    body = refill_bytes()
    head = b"POST /fhir/$refill-to-claim HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, _, answer = served.send(head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    assert status == 200
    assert b"Claim" in answer


def test_the_service_survives_what_it_refused(served):
    assert served.send(LIVEZ)[0] == 200


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
