"""Spoiled trees: one member of a sound one taken away, renamed, doubled, or given another value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


def places(value: Any) -> Iterator[tuple[Any, str | int]]:
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield value, key
        yield from places(inner)


OTHERS: list[Any] = [
    "", "x", "x\n", " x", "2026-02-30", "2026-02-28", 0, -1, 2**31, Decimal("1.5"), True, None, [], {}, [{}], ["x"], "a  b", "é",
]


def mutants(make: Callable[[], Json]) -> Iterator[Json]:
    """Spoil each member of the tree in turn: take it away, rename it, and give it another value of another kind."""
    for number, _ in enumerate(places(make())):
        for way in range(len(OTHERS) + 2):
            if (number * 7 + way) % 5:
                continue
            tree = make()
            around, key = list(places(tree))[number]
            if way == len(OTHERS):
                del around[key]
            elif way == len(OTHERS) + 1 and isinstance(around, dict):
                around[f"{key}x"] = around.pop(key)
            elif way < len(OTHERS):
                around[key] = deepcopy(OTHERS[way])
            yield tree
