"""The checks of `make check` that are other people's programs, each seen to catch a fault planted in one of our modules."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

ROOT = Path(__file__).parent.parent
# A whole module as the house wants it: what is planted is one line more.
SOUND = '''"""A planted module."""

from __future__ import annotations

__all__ = ["half"]


def half(number: int) -> float:
    """Halve a number.

    >>> half(3)
    1.5
    """
    return number / 2
'''
RUFF, MYPY = ["-m", "ruff", "check", "--no-cache"], ["-m", "mypy"]
ROOMS = ["adapter", "bench", "tools"]
DOCTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]


@pytest.fixture
def project(tmp_path):
    """Give a project of one module a room under the rules of this one."""
    rules = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(re.sub(r"(?m)^testpaths = .*$", 'testpaths = ["adapter"]', rules))
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text('"""A room."""\n')
        (tmp_path / room / "planted.py").write_text(SOUND)
    return tmp_path


def run(project, check):
    cache = {**os.environ, "MYPY_CACHE_DIR": str(project / "cache")}
    return subprocess.run([sys.executable, *check], cwd=project, env=cache, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("check", "rooms", "change", "told"),
    [
        (RUFF, ["adapter"], ("    return number / 2", "    import os\n    return number / len(os.environ)"), "TID251"),
        (RUFF, ROOMS, ("-> float:", ":"), "ANN201"),
        (RUFF, ROOMS, ("Halve a number.", "halve"), "D403"),
        (MYPY, ROOMS, ("return number / 2", "return str(number)"), "[return-value]"),
        (MYPY, ROOMS, ("(number: int)", "(number)"), "[no-untyped-def]"),
        (DOCTEST, ["adapter"], ("    1.5", "    1.0"), "1 failed"),
    ],
)
def test_a_fault_that_is_planted_in_a_sound_module_is_caught_in_every_room(project, check, rooms, change, told):
    assert run(project, check).returncode == 0
    for room in rooms:
        (project / room / "planted.py").write_text(SOUND.replace(*change))
    done = run(project, check)
    assert done.returncode != 0
    assert told in done.stdout
    assert [room for room in rooms if f"{room}/planted.py" not in done.stdout] == []


def test_make_check_runs_these_checks():
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert [line for line in ("/ruff check .", "/mypy\n", "$(SUITE) adapter ") if line not in recipe] == []
    assert "--doctest-modules" in (ROOT / "pyproject.toml").read_text()
