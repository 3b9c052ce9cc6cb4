"""The same store on both databases."""

import pytest

from adapter.store import layout, open_store
from tests.store.postgres import serve_postgres


@pytest.fixture(scope="session")
def postgres():
    with serve_postgres() as url:
        yield url


@pytest.fixture
def file_store(tmp_path):
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store(request, file_store):
    if request.param == "sqlite":
        yield file_store
        return
    opened = open_store(request.getfixturevalue("postgres"))
    yield opened
    layout.METADATA.drop_all(opened._engine)
    opened.close()
