"""A command as the tests run it, and the shipped sample with another status."""

from __future__ import annotations

import json
from collections.abc import Mapping

from click.testing import CliRunner, Result

from adapter.cli import main
from tests.samples import refill_bytes

__all__ = ["refill", "run"]


def run(*arguments: object, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
    """Run a command as a person would who has set no site."""
    settings = {"REFILL_SITE": None, **(environ or {})}
    return CliRunner(env=settings).invoke(main, [str(one) for one in arguments], input=stdin)


def refill(status: str) -> bytes:
    """Give the sample with its Procedure in another status."""
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["status"] = status
    return json.dumps(tree).encode()
