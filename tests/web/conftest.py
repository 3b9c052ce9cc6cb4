"""A client of the application, with a store and without."""

from datetime import UTC, datetime

import pytest

from adapter.load import load_rule_book
from adapter.settings import load_sites
from adapter.store import open_store
from adapter.web import Service, create_app
from tests.samples import SITE
from tests.store.postgres import serve_postgres

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def client():
    return create_app(Service(load_rule_book(), load_sites(SITE), None, lambda: NOW)).test_client()


@pytest.fixture
def keeping_client(store):
    return create_app(Service(load_rule_book(), load_sites(SITE), store, lambda: NOW)).test_client()


@pytest.fixture
def postgres():
    with serve_postgres() as url:
        yield url
