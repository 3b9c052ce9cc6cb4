"""A Bundle is taken apart so that every reference in it leads where its resource now stands."""

from adapter.fhir.json import decode_json
from adapter.fhir.placing import gather_context, list_references, place_entries
from tests.samples import SAMPLES

CLAIM = decode_json((SAMPLES / "claim-to-restore.json").read_bytes()).value


def place(bundle):
    return place_entries(bundle, lambda name: name.replace(":", "-").replace("/", "-").strip("-")[:64])


def test_every_resource_has_a_place_and_every_reference_in_the_bundle_leads_to_one():
    placed = place(CLAIM)
    assert [(one.kind, one.tree["id"]) for one in placed] == [(entry["resource"]["resourceType"], one.id) for entry, one in zip(CLAIM["entry"], placed, strict=True)]
    places = {f"{one.kind}/{one.id}" for one in placed}
    referred = {reference for one in placed for reference in list_references(one.tree)}
    assert referred
    assert referred <= places


def test_the_bundle_itself_stays_and_a_reference_out_of_it_too():
    before = repr(CLAIM)
    bundle = {"entry": [{"resource": {"resourceType": "Claim", "patient": {"reference": "Patient/9"}, "contained": [{"id": "c"}], "insurer": {"reference": "#c"}}}]}
    (claim,) = place(bundle)
    place(CLAIM)
    assert list(list_references(claim.tree)) == ["Patient/9", "#c"]
    assert repr(CLAIM) == before


def test_a_reference_by_type_and_id_leads_to_the_resource_of_that_id():
    bundle = {"entry": [
        {"fullUrl": "http://ehr.example/fhir/Patient/7", "resource": {"resourceType": "Patient", "id": "7"}},
        {"resource": {"resourceType": "Claim", "patient": {"reference": "Patient/7"}}},
    ]}
    patient, claim = place(bundle)
    assert claim.tree["patient"] == {"reference": f"Patient/{patient.id}"}


def test_what_a_kept_resource_refers_to_comes_with_it_once_and_a_ring_ends():
    kept = {
        ("Patient", "1"): {"resourceType": "Patient", "id": "1", "managingOrganization": {"reference": "Organization/1"}},
        ("Organization", "1"): {"resourceType": "Organization", "id": "1", "partOf": {"reference": "Organization/1"}},
    }
    claim = {"resourceType": "Claim", "patient": {"reference": "Patient/1"}, "insurer": {"reference": "Patient/1"}, "provider": {"reference": "Organization/2"}}
    bundle = gather_context(claim, lambda kind, identity: kept.get((kind, identity)))
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Claim", "Patient", "Organization"]
