"""A record that is held."""

import pytest

from tests.cli.running import refill


@pytest.fixture
def held(tmp_path):
    path = tmp_path / "held.json"
    path.write_bytes(refill("in-progress"))
    return path
