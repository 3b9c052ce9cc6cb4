"""`$validate` answers for what was sent and for what is kept, and says what is wrong with the question too."""

import json

import pytest

from adapter.fhir.xml import decode_xml
from adapter.load import load_rule_book
from tests.samples import in_xml, refill_bytes
from tests.web.exchange import CODE, outcome, post, rules

XML = "application/fhir+xml"
SITE_PROFILE = "https://refill-adapter.example/fhir/StructureDefinition/refill-procedure"
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "none"}


def wrapped(*parameters, indent=None):
    return json.dumps({"resourceType": "Parameters", "parameter": list(parameters)}, indent=indent, ensure_ascii=False)


def kept_claim(client):
    """Have a claim made and kept: its number and its tree."""
    claim = json.loads(post(client, CODE, refill_bytes()).data)["entry"][0]["resource"]
    return claim["identifier"][0]["value"], claim


def verdict(issue):
    """Give what the extensions of an issue tell."""
    told = {}
    for one in issue["extension"]:
        parts = one.get("extension", [one])
        told |= {part["url"].rpartition("-")[2]: next(value for key, value in part.items() if key != "url") for part in parts}
    return told


@pytest.mark.parametrize("indent", [None, 2])
def test_a_resource_in_parameters_is_placed_in_the_text_as_it_was_sent(client, indent):
    data = wrapped({"name": "note", "valueString": "é𝄞"}, {"name": "resource", "resource": PATIENT}, indent=indent)
    (issue,) = outcome(post(client, "/fhir/Patient/$validate", data.encode()))["issue"]
    told = verdict(issue)
    assert issue["expression"] == ["Patient.gender"]
    assert data.split("\n")[told["line"] - 1][told["col"] - 1 :].startswith('"none"')


def test_every_verdict_of_an_outcome_tells_found_entry_remedy_and_the_page_of_its_rule(client):
    url = "urn:uuid:1c0e5a1a-0d2c-4a8e-9a52-3c7c0ad0b6d1"
    observation = {"resourceType": "Observation", "id": "o1", "status": "done", "code": {"text": "x"}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": url, "resource": observation}]}
    (issue,) = outcome(post(client, "/fhir/Bundle/$validate", json.dumps(bundle)))["issue"]
    page = "https://refill-adapter.example/docs/rules#base.code"
    remedy = load_rule_book().tables.sentences["base.code"][1]
    assert verdict(issue) == {"line": 1, "col": issue["extension"][1]["valueInteger"], "found": '"done"', "resource": "Observation/o1", "url": url, "page": page, "remedy": remedy}
    assert issue["details"]["text"].endswith('Found: "done".')
    assert issue["expression"] == ["Bundle.entry[0].resource.status"]


def test_an_outcome_with_verdicts_is_itself_valid(client):
    data = post(client, "/fhir/Patient/$validate", json.dumps(PATIENT)).data
    assert b"issue-verdict" in data
    assert rules(post(client, "/fhir/OperationOutcome/$validate", data)) == ["outcome.all-ok"]
    assert rules(post(client, "/fhir/OperationOutcome/$validate", data.replace(b'"url":"found"', b'"url":"fund"'))) != ["outcome.all-ok"]


def test_parameters_and_verdicts_travel_in_xml_too(client):
    data = in_xml(wrapped({"name": "mode", "valueCode": "create"}, {"name": "resource", "resource": PATIENT}).encode())
    response = client.post("/fhir/Patient/$validate", data=data, headers={"Content-Type": XML, "Accept": XML})
    assert (response.status_code, response.content_type) == (200, f"{XML}; charset=utf-8")
    (issue,) = decode_xml(response.data, load_rule_book().shapes).value["issue"]
    told = verdict(issue)
    assert issue["expression"] == ["Patient.gender"]
    assert data.decode().split("\n")[told["line"] - 1][told["col"] - 1 :].startswith("<gender")


ASKED = {
    "twice": ([{"name": "mode", "valueCode": "create"}] * 2, "", "parameters.repeated"),
    "in two places": ([{"name": "mode", "valueCode": "create"}], "?mode=profile", "parameters.repeated"),
    "a mode that is none": ([{"name": "mode", "valueCode": "check"}], "", "parameters.mode"),
    "an empty mode": ([], "?mode=Create", "parameters.mode"),
    "update of a type": ([], "?mode=update", "parameters.mode"),
    "delete of a type": ([], "?mode=delete", "parameters.mode"),
    "a number for a profile": ([{"name": "profile", "valueInteger": 1}], "", "parameters.wrong-type"),
    "a text for a resource": ([{"name": "resource", "valueString": "x"}], "", "parameters.wrong-type"),
    "no profile to mode profile": ([], "?mode=profile", "parameters.profile-missing"),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_is_wrong_with_the_question_is_a_400_that_says_it(client, case):
    parameters, query, rule = ASKED[case]
    response = post(client, f"/fhir/Patient/$validate{query}", wrapped({"name": "resource", "resource": PATIENT}, *parameters))
    assert (response.status_code, rules(response)) == (400, [rule])


@pytest.mark.parametrize("key", ["valueUri", "valueCanonical", "valueUrl", "valueString"])
@pytest.mark.parametrize("version", ["", "|0.1.0"])
def test_a_nominated_profile_is_resolved_with_and_without_its_version(client, key, version):
    resource = {"resourceType": "Procedure", "status": "completed", "subject": {"display": "x"}}
    data = wrapped({"name": "profile", key: SITE_PROFILE + version}, {"name": "mode", "valueCode": "profile"}, {"name": "resource", "resource": resource})
    response = post(client, "/fhir/Procedure/$validate", data)
    assert response.status_code == 200
    assert any(rule.startswith("profile.") for rule in rules(response))
    assert rules(post(client, "/fhir/Procedure/$validate", json.dumps(resource))) == ["outcome.all-ok"]


def test_a_version_of_a_profile_that_is_not_here_is_a_400_and_a_claimed_one_a_warning(client):
    resource = {"resourceType": "Procedure", "status": "completed", "subject": {"display": "x"}}
    response = post(client, f"/fhir/Procedure/$validate?profile={SITE_PROFILE}|9.9", json.dumps(resource))
    assert (response.status_code, rules(response)) == (400, ["profile.not-found"])
    claiming = {**resource, "meta": {"profile": [f"{SITE_PROFILE}|9.9"]}}
    response = post(client, "/fhir/Procedure/$validate", json.dumps(claiming))
    assert (response.status_code, [issue["severity"] for issue in outcome(response)["issue"]]) == (200, ["warning"])
    assert rules(response) == ["profile.unknown"]


def test_several_profiles_are_asked_and_what_is_wrong_anyway_is_told_once(client):
    address = "/fhir/Procedure/$validate?profile=https://a.example/p&profile=https://b.example/p"
    found = rules(post(client, address, '{"resourceType": "Procedure", "subject": {"display": "x"}}'))
    assert sorted(found) == ["base.required", "profile.not-found", "profile.not-found"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_claim_that_is_kept_is_validated_under_its_number(keeping_client, method):
    number, _ = kept_claim(keeping_client)
    response = keeping_client.open(f"/fhir/Claim/{number}/$validate", method=method)
    assert (response.status_code, rules(response)) == (200, ["outcome.all-ok"])
    claimed = keeping_client.open(f"/fhir/Claim/{number}/$validate?profile=https://nobody.example/p", method=method)
    assert (claimed.status_code, rules(claimed)) == (400, ["profile.not-found"])
    response = post(keeping_client, f"/fhir/Claim/{number}/$validate", wrapped({"name": "mode", "valueCode": "delete"}))
    assert (response.status_code, rules(response)) == (200, ["validate.unchangeable"])
    response = post(keeping_client, f"/fhir/Claim/{number}/$validate", wrapped({"name": "note", "valueString": "x"}))
    assert rules(response) == ["outcome.all-ok"]


@pytest.mark.parametrize("path", ["/fhir/Claim/R0000000000000000/$validate", "/fhir/Patient/p/$validate"])
def test_what_is_not_kept_is_a_404_outcome(client, keeping_client, path):
    for each in (client, keeping_client):
        for response in (each.get(path), each.get(f"{path}?mode=delete"), post(each, path, json.dumps(PATIENT))):
            assert (response.status_code, rules(response)) == (404, ["validate.not-kept"])


def test_an_id_of_no_form_is_a_404_of_the_router(client):
    response = client.get("/fhir/Claim/a_b/$validate")
    assert (response.status_code, rules(response)) == (404, ["http.not-found"])
    assert client.get("/fhir/Claim/$validate").status_code == 405


def test_an_update_of_what_was_made_here_is_refused_and_its_id_compared(keeping_client):
    number, claim = kept_claim(keeping_client)
    address = f"/fhir/Claim/{number}/$validate?mode=update"
    assert rules(post(keeping_client, address, json.dumps(claim))) == ["validate.other-id", "validate.unchangeable"]
    assert rules(post(keeping_client, address, json.dumps({**claim, "id": number}))) == ["validate.unchangeable"]


def test_a_claim_that_is_kept_already_cannot_be_created_again(keeping_client):
    _, claim = kept_claim(keeping_client)
    assert rules(post(keeping_client, "/fhir/Claim/$validate?mode=create", json.dumps(claim))) == ["validate.duplicate"]
    assert rules(post(keeping_client, "/fhir/Claim/$validate", json.dumps(claim))) == ["outcome.all-ok"]
    claim["identifier"][0]["value"] = "R0000000000000000"
    assert rules(post(keeping_client, "/fhir/Claim/$validate?mode=create", json.dumps(claim))) == ["outcome.all-ok"]


def test_a_fault_of_the_text_in_parameters_is_a_400_at_its_place(client):
    data = wrapped({"name": "resource", "resource": {"resourceType": "Patient", "active": None}})
    response = post(client, "/fhir/Patient/$validate", data)
    assert (response.status_code, rules(response)) == (400, ["json.null"])
    assert outcome(response)["issue"][0]["expression"] == ["Parameters.parameter[0].resource.active"]


def test_the_statement_says_how_validate_is_called(client):
    (rest,) = client.get("/fhir/metadata").json["rest"]
    (claim,) = [one for one in rest["resource"] if one["type"] == "Claim"]
    assert {one["name"]: one["documentation"] for one in claim["operation"]} == {
        "claim-to-refill": "POST.", "from-x12": "POST.", "to-x12": "POST; GET or POST on an instance.", "validate": "POST; GET or POST on an instance.",
    }
