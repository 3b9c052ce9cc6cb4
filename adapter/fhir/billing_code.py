"""Billing codes as the record tells them: one without the form of its code set is said, never shown and never passed on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from adapter.fhir.chart import Chart
from adapter.fhir.code_set import code_set
from adapter.terms import Told

__all__ = ["CODE", "MODIFIER", "keep_sound"]

CODE: Final = 5
MODIFIER: Final = 2


def keep_sound(chart: Chart, told: Iterable[Told[str]], length: int) -> tuple[Told[str], ...]:
    """Give the CPT and HCPCS codes (five characters) or modifiers (two) that have the form of one; say where one has not.

    What is left out may be any text, a name too: the issue `code.malformed` names its place and does not repeat it.
    """
    sound = []
    for one in told:
        if len(one.value) == length and code_set(one.value) is not None:
            sound.append(one)
        else:
            text = f"This has not the form of a CPT or HCPCS {'code' if length == CODE else 'modifier'}."
            chart.say("code.malformed", text, one.source)
    return tuple(sound)
