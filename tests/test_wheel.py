"""The wheel carries all that the main job needs, and does it from an empty folder in an empty environment."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    program = f"import hatchling.build as build; print(build.build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return folder / done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory):
    """Install the wheel alone; the libraries come from this environment, the checkout does not."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    bare = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(bare), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    libraries = folder / "libraries"
    libraries.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "refill_adapter" not in path.name and path.name != "adapter" and path.suffix != ".pth":
            (libraries / path.name).symlink_to(path)
    (bare / "libraries.pth").write_text(f"{libraries}\n")
    return [str(folder / "bin" / "python"), "-I", "-m", "adapter"]


def run(command, folder, *arguments):
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_the_wheel_carries_tables_profiles_samples_licence_and_types(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for name in ("mappings/rules/coding.toml", "profiles/base/r4.schema.json", "samples/site.toml", "samples/hepatic-artery-floxuridine-office-medicare.json"):
        assert f"adapter/_data/{name}" in names
    assert "adapter/py.typed" in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == {"adapter"}


def test_every_table_and_profile_of_the_checkout_is_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        carried = {name.removeprefix("adapter/_data/") for name in archive.namelist() if "_data" in name}
    for room in ("mappings", "profiles", "samples"):
        there = {str(path.relative_to(ROOT)) for path in (ROOT / room).rglob("*") if path.is_file()}
        assert there <= carried


def test_the_main_job_runs_from_another_folder_with_no_configuration(command, tmp_path):
    done = run(command, tmp_path, "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "refill-demo").iterdir()) == ["claim.837", "claim.json"]


def test_the_installed_program_is_the_one_that_runs(command, tmp_path):
    program = "import adapter; print(adapter.__file__)"
    done = subprocess.run([*command[:2], "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "installed" in done.stdout
    assert str(ROOT / "adapter") not in done.stdout


def test_the_installed_tables_are_sound_and_a_wheel_without_them_is_caught(command, tmp_path):
    assert "are sound" in run(command, tmp_path, "tables").stdout
    program = "import adapter; print(adapter.__path__[0])"
    package = Path(subprocess.run([*command[:2], "-c", program], capture_output=True, text=True, check=True).stdout.strip())
    (package / "_data").rename(package / "_moved")
    try:
        assert run(command, tmp_path, "demo").returncode != 0
    finally:
        (package / "_moved").rename(package / "_data")
