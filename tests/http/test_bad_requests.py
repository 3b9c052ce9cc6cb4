"""Whatever bad request comes, over raw sockets: its answer is an OperationOutcome that says what to do, and never a 500."""

import json

import pytest

from adapter.http.answer import name_request
from tests.http.bad_requests import count_bad, fault_of
from tests.web.served import Served


@pytest.mark.server
def test_five_hundred_bad_requests_are_each_refused_with_an_outcome_that_helps(tmp_path):
    served = Served("--data", str(tmp_path / "data"), patience=2)
    try:
        assert count_bad(served, 96522, 500) > 400
        assert served.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200
    finally:
        code, out, err = served.end()
    assert (code, out, err) == (0, "", "")


def sound(client):
    answer = client.get("/fhir/nope")
    return answer.status_code, f"\r\nContent-Type: {answer.content_type}\r\nContent-Length: {len(answer.data)}\r\nX-Request-Id: {answer.headers['X-Request-Id']}\r\n".encode(), answer.data


PLANTS = {
    "a 500": lambda status, head, body: (500, head, body),
    "a page": lambda status, head, body: (status, head.replace(b"fhir+json", b"html"), body),
    "a trace": lambda status, head, body: (status, head, body.replace(b'"error"', b'"error Traceback"')),
    "nothing": lambda status, head, body: (status, b"\r\nContent-Type: application/fhir+json\r\nContent-Length: 0\r\n", b""),
    "another resource": lambda status, head, body: (status, head, body.replace(b"OperationOutcome", b"Operation0utcome")),
    "another request": lambda status, head, body: (status, head.replace(b"X-Request-Id: ", b"X-Request-Id: x"), body),
    "no remedy": lambda status, head, body: (status, head, body.replace(b'"url":"remedy"', b'"url":"remade"')),
    "no page": lambda status, head, body: (status, head, body.replace(b'"url":"page"', b'"url":"pace"').replace(b"/docs/", b"/docs/x")),
    "no citation": lambda status, head, body: (status, head, body.replace(b'"diagnostics"', b'"diagnosticz"')),
    "a code of others": lambda status, head, body: (status, head, body.replace(b"/CodeSystem/refill-rule", b"/CodeSystem/refill-ruse")),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bad_answer_is_seen(client, plant):
    answer = sound(client)
    assert fault_of(*answer) is None
    assert fault_of(*PLANTS[plant](*answer)) is not None


def test_an_outcome_that_names_no_request_is_seen(client):
    status, head, body = sound(client)
    tree = json.loads(body)
    del tree["extension"]
    bare = json.dumps(tree, separators=(",", ":")).encode()
    assert fault_of(status, head, bare) == "the request is not named"
    named = json.loads(name_request(bare, "a-1"))
    assert named["extension"][0]["valueString"] == "a-1"
