"""`payer` starts as it is told, or says why not."""

import socket

import pytest

from tests.cli.running import run


@pytest.mark.parametrize("text", ['answer = "accept"\nspeed = 1', 'answer = "pay"', "", "="])
def test_a_behaviour_that_is_not_one_stops_the_start(tmp_path, text):
    (tmp_path / "behave.toml").write_text(text)
    result = run("payer", "--behave", tmp_path / "behave.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "behave.toml" in result.stderr


def test_a_file_or_folder_that_cannot_be_used_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    for option, path in (("--behave", tmp_path / "gone.toml"), ("--data", tmp_path / "file" / "folder")):
        result = run("payer", option, path)
        assert (result.exit_code, result.stdout) == (3, "")
        assert str(path) in result.stderr


def test_a_port_that_is_taken_is_exit_code_3():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("payer", "--port", taken.getsockname()[1], environ={"REFILL_PORT": "1"})
    assert (result.exit_code, result.stdout) == (3, "")
    assert "cannot be listened on" in result.stderr


def test_a_port_that_is_taken_is_told_with_what_to_do_and_its_address_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(*["payer"], "--port", port)
    assert result.stderr.strip() == f"Error: port {port} of 127.0.0.1 cannot be listened on: Address already in use; name another by --port"
