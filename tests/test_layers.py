"""The layers hold, and the check that says so is seen to catch a planted import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = [sys.executable, "-c", "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "adapter", tmp_path / "adapter", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder):
    return subprocess.run([sys.executable, "-I", *LINT[1:]], cwd=folder, capture_output=True, text=True, check=False)


def test_the_layers_hold(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("terms/facts.py", "import adapter.flow"),
        ("coding/route.py", "import adapter.fhir.json"),
        ("deliver/folder.py", "import adapter.web"),
        ("payer/response.py", "import adapter.web"),
        ("http/status.py", "import adapter.payer"),
        ("flow.py", "import pathlib"),
        ("x12/syntax.py", "import os"),
        ("tables/table.py", "import flask"),
        ("novel.py", "x = 1"),
    ],
)
def test_a_planted_import_up_or_out_is_caught(copy, module, planted):
    path = copy / "adapter" / module
    text = path.read_text() if path.exists() else ""
    path.write_text(f"{text}\n{planted}\n")
    done = lint(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout
