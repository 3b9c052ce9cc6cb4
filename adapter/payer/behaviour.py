"""How the payer answers: a TOML file of one or two keys, or accept without one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapter.settings import SettingsError
from adapter.terms.utf8 import decode_utf8

__all__ = ["ANSWERS", "Behaviour", "load_behaviour"]

ANSWERS: Final = ("accept", "reject", "slow", "lie")
_MAX_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a Claim gets: `accept`, `reject`, `slow` (accepted after `seconds`) or `lie` (the answer to another claim)."""

    answer: str = "accept"
    seconds: float = 0.0


def load_behaviour(path: Path) -> Behaviour:
    """Load the behaviour that a file tells. Errors: SettingsError names every problem; OSError where it cannot be read."""
    try:
        content = tomllib.loads(decode_utf8(path.read_bytes()))
    except ValueError as error:  # neither UTF-8 nor TOML
        raise SettingsError([f"{path}: not readable as TOML: {error}"]) from error
    problems = [f"{path}: {problem}" for problem in _problems(content)]
    if problems:
        raise SettingsError(problems)
    return Behaviour(content["answer"], float(content.get("seconds", 0)))


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(content.keys() - {"answer", "seconds"}):
        yield f"unknown key {key!r}; expected answer, seconds"
    answer, seconds = content.get("answer"), content.get("seconds")
    if answer not in ANSWERS:
        yield f"answer: expected one of {', '.join(ANSWERS)}"
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if answer == "slow" and not (is_number and 0 < float(seconds or 0) <= _MAX_SECONDS):
        yield f"seconds: with slow a number above 0 and up to {_MAX_SECONDS} was expected"
    if answer != "slow" and seconds is not None:
        yield "seconds: only slow takes it; leave it out"
