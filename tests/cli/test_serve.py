"""`serve` starts where it may, or says why not."""

import socket

import pytest

from tests.cli.running import run
from tests.samples import SITE


@pytest.mark.parametrize("sign_in", [[], ["--open"]], ids=["closed", "open"])
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_the_service_listens_on_loopback_only_and_says_why(host, sign_in):
    result = run("serve", "--host", host, "--site", SITE, *sign_in)
    assert result.exit_code == 2
    assert "loopback" in result.stderr


def test_a_store_that_cannot_be_opened_is_exit_code_3(tmp_path):
    (tmp_path / "refill.db").mkdir()
    result = run("serve", "--site", SITE, "--data", tmp_path)
    assert result.exit_code == 3
    assert "the store cannot be opened" in result.stderr


@pytest.mark.parametrize(("sign_in", "warned"), [([], True), (["--open"], False)])
def test_without_open_it_is_said_that_there_is_no_sign_in(sign_in, warned):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", taken.getsockname()[1], "--site", SITE, *sign_in)
    assert (result.exit_code, result.stdout) == (3, "")
    assert ("There is no sign-in yet" in result.stderr) is warned


def test_a_port_that_is_taken_is_told_with_what_to_do_and_its_address_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(*["serve", "--open", "--site", SITE], "--port", port)
    assert result.stderr.strip() == f"Error: port {port} of 127.0.0.1 cannot be listened on: Address already in use; name another by --port"
