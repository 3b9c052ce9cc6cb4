"""A document's context comes from its own bytes and the site that it names."""

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given, strategies as st

from adapter.bulk import Workplace, build_context, build_restoring_context, id_maker
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


def test_restoring_wants_no_site_that_fits():
    (site,) = load_sites(SITE).values()
    assert build_restoring_context(b"ISA", workplace({"1": site, "2": site})).site is site


@given(st.binary(), st.binary(), st.text())
def test_ids_are_uuids_of_the_bytes_and_the_name(one, other, name):
    assert UUID(id_maker(one)(name)).version == 8
    assert (id_maker(one)(name) == id_maker(other)(name)) is (one == other)
