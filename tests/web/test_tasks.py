"""A held record waits as a Task; a coder's decision codes it anew, and nothing is overruled in passing."""

import json

import pytest

from adapter.fhir.systems import own_structure
from tests.samples import SAMPLES
from tests.web.test_submit import FHIR, counted, kept, rules, submit

__all__ = ["kept"]  # the fixture

MISSING = (SAMPLES / "missing-route.json").read_bytes()
CONTRADICTING = (SAMPLES / "contradicting-routes.json").read_bytes()


def decision(rule, path, reason="Asked the ward.", **value):
    parts = [("rule", {"valueCode": rule}), ("reason", {"valueString": reason}), ("path", {"valueString": path})]
    parts += [("value", value)] if value else []
    return {"name": "decision", "part": [{"name": name, **told} for name, told in parts]}


def decide(client, task, *decisions, coder="coder-7"):
    coders = [{"name": "coder", "valueString": coder}] if coder else []
    body = json.dumps({"resourceType": "Parameters", "parameter": [*coders, *decisions]})
    answer = client.post(f"/fhir/Task/{task}/$decide", data=body, headers=FHIR)
    return answer.status_code, answer.get_json()


def held(client, data):
    """Submit what is held, and give its Task and the issues."""
    status, outcome = submit(client, data)
    assert (status, rules(outcome)[-1]) == (422, "submit.held")
    text = outcome["issue"][-1]["details"]["text"]
    return text.split("Task/")[1].split(".")[0], outcome["issue"]


def place(issues, rule):
    return next(issue["expression"][0] for issue in issues if issue["details"]["coding"][0]["code"] == rule)


@pytest.fixture
def waiting(keeping_client):
    task, issues = held(keeping_client, MISSING)
    return task, decision("route.missing", f"{place(issues, 'route.missing')}.extension('{own_structure('delivery-route')}').value", valueCode="intra-arterial")


def test_a_held_record_is_a_task_with_its_document_and_nothing_is_queued(keeping_client, store, kept):
    task, issues = held(keeping_client, MISSING)
    tree = kept("Task", task)
    assert tree["status"] == "requested"
    assert [coding["code"] for coding in tree["reasonCode"]["coding"]] == ["route.missing", "act.no-code"]
    document = kept(*tree["focus"]["reference"].split("/"))
    assert {**json.loads(MISSING), "id": document["id"]} == document
    assert len(issues) == len(tree["contained"][0]["issue"]) + 1
    assert counted(store) == (0, 0, {})
    assert held(keeping_client, MISSING)[0] == task


def test_a_missing_fact_that_is_supplied_codes_the_record_and_submits_it(keeping_client, store, kept, waiting):
    task, supplied = waiting
    status, response = decide(keeping_client, task, supplied)
    assert (status, response.get("outcome")) == (200, "queued"), response
    claim = kept("Claim", response["request"]["reference"].split("/")[1])
    assert claim["item"][0]["productOrService"]["coding"][0]["code"] == "96522"
    assert counted(store) == (1, 1, {"queued": 1})


def test_who_decided_what_and_why_is_kept_with_what_stood_before(keeping_client, store, kept, waiting):
    task, supplied = waiting
    focus = kept("Task", task)["focus"]["reference"]
    _, response = decide(keeping_client, task, supplied)
    done = kept("Task", task)
    assert (done["status"], done["output"][0]["valueReference"]) == ("completed", {"reference": response["request"]["reference"]})
    with store.reading() as unit:
        found = [json.loads(one.data) for one in unit.read_versions(unit.search("Provenance", ()))]
        before = unit.find_version(*focus.split("/"), 1)
    (provenance,) = [one for one in found if "reason" in one]
    assert provenance["agent"][0]["who"]["identifier"]["value"] == "coder-7"
    assert provenance["reason"][0]["text"] == "Asked the ward."
    assert [one["reference"] for one in provenance["target"]] == [response["request"]["reference"], f"{focus}/_history/2"]
    assert provenance["entity"][0]["what"]["reference"] == f"{focus}/_history/1"
    assert b"delivery-route" not in before.data.split(b'"Device"')[1].split(b"resourceType")[0]


def test_a_contradiction_is_decided_by_naming_it(keeping_client, store):
    task, issues = held(keeping_client, CONTRADICTING)
    rule = next(one["details"]["coding"][0]["code"] for one in issues if one["severity"] == "error")
    places = next(one["expression"] for one in issues if one["severity"] == "error")
    drug = next(one for one in places if "dosage" in one or "route" in one.rpartition(".")[2])
    path = drug.split(".coding")[0]
    status, outcome = decide(keeping_client, task, decision("consent.missing", path))
    assert (status, rules(outcome)) == (422, ["decision.unnamed"])
    assert rule in outcome["issue"][0]["details"]["text"]
    assert counted(store) == (0, 0, {})
    assert decide(keeping_client, task, decision(rule, path))[0] == 200


def test_a_decision_that_leaves_the_record_held_changes_nothing(keeping_client, kept, waiting):
    task, _ = waiting
    focus = kept("Task", task)["focus"]["reference"].split("/")
    before = kept(*focus)
    status, outcome = decide(keeping_client, task, decision("route.missing", "Bundle.type", valueCode="collection"))
    assert (status, "route.missing" in rules(outcome)) == (422, True)
    assert (kept(*focus), kept("Task", task)["status"]) == (before, "requested")


def test_a_task_is_decided_once(keeping_client, store, waiting):
    task, supplied = waiting
    assert decide(keeping_client, task, supplied)[0] == 200
    status, outcome = decide(keeping_client, task, supplied)
    assert (status, rules(outcome)) == (409, ["decision.not-open"])
    assert counted(store) == (1, 1, {"queued": 1})


@pytest.mark.parametrize(("decisions", "coder", "rule"), [
    ((), "c", "decision.missing"), ((decision("route.missing", "Bundle.type"),), "", "decision.missing"),
    ((decision("route.missing", "Bundle.type", reason=" "),), "c", "decision.unreasoned"), ((decision("route.missing", "Bundle.nowhere"),), "c", "decision.path"),
])
def test_a_decision_that_is_not_whole_is_refused(keeping_client, waiting, decisions, coder, rule):
    status, outcome = decide(keeping_client, waiting[0], *decisions, coder=coder)
    assert status == 422
    assert rule in rules(outcome)


def test_there_is_no_other_task(keeping_client):
    status, outcome = decide(keeping_client, "none", decision("route.missing", "Bundle.type"))
    assert (status, rules(outcome)) == (404, ["http.not-found"])


@pytest.mark.parametrize("body", [b"{", b'{"resourceType":"Patient"}', b"[]"])
def test_a_body_that_is_no_parameters_is_refused(keeping_client, waiting, body):
    answer = keeping_client.post(f"/fhir/Task/{waiting[0]}/$decide", data=body, headers=FHIR)
    assert answer.status_code in (400, 422)
    assert answer.get_json()["resourceType"] == "OperationOutcome"
