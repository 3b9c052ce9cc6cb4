"""What the commands work with is named by options or the environment, and used whole or not at all."""

import json

import pytest

from tests.cli.running import run
from tests.samples import REFILL, SITE


@pytest.mark.parametrize("command", ["code", "claim"])
def test_without_a_site_file_the_usage_names_an_example(command):
    result = run(command, REFILL)
    assert result.exit_code == 2
    assert "REFILL_SITE" in result.stderr
    assert "site.toml" in result.stderr


@pytest.mark.parametrize("command", ["code", "claim", "serve"])
def test_a_site_file_that_must_not_be_used_is_exit_code_3_with_every_problem(command, tmp_path):
    site = tmp_path / "site.toml"
    site.write_text(SITE.read_text().replace('state = "OH"', 'state = "Ohio"').replace('"190.00"', "190.00"))
    result = run(command, *([] if command == "serve" else [REFILL]), "--site", site)
    assert result.exit_code == 3
    assert "[billing_provider]: state" in result.stderr
    assert "[[fee]] row 2: charge" in result.stderr


def test_the_environment_names_the_site_and_a_folder_of_sites_is_chosen_from(tmp_path):
    (tmp_path / "one.toml").write_text(SITE.read_text())
    (tmp_path / "two.toml").write_text(SITE.read_text().replace("1993999907", "1882999901"))
    result = run("code", "--json", REFILL, environ={"REFILL_SITE": str(tmp_path)})
    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"][0]["billing_provider_npi"] == "1993999907"


@pytest.mark.parametrize("command", [["code", REFILL], ["claim", REFILL], ["restore", REFILL], ["serve"]])
def test_a_variable_that_does_not_fit_is_wrong_usage_in_every_command_that_reads_them(command):
    result = run(*command, environ={"REFILL_PORT": "http"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert "REFILL_PORT" in result.stderr


@pytest.mark.parametrize("command", [["code", "--site", SITE, REFILL, "--as-of"], ["code", "--site", SITE, REFILL, "--on"], ["tables", "show", "route", "--on"]])
@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-03-02T10:00"])
def test_a_day_that_is_none_is_wrong_usage_in_our_words(command, day):
    result = run(*command, day)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{day!r} is no day; YYYY-MM-DD was expected." in result.stderr
    assert "%" not in result.stderr
