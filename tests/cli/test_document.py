"""A file that cannot be read is said once on standard error, and holds up no other."""

import json

from tests.cli.running import run
from tests.samples import REFILL, SITE


def test_a_file_that_cannot_be_read_is_exit_code_3_after_the_others(tmp_path):
    for command in (["validate"], ["code", "--site", SITE]):
        result = run(*command, "--json", tmp_path / "absent.json", REFILL)
        told = [json.loads(line) for line in result.stdout.splitlines()]
        assert result.exit_code == 3
        assert [one["file"] for one in told] == [str(tmp_path / "absent.json"), str(REFILL)]
        assert told[0]["issues"][0]["rule"] == "file.unreadable"
        assert "absent.json: The file cannot be read" in result.stderr
