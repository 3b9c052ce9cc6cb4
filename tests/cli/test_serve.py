"""`serve` starts where it may, or says why not."""

import pytest

from tests.cli.running import run
from tests.samples import SITE


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_the_service_listens_on_loopback_only_and_says_why(host):
    result = run("serve", "--host", host, "--site", SITE)
    assert result.exit_code == 2
    assert "loopback" in result.stderr


def test_a_store_that_cannot_be_opened_is_exit_code_3(tmp_path):
    (tmp_path / "refill.db").mkdir()
    result = run("serve", "--site", SITE, "--data", tmp_path)
    assert result.exit_code == 3
    assert "the store cannot be opened" in result.stderr
