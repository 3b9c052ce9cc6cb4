"""Resources are created, read, changed and found as R4 says, and what is not valid is not kept."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapter.store import Unit, resources
from tests.samples import refill_bytes
from tests.web.exchange import JSON, outcome, post, rules

SMITH = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}], "gender": "male", "name": [{"family": "Smith"}]}
FORM = "application/x-www-form-urlencoded"


def put(client, tree, **headers):
    return client.put(f"/fhir/{tree['resourceType']}/{tree['id']}", data=json.dumps(tree), headers={"Content-Type": JSON, **headers})


def create(client, tree=None, **headers):
    return post(client, f"/fhir/{(tree or SMITH)['resourceType']}", json.dumps(tree or SMITH), **headers)


def test_a_created_resource_is_read_at_its_location_with_version_and_time(keeping_client):
    made = create(keeping_client)
    assert (made.status_code, made.headers["ETag"], made.json["meta"]["versionId"]) == (201, 'W/"1"', "1")
    assert made.headers["Location"] == f"http://localhost/fhir/Patient/{made.json['id']}/_history/1"
    for path in (made.headers["Location"], f"/fhir/Patient/{made.json['id']}", f"/fhir/Patient/{made.json['id']}/"):
        read = keeping_client.get(path)
        assert (read.status_code, read.json, read.headers["Last-Modified"]) == (200, made.json, "Thu, 01 Oct 2026 12:00:00 GMT")
    head = keeping_client.head(f"/fhir/Patient/{made.json['id']}")
    assert (head.status_code, head.headers["ETag"], head.data) == (200, 'W/"1"', b"")


def test_id_version_and_time_that_a_client_sends_with_a_create_are_not_kept(keeping_client):
    made = create(keeping_client, {**SMITH, "id": "mine", "meta": {"versionId": "9", "lastUpdated": "2020-01-01T00:00:00Z", "profile": []}} | {"meta": {"versionId": "9", "source": "urn:a"}})
    assert made.json["id"] != "mine"
    assert made.json["meta"] == {"versionId": "1", "lastUpdated": "2026-10-01T12:00:00.000Z", "source": "urn:a"}


@pytest.mark.parametrize(("prefer", "kind"), [
    ("return=minimal", None), ("return=representation", "Patient"), ("return=OperationOutcome", "OperationOutcome"),
    ("return=presentation", "Patient"), ("respond-later; return=minimal", None), ("handling=strict, return=OperationOutcome", "OperationOutcome"),
])
def test_prefer_chooses_what_comes_back_and_unknown_values_are_ignored(keeping_client, prefer, kind):
    made = create(keeping_client, Prefer=prefer)
    assert made.status_code == 201
    assert (made.json["resourceType"] if made.data else None) == kind


@pytest.mark.parametrize(("body", "status"), [("{", 400), ('{"resourceType":"Patient","gender":"none"}', 422), ('{"resourceType":"Claim"}', 422)])
def test_what_is_not_valid_is_refused_and_not_kept(keeping_client, body, status):
    assert post(keeping_client, "/fhir/Patient", body).status_code == status
    assert keeping_client.get("/fhir/Patient").json["total"] == 0


def test_another_type_or_id_than_that_of_the_address_is_a_400(keeping_client):
    assert rules(post(keeping_client, "/fhir/Device", json.dumps(SMITH))) == ["resource.other-type"]
    assert rules(keeping_client.put("/fhir/Patient/a", data=json.dumps({**SMITH, "id": "b"}), headers={"Content-Type": JSON})) == ["resource.other-id"]


def test_an_update_makes_a_version_and_a_lost_update_is_a_412(keeping_client):
    made = put(keeping_client, {**SMITH, "id": "p"})
    assert (made.status_code, made.headers["ETag"]) == (201, 'W/"1"')
    assert put(keeping_client, {**SMITH, "id": "p", "gender": "female"}, **{"If-Match": 'W/"1"'}).status_code == 200
    lost = put(keeping_client, {**SMITH, "id": "p"}, **{"If-Match": 'W/"1"'})
    assert (lost.status_code, rules(lost)) == (412, ["resource.version-conflict"])
    assert put(keeping_client, {**SMITH, "id": "p"}, **{"If-None-Match": "*"}).status_code == 412
    assert put(keeping_client, {**SMITH, "id": "q"}, **{"If-Match": 'W/"1"'}).status_code == 412
    assert keeping_client.get("/fhir/Patient/q").status_code == 404
    assert keeping_client.get("/fhir/Patient/p/_history/1").json["gender"] == "male"
    assert keeping_client.get("/fhir/Patient/p").json["gender"] == "female"


def test_what_a_client_has_already_is_a_304_without_a_body(keeping_client):
    put(keeping_client, {**SMITH, "id": "p"})
    for head, status in ({"If-None-Match": 'W/"1"'}, 304), ({"If-None-Match": 'W/"2"'}, 200), ({"If-Modified-Since": "Thu, 01 Oct 2026 12:00:00 GMT"}, 304), ({"If-Modified-Since": "Thu, 01 Oct 2026 11:00:00 GMT"}, 200), ({"If-Modified-Since": "soon"}, 200):
        read = keeping_client.get("/fhir/Patient/p", headers=head)
        assert (read.status_code, bool(read.data)) == (status, status == 200)


def test_a_deleted_resource_is_gone_and_its_history_stays(keeping_client):
    put(keeping_client, {**SMITH, "id": "p"})
    assert keeping_client.delete("/fhir/Patient/p").status_code == 204
    assert keeping_client.delete("/fhir/Patient/p").status_code == 204
    gone = keeping_client.get("/fhir/Patient/p")
    assert (gone.status_code, rules(gone)) == (410, ["resource.deleted"])
    assert keeping_client.get("/fhir/Patient").json["total"] == 0
    history = keeping_client.get("/fhir/Patient/p/_history").json
    assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "POST"]
    assert put(keeping_client, {**SMITH, "id": "p"}).headers["ETag"] == 'W/"3"'


@pytest.mark.parametrize("kind", ["Claim", "ClaimResponse", "Provenance", "AuditEvent", "Task"])
def test_what_this_service_makes_refuses_update_and_delete_with_405(keeping_client, kind):
    for method in ("PUT", "DELETE", "PATCH"):
        refused = keeping_client.open(f"/fhir/{kind}/a", method=method, data="{}", headers={"Content-Type": JSON})
        assert (refused.status_code, "GET" in refused.headers["Allow"]) == (405, True)
        assert outcome(refused)
    assert rules(keeping_client.put("/fhir/Task/a", data="{}", headers={"Content-Type": JSON})) == ["resource.interaction"]


@pytest.mark.parametrize("path", ["/fhir/Patient/nope", "/fhir/Patient/nope/_history", "/fhir/Patient/nope/_history/1", "/fhir/Patient/nope/_history/x"])
def test_what_was_never_kept_is_a_404(keeping_client, path):
    assert rules(keeping_client.get(path)) == ["resource.not-found"]


# ---------------------------------------------------------------- conditional create


def test_a_conditional_create_gives_what_is_here_and_refuses_several(keeping_client):
    first = create(keeping_client, **{"If-None-Exist": "identifier=urn:x|1"})
    again = create(keeping_client, **{"If-None-Exist": "identifier=urn:x|1"})
    assert (first.status_code, again.status_code, again.json["id"]) == (201, 200, first.json["id"])
    create(keeping_client)
    assert rules(create(keeping_client, **{"If-None-Exist": "identifier=urn:x|1"})) == ["search.several"]
    for query in ("colour=red", "", "identifier=1&colour=red"):
        assert rules(create(keeping_client, **{"If-None-Exist": query})) == ["search.condition"]


def race(client):
    app = client.application
    made = []
    for turn in range(5):
        tree = {**SMITH, "identifier": [{"system": "urn:race", "value": str(turn)}]}
        with ThreadPoolExecutor(16) as crowd:
            asked = [crowd.submit(create, app.test_client(), tree, **{"If-None-Exist": f"identifier=urn:race|{turn}"}) for _ in range(16)]
            made.append(sorted(one.result().status_code for one in asked))
    return made


def test_of_many_identical_conditional_creates_one_creates(keeping_client):
    assert race(keeping_client) == [[200] * 15 + [201]] * 5
    assert keeping_client.get("/fhir/Patient?_summary=count").json["total"] == 5


def test_the_harness_of_conditional_creates_catches_a_search_that_finds_nothing(keeping_client, monkeypatch):
    monkeypatch.setattr(Unit, "search", lambda *_: [])
    assert race(keeping_client) != [[200] * 15 + [201]] * 5


# ---------------------------------------------------------------- search


def test_search_by_get_and_by_post_find_the_same_and_a_post_shows_nothing_of_its_query(keeping_client):
    for number in range(5):
        put(keeping_client, {**SMITH, "id": f"p{number}", "name": [{"family": f"Smith{number}"}]})
    got = keeping_client.get("/fhir/Patient?family=smith3").json
    posted = keeping_client.post("/fhir/Patient/_search", data="family=smith3", headers={"Content-Type": FORM})
    assert [one["resource"]["id"] for one in got["entry"]] == [one["resource"]["id"] for one in posted.json["entry"]] == ["p3"]
    assert "smith3" not in json.dumps(posted.json["link"])
    assert keeping_client.get(posted.json["link"][0]["url"]).json["entry"] == posted.json["entry"]


def test_pages_are_stable_whatever_happens_and_their_links_hold_no_data(keeping_client):
    for number in range(7):
        put(keeping_client, {**SMITH, "id": f"p{number}"})
    page = keeping_client.get("/fhir/Patient?family=smith&_count=3&_sort=_id").json
    put(keeping_client, {**SMITH, "id": "p5", "gender": "female"})
    keeping_client.delete("/fhir/Patient/p4")
    put(keeping_client, {**SMITH, "id": "a"})
    found = []
    while True:
        found += [(one["resource"]["id"], one["resource"]["gender"]) for one in page["entry"]]
        links = {one["relation"]: one["url"] for one in page["link"]}
        assert page["total"] == 7
        if "next" not in links:
            break
        assert "smith" not in links["next"]
        page = keeping_client.get(links["next"]).json
    assert found == [(f"p{number}", "male") for number in range(7)]
    assert "previous" in links
    assert rules(keeping_client.get("/fhir/_page/nobody/0")) == ["search.page"]


def test_results_are_cut_counted_and_sorted_as_asked(keeping_client):
    put(keeping_client, {**SMITH, "id": "p", "birthDate": "1950-01-01", "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}})
    put(keeping_client, {**SMITH, "id": "q", "birthDate": "1960-01-01"})

    def keys(query):
        return {key for one in keeping_client.get(f"/fhir/Patient?{query}").json.get("entry", []) for key in one["resource"]} - {"resourceType", "id", "meta"}

    assert keys("_elements=gender") == {"gender"}
    assert keys("_summary=text") == {"text"}
    assert "text" not in keys("_summary=data")
    assert keys("_summary=true") == {"identifier", "gender", "name", "birthDate"}
    assert keys("_summary=count") == keys("_count=0") == set()
    assert "total" not in keeping_client.get("/fhir/Patient?_total=none").json
    assert [one["resource"]["id"] for one in keeping_client.get("/fhir/Patient?_sort=-birthdate").json["entry"]] == ["q", "p"]
    assert keeping_client.get("/fhir/Patient/p?_elements=gender").json["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert keeping_client.get("/fhir/Patient?_pretty=true").data.count(b"\n") > 10
    assert keeping_client.get("/fhir/Patient?_format=xml").data.startswith(b"<?xml")


def test_an_unknown_parameter_is_a_warning_or_under_strict_handling_a_400(keeping_client):
    lenient = keeping_client.get("/fhir/Patient?colour=red").json
    assert lenient["entry"][-1]["resource"]["issue"][0]["details"]["coding"][0]["code"] == "search.unknown-parameter"
    assert rules(keeping_client.get("/fhir/Patient?colour=red", headers={"Prefer": "handling=strict"})) == ["search.unknown-parameter"]


@pytest.mark.parametrize(("query", "rule"), [("birthdate=soon", "search.value"), ("_count=-1", "search.value"), ("_summary=all", "search.value"), ("gender:above=x", "search.modifier"), ("gender:missing=maybe", "search.value")])
def test_a_value_or_modifier_that_is_none_is_a_400(keeping_client, query, rule):
    assert rules(keeping_client.get(f"/fhir/Patient?{query}")) == [rule]


def test_a_search_that_finds_too_many_is_a_400(keeping_client, monkeypatch):
    monkeypatch.setattr(resources, "MAX_FOUND", 1)
    put(keeping_client, {**SMITH, "id": "p"})
    put(keeping_client, {**SMITH, "id": "q"})
    assert {rules(keeping_client.get(path))[0] for path in ("/fhir/Patient", "/fhir/_history")} == {"search.too-many"}


def test_our_definitions_are_read_and_found_by_url(client):
    url = "https://refill-adapter.example/fhir/StructureDefinition/modifier"
    (found,) = client.get("/fhir/StructureDefinition", query_string={"url": url}).json["entry"]
    assert found["resource"]["url"] == url
    assert client.get(f"/fhir/StructureDefinition/{found['resource']['id']}").json == found["resource"]
    assert client.get("/fhir/ValueSet/nobody").status_code == 404
    assert all(client.get(f"/fhir/{kind}").json["total"] > 5 for kind in ("CodeSystem", "ConceptMap", "ValueSet"))


def test_xml_goes_in_and_out(keeping_client):
    made = keeping_client.post("/fhir/Patient?_format=xml", data=b'<Patient xmlns="http://hl7.org/fhir"><gender value="male"/></Patient>', headers={"Content-Type": "application/fhir+xml"})
    assert (made.status_code, made.data.startswith(b"<?xml"), b'<gender value="male"/>' in made.data) == (201, True, True)


def test_a_correlation_id_is_echoed_or_made(client):
    assert client.get("/livez", headers={"X-Correlation-Id": "abc"}).headers["X-Correlation-Id"] == "abc"
    made = client.get("/livez", headers={"X-Correlation-Id": "a b"}).headers
    assert made["X-Correlation-Id"] == made["X-Request-Id"]


def test_a_store_that_is_busy_is_a_503_with_a_time_to_come_again(keeping_client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def busy(*_):
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr(Unit, "reserve", busy)
    refused = put(keeping_client, {**SMITH, "id": "p"})
    assert (refused.status_code, refused.headers["Retry-After"], rules(refused)) == (503, "5", ["http.not-ready"])


def test_what_was_submitted_is_found_by_search(keeping_client):
    answered = post(keeping_client, "/fhir/Claim/$submit", refill_bytes())
    assert answered.status_code == 200
    claims = keeping_client.get("/fhir/Claim?use=claim").json
    assert claims["total"] == 1
    claim = claims["entry"][0]["resource"]
    responses = keeping_client.get(f"/fhir/ClaimResponse?request=Claim/{claim['id']}").json
    assert [one["resource"]["resourceType"] for one in responses["entry"]] == ["ClaimResponse"]
    assert keeping_client.get(f"/fhir/Claim/{claim['id']}").headers["ETag"] == 'W/"1"'
