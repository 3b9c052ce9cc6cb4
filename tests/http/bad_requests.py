"""Bad requests without end, and what must be true of whatever answers them."""

import json
import random
import re

from adapter.fhir.xml import decode_xml
from adapter.load import load_rule_book
from tests.samples import refill_bytes
from tests.web.served import receive

__all__ = ["ask", "count_bad", "fault_of", "make_request"]

_PATHS = (
    b"/fhir/$refill-to-claim", b"/fhir/Claim/$submit", b"/fhir/Claim/$claim-to-refill", b"/fhir/Claim/$to-x12", b"/fhir/Claim/$from-x12",
    b"/fhir/$x12-acknowledge", b"/fhir/Patient/$validate", b"/fhir/Bundle/$validate", b"/fhir/Claim/none/$validate", b"/fhir/Claim/none",
    b"/fhir/Claim/none/$to-x12", b"/fhir/Task/none/$decide", b"/fhir/_async/none", b"/fhir/ConceptMap/$translate", b"/fhir/ValueSet/$validate-code",
    b"/fhir/CodeSystem/$lookup", b"/fhir/metadata", b"/fhir", b"/fhir/", b"/fhir/Frob", b"/fhir/Frob/1", b"/fhir/Patient", b"/fhir/Patient/none",
    b"/fhir/Patient/none/_history/1", b"/fhir/Patient?name=%00", b"/fhir/metadata?mode=terminology", b"/", b"/nope", b"/fhir/%ff", b"/fhir//metadata",
    b"/fhir/../metadata", b"/metrics", b"/readyz", b"/version", b"/openapi.json", b"*", b"http://other/fhir/metadata", b"/fhir/Claim/" + b"x" * 70,
)
_METHODS = (b"POST", b"POST", b"POST", b"GET", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"HEAD", b"FROB", b"get", b"CONNECT")
_TYPES = (
    b"application/fhir+json", b"application/fhir+json", b"application/fhir+xml", b"application/json", b"text/plain", b"application/edi-x12", b"text/html",
    b"application/json; charset=latin-1", b"application/fhir+json; fhirVersion=5.0", b"multipart/form-data; boundary=x", b"", b";;", b"\xff",
)
_ACCEPTS = (b"", b"", b"", b"application/fhir+xml", b"text/html", b"*/*;q=0", b"application/fhir+json; fhirVersion=3.0", b"\xff,")
_BODIES = (
    b"", b"{", b"[]", b"null", b"NaN", b"{}", b"[" * 200, b'{"resourceType":"Patient","resourceType":"Patient"}', b'{"resourceType":1}',
    b'{"resourceType":"Patient","gender":"none"}', b'{"resourceType":"Frob"}', b'{"resourceType":"Bundle"}', b"<a/>", b"<!DOCTYPE a><a/>", b"<a", b"ISA*",
    b"\xff\xfe", b"\x00", b'{"a":"\\ud800"}', b'{"resourceType":"Bundle","type":"transaction","entry":[{}]}', b'{"resourceType":"Parameters"}', b"9" * 5000,
    b'{"resourceType":"Claim"}', b'"x"', b'{"resourceType":"Bundle","entry":{}}',
)
_HEADERS = (
    b"X-Request-Id: <script>", b"X-Request-Id: mine-1", b'If-Match: W/"x"', b"If-None-Exist: identifier=", b"Prefer: return=nothing; handling=strict", b"Idempotency-Key: ",
    b"Content-Encoding: gzip", b"Expect: 200-maybe", b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked", b"Host: y", b"Host: a b", b"Bad Header: x", b"X: " + b"y" * 9000,
    b"Content-Length: -1", b"Content-Length: 5", b"Prefer: respond-async", b"Upgrade: h2c", b" folded: x", b"X:\x00",
)
_LINES = (
    b"%s %s HTTP/1.1", b"%s %s HTTP/1.1", b"%s %s HTTP/1.1", b"%s %s HTTP/1.1", b"%s %s HTTP/1.1", b"%s %s HTTP/1.1", b"%s %s HTTP/9.9", b"%s  %s", b"%s\t%s HTTP/1.1",
    b"%s %s?_format=html HTTP/1.1", b"%s %s?_format=xml HTTP/1.1", b"\x16\x03\x01%s %s HTTP/1.1", b"%s %s HTTP/2.0",
)


def make_request(chance):
    """Make one request in which something is wrong, or may be: its line, a header, its framing, its body, or what it asks."""
    body = chance.choice(_BODIES) if chance.random() < 0.9 else refill_bytes()[: chance.randrange(4000)]
    head = [chance.choice(_LINES) % (chance.choice(_METHODS), chance.choice(_PATHS)), b"Host: x", b"Connection: close"]
    for name, values in ((b"Content-Type", _TYPES), (b"Accept", _ACCEPTS)):
        value = chance.choice(values)
        head += [name + b": " + value] if value else []
    if chance.random() < 0.3:
        head.append(chance.choice(_HEADERS))
    if chance.random() < 0.9:
        head.append(b"Content-Length: %d" % (len(body) + (chance.random() < 0.05)))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def ask(served, data):
    """Send raw bytes, and give status, head and body of the first answer; nothing where nobody was asked anything."""
    with served.connect() as connection:
        connection.sendall(data)
        connection.shutdown(1)
        status, head, body = receive(connection)
    while status == 100:
        status, head, body = int(body.split()[1]), *body.partition(b"\r\n\r\n")[::2]
    return status, head, body


def fault_of(status, head, body, *, is_head=False):
    """Say what is wrong with an answer, or nothing: every refusal is a whole OperationOutcome of ours."""
    if status >= 500 and status not in (501, 503):
        return f"status {status}"
    if re.search(rb"<html|Traceback|\.py\"", body):
        return "a page of HTML, or a stack trace"
    if status < 400 or is_head:
        return None
    told, length = re.search(rb"application/fhir\+(json|xml)", head), re.search(rb"\r\nContent-Length: (\d+)", head)
    if told is None or length is None:
        return "no FHIR, or no length"
    body = body[: int(length[1])]
    try:
        tree = json.loads(body) if told[1] == b"json" else decode_xml(body, load_rule_book().shapes).value or {}
    except ValueError:
        return "no JSON"
    if tree.get("resourceType") != "OperationOutcome":
        return "no OperationOutcome"
    request_id = re.search(rb"\r\nX-Request-Id: ([^\r]+)", head)
    if request_id is None or [one["valueString"] for one in tree.get("extension", ())] != [request_id[1].decode()]:
        return "the request is not named"
    return next((fault for fault in map(_fault_of_issue, tree["issue"]) if fault), None)


def _fault_of_issue(issue):
    (coding,) = issue["details"]["coding"]
    if not coding["system"].endswith("/CodeSystem/refill-rule") or not issue["details"].get("text") or not issue.get("diagnostics"):
        return "an issue without rule, sentence or citation"
    parts = {part["url"] for one in issue.get("extension", ()) for part in one.get("extension", ())}
    if not {"page", "remedy"} <= parts and issue["severity"] in ("error", "fatal"):
        return f"{coding['code']}: an error without page or remedy"
    return None


def count_bad(served, seed, number):
    """Ask so many requests of one seed, and give how many were refused; stops at the first answer that is wrong."""
    chance = random.Random(seed)  # noqa: S311 -- the same requests every time
    refused = 0
    for _ in range(number):
        data = make_request(chance)
        status, head, body = ask(served, data)
        fault = fault_of(status, head, body, is_head=b"HEAD" in data[:8])
        assert fault is None, (fault, data[:300], status, body[:500])
        refused += status >= 400
    return refused
