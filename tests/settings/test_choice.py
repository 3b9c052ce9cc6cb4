"""Among several sites the document's provider picks one."""

import json
from dataclasses import replace

import pytest

from adapter.fhir.json import decode_json
from adapter.fhir.xml import encode_xml
from adapter.load import load_rule_book
from adapter.settings import choose_site, load_site
from tests.settings.test_site import SITE, write

SHAPES = load_rule_book().shapes
NPI = "http://hl7.org/fhir/sid/us-npi"


@pytest.fixture
def sites(tmp_path):
    one = load_site(write(tmp_path, SITE))
    two = replace(one, billing_provider=replace(one.billing_provider, npi="1882999901"))
    return {"1993999907": one, "1882999901": two}


def bundle(*npis):
    organizations = [
        {"resource": {"resourceType": "Organization", "identifier": [{"system": NPI, "value": npi}]}} for npi in npis
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": organizations}).encode()


def test_a_single_site_is_given_whatever_the_document_says(sites):
    only = {"1993999907": sites["1993999907"]}
    assert choose_site(b"not json", only, SHAPES).value is sites["1993999907"]


def test_the_provider_of_the_document_picks_its_site(sites):
    assert choose_site(bundle("1882999901", "1992999908"), sites, SHAPES).value is sites["1882999901"]


def test_a_document_in_xml_picks_its_site_too(sites):
    data = encode_xml(decode_json(bundle("1882999901")).value, SHAPES).value
    assert choose_site(data, sites, SHAPES).value is sites["1882999901"]


def test_an_alias_of_the_npi_system_is_understood(sites):
    data = bundle("1882999901").replace(NPI.encode(), b"urn:oid:2.16.840.1.113883.4.6")
    assert choose_site(data, sites, SHAPES).value is sites["1882999901"]


def test_a_logical_reference_of_the_encounter_picks_its_site(sites):
    encounter = {"resourceType": "Encounter", "serviceProvider": {"identifier": {"system": NPI, "value": "1993999907"}}}
    assert choose_site(json.dumps(encounter).encode(), sites, SHAPES).value is sites["1993999907"]


@pytest.mark.parametrize(
    ("npis", "rule"), [((), "site.not-found"), (("1992999908",), "site.not-found"), (("1882999901", "1993999907"), "site.ambiguous")],
)
def test_none_and_several_are_issues_and_never_a_guess(sites, npis, rule):
    outcome = choose_site(bundle(*npis), sites, SHAPES)
    assert outcome.value is None
    assert [issue.rule for issue in outcome.issues] == [rule]
