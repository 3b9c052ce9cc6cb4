"""The stamp is all that a writer knows of clock and ids."""

from __future__ import annotations

from dataclasses import replace

from adapter.fhir.stamp import Urls
from tests.fhir.claim_cases import STAMP


def test_the_same_name_gives_the_same_url_and_another_scope_another() -> None:
    urls = Urls(STAMP, "PCN1")
    assert urls.url("claim") == urls.url("claim") == urls.reference("claim")["reference"]
    assert urls.entry("claim", {})["fullUrl"] == urls.url("claim")
    assert len({urls.url("claim"), urls.url("patient"), Urls(STAMP, "PCN2").url("claim")}) == 3


def test_an_id_is_made_once_for_a_name() -> None:
    made: list[str] = []
    urls = Urls(replace(STAMP, make_id=lambda name: made.append(name) or f"id-{len(made)}"), "PCN1")
    assert [urls.url("claim"), urls.url("patient"), urls.url("claim")] == ["urn:uuid:id-1", "urn:uuid:id-2", "urn:uuid:id-1"]
    assert made == ["PCN1/claim", "PCN1/patient"]
