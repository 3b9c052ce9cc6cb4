"""`settings check` shows what holds, tries what it names, and refuses what is unsafe."""

import json

import pytest

from adapter.settings import SETTINGS
from tests.cli.running import run
from tests.samples import SITE


def test_a_sound_setting_is_shown_whole_and_exits_with_0(tmp_path):
    made = tmp_path / "made"
    result = run("settings", "check", "--site", SITE, "--data", made)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()] == [*SETTINGS, "sites", "tables", "store"]
    assert not made.exists()


def test_a_secret_is_shown_nowhere():
    environ = {"REFILL_DATABASE": "postgresql://refill:SECRET@127.0.0.1:1/refill", "REFILL_HOST": "0.0.0.0", "REFILL_SITE": str(SITE)}
    for options in ([], ["--json"]):
        result = run("settings", "check", *options, environ=environ)
        assert result.exit_code == 1
        assert "SECRET" not in result.output
        assert "refill:***@" in result.stdout


def test_as_json_a_program_reads_the_same(tmp_path):
    told = json.loads(run("settings", "check", "--site", SITE, "--json").stdout)
    assert told["ok"] is True
    assert told["settings"]["site"] == {"value": str(SITE), "source": "--site"}
    assert told["tried"]["store"].startswith("none is named")
    assert told["problems"] == []


@pytest.mark.parametrize(("environ", "word"), [
    ({"REFILL_HOST": "0.0.0.0"}, "loopback"), ({"REFILL_SITE": "/nowhere.toml"}, "cannot be read"), ({"REFILL_TABLES": "/nowhere"}, "cannot be used"),
    ({"REFILL_DATABASE": "sqlite:////nowhere/at/all.db"}, "store cannot be opened"),
])
def test_what_is_unsafe_or_wrong_is_refused_with_a_sentence(environ, word):
    result = run("settings", "check", environ=environ)
    assert result.exit_code == 1
    assert word in result.stderr
    assert result.stderr.startswith("refused: ")


def test_a_world_readable_data_folder_is_refused_by_the_check_and_told_by_the_service(tmp_path):
    tmp_path.chmod(0o755)
    checked = run("settings", "check", "--data", tmp_path)
    assert checked.exit_code == 1
    assert "every user of this machine may read" in checked.stderr
    served = run("serve", "--open", "--site", SITE, "--data", tmp_path, "--host", "192.0.2.1")
    assert served.exit_code == 2
    tmp_path.chmod(0o700)


def test_a_value_that_does_not_fit_is_wrong_usage():
    result = run("settings", "check", environ={"REFILL_RATE": "many"})
    assert result.exit_code == 2
    assert "REFILL_RATE: expected a number from 1 to 1000000" in result.stderr
