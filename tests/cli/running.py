"""A command as the tests run it, and the shipped sample with another status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields

from click.testing import CliRunner, Result

from adapter.cli import main
from adapter.settings import Settings
from tests.samples import refill_bytes

__all__ = ["refill", "run"]


def run(*arguments: object, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
    """Run a command as a person would who has set nothing."""
    unset = dict.fromkeys(f"REFILL_{field.name.upper()}" for field in fields(Settings))
    settings = {**unset, **(environ or {})}
    return CliRunner(env=settings).invoke(main, [str(one) for one in arguments], input=stdin)


def refill(status: str) -> bytes:
    """Give the sample with its Procedure in another status."""
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["status"] = status
    return json.dumps(tree).encode()
