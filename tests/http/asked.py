"""A running service asked by schemathesis what its own description says that it answers."""

import os
import re
import subprocess
import sys
from pathlib import Path

__all__ = ["ask_schemathesis"]

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "schemathesis.toml"


def ask_schemathesis(port, folder, *options, description=None):
    """Run every check of schemathesis: its exit code, how many cases it made, and what it printed."""
    place = description or f"http://127.0.0.1:{port}/openapi.json"
    address = ["--url", f"http://127.0.0.1:{port}/"] if description else []
    command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(CONFIG), "run", str(place), *address]
    command += ["--checks", "all", "--warnings", "off", *options]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environ, check=False, timeout=3000)
    found = re.search(r"([\d,]+) generated", done.stdout)
    return done.returncode, int(found[1].replace(",", "")) if found else 0, done.stdout
