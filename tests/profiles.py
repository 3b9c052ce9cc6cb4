"""Hypothesis profiles: the suite draws the same cases each time, the proof draws others each time.

There is no deadline, since other work may share the machine.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

__all__ = ["load_suite"]

settings.register_profile("suite", deadline=None, print_blob=True, derandomize=True)
# A fault is told by its seed and not shrunk here: `make proof` has a time to keep.
settings.register_profile(
    "proof", deadline=None, database=None, derandomize=False, max_examples=250, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def load_suite() -> None:
    """Load the profile of the suite; `--hypothesis-profile` names another."""
    settings.load_profile("suite")
