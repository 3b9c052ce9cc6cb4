"""One step over many documents: in their order, each answered as it is done, a bad file in nobody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Item", "run_batch"]

D = TypeVar("D")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """What became of one document: its value, or why its bytes could not be had."""

    name: str
    value: T | None = None
    failure: str | None = None


def run_batch(names: Iterable[str], load: Callable[[str], D], step: Callable[[D], T]) -> Iterator[Item[T]]:
    """Run a step over documents, lazily and in order.

    `load` gives the document of a name, as bytes or a file; its OSError becomes `failure` and the next document has its turn.

    >>> [item.value for item in run_batch(["a", "bb"], str.encode, len)]
    [1, 2]
    """
    for name in names:
        try:
            data = load(name)
        except OSError as error:
            yield Item(name, failure=error.strerror or type(error).__name__)
            continue
        yield Item(name, step(data))
