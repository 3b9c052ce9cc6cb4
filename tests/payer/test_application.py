"""The payer over real sockets: what it takes, keeps and answers."""

import json
import re
import time
from hashlib import sha256
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from adapter.flow import validate_document
from adapter.issues import has_errors
from adapter.load import load_rule_book
from adapter.payer import Payer, create_payer
from tests.samples import SAMPLES, in_xml, refill_bytes
from tests.web.served import LIVEZ, Served

pytestmark = pytest.mark.server

CLAIM = (SAMPLES / "claim-to-restore.json").read_bytes()
DIGEST = sha256(CLAIM).hexdigest()
ADDRESSES = ("/fhir", "/fhir/", "/fhir/Claim", "/fhir/Claim/$submit")


@pytest.fixture(scope="module")
def payers(tmp_path_factory):
    """Give a running payer for each behaviour, started when it is first asked for."""
    running = {}

    def start(answer=None, **keys):
        if answer not in running:
            folder = tmp_path_factory.mktemp("payer")
            options = ["--data", str(folder / "kept")]
            if answer:
                (folder / "behave.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in {"answer": answer, **keys}.items()))
                options += ["--behave", str(folder / "behave.toml")]
            running[answer] = Served(*options, command=("payer",)), folder / "kept"
        return running[answer]

    yield start
    ended = [served.end() for served, _ in running.values()]
    assert [code for code, _, _ in ended] == [0] * len(ended)
    assert not any("Traceback" in err or "Samplepatient" in err for _, _, err in ended)


def response(served, path="/fhir/Claim/$submit", data=CLAIM):
    tree = json.loads(served.post(path, data))
    assert tree["resourceType"] == "ClaimResponse"
    return tree


def refusal(served, path, data, content_type="application/fhir+json"):
    request = Request(f"http://127.0.0.1:{served.port}{path}", data, {"Content-Type": content_type})
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=30)  # noqa: S310 -- our own address
    with refused.value as answer:
        tree = json.loads(answer.read())
    assert tree["resourceType"] == "OperationOutcome"
    return refused.value.code, [issue["details"]["coding"][0]["code"] for issue in tree["issue"]]


def without_insurer():
    """Give the Claim of a writer who claims no profile and names no insurer: valid R4."""
    tree = json.loads(CLAIM)
    claim = tree["entry"][0]["resource"]
    tree.pop("meta", None)
    del claim["meta"], claim["insurer"]
    return json.dumps(tree).encode()


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_claim_is_accepted_at_each_address_and_the_answer_is_valid(payers, path):
    served, _ = payers()
    tree = response(served, path)
    assert (tree["outcome"], tree["id"]) == ("complete", DIGEST)
    assert not has_errors(validate_document(json.dumps(tree).encode(), load_rule_book()))


def test_what_was_accepted_is_kept_once_as_it_was_sent_and_for_its_owner_alone(payers):
    served, kept = payers()
    for _ in range(2):
        response(served)
    path = kept / f"claim-{DIGEST}.json"
    assert path.read_bytes() == CLAIM
    assert (path.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not list(kept.glob(".*"))


def test_xml_is_taken_and_given(payers):
    served, kept = payers()
    data = in_xml(CLAIM)
    request = Request(f"http://127.0.0.1:{served.port}/fhir/Claim", data, {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"})
    with urlopen(request, timeout=30) as answer:  # noqa: S310 -- our own address
        assert b"<ClaimResponse xmlns=" in answer.read()
    assert (kept / f"claim-{sha256(data).hexdigest()}.xml").read_bytes() == data


def test_a_payer_that_is_told_to_reject_rejects(payers):
    tree = response(payers("reject")[0])
    assert (tree["outcome"], len(tree["error"])) == ("error", 1)


def test_a_payer_that_is_told_to_lie_answers_another_claim(payers):
    told, lie = response(payers()[0]), response(payers("lie")[0])
    assert lie["outcome"] == "complete"
    assert lie["request"]["identifier"] != told["request"]["identifier"]
    assert lie["patient"] == told["patient"]


def test_a_payer_that_is_told_to_be_slow_is_and_still_serves_others(payers):
    served, _ = payers("slow", seconds=1.5)
    with served.connect() as connection:
        head = b"POST /fhir/Claim HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
        began = time.monotonic()
        connection.sendall(head % len(CLAIM) + CLAIM)
        assert served.send(LIVEZ)[0] == 200
        assert time.monotonic() - began < 1.4
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert time.monotonic() - began >= 1.5


@pytest.mark.parametrize(
    ("path", "data", "status", "rule"),
    [
        ("/fhir/Claim", b"{", 400, "json.syntax"),
        ("/fhir/Claim", b"<Claim/>", 400, "http.other-format"),
        ("/fhir/Claim", refill_bytes(), 422, "claim.one"),
        ("/fhir/Claim", b'{"resourceType": "Claim"}', 422, "base.required"),
        ("/fhir/Claim", without_insurer(), 422, "payer.insurer-missing"),
        ("/fhir/Patient", CLAIM, 404, "http.not-found"),
        ("/fhir/metadata", CLAIM, 405, "http.method-not-allowed"),
    ],
)
def test_what_is_no_claim_is_refused_with_an_outcome_and_not_kept(payers, path, data, status, rule):
    served, kept = payers()
    before = sorted(kept.iterdir())
    code, rules = refusal(served, path, data)
    assert code == status
    assert rule in rules
    assert sorted(kept.iterdir()) == before


def test_the_statement_names_the_operation_that_exists(payers):
    served, _ = payers()
    with urlopen(f"http://127.0.0.1:{served.port}/fhir/metadata", timeout=30) as answer:
        data = answer.read()
    assert not has_errors(validate_document(data, load_rule_book()))
    (resource,) = json.loads(data)["rest"][0]["resource"]
    assert (resource["type"], [each["name"] for each in resource["operation"]]) == ("Claim", ["submit"])


def test_one_line_says_where_the_payer_is(payers):
    served, _ = payers()
    assert re.fullmatch(r"refill-adapter serves http://127\.0\.0\.1:\d+/fhir\n", served.line)


def test_a_claim_that_cannot_be_kept_is_not_answered(tmp_path):
    client = create_payer(Payer(load_rule_book(), tmp_path / "file" / "folder")).test_client()
    (tmp_path / "file").write_text("")
    answer = client.post("/fhir/Claim", data=CLAIM, headers={"Content-Type": "application/fhir+json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
