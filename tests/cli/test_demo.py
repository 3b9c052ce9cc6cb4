"""The demo does the main job into a folder of its own."""

import json

from adapter.x12 import read_837p
from tests.cli.running import run


def test_the_demo_writes_a_claim_and_an_837_into_the_folder_that_it_names(tmp_path):
    result = run("demo", "--out", tmp_path / "out")
    assert result.exit_code == 0
    for name in ("claim.json", "claim.837"):
        assert f"Wrote {tmp_path / 'out' / name}" in result.stdout
    assert json.loads((tmp_path / "out" / "claim.json").read_bytes())["resourceType"] == "Bundle"
    assert read_837p((tmp_path / "out" / "claim.837").read_text()).value.envelope.usage == "T"


def test_the_demo_makes_a_fresh_folder_each_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [run("demo").exit_code for _ in range(2)] == [0, 0]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["refill-demo", "refill-demo-2"]
