"""The counters see every request, and name no address."""

import re
from dataclasses import replace

from adapter.load import load_rule_book
from adapter.web.probes import _digest
from tests.web.exchange import post


def test_the_metrics_count_requests_and_issues_and_name_no_address(client):
    post(client, "/fhir/Patient/$validate?profile=SECRET", b"{")
    client.get("/fhir/SECRET")
    text = client.get("/metrics").text
    assert 'refill_requests_total{method="POST",route="/fhir/<type:resource_type>/$validate",status="400"} 1.0' in text
    assert 'rule="json.syntax"' in text
    assert "SECRET" not in text


def value(text, sample):
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(sample + " ")), None)


def test_the_metrics_tell_intake_build_tables_store_and_places(keeping_client):
    post(keeping_client, "/fhir/Patient/$validate", b'{"resourceType": "Patient"}')
    post(keeping_client, "/fhir/$refill-to-claim", b"{}")
    text = keeping_client.get("/metrics").text
    assert value(text, 'refill_intake_documents_total{operation="$validate",result="taken"}') == 1
    assert value(text, 'refill_intake_documents_total{operation="$refill-to-claim",result="refused"}') == 1
    assert value(text, 'refill_intake_bytes_total{operation="$validate"}') == 27
    assert (value(text, "refill_store_writable"), value(text, "refill_stopping"), value(text, "refill_tables_fault")) == (1, 0, 0)
    assert (value(text, "refill_places_working"), value(text, "refill_places_waiting")) == (0, 0)
    assert "refill_build_info{" in text
    assert 'refill_request_seconds_bucket{le="0.05",route="/fhir/$refill-to-claim"}' in text
    tables = load_rule_book().tables.tables
    told = set(re.findall(r'refill_table_info\{table="([^"]+)",version="[0-9a-f]{12}"\}', text))
    assert told == {name for name, table in tables.items() if table.rows}
    assert value(text, 'refill_table_rows{table="act"}') == len(tables["act"].rows)


def test_a_store_that_takes_no_write_is_seen_in_the_metrics(keeping_client, store):
    with store._engine.begin() as connection:
        connection.exec_driver_sql("drop table claim")
        connection.exec_driver_sql("drop table intake")
    assert value(keeping_client.get("/metrics").text, "refill_store_writable") == 0


def test_a_row_that_changes_changes_the_version_of_its_table():
    table = load_rule_book().tables["route"]
    first, *others = table.rows
    changed = replace(table, rows=(replace(first, start=first.start.replace(year=1999)), *others))
    assert _digest(changed) != _digest(table) == _digest(replace(table))
