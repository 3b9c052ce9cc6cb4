"""A command as the tests run it, and the shipped sample with another status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields

from click.testing import CliRunner, Result

from adapter.cli import main
from adapter.settings import Settings
from tests.samples import SITE, refill_bytes

__all__ = ["PROGRAM", "refill", "run", "shell"]

PROGRAM = f"{sys.executable} -m adapter"


def run(*arguments: object, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
    """Run a command as a person would who has set nothing."""
    unset = dict.fromkeys(f"REFILL_{field.name.upper()}" for field in fields(Settings))
    settings = {**unset, **(environ or {})}
    return CliRunner(env=settings).invoke(main, [str(one) for one in arguments], input=stdin)


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash as it stands, with the sample's site set; a pipe has the exit code of its first failing part."""
    settings = {**os.environ, "REFILL_SITE": str(SITE)}
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, env=settings)


def refill(status: str) -> bytes:
    """Give the sample with its Procedure in another status."""
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["status"] = status
    return json.dumps(tree).encode()
