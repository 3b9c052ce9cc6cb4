"""A document's context comes from its own bytes and the site that it names."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given, strategies as st

from adapter.bulk import Workplace, build_context, build_restoring_context, id_maker
from adapter.flow import code_document, restore_document, write_claims
from adapter.load import load_rule_book
from adapter.settings import load_sites
from tests.samples import SITE, refill_bytes

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def workplace(sites=None):
    return Workplace(load_rule_book(), load_sites(SITE) if sites is None else sites, NOW, date(2026, 3, 3))


def test_the_context_carries_what_the_run_shares():
    context = build_context(refill_bytes(), workplace()).value
    assert (context.now, context.as_of, context.on) == (NOW, date(2026, 3, 3), None)
    assert context.site.billing_provider.npi == "1993999907"


def test_among_sites_without_the_provider_there_is_no_context():
    (site,) = load_sites(SITE).values()
    outcome = build_context(refill_bytes(), workplace({"1992999908": site, "1992999916": site}))
    assert outcome.value is None
    assert [issue.rule for issue in outcome.issues] == ["site.not-found"]
    assert "Site file" in outcome.issues[0].citation


def number(data):
    (record,) = code_document(data, build_context(data, replace(workplace(), as_of=date(2026, 10, 1))).value).records
    return record.claim.identifier


def test_two_patients_whose_procedures_are_numbered_alike_have_two_numbers():
    tree = json.loads(refill_bytes())
    (procedure,) = (entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Procedure")
    procedure["identifier"] = [{"value": "1"}]
    one = json.dumps(tree).encode()
    other = one.replace(b"1949-04-11", b"1949-04-12")
    assert one != other
    assert number(one) != number(other)
    assert number(one) == number(one)


def foreign_claim():
    """Give the sample's claim as another writer sends it: without what R4 has no element for."""
    context = build_context(refill_bytes(), replace(workplace(), as_of=date(2026, 10, 1))).value
    (written,) = write_claims(code_document(refill_bytes(), context), context)
    tree = json.loads(written.value)
    del tree["entry"][0]["resource"]["extension"]
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            del entry["resource"]["type"]
    return json.dumps(tree).encode()


def restored_coverages(sites):
    context = build_restoring_context(foreign_claim(), workplace(sites))
    entries = json.loads(restore_document(foreign_claim(), context).value)["entry"]
    return [one["resource"].get("type") for one in entries if one["resource"]["resourceType"] == "Coverage"]


def test_restoring_takes_from_the_site_of_the_claim_s_own_provider_alone():
    (site,) = load_sites(SITE).values()
    told = replace(site, payers=tuple(replace(payer, filing_indicator="HM") for payer in site.payers))
    (coverage,) = restored_coverages({"1882999901": site, "1993999907": told})
    assert coverage["coding"][0]["code"] == "HM"
    assert restored_coverages({"1882999901": told}) == restored_coverages({}) == [None]


@given(st.binary(), st.binary(), st.text())
def test_ids_are_uuids_of_the_bytes_and_the_name(one, other, name):
    assert UUID(id_maker(one)(name)).version == 8
    assert (id_maker(one)(name) == id_maker(other)(name)) is (one == other)
