"""The counters see every request, and name no address."""

from tests.web.exchange import post


def test_the_metrics_count_requests_and_issues_and_name_no_address(client):
    post(client, "/fhir/Patient/$validate?profile=SECRET", b"{")
    client.get("/fhir/SECRET")
    text = client.get("/metrics").text
    assert 'refill_requests_total{method="POST",route="/fhir/<type:resource_type>/$validate",status="400"} 1.0' in text
    assert 'rule="json.syntax"' in text
    assert "SECRET" not in text
