"""The demo does the main job into a folder of its own."""

import json

from adapter.x12 import read_837
from tests.cli.running import run
from tests.cli.shapes import broken_issues, told


def test_the_demo_writes_a_claim_and_an_837_into_the_folder_that_it_names(tmp_path):
    result = run("demo", "--out", tmp_path / "out")
    assert result.exit_code == 0
    for name in ("claim.json", "claim.837"):
        assert f"Wrote {tmp_path / 'out' / name}" in result.stdout
    assert json.loads((tmp_path / "out" / "claim.json").read_bytes())["resourceType"] == "Bundle"
    assert read_837((tmp_path / "out" / "claim.837").read_text()).value.envelope.usage == "T"


def test_the_demo_makes_a_fresh_folder_each_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [run("demo").exit_code for _ in range(2)] == [0, 0]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["refill-demo", "refill-demo-2"]


def test_as_json_the_demo_is_one_object_of_records_issues_and_files(tmp_path):
    result = run("demo", "--json", "--out", tmp_path)
    (one,) = told(result)
    assert (result.exit_code, result.stderr) == (0, "")
    assert list(one) == ["file", "ok", "written", "records", "issues"]
    assert one["written"] == [str(tmp_path / "claim.json"), str(tmp_path / "claim.837")]
    assert (one["ok"], one["records"][0]["code"]) == (True, "96522")
    assert broken_issues(one) == []


def test_a_folder_that_takes_no_file_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("demo", "--out", tmp_path / "file" / "out", "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "--out" in result.stderr


def test_the_demonstration_wants_no_settings_and_stops_for_no_wrong_one(tmp_path):
    (tmp_path / "own.toml").write_text("x =")
    wrong = {f"REFILL_{name}": str(tmp_path / "own.toml") for name in ("TABLES", "SITE", "DATA", "PORT")}
    result = run("demo", "--out", tmp_path / "out", environ=wrong)
    assert (result.exit_code, result.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"claim.json", "claim.837"}
