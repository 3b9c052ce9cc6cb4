"""A bug, told without what it was about."""

from __future__ import annotations

import traceback

__all__ = ["tell_bug"]

_PLACES = 8


def tell_bug(bug: BaseException, log_id: str) -> dict[str, object]:
    """Tell a bug for the log: its type and its last places in the code, no message and no value of the input.

    >>> tell_bug(KeyError("Samplepatient"), "1")
    {'log_id': '1', 'kind': 'KeyError', 'places': []}
    """
    frames = traceback.extract_tb(bug.__traceback__)
    places = [f"{frame.filename.rpartition('/adapter/')[2]}:{frame.lineno}" for frame in frames]
    return {"log_id": log_id, "kind": type(bug).__name__, "places": places[-_PLACES:]}
