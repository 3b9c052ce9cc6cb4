"""The profile of all properties, and the option that writes the golden files anew."""

from __future__ import annotations

import pytest

from tests.profiles import load_suite

load_suite()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")
