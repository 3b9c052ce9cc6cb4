"""What goes wrong with a path: it cannot be run at all, or it cannot be run on this instance."""

from __future__ import annotations

__all__ = ["CannotRun", "PathError"]


class CannotRun(ValueError):  # noqa: N818 - it says what is the case, as its users read it
    """Say that an expression cannot be run: what of it, and at which character of its text.

    Raised when it is compiled; when it is called only for what the environment lacks (no clock, no terminology).

    >>> str(CannotRun("The function foo is unknown", 4))
    'The function foo is unknown (at character 5 of the expression).'
    """

    def __init__(self, what: str, at: int | None = None) -> None:
        place = "" if at is None else f" (at character {at + 1} of the expression)"
        super().__init__(f"{what}{place}.")
        self.at = at


class PathError(ValueError):
    """Say that the rules of FHIRPath give this instance no result: many items where one was expected, 1 < 'a'.

    The text names functions and types, never a value of the instance.
    """
