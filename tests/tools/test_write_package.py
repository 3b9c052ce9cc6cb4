"""The FHIR package: the same bytes each time, complete, and installed as foreign packages are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapter.cli import main as program
from adapter.conformance.validation import validate_resource
from adapter.load import data_folder, load_profiles
from tests.conformance.resources import device
from tools.write_package import main, package_files, write_package

PROFILES = data_folder("profiles")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package as a package cache does: one folder named after name and version."""
    cache = tmp_path_factory.mktemp("packages")
    assert main([str(cache / "dist" / "package.tgz")]) == 0
    folder = cache / "example.refill-adapter.pump-refill#0.1.0"
    with tarfile.open(cache / "dist" / "package.tgz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.mark.program
def test_two_runs_on_two_clocks_and_two_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number in ("1", "2"):
        target = tmp_path / number / "package.tgz"
        environment = os.environ | {"PYTHONHASHSEED": number, "TZ": f"UTC+{number}"}
        subprocess.run([sys.executable, "-m", "tools.write_package", str(target)], check=True, env=environment, cwd=PROFILES.parent)
        made.append(target.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(fileobj=io.BytesIO(made[0])) as archive:
        assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in archive} == {(0, 0, 0, "", "", 0o644)}


def test_a_changed_file_changes_the_package() -> None:
    files = package_files()
    assert write_package(files) != write_package(files | {"package/package.json": b"{}"})


def test_the_index_names_every_resource_with_what_it_says_of_itself(installed: Path) -> None:
    package = installed / "package"
    index = _read(package / ".index.json")
    assert index["index-version"] == 2
    assert {one["filename"] for one in index["files"]} == {path.name for path in package.glob("*.json")} - {".index.json", "package.json"}
    assert {path.name for path in package.glob("*.json")} >= {path.name for path in PROFILES.glob("*.json")}
    for one in index["files"]:
        told = _read(package / one["filename"])
        assert {key: told.get(key) for key in one if key != "filename"} == {key: value for key, value in one.items() if key != "filename"}
    assert {one["filename"] for one in _read(package / "example" / ".index.json")["files"]} == {path.name for path in data_folder("samples").glob("*.json")}


def test_the_manifest_names_what_every_definition_is_of(installed: Path) -> None:
    manifest = _read(installed / "package" / "package.json")
    for path in (installed / "package").glob("*-*.json"):
        told = _read(path)
        assert told["url"].startswith(f"{manifest['canonical']}/")
        assert told["version"] == manifest["version"]
        assert told.get("fhirVersion", "4.0.1") in manifest["fhirVersions"]


@pytest.mark.long
def test_an_installed_package_alone_gives_the_same_profiles(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(PROFILES / "base")
    foreign, ours = load_profiles(tmp_path, installed), load_profiles(PROFILES)
    assert foreign.proven == ours.proven
    tree = device() | {"meta": {"profile": ["https://refill-adapter.example/fhir/StructureDefinition/pump-device"]}}
    del tree["type"]
    assert validate_resource(tree, foreign) == validate_resource(tree, ours)
    assert [issue.rule for issue in validate_resource(tree, foreign)] == ["profile.required"]


def test_validate_takes_the_installed_package_beside_our_own(installed: Path, tmp_path: Path) -> None:
    path = tmp_path / "device.json"
    path.write_text(json.dumps(device()))
    url = "https://refill-adapter.example/fhir/StructureDefinition/pump-device|0.1.0"
    done = CliRunner().invoke(program, ["validate", "--profiles", str(installed), "--profile", url, str(path)])
    assert (done.exit_code, done.output) == (0, f"{path}: valid\n")
