"""A claim is posted once, under a key that stays; whatever the payer does is an answer or one plain sentence."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapter.deliver import endpoint
from adapter.deliver.endpoint import EndpointError, claim_key, post_claim, submit_address

CLAIM = b'{"resourceType":"Bundle","note":"Samplepatient"}'


def written(created="2026-03-01", recorded="2026-03-01T10:00:00Z", **more):
    resources = [{"resourceType": "Claim", "created": created, **more}, {"resourceType": "Provenance", "recorded": recorded}]
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}).encode()


def test_a_claim_that_is_written_again_has_its_key_and_another_has_another():
    assert claim_key(written()) == claim_key(written("2026-03-02", "2026-03-02T10:00:00Z"))
    assert claim_key(written()) != claim_key(written(status="draft"))


@contextmanager
def payer(answer):
    """Serve `answer(handler)` and give the address with what was received."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, dict(self.headers), body))
            answer(self)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir", received
    finally:
        server.shutdown()
        server.server_close()


def says(status, body=b"{}", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


pytestmark = pytest.mark.server


def test_the_bytes_arrive_as_they_are_under_a_key_made_of_them():
    with payer(says(200, b"ok", Content_Location="/later")) as (url, received):
        first, second = (post_claim(submit_address(url), CLAIM) for _ in range(2))
        other = post_claim(submit_address(url), written())
    assert (first.status, first.body, first.result_at) == (200, b"ok", "/later") == (second.status, second.body, second.result_at)
    assert other.status == 200
    keys = [headers["Idempotency-Key"] for _, headers, _ in received]
    assert keys == [f'"{claim_key(CLAIM)}"', keys[0], f'"{claim_key(written())}"']
    assert {path for path, _, _ in received} == {"/fhir/Claim/$submit"}
    assert received[0][2] == CLAIM
    assert received[0][1]["Content-Type"] == "application/fhir+json"


def test_no_redirect_is_followed():
    with payer(says(307, Location="/elsewhere")) as (url, received):
        assert post_claim(submit_address(url), CLAIM).status == 307
    assert len(received) == 1


def test_no_proxy_of_the_environment_sees_a_claim(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with payer(says(200)) as (url, received):
        post_claim(submit_address(url), CLAIM)
    assert len(received) == 1


def hang_up(handler):
    handler.connection.close()


def half(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.close_connection = True


def garbage(handler):
    handler.wfile.write(b"not http at all\r\n\r\n")
    handler.close_connection = True


def much(handler):
    says(200, b" " * (endpoint._MOST + 1))(handler)


@pytest.mark.parametrize(("answer", "said"), [(hang_up, "again"), (half, "again"), (garbage, "payer"), (much, "larger than 16 MiB")])
def test_a_payer_that_breaks_off_is_one_plain_sentence(answer, said):
    with payer(answer) as (url, _), pytest.raises(EndpointError) as fault:
        post_claim(submit_address(url), CLAIM)
    assert said in str(fault.value)
    assert "127.0.0.1" not in str(fault.value)


def test_a_payer_that_never_answers_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(endpoint, "_SECONDS", (1, 0.2))
    wait = threading.Event()
    with payer(lambda _handler: wait.wait(5)) as (url, _), pytest.raises(EndpointError, match="its Idempotency-Key stays the same"):
        post_claim(submit_address(url), CLAIM)
    wait.set()


def test_a_payer_that_is_not_there_is_said():
    with payer(says(200)) as (url, _):
        pass
    with pytest.raises(EndpointError, match="failed"):
        post_claim(submit_address(url), CLAIM)


@pytest.mark.parametrize("url", [
    "http://payer.example/fhir", "ftp://payer.example", "payer.example", "https://", "https://user:secret@payer.example/fhir",
    "https://payer.example/fhir?x=1", "https://payer.example/fhir#x", "http://127.0.0.1.payer.example/fhir", "http://0x7f000001/fhir",
])
def test_an_address_that_would_show_claims_or_secrets_is_refused(url):
    with pytest.raises(ValueError, match="expected") as refused:
        submit_address(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://payer.example/fhir", "https://payer.example/fhir/", "https://payer.example/fhir/Claim/$submit"])
def test_the_base_and_the_operation_itself_are_taken(url):
    assert submit_address(url) == "https://payer.example/fhir/Claim/$submit"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "127.1.2.3"])
def test_this_machine_may_be_asked_in_the_clear(host):
    assert submit_address(f"http://{host}:8090/fhir").startswith("http://")
