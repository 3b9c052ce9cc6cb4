"""A held record waits as a Task; a coder's decision codes it anew, and nothing is overruled in passing."""

import json

import pytest

from adapter.fhir.systems import own_structure
from adapter.flow import validate_document
from adapter.load import load_rule_book
from tests.samples import SAMPLES, refill_bytes
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


def supplied_at(waiting):
    """Give the path of the decision that supplies what is missing."""
    return next(part["valueString"] for part in waiting[1]["part"] if part["name"] == "path")


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
    with store.reading() as unit:
        (audit,) = [json.loads(one.data) for one in unit.read_versions(unit.search("AuditEvent", ()))]
    assert (audit["agent"][0]["who"]["identifier"]["value"], audit["entity"][0]["what"]["reference"]) == ("coder-7", f"Task/{task}")
    assert not [one for one in validate_document(json.dumps(audit).encode(), load_rule_book()) if one.is_error]
    assert b"delivery-route" not in before.data.split(b'"Device"')[1].split(b"resourceType")[0]


def test_a_contradiction_is_decided_by_naming_it(keeping_client, store):
    task, issues = held(keeping_client, CONTRADICTING)
    rule = next(one["details"]["coding"][0]["code"] for one in issues if one["severity"] == "error")
    places = next(one["expression"] for one in issues if one["severity"] == "error")
    drug = next(one for one in places if "dosage" in one or "route" in one.rpartition(".")[2])
    path = drug.split(".coding")[0]
    others = [one["details"]["coding"][0]["code"] for one in issues if one["details"]["coding"][0]["code"] not in (rule, "submit.held")]
    status, outcome = decide(keeping_client, task, decision(others[0] if others else "made.up", path))
    assert status == 422
    assert rules(outcome)[0] in ("decision.unnamed", "decision.foreign")
    assert counted(store) == (0, 0, {})
    assert decide(keeping_client, task, decision(rule, path))[0] == 200


def test_a_decision_that_leaves_the_record_held_changes_nothing(keeping_client, kept, waiting):
    task, _ = waiting
    focus = kept("Task", task)["focus"]["reference"].split("/")
    before = kept(*focus)
    device = supplied_at(waiting).partition(".extension")[0]
    status, outcome = decide(keeping_client, task, decision("route.missing", f"{device}.lotNumber", valueString="L1"))
    assert (status, "route.missing" in rules(outcome)) == (422, True)
    assert (kept(*focus), kept("Task", task)["status"]) == (before, "requested")


@pytest.mark.parametrize(("rule", "path"), [
    ("made.up-rule", "Bundle.entry[0].resource.birthDate"), ("route.missing", "Bundle.entry[0].resource.birthDate"), ("route.missing", "Bundle.type"),
    ("made.up-rule", None),
])
def test_a_decision_on_what_the_task_does_not_tell_is_refused(keeping_client, store, waiting, rule, path):
    task, supplied = waiting
    foreign = decision(rule, path or supplied_at(waiting), valueDate="1901-01-01")
    status, outcome = decide(keeping_client, task, supplied, foreign)
    assert (status, rules(outcome)) == (422, ["decision.foreign"])
    assert counted(store) == (0, 0, {})
    assert decide(keeping_client, task, supplied)[0] == 200


def test_of_a_visit_beside_one_that_was_coded_only_what_was_held_is_submitted(keeping_client, store):
    coded, missing = json.loads(refill_bytes()), json.loads(MISSING)
    bundle = {**coded, "entry": [*coded["entry"], *missing["entry"]]}
    status, gathered = submit(keeping_client, json.dumps(bundle).encode())
    assert (status, counted(store)) == (200, (1, 1, {"queued": 1})), gathered
    issues = gathered["entry"][-1]["resource"]["issue"]
    task = issues[-1]["details"]["text"].split("Task/")[1].split(".")[0]
    place_ = f"{place(issues, 'route.missing')}.extension('{own_structure('delivery-route')}').value"
    status, response = decide(keeping_client, task, decision("route.missing", place_, valueCode="intra-arterial"))
    assert (status, response["resourceType"]) == (200, "ClaimResponse"), response
    assert counted(store) == (2, 2, {"queued": 2})


def test_a_bundle_whose_task_was_decided_says_so(keeping_client, waiting):
    assert decide(keeping_client, *waiting)[0] == 200
    status, outcome = submit(keeping_client, MISSING)
    assert (status, rules(outcome)[-1]) == (422, "submit.held")
    assert "was decided" in outcome["issue"][-1]["details"]["text"]


def test_a_task_is_decided_once(keeping_client, store, waiting):
    task, supplied = waiting
    assert decide(keeping_client, task, supplied)[0] == 200
    status, outcome = decide(keeping_client, task, supplied)
    assert (status, rules(outcome)) == (409, ["decision.not-open"])
    assert counted(store) == (1, 1, {"queued": 1})


@pytest.mark.parametrize(("decisions", "coder", "rule"), [
    ((), "c", "decision.missing"), ((decision("route.missing", "Bundle.type"),), "", "decision.missing"),
    ((decision("route.missing", "Bundle.type", reason=" "),), "c", "decision.unreasoned"), ((decision("route.missing", "Bundle.nowhere"),), "c", "decision.foreign"),
])
def test_a_decision_that_is_not_whole_is_refused(keeping_client, waiting, decisions, coder, rule):
    status, outcome = decide(keeping_client, waiting[0], *decisions, coder=coder)
    assert status == 422
    assert rule in rules(outcome)


def test_a_place_that_the_task_tells_and_the_type_has_not_is_refused(keeping_client, waiting):
    device = supplied_at(waiting).partition(".extension")[0]
    status, outcome = decide(keeping_client, waiting[0], decision("route.missing", f"{device}.nowhere"))
    assert (status, rules(outcome)) == (422, ["decision.path"])


def test_there_is_no_other_task(keeping_client):
    status, outcome = decide(keeping_client, "none", decision("route.missing", "Bundle.type"))
    assert (status, rules(outcome)) == (404, ["http.not-found"])


@pytest.mark.parametrize("body", [b"{", b'{"resourceType":"Patient"}', b"[]", b'{"resourceType":"Parameters"}'])
def test_a_body_that_is_no_parameters_is_refused(keeping_client, waiting, body):
    answer = keeping_client.post(f"/fhir/Task/{waiting[0]}/$decide", data=body, headers=FHIR)
    assert answer.status_code in (400, 422)
    assert answer.get_json()["resourceType"] == "OperationOutcome"
